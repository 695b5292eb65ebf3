"""Verdicts at their borders, drops of the last seconds, histogram and CSV."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.core.counters import DropReason, Drops
from gui.core.latency import WARM_UP_FRAMES, LatencyStatistics, Stage
from gui.core.machine import MachineLoad, MachineMeter
from gui.core.stats import RecentDrops, figures, histogram, stage_csv
from gui.core.theme import Mark
from gui.core.verdict import LIMITS, Figure
from tests.gui.widgets.fake_pipeline import shown


@pytest.mark.parametrize("figure", Figure)
def test_verdicts_change_at_their_borders(figure: Figure) -> None:
    limits = LIMITS[figure]
    towards_good = -0.01 if limits.rising else 0.01
    assert limits.verdict(None) is Mark.UNKNOWN
    assert limits.verdict(limits.warn + towards_good) is Mark.GOOD
    assert limits.verdict(limits.warn - (0.0 if limits.rising else 0.01)) is Mark.WARNING
    assert limits.verdict(limits.bad + towards_good) is Mark.WARNING
    assert limits.verdict(limits.bad - (0.0 if limits.rising else 0.01)) is Mark.BAD
    assert limits.text(None) == "–"
    assert limits.text(12.34).endswith(limits.unit)


def lose(drops: Drops, seqs: range, reason: DropReason) -> None:
    for seq in seqs:
        drops.count_captured(seq)
        drops.count_dropped(seq, reason)


def test_only_drops_of_the_last_seconds_count_and_none_on_purpose() -> None:
    recent, drops = RecentDrops(), Drops()
    assert recent.percent(0.0, drops) is None
    lose(drops, range(50), DropReason.REPLACED_BY_NEWER)
    lose(drops, range(50, 100), DropReason.PAUSED)
    assert recent.percent(1.0, drops) == 50.0
    for second in range(2, 13):
        recent.percent(float(second), drops)
    for seq in range(100, 200):
        drops.count_captured(seq)
        drops.count_shown(seq)
    assert recent.percent(13.0, drops) == 0.0


def watched() -> LatencyStatistics:
    latency = LatencyStatistics()
    for seq in range(WARM_UP_FRAMES + 40):
        frame = shown(seq=seq, run_ms=2.0)
        latency.add(frame, frame.frame.captured_ns + 30_000_000 + seq * 1_000_000, 1_500_000)
    return latency


def test_rate_and_age_are_told_of_live_pictures_only() -> None:
    latency, load = watched(), MachineLoad(40.0, 20.0, 100.0, None)
    live, still = figures(latency, 0.0, load, live=True), figures(latency, 0.0, load, live=False)
    assert live[Figure.RUN] == still[Figure.RUN] == pytest.approx(2.0)
    assert live[Figure.AGE] > 30.0
    assert (still[Figure.AGE], still[Figure.FPS]) == (None, None)
    assert live[Figure.TEMPERATURE] is None
    assert figures(latency, None, None, live=True)[Figure.CPU] is None


@given(st.lists(st.floats(0.0, 1e4), max_size=50), st.sampled_from([0.02, 1.0, 50.0]))
def test_every_value_is_in_one_bin(values: list[float], top_ms: float) -> None:
    found = histogram(np.array(values), top_ms)
    assert found.counts.sum() == len(values)
    assert found.edges_ms[0] == 0.0
    assert found.edges_ms[-1] == pytest.approx(top_ms)
    assert found.counts[-1] >= sum(value >= top_ms for value in values)


def test_csv_holds_every_frame_of_the_window() -> None:
    latency = watched()
    rows = list(csv.reader(io.StringIO(stage_csv(latency, Stage.RUN))))
    assert rows[0] == ["seconds_before_newest", "run_measured_ms"]
    assert len(rows) == 1 + 40
    assert float(rows[-1][0]) == 0.0
    assert {float(row[1]) for row in rows[1:]} == {2.0}


def test_the_machine_tells_its_load() -> None:
    load = MachineMeter().sample()
    assert load.rss_mb > 1.0
    assert 0.0 <= load.machine_percent <= 100.0
    assert load.temperature_c is None or 0.0 < load.temperature_c < 150.0


def test_the_hottest_sensor_of_the_processor_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    import psutil

    class Sensor:
        def __init__(self, current: float) -> None:
            self.current = current

    sensors = {"nvme": [Sensor(99.0)], "coretemp": [Sensor(51.0), Sensor(62.5), Sensor(0.0)]}
    monkeypatch.setattr(psutil, "sensors_temperatures", lambda: sensors, raising=False)
    assert MachineMeter().sample().temperature_c == 62.5
