"""The window over its pipeline: frames, faces, keys, access, closing."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QListView
from pytestqt.qtbot import QtBot

from gui.core.settings import Settings
from gui.core.state import Severity
from gui.core.theme import DARK, LIGHT
from gui.widgets.actions import Command
from gui.widgets.main_window import Face, MainWindow
from tests.gui.widgets.fake_pipeline import MUG, FakePipeline, shown


def press(qtbot: QtBot, window: MainWindow, key: Qt.Key) -> None:
    qtbot.keyClick(window.view, key)


# --- frames ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("face", ["show", "bench"])
def test_an_injected_frame_comes_out_as_painted_labels(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline, face: str
) -> None:
    window.set_face(face)
    before = window.view.grab().toImage()
    pipeline.put(shown(seq=5))
    qtbot.waitUntil(lambda: [frame.frame.seq for frame in pipeline.painted] == [5])
    assert window.view.overlay.seq == 5
    assert window.view.overlay.rows[0].name == "coffee mug"
    assert window.view.grab().toImage() != before


def test_an_unsure_label_is_no_fact(window: MainWindow, pipeline: FakePipeline) -> None:
    pipeline.put(shown(seq=1, labels=(("teapot", 0.34), *MUG[1:])))
    assert window.view.overlay.rows[0].caption == "perhaps"
    pipeline.put(shown(seq=2, labels=(("teapot", 0.35), *MUG[1:])))
    assert window.view.overlay.rows[0].caption == "looks like"


def test_the_picture_stays_when_the_face_changes(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline
) -> None:
    pipeline.put(shown(seq=3))
    qtbot.waitUntil(lambda: len(pipeline.painted) == 1)
    window.set_face("bench")
    window.view.repaint()
    assert window.view.overlay.seq == 3
    assert len(pipeline.painted) == 1
    assert pipeline.drops.shown == 1


def test_a_hidden_window_takes_and_draws_nothing(window: MainWindow, pipeline: FakePipeline) -> None:
    window.hide()
    pipeline.put(shown(seq=8))
    assert window.view.overlay.seq == -1
    window.show()
    assert window.view.overlay.seq == 8


# --- faces and keys -------------------------------------------------------------------------------------------------


def test_f2_turns_the_face_and_it_is_kept(qtbot: QtBot, window: MainWindow, settings: Settings) -> None:
    assert window.face is Face.SHOW
    press(qtbot, window, Qt.Key.Key_F2)
    assert window.face is Face.BENCH
    assert settings.text("face") == "bench"
    press(qtbot, window, Qt.Key.Key_F2)
    assert window.face is Face.SHOW


def test_f11_and_escape_switch_full_screen(qtbot: QtBot, window: MainWindow) -> None:
    press(qtbot, window, Qt.Key.Key_F11)
    assert window.isFullScreen()
    assert window.cursor().shape() is Qt.CursorShape.BlankCursor
    press(qtbot, window, Qt.Key.Key_Escape)
    assert not window.isFullScreen()
    assert window.cursor().shape() is Qt.CursorShape.ArrowCursor


def test_f4_switches_the_theme(qtbot: QtBot, window: MainWindow, settings: Settings) -> None:
    corner = QPoint(0, window.height() // 2)
    assert window.grab().toImage().pixelColor(corner).name().upper() == DARK.background
    press(qtbot, window, Qt.Key.Key_F4)
    assert window.grab().toImage().pixelColor(corner).name().upper() == LIGHT.background
    assert settings.text("theme") == "light"


@pytest.mark.parametrize("face", ["show", "bench"])
def test_plain_keys_command_the_picture(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline, face: str
) -> None:
    window.set_face(face)
    for key in (Qt.Key.Key_Space, Qt.Key.Key_Space, Qt.Key.Key_L, Qt.Key.Key_Left, Qt.Key.Key_Right):
        press(qtbot, window, key)
    assert pipeline.calls.made == [
        ("set_paused", True),
        ("set_paused", False),
        ("back_to_live", None),
        ("step", -1),
        ("step", 1),
    ]


def test_escape_leaves_dropped_files(qtbot: QtBot, window: MainWindow, pipeline: FakePipeline) -> None:
    press(qtbot, window, Qt.Key.Key_Escape)
    assert pipeline.calls.names() == []
    pipeline.is_aside = True  # a batch, or a video, or what could not be opened
    press(qtbot, window, Qt.Key.Key_Escape)
    assert pipeline.calls.names() == ["back_to_live"]


def test_focused_controls_keep_their_keys(qtbot: QtBot, window: MainWindow, pipeline: FakePipeline) -> None:
    window.set_face("bench")
    pipeline.state_changed.emit()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_L):  # the next line; the line that begins with an L
        qtbot.keyClick(window.bench_face.sources.sources, key)
    qtbot.keyClick(window.bench_face.toolbar.button(Command.LIVE), Qt.Key.Key_Space)
    assert pipeline.calls.names() == ["back_to_live"]


# --- access ---------------------------------------------------------------------------------------------------------


def test_every_control_has_a_name_and_can_be_reached_by_key(
    window: MainWindow, pipeline: FakePipeline
) -> None:
    controls = [
        widget
        for kind in (QAbstractButton, QComboBox, QListView)
        for widget in window.findChildren(kind)
        # not Qt's own, such as a dock's close button; not the lists that pickers open in windows of their own
        if not widget.objectName().startswith("qt_") and widget.window() is window
    ]
    assert len(controls) > 15
    for control in controls:
        assert control.accessibleName(), control
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, control.accessibleName()
    for face in (window.show_face, window.bench_face):
        assert face.view.accessibleName()
        assert face.view.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_a_label_is_told_with_what_it_shows(window: MainWindow, pipeline: FakePipeline) -> None:
    pipeline.put(shown())
    pipeline.post(Severity.INFO, "demo pictures are shown")
    window.refresh()
    named = [label for label in window.findChildren(QLabel) if label.accessibleName()]
    assert len(named) > 40
    assert [
        (label.accessibleName(), label.text())
        for label in named
        if label.text() not in label.accessibleName()
    ] == []
    names = [label.accessibleName() for label in named]
    assert "frame age p95, measured: –" in names
    assert "Newest message: demo pictures are shown" in names


def test_the_view_tells_in_words_what_it_shows(window: MainWindow, pipeline: FakePipeline) -> None:
    pipeline.put(shown())
    window.refresh()
    told = window.view.accessibleDescription()
    for word in ("Desk camera", "live", "looks like coffee mug 93 %", "measured", "modelled"):
        assert word in told


def test_every_command_has_words_and_a_key_or_a_button(window: MainWindow) -> None:
    for action in window.actions():
        assert isinstance(action, QAction)
        assert action.text()
        assert "(" in action.toolTip()


# --- closing --------------------------------------------------------------------------------------------------------


def test_closing_joins_the_pipeline_and_keeps_the_settings(
    window: MainWindow, pipeline: FakePipeline, settings: Settings
) -> None:
    window.set_face("bench")
    window.close()
    assert pipeline.closed == 1
    kept = json.loads(settings.path.read_text(encoding="utf-8"))
    assert kept["face"] == "bench"
    assert kept["window_geometry"]
    assert kept["bench_layout"]


def test_a_closed_window_is_gone_before_a_thread_is_waited_for(
    window: MainWindow, pipeline: FakePipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen_meanwhile: list[bool] = []
    monkeypatch.setattr(pipeline, "close", lambda: seen_meanwhile.append(window.isVisible()))
    window.close()
    assert seen_meanwhile == [False]


def test_settings_that_cannot_be_kept_are_told_and_do_not_stop_the_closing(
    window: MainWindow,
    pipeline: FakePipeline,
    settings: Settings,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings.path = tmp_path / "settings.json" / "no folder"
    settings.path.parent.write_text("a file where the folder should be", encoding="utf-8")
    window.close()
    assert pipeline.closed == 1
    assert "not kept" in caplog.text


def test_a_large_picture_is_shown_whole(qtbot: QtBot, window: MainWindow, pipeline: FakePipeline) -> None:
    pipeline.put(shown(image=np.zeros((2160, 3840, 3), np.uint8)))
    qtbot.waitUntil(lambda: len(pipeline.painted) == 1)
    assert window.view.rect().contains(window.view.picture_rect.toRect())
