"""The show for an empty stand ends with any key; then keys do what they do."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.core.settings import Settings
from gui.widgets.main_window import MainWindow
from tests.gui.widgets.fake_pipeline import FakePipeline


@pytest.fixture
def awake(window: MainWindow, pipeline: FakePipeline) -> FakePipeline:
    pipeline.woken = 0
    return pipeline


def test_a_key_ends_the_show_and_does_nothing_else(window: MainWindow, awake: FakePipeline) -> None:
    awake.attracting = True
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Space)
    assert awake.woken == 1
    assert awake.calls.names() == []
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Space)
    assert awake.woken > 1
    assert awake.calls.names() == ["set_paused"]


def test_the_show_is_told_as_what_it_is(window: MainWindow, awake: FakePipeline) -> None:
    awake.attracting = True
    window.refresh()
    assert "demo pictures until something moves before Desk camera" in window.show_face.status.sentence


def test_a_shortcut_ends_the_show_too(window: MainWindow, awake: FakePipeline) -> None:
    awake.attracting = True
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_F4)
    assert awake.woken == 1
    assert not awake.attracting


def test_mouse_and_wheel_are_signs_of_somebody(qtbot: QtBot, window: MainWindow, awake: FakePipeline) -> None:
    with qtbot.waitSignal(window.presence.noticed):
        QTest.mouseMove(window.windowHandle(), QPoint(30, 30))
    QTest.mouseClick(window.windowHandle(), Qt.MouseButton.LeftButton, pos=QPoint(40, 40))
    assert awake.woken >= 2


def test_a_window_that_was_hidden_is_watched_on(window: MainWindow, awake: FakePipeline) -> None:
    window.hide()
    window.show()
    QApplication.processEvents()
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_L)
    assert awake.woken
    assert awake.calls.names() == ["back_to_live"]


def test_the_time_before_the_show_is_a_setting(qtbot: QtBot, settings: Settings) -> None:
    settings.set("attract_after_s", 7)
    pipeline = FakePipeline()
    made = MainWindow(pipeline, settings, "dark")
    qtbot.addWidget(made)
    assert pipeline.attract_after_s == 7
    made.close()
