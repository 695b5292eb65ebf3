"""Latency by stage: the right figures in the right row, a scale that keeps still, one lane at a time."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from gui.core.counters import Drops
from gui.core.latency import WARM_UP_FRAMES, LatencyStatistics, Stage
from gui.core.theme import DARK, LIGHT, SPACE_PX
from gui.widgets.latency_lane import SPAN_S, LatencyLane
from gui.widgets.latency_panel import LatencyPanel
from gui.widgets.numbers_panel import NumbersPanel
from tests.gui.widgets.fake_pipeline import shown


@pytest.fixture
def latency() -> LatencyStatistics:
    statistics = LatencyStatistics()
    for seq in range(WARM_UP_FRAMES + 100):
        frame = shown(seq=seq, run_ms=2.0)
        statistics.add(frame, frame.frame.captured_ns + 30_000_000 + seq * 10_000_000, 1_500_000)
    return statistics


@pytest.fixture
def panel(qtbot: QtBot) -> LatencyPanel:
    made = LatencyPanel(DARK)
    qtbot.addWidget(made)
    return made


def test_figures_stand_in_their_stages_row(panel: LatencyPanel, latency: LatencyStatistics) -> None:
    assert panel.figures(Stage.RUN) == ("–", "–", "–", "–")
    panel.refresh_figures(latency)
    assert panel.figures(Stage.RUN) == ("2.00", "2.00", "2.00", "2.00")
    assert panel.figures(Stage.PAINT)[0] == "1.50"
    assert panel.figures(Stage.QUEUE)[0] == "0.20"
    assert panel.stages == tuple(Stage)


def test_a_picture_that_is_not_live_has_no_age(qtbot: QtBot, latency: LatencyStatistics) -> None:
    numbers = NumbersPanel(DARK)
    qtbot.addWidget(numbers)
    numbers.refresh(latency, Drops(), live=True)
    assert numbers.age.endswith(" ms")
    numbers.refresh(latency, Drops(), live=False)
    assert numbers.age == "–"


def test_lanes_are_drawn_one_after_the_other(panel: LatencyPanel, latency: LatencyStatistics) -> None:
    drawn = []
    for _ in Stage:
        panel.refresh_next_lane(latency)
        drawn.append([stage for stage in Stage if len(panel.lane(stage).series[0])])
    assert [len(stages) for stages in drawn] == list(range(1, len(Stage) + 1))
    times_s, values_ms = panel.lane(Stage.RUN).series
    np.testing.assert_allclose(values_ms, 2.0)
    assert times_s[-1] == 0.0
    assert times_s[0] < 0.0


def test_the_scale_is_round_and_does_not_jump(qtbot: QtBot) -> None:
    lane = LatencyLane("run", DARK)
    qtbot.addWidget(lane)
    lane.fit(1.5)
    assert lane.scale_ms == 2.0
    lane.fit(0.9)
    assert lane.scale_ms == 2.0  # smaller, but not by much: the lane keeps still
    lane.fit(0.2)
    assert lane.scale_ms == 0.5
    lane.fit(40.0)
    assert lane.scale_ms == 50.0
    lane.fit(1e9)
    assert lane.scale_ms == 5000.0


def ink(lane: LatencyLane, colour: str) -> set[tuple[int, int]]:
    """The pixels of a lane that have a colour."""
    image = lane.grab().toImage()
    return {
        (x, y)
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).name().upper() == colour
    }


def test_a_lane_shows_the_last_minute_on_its_scale(qtbot: QtBot) -> None:
    lane = LatencyLane("run", DARK)
    qtbot.addWidget(lane)
    lane.resize(121, 41)
    assert not ink(lane, DARK.measured)
    times_s = np.linspace(-2 * SPAN_S, 0.0, 1201)
    lane.set_series(times_s, np.full(1201, 5.0))
    middle = ink(lane, DARK.measured)
    assert {x for x, _ in middle} == set(range(121))
    assert {y for _, y in middle} == {20}
    lane.set_series(times_s, np.full(1201, 900.0))
    assert {y for _, y in ink(lane, DARK.measured)} == {0}
    lane.set_theme(LIGHT)
    assert ink(lane, LIGHT.measured)
    assert not ink(lane, DARK.measured)


def test_a_single_spike_is_seen(qtbot: QtBot) -> None:
    lane = LatencyLane("run", DARK)
    qtbot.addWidget(lane)
    lane.resize(100, 50)
    values_ms = np.full(3600, 1.0)
    values_ms[1234] = 9.0
    lane.set_series(np.linspace(-SPAN_S, 0.0, 3600), values_ms)
    assert min(y for _, y in ink(lane, DARK.measured)) < 10


@pytest.mark.parametrize(
    ("width_px", "told"),
    [(1, ["60 s ago", "now"]), (560, ["60 s ago", "now"]), (900, ["60 s ago", "30 s ago", "now"])],
)
def test_the_times_below_the_lanes_keep_apart(
    qtbot: QtBot, panel: LatencyPanel, width_px: int, told: list[str]
) -> None:
    panel.resize(width_px, 240)
    panel.show()
    qtbot.waitExposed(panel)
    times = [label for label in panel.findChildren(QLabel) if label.text() in ("60 s ago", "30 s ago", "now")]
    times.sort(key=QLabel.x)
    assert [label.text() for label in times] == told
    assert all(label.width() >= label.sizeHint().width() for label in times)
    gaps_px = [other.x() - label.geometry().right() - 1 for label, other in pairwise(times)]
    assert min(gaps_px) >= SPACE_PX
