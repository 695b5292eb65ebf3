"""The panels of the two comparisons, of history and of alarms: what they show, ask for, and export."""

from __future__ import annotations

import csv
import math
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine import Label
from gui.compare.agreement import Agreement, Compared
from gui.compare.cloud import CloudAnswer, CloudSettings, CloudTimes, Failure
from gui.compare.network import Network, download, upload
from gui.core.settings import Settings
from gui.core.state import Severity
from gui.core.theme import DARK, LIGHT, Mark, TypeSize
from gui.monitor.alarms import Alarm, Quantity, Rule
from gui.monitor.records import Counts, EventKind, EventRecord
from gui.widgets import monitor_wording as wording
from gui.widgets.alarm_card import AlarmCard
from gui.widgets.answer_table import AnswerTable
from gui.widgets.cloud_panel import CloudPanel
from gui.widgets.compare_panel import ComparePanel
from gui.widgets.history_panel import HistoryPanel
from gui.widgets.network_controls import PRESETS
from gui.widgets.style import style_sheet
from gui.workers.background import Background
from gui.workers.beside import Beside
from gui.workers.cloud_worker import CloudState, CloudWorker
from gui.workers.compare_worker import CompareState
from gui.workers.monitor_options import cloud_settings
from tests.gui.monitor.diary import ENGINE, NOON_NS, SECOND_NS, Diary, frames_of

IMAGE = np.zeros((48, 64, 3), np.uint8)


def top(*names: str) -> tuple[Label, ...]:
    return tuple(Label(sum(map(ord, name)), name, 0.6 / (place + 1)) for place, name in enumerate(names))


@pytest.fixture
def background(qtbot: QtBot, beside: Beside) -> Background:
    return Background("test", beside.run)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "settings.json")


def compared(seq: int, device: str = "cup") -> Compared:
    answer = top("cup", "mug", "bowl", "jug", "vase")
    return Compared(seq, seq * SECOND_NS // 2, answer, top(device, "mug"), 0.99, 9_000_000, 2_000_000)


@pytest.fixture
def agreement() -> Agreement:
    found = Agreement()
    for seq in range(40):
        found.add(compared(seq, "cup" if seq % 4 else "mug"), IMAGE)
    found.count_dropped()
    return found


# --- float and 8 bit ---


def test_answers_stand_side_by_side(qtbot: QtBot) -> None:
    table = AnswerTable("a", "b")
    qtbot.addWidget(table)
    assert table.texts == (("–",), ("–",))
    table.set_answers(top("cup", "mug"), top("bowl"))
    assert table.texts == (("cup", "mug"), ("bowl",))


@pytest.fixture
def compare(qtbot: QtBot, background: Background) -> ComparePanel:
    panel = ComparePanel(DARK, background)
    qtbot.addWidget(panel)
    panel.show()
    return panel


def test_an_empty_comparison_teaches(compare: ComparePanel) -> None:
    assert compare.state.status == wording.compare_status(None)
    assert not compare.switch.isChecked()
    assert compare.agreement.text() == "–"
    assert compare.plot.plot is None


def test_a_long_answer_is_whole_and_what_is_below_does_not_jump(qtbot: QtBot) -> None:
    table = AnswerTable("a", "b")
    qtbot.addWidget(table)
    table.resize(272, 160)
    with qtbot.waitExposed(table):
        table.show()
    table.set_answers(top("cup"), top("bowl"))
    low_px = table.minimumHeight()
    table.set_answers(top("American Staffordshire terrier"), top("bowl"))
    name = table._names[0][0]
    QApplication.processEvents()
    assert name.heightForWidth(name.width()) <= name.height()
    high_px = table.minimumHeight()
    assert high_px > low_px
    table.set_answers(top("cup"), top("bowl"))
    assert table.minimumHeight() == high_px


def test_a_comparison_shows_both_answers_the_share_and_the_frames_that_disagree(
    qtbot: QtBot, compare: ComparePanel, agreement: Agreement
) -> None:
    compare.refresh(CompareState.COMPARING, agreement)
    assert compare.state.status.mark is Mark.GOOD
    assert compare.answers.texts == (("cup", "mug", "bowl", "jug", "vase"), ("cup", "mug"))
    assert compare.agreement.text() == "75.0 %"
    assert "40 frames compared  ·  1 not, the float network was busy" in compare.line.text()
    assert compare.times.text() == "run: float 9.00 ms, 8 bit 2.00 ms, measured here"
    assert compare.disagreements.count() == len(agreement.disagreements()) == 10
    assert compare.disagreements.item(0).text().startswith("float: cup\n8 bit: mug")
    qtbot.waitUntil(lambda: compare.plot.plot is not None, timeout=20_000)
    compare.refresh(CompareState.COMPARING, agreement)
    seconds, (shares,) = compare.plot.plot.series
    assert seconds[-1] == 0.0
    assert shares.min() >= 0.0
    assert shares.max() <= 100.0


def test_switching_asks_and_does_not_decide(qtbot: QtBot, compare: ComparePanel) -> None:
    with qtbot.waitSignal(compare.wanted) as asked:
        compare.switch.click()
    assert asked.args == [True]
    compare.set_state(CompareState.LOADING)
    assert compare.switch.isChecked()
    compare.set_state(CompareState.FAILED)
    assert compare.state.status.mark is Mark.BAD


def test_a_curve_is_read_and_exported(
    qtbot: QtBot, compare: ComparePanel, agreement: Agreement, tmp_path: Path
) -> None:
    compare.refresh(CompareState.COMPARING, agreement)
    qtbot.waitUntil(lambda: compare.plot.plot is not None, timeout=20_000)
    compare.refresh(CompareState.COMPARING, agreement)
    assert compare.plot.plot.reading_at(-2.1) == (-2.0, "−2.0 s:  agree 50.00 %")
    with qtbot.waitSignal(compare.plot.told) as told:
        compare.plot.save_csv(tmp_path / "agreement.csv")
    assert told.args[0] is Severity.INFO
    rows = list(csv.reader((tmp_path / "agreement.csv").read_text("utf-8").splitlines()))
    assert rows[0] == ["s", "agreement_percent"]
    assert rows[-1] == ["0.0", "100.0"]
    with qtbot.waitSignal(compare.plot.told) as told:
        compare.plot.save_csv(tmp_path / "nowhere" / "x.csv")
    assert told.args[0] is Severity.BAD


# --- edge and cloud ---


@pytest.fixture
def worker() -> CloudWorker:
    network, chance = Network(60.0, 15.0, 40.0, 20.0), random.Random(0)
    made = CloudWorker(CloudSettings(network=network), lambda *_: None, lambda: None)
    for seq in range(30):
        up, down = upload(network, 14_000, chance), download(network, 400, chance)
        total_ns = round((up.total_ms + down.total_ms) * 1e6) + 13_000_000
        times = CloudTimes(1_000_000, 0, 12_000_000, 11_000_000, total_ns, up, down, 0.0)
        made.ledger.add_answer(
            CloudAnswer(
                seq, seq * SECOND_NS // 5, top("cup"), top("cup"), 3_000_000, times, 14_300, 400, False
            )
        )
        made.ledger.add_sent(14_300)
    made.ledger.add_failure(Failure.THROTTLED)
    return made


@pytest.fixture
def cloud(qtbot: QtBot, background: Background, settings: Settings) -> CloudPanel:
    panel = CloudPanel(settings, DARK, background)
    qtbot.addWidget(panel)
    panel.show()
    return panel


def test_the_cloud_that_is_off_says_so_and_offers_nothing(cloud: CloudPanel) -> None:
    assert cloud.state.status == wording.cloud_status(None)
    assert not cloud.plug.isEnabled()
    assert cloud.privacy.text() == "Left this device:  edge 0\u00a0B  ·  cloud 0\u00a0B"


def test_edge_and_cloud_stand_side_by_side_and_what_is_simulated_says_so(
    qtbot: QtBot, cloud: CloudPanel, worker: CloudWorker
) -> None:
    cloud.refresh(worker)
    assert cloud.state.status.mark is Mark.GOOD
    assert cloud.edge.text() == "3.0 ms"
    assert 80.0 < float(cloud.cloud.text().split()[0]) < 110.0
    assert cloud.privacy.text() == "Left this device:  edge 0\u00a0B  ·  cloud 429\u00a0kB"
    assert "30 answered  ·  1 throttled" in cloud.books.text()
    assert cloud.price.text().endswith("US$ at list price, modelled")
    parts = cloud.bar.parts
    assert [(name, simulated) for name, (_, simulated) in parts.items()] == [
        ("JPEG", False),
        ("way up", True),
        ("function", False),
        ("way down", True),
    ]
    latest_ms = worker.ledger.latest.times.total_ns / 1e6
    assert sum(value_ms for value_ms, _ in parts.values()) == pytest.approx(latest_ms, rel=0.01)
    assert "way up" in cloud.bar.accessibleName()
    qtbot.waitUntil(lambda: cloud.plot.plot is not None, timeout=20_000)
    cloud.refresh(worker)
    _, (edge, total, simulated) = cloud.plot.plot.series
    assert (edge < simulated).all()
    assert (simulated < total).all()


def test_the_plug_asks_and_shows_what_is(qtbot: QtBot, cloud: CloudPanel, worker: CloudWorker) -> None:
    cloud.refresh(worker)
    with qtbot.waitSignal(cloud.plug_pulled) as asked:
        cloud.plug.click()
    assert asked.args == [True]
    worker.unplug()
    cloud.refresh(worker)
    assert cloud.plug.isChecked()
    assert cloud.plug.text() == "Put the plug back"
    assert cloud.state.status == wording.cloud_status(CloudState.UNPLUGGED)
    with qtbot.waitSignal(cloud.cold_asked):
        cloud.cold.click()


def test_the_network_is_chosen_whole_or_part_by_part(
    qtbot: QtBot, cloud: CloudPanel, settings: Settings
) -> None:
    controls = cloud.controls
    with qtbot.waitSignal(cloud.network_changed):
        controls.use_preset("satellite")
    assert cloud_settings(settings).network.round_trip_ms == 600
    assert controls.preset.combo.currentData() == "satellite"
    with qtbot.waitSignal(cloud.network_changed):
        controls.sliders["cloud_round_trip_ms"].setValue(0)
    assert cloud_settings(settings).network.round_trip_ms == 0
    assert controls.preset.combo.currentData() is None
    controls.use_preset("none")
    assert cloud_settings(settings).network == Network(0, math.inf, math.inf, 0, 0.0)


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_can_be_set_exactly(cloud: CloudPanel, name: str) -> None:
    cloud.controls.use_preset(name)
    assert cloud.controls.preset.combo.currentData() == name


def test_a_figure_that_is_not_known_yet_is_no_bar(
    cloud: CloudPanel, worker: CloudWorker, compare: ComparePanel, agreement: Agreement
) -> None:
    for panel in (cloud, compare):
        panel.setStyleSheet(style_sheet(DARK))
    heights = [label.height() for label in (cloud.edge, cloud.cloud, compare.agreement)]
    for found, seen, size_px in (
        (None, Agreement(), TypeSize.EMPHASIS),
        (worker, agreement, TypeSize.FIGURE),
    ):
        cloud.refresh(found)
        compare.refresh(CompareState.COMPARING, seen)
        for label in (cloud.edge, cloud.cloud, compare.agreement):
            label.ensurePolished()
            assert label.fontInfo().pixelSize() == size_px, label.text()
    assert [label.height() for label in (cloud.edge, cloud.cloud, compare.agreement)] == heights


# --- history ---


@pytest.fixture
def diary(tmp_path: Path) -> Diary:
    made = Diary(tmp_path / "history.sqlite")
    made.writer.write([ENGINE], Counts())
    made.writer.write(
        [EventRecord(made.clock.monotonic_ns, EventKind.ALARM, Severity.BAD, "picture age is 5 s")], Counts()
    )
    waiting = []
    for batch in frames_of(made.clock, seconds=3600, fps=2):
        waiting += batch
        if len(waiting) >= 120:
            made.writer.write(waiting, Counts(dropped={"newer frame arrived": 7}))
            waiting = []
    made.writer.close()
    return made


@pytest.fixture
def history(qtbot: QtBot, background: Background, diary: Diary) -> HistoryPanel:
    panel = HistoryPanel(diary.path, DARK, background)
    qtbot.addWidget(panel)
    panel.resize(1000, 300)
    panel.show()
    qtbot.waitUntil(lambda: panel.plot.plot is not None, timeout=20_000)
    return panel


def test_a_day_is_shown_by_the_minute_with_its_events(history: HistoryPanel) -> None:
    assert history.view.minutes.frames.sum() == 7200
    assert history.summary.text() == "frames shown: 7200, dropped: 7, minutes: 61, events: 1"
    assert history.events.item(0).text().endswith("picture age is 5 s")
    x, (p50, p95, p99, frames) = history.plot.plot.series
    assert np.isnan(frames).all()
    assert x[0] == pytest.approx(NOON_NS / 1e9 + 30)
    known = np.isfinite(p50)
    assert ((p50 <= p95) & (p95 <= p99))[known].all()


def test_a_zoom_comes_down_to_single_frames_and_back(qtbot: QtBot, history: HistoryPanel) -> None:
    plot, start_s = history.plot.plot, NOON_NS / 1e9
    plot.setXRange(start_s + 600, start_s + 660, padding=0)
    plot.getPlotItem().getViewBox().sigRangeChangedManually.emit([True, True])
    qtbot.waitUntil(lambda: plot.series[0].size == 120, timeout=10_000)
    x, (*minutes, frames) = plot.series
    assert np.isnan(minutes).all()
    assert history.plot.heading.text() == "Measured: every frame"
    assert plot.reading_at(float(x[0]))[1].partition(":  ")[2].startswith("frame ")
    assert start_s + 600 <= x.min() <= x.max() < start_s + 660
    assert np.isfinite(frames).all()
    plot.reset()
    qtbot.waitUntil(lambda: plot.series[0].size == 61, timeout=10_000)
    assert history.plot.heading.text() == "Measured: p50, p95, p99 by the minute"


def test_frames_are_not_joined_where_nothing_was_recorded(
    qtbot: QtBot, background: Background, tmp_path: Path
) -> None:
    diary = Diary(tmp_path / "history.sqlite")
    diary.writer.write([ENGINE], Counts())
    for _ in range(2):
        for batch in frames_of(diary.clock, seconds=20, fps=2):
            diary.writer.write(batch, Counts())
        diary.clock.pass_s(30)
    diary.writer.close()
    panel = HistoryPanel(diary.path, DARK, background)
    qtbot.addWidget(panel)
    panel.resize(1000, 300)
    panel.show()
    qtbot.waitUntil(lambda: panel.plot.heading.text() == "Measured: every frame", timeout=20_000)
    x, (*_, frames) = panel.plot.plot.series
    assert np.isnan(frames).sum() == 1
    assert np.diff(x).max() == pytest.approx(30.5, abs=0.1)


def test_the_events_of_the_day_stay_where_they_are_read(qtbot: QtBot, history: HistoryPanel) -> None:
    view = history.view
    events = [replace(view.events[0], text=f"event {n}") for n in range(60)]
    history._show(replace(view, events=tuple(events[:50])))
    bar = history.events.verticalScrollBar()
    history.events.doItemsLayout()
    bar.setValue(200)
    read = history.events.itemAt(QPoint(1, 1)).text()
    history._show(replace(view, events=tuple(events)))
    assert history.events.itemAt(QPoint(1, 1)).text() == read
    assert history.events.item(0).text().endswith("event 59")


def test_reports_are_written_beside_the_window(qtbot: QtBot, history: HistoryPanel, tmp_path: Path) -> None:
    for save, name in ((history.save_html, "r.html"), (history.save_csv, "r.csv")):
        with qtbot.waitSignal(history.told, timeout=20_000) as told:
            save(tmp_path / name)
        assert told.args[0] is Severity.INFO
    assert (tmp_path / "r.html").read_text("utf-8").startswith("<!doctype html>")
    assert len((tmp_path / "r.csv").read_text("utf-8").splitlines()) == 7201


def test_no_history_and_a_damaged_one_are_said(qtbot: QtBot, background: Background, tmp_path: Path) -> None:
    panel = HistoryPanel(tmp_path / "none.sqlite", DARK, background)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitUntil(lambda: panel.events.count() == 1)
    assert not panel.html.isEnabled()
    (tmp_path / "none.sqlite").write_bytes(b"nothing that a history would say")
    with qtbot.waitSignal(panel.told) as told:
        panel.load(None)
    assert told.args[0] is Severity.WARNING
    assert "none.sqlite" in told.args[1]


# --- alarms ---


def test_the_alarms_that_stand_are_shown_newest_first(qtbot: QtBot) -> None:
    card = AlarmCard(DARK)
    qtbot.addWidget(card)
    old, new = Alarm(Rule(Quantity.LATENCY, 50.0), 80.0, 1), Alarm(Rule(Quantity.FPS, 20.0), 3.0, 2)
    card.set_alarms((old, new))
    assert not card.isHidden()
    assert card.text == f"{new.text}\n{old.text}"
    card.set_alarms(())
    assert card.isHidden()


def test_every_panel_can_change_its_colours_and_change_back(
    compare: ComparePanel, cloud: CloudPanel, history: HistoryPanel
) -> None:
    for panel in (compare, cloud, history):
        pictures = []
        for palette in (DARK, LIGHT, DARK):
            panel.set_theme(palette)
            pictures.append(panel.grab().toImage())
        assert pictures[0] != pictures[1]
        assert pictures[0] == pictures[2]
