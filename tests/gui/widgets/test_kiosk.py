"""The window on a stand: visitors' keys only, one chord out, the screen saver asked for."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from pytestqt.qtbot import QtBot

from gui.core.conditions import NEUTRAL, Conditions
from gui.core.state import Severity
from gui.widgets import screen_saver
from gui.widgets.kiosk import LEAVE_CHORD
from gui.widgets.main_window import Face, MainWindow
from gui.widgets.screen_saver import ScreenSaver
from tests.gui.widgets.fake_pipeline import FakePipeline


class NoBus:
    """A desktop without a session bus."""

    @staticmethod
    def sessionBus() -> NoBus:
        return NoBus()

    def isConnected(self) -> bool:
        return False


@pytest.fixture
def kiosk(monkeypatch: pytest.MonkeyPatch, window: MainWindow) -> MainWindow:
    monkeypatch.setattr(screen_saver, "QDBusConnection", NoBus)
    window.set_face("bench")
    window.set_kiosk()
    return window


def test_show_fills_the_screen_and_only_visitors_keys_act(
    qtbot: QtBot, kiosk: MainWindow, pipeline: FakePipeline
) -> None:
    assert kiosk.isFullScreen()
    for key in (Qt.Key.Key_F2, Qt.Key.Key_F11, Qt.Key.Key_F1, Qt.Key.Key_F9):
        qtbot.keyClick(kiosk.view, key)
    qtbot.keyClick(kiosk.view, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(kiosk.view, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    assert kiosk.face is Face.SHOW
    assert kiosk.isFullScreen()
    assert kiosk.isVisible()
    qtbot.keyClick(kiosk.view, Qt.Key.Key_Space)
    assert ("set_paused", True) in pipeline.calls.made


def test_what_a_visitor_did_is_undone_once_nobody_is_there(
    qtbot: QtBot, kiosk: MainWindow, pipeline: FakePipeline
) -> None:
    kiosk.show_face.conditions_panel.motion = False
    assert kiosk._kiosk is not None and kiosk._kiosk.idle.interval() == 60_000
    kiosk._kiosk.idle.setInterval(50)
    qtbot.keyClick(kiosk.windowHandle(), Qt.Key.Key_Space)
    qtbot.keyClick(kiosk.windowHandle(), Qt.Key.Key_H)
    pipeline.set_conditions(Conditions(blur=9))
    assert pipeline.paused and kiosk.show_face.conditions_panel.is_open
    qtbot.waitUntil(lambda: not pipeline.paused)
    assert pipeline.conditions == NEUTRAL
    assert not kiosk.show_face.conditions_panel.is_open


def test_nothing_can_be_dropped(kiosk: MainWindow) -> None:
    assert not kiosk.acceptDrops()
    assert not kiosk.view.acceptDrops()


def test_the_chord_ends_it_and_the_close_button_does_not(
    qtbot: QtBot, kiosk: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QCloseEvent, "spontaneous", lambda _: True)
    kiosk.close()
    assert kiosk.isVisible()
    monkeypatch.undo()
    chord = (
        Qt.KeyboardModifier.ControlModifier
        | Qt.KeyboardModifier.AltModifier
        | Qt.KeyboardModifier.ShiftModifier
    )
    qtbot.keyClick(kiosk.view, Qt.Key.Key_Q, chord)
    assert not kiosk.isVisible()


def test_it_says_how_to_leave_and_what_holds_the_screen_saver_off(
    kiosk: MainWindow, pipeline: FakePipeline
) -> None:
    texts = [message.text for message in pipeline.messages()]
    assert any(LEAVE_CHORD in text for text in texts)
    assert any("Nothing holds the screen saver off (there is no session bus)" in text for text in texts)


def test_the_service_is_asked_and_its_answer_told(qtbot: QtBot) -> None:
    saver = ScreenSaver()
    with qtbot.waitSignal(saver.told, timeout=10_000) as told:
        saver.hold_off()
    assert saver.is_held_off == (told.args[0] is Severity.INFO)
    saver.let_go()
    assert not saver.is_held_off
