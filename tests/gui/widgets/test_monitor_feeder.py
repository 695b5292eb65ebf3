"""Monitoring in the real window over a running pipeline: docks, alarms over the picture, the mark of a recording."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QListView
from pytestqt.qtbot import QtBot

from gui.core.settings import Settings
from gui.core.state import EngineState
from gui.monitor import alarms
from gui.widgets import monitor_feeder
from gui.widgets.dock_title import DockTitle
from gui.widgets.main_window import Face, MainWindow
from gui.workers.cloud_worker import CloudState
from gui.workers.monitor import Monitor
from gui.workers.pipeline import Pipeline
from tests.gui.fakes import FakeBackend, FakeSource, picture
from tests.gui.workers.test_compare_worker import FakeClient
from tests.gui.workers.test_monitor import Camera, SeeingSession, StillCamera


@dataclass
class Desk:
    """A window with everything behind it."""

    window: MainWindow
    monitor: Monitor
    pipeline: Pipeline
    source: FakeSource
    qtbot: QtBot

    @property
    def watching(self) -> monitor_feeder.MonitorFeeder:
        return self.window._watching

    def wait(self, condition) -> None:
        self.qtbot.waitUntil(condition, timeout=20_000)

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        self.qtbot.keyClick(self.window.view, key, modifier)


@pytest.fixture
def make_desk(qtbot: QtBot, tmp_path: Path) -> Iterator:
    desks: list[Desk] = []

    def make(source=None, **chosen) -> Desk:
        settings = Settings(tmp_path / "settings.json")
        for name, value in {"motion": False, "attract_after_s": 0, **chosen}.items():
            settings.set(name, value)
        used = source or Camera()
        pipeline = Pipeline(FakeBackend(SeeingSession()), make_source=lambda _: used)
        monitor = Monitor(pipeline, settings, tmp_path / "history.sqlite", pipeline)
        monitor.comparisons._make_client = lambda _: FakeClient()
        window = MainWindow(pipeline, settings, "dark", monitor)
        window.resize(1366, 768)
        qtbot.addWidget(window)
        with qtbot.waitExposed(window):
            window.show()
        monitor.start()
        pipeline.start("fake")
        desks.append(Desk(window, monitor, pipeline, used, qtbot))
        desks[-1].wait(lambda: pipeline.engine_state is EngineState.READY and pipeline.drops.shown > 0)
        return desks[-1]

    yield make
    for desk in desks:
        desk.source.put(None, None)  # nobody waits in ``read`` any more
        desk.window.close()
        # A source that blocked in ``read`` is left to itself by the window; here it has just been let go.
        desk.wait(lambda pipeline=desk.pipeline: pipeline.threads() == ())


@pytest.mark.parametrize(
    ("key", "name"), [(Qt.Key.Key_F5, "compare"), (Qt.Key.Key_F6, "cloud"), (Qt.Key.Key_F7, "history")]
)
def test_keys_open_and_close_the_docks(make_desk, key: Qt.Key, name: str) -> None:
    desk = make_desk()
    dock = desk.window.bench_face.dock(name)
    desk.press(key)
    assert desk.window.face is Face.BENCH
    desk.wait(lambda: dock.isVisible() and not dock.visibleRegion().isEmpty())
    desk.press(key)
    desk.wait(lambda: not dock.isVisible())


@pytest.mark.parametrize("face", ["show", "bench"])
def test_a_panel_that_is_opened_by_its_key_takes_the_keys(make_desk, face: str) -> None:
    desk = make_desk()
    for key, first in (
        (Qt.Key.Key_F5, desk.watching.compare.switch),
        (Qt.Key.Key_F6, desk.watching.cloud.switch),
        (Qt.Key.Key_F7, desk.watching.history.day.combo),
    ):
        desk.window.set_face(face)
        desk.press(key)
        assert desk.window.focusWidget() is first
        desk.qtbot.keyClick(first, key)
        assert desk.window.focusWidget() is desk.window.view


def test_a_comparison_is_switched_on_shown_and_switched_off(make_desk) -> None:
    desk = make_desk()
    desk.press(Qt.Key.Key_F5)
    panel = desk.watching.compare
    panel.switch.click()
    desk.wait(lambda: panel.state.status.word == "comparing")
    desk.wait(lambda: panel.answers.texts[0][0] == "bee")
    assert panel.answers.texts[1][0] == "grey 0"
    assert panel.agreement.text() == "0.0 %"
    panel.switch.click()
    desk.wait(lambda: panel.state.status.word == "off")
    assert desk.monitor.comparisons.compare is None


def test_the_plug_is_pulled_and_put_back(make_desk) -> None:
    desk = make_desk()
    desk.press(Qt.Key.Key_F6)
    panel = desk.watching.cloud
    panel.plug.setEnabled(True)
    panel.plug.click()  # nothing is asked yet: nothing happens
    desk.monitor.set_cloud(True)
    desk.wait(lambda: panel.switch.isChecked())
    panel.plug.setChecked(False)
    panel.plug.click()
    desk.wait(lambda: panel.state.status.word == CloudState.UNPLUGGED.value)
    panel.plug.click()
    desk.wait(lambda: panel.state.status.word != CloudState.UNPLUGGED.value)
    panel.controls.use_preset("satellite")
    assert desk.monitor.comparisons.cloud.settings.network.round_trip_ms == 600


def test_an_alarm_lies_over_the_picture_of_both_faces_and_may_be_heard(make_desk, monkeypatch) -> None:
    monkeypatch.setattr(alarms, "PATIENCE_NS", 0)
    heard = []
    monkeypatch.setattr(QApplication, "beep", lambda: heard.append(True))
    source = StillCamera(picture())
    desk = make_desk(source, alarm_age_ms=80, alarm_sound=True)
    cards = (desk.window.show_face.view.alarm, desk.window.bench_face.view.alarm)

    def look(condition) -> bool:
        desk.monitor.look()
        return condition()

    desk.wait(lambda: look(lambda: not cards[0].isHidden()))
    assert not cards[1].isHidden()
    assert cards[0].text.startswith("picture age is ")
    assert heard == [True]

    def moving() -> bool:
        source.put(picture())
        return look(lambda: cards[0].isHidden() and cards[1].isHidden())

    desk.wait(moving)
    assert heard == [True]


def test_a_recording_is_told_in_both_faces_while_it_runs(make_desk, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(monitor_feeder, "default_recording_path", lambda _: tmp_path / "a.lens7rec")
    desk = make_desk()
    desk.press(Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    mark = desk.window.bench_face.recording
    desk.wait(lambda: not mark.isHidden())
    desk.wait(lambda: "recording pictures: " in desk.window.show_face.status.sentence)
    assert desk.window.bench_face.toolbar.button(_record()).accessibleName() == "Stop recording"
    desk.wait(lambda: desk.monitor.recording.frames > 0)
    desk.press(Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    desk.wait(lambda: mark.isHidden())
    assert "recording" not in desk.window.show_face.status.sentence
    assert (tmp_path / "a.lens7rec").exists()


def _record():
    from gui.widgets.actions import Command

    return Command.RECORD


def test_settings_act_at_once(make_desk) -> None:
    desk = make_desk()
    settings = desk.window._settings
    for name, value in (("alarm_fps", 20), ("history", False), ("alarm_command", "/no/such/thing")):
        settings.set(name, value)
        desk.window.around.chosen.emit(name)
    assert {rule.limit for rule in desk.monitor.board.rules} == {3000.0, 20.0}
    assert desk.monitor.history is None
    assert any("there is no program '/no/such/thing'" in message.text for message in desk.pipeline.messages())
    settings.set("cloud_round_trip_ms", 600)
    desk.window.around.chosen.emit("cloud_round_trip_ms")
    assert desk.watching.cloud.controls.sliders["cloud_round_trip_ms"].value() == 9


def test_every_control_of_the_panels_has_a_name(make_desk) -> None:
    desk = make_desk()
    watching = desk.watching
    for panel in (watching.compare, watching.cloud, watching.history):
        for kind in (QAbstractButton, QComboBox, QListView):
            for control in panel.findChildren(kind):
                if not control.objectName().startswith("qt_") and control.window() is desk.window:
                    assert control.accessibleName(), control


def test_both_themes(make_desk) -> None:
    desk = make_desk()
    desk.press(Qt.Key.Key_F5)
    for theme in ("light", "dark"):
        desk.window.set_theme(theme)
        assert not desk.window.grab().isNull()


def test_the_numbers_are_in_front_at_the_first_start(make_desk) -> None:
    bench = make_desk(face="bench").window.bench_face
    for front, behind in (("numbers", "device"), ("latency", "history"), ("sources", "cameras")):
        assert not bench.dock(front).visibleRegion().isEmpty()
        assert bench.dock(behind).visibleRegion().isEmpty()


def test_a_dock_is_closed_and_let_float_by_its_title(make_desk) -> None:
    desk = make_desk(face="bench")
    dock = desk.window.bench_face.dock("latency")
    title = dock.titleBarWidget()
    assert isinstance(title, DockTitle)
    desk.qtbot.mouseClick(title.detach, Qt.MouseButton.LeftButton)
    assert dock.isFloating()
    desk.qtbot.mouseClick(title.detach, Qt.MouseButton.LeftButton)
    assert not dock.isFloating()
    desk.qtbot.mouseClick(title.close_button, Qt.MouseButton.LeftButton)
    assert dock.isHidden()
