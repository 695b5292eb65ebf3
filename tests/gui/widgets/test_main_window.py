"""The window over its pipeline: faces, keys, drops, choices, states, closing."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QSize, Qt, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QFileDialog,
    QLabel,
    QListView,
    QWidget,
)
from pytestqt.qtbot import QtBot

from gui.core.batch import BatchItem
from gui.core.counters import DropReason
from gui.core.settings import Settings
from gui.core.state import (
    EngineState,
    Progress,
    Severity,
    SourceChoice,
    SourceInfo,
    SourceKind,
    SourceState,
)
from gui.core.theme import DARK, LIGHT, THEMES, TypeSize
from gui.widgets import wording
from gui.widgets.actions import Command
from gui.widgets.main_window import Face, MainWindow
from tests.gui.widgets.compiled import compiled
from tests.gui.widgets.fake_pipeline import MUG, FakePipeline, shown


def mime(*paths: Path | str) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl(path) if isinstance(path, str) else QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def drag(window: MainWindow, data: QMimeData) -> QDragEnterEvent:
    left = Qt.MouseButton.LeftButton
    event = QDragEnterEvent(
        QPoint(9, 9), Qt.DropAction.CopyAction, data, left, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(window, event)
    return event


def drop(window: MainWindow, *paths: Path) -> None:
    data = mime(*paths)
    assert drag(window, data).isAccepted()
    left = Qt.MouseButton.LeftButton
    event = QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, data, left, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(window, event)


def press(qtbot: QtBot, window: MainWindow, key: Qt.Key) -> None:
    qtbot.keyClick(window.view, key)


# --- frames -----------------------------------------------------------------------------------------------------


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


# --- faces and keys ---------------------------------------------------------------------------------------------


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


# --- drops ------------------------------------------------------------------------------------------------------


def test_pictures_folders_and_videos_go_to_the_pipeline(
    window: MainWindow, pipeline: FakePipeline, tmp_path: Path
) -> None:
    for paths in (
        [tmp_path / "a.jpg"],
        [tmp_path / "a.jpg", tmp_path / "b.png"],
        [tmp_path],
        [tmp_path / "a.mp4"],
    ):
        drop(window, *paths)
        assert pipeline.calls.made[-1] == ("open_files", paths)
    assert len(pipeline.calls.made) == 4


def test_models_and_label_files_are_checked(
    window: MainWindow, pipeline: FakePipeline, tmp_path: Path
) -> None:
    zoo = tmp_path / "zoo"
    zoo.mkdir()
    (zoo / "param.yaml").touch()
    for model in (tmp_path / "net.onnx", tmp_path / "NET.TFLITE", zoo):
        drop(window, model)
        assert pipeline.calls.made[-1] == ("check_model", str(model))
    drop(window, tmp_path / "labels.txt")
    assert pipeline.calls.made[-1] == ("check_labels", str(tmp_path / "labels.txt"))
    drop(window, tmp_path / "net.onnx", tmp_path / "a.jpg")
    assert pipeline.calls.names()[-2:] == ["check_model", "open_files"]


def test_addresses_of_the_network_are_not_welcome(window: MainWindow, pipeline: FakePipeline) -> None:
    event = drag(window, mime("https://example.org/a.jpg"))
    assert not event.isAccepted()
    assert pipeline.calls.made == []


def test_the_veil_comes_with_a_drag_and_goes_with_it(window: MainWindow, tmp_path: Path) -> None:
    drag(window, mime(tmp_path))
    assert window.findChild(QWidget, "drop_veil").isVisible()
    QApplication.sendEvent(window, QDragLeaveEvent())
    assert not window.findChild(QWidget, "drop_veil").isVisible()


def test_a_dropped_picture_has_its_card_and_the_way_back(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline
) -> None:
    path = Path("/pictures/mug.jpg")
    frame = shown(seq=4, path=path)
    pipeline.put(frame)
    pipeline.set_batch(
        (BatchItem(path, frame.top), BatchItem(Path("/pictures/x.jpg"), (), "x.jpg: cut short")), 3
    )
    card = window.view.result
    assert card.isVisible()
    assert card.texts == ("mug.jpg", "coffee mug 93 %", "2 of 3 done · 1 failed")
    qtbot.mouseClick(card.next, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(card.previous, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(card.back, Qt.MouseButton.LeftButton)
    assert pipeline.calls.made == [("step", 1), ("step", -1), ("back_to_live", None)]
    pipeline.batch = None
    pipeline.batch_changed.emit()
    assert not card.isVisible()


def test_the_card_of_a_dropped_picture_says_what_the_picture_says(
    window: MainWindow, pipeline: FakePipeline
) -> None:
    path = Path("/pictures/mug.jpg")
    frame = shown(seq=4, path=path)
    pipeline.set_batch((BatchItem(path, (replace(frame.top[0], probability=0.61),)),), 1)
    pipeline.put(frame)  # looked at again, by another engine or under hard conditions
    assert window.view.result.texts[1] == "coffee mug 93 %"


@pytest.mark.parametrize("key", [Qt.Key.Key_Tab, Qt.Key.Key_Backtab])
def test_tab_passes_over_what_lies_behind_another_dock(qtbot: QtBot, window: MainWindow, key: Qt.Key) -> None:
    window.set_face("bench")
    bench = window.bench_face
    bench.toggle_dock("conditions")
    qtbot.waitUntil(lambda: not bench.hides(bench.conditions))
    assert bench.hides(bench.device)
    been = []
    for _ in range(100):
        qtbot.keyClick(window.focusWidget(), key)
        been.append(window.focusWidget())
    assert not any(bench.hides(control) for control in been)
    assert any(bench.conditions.isAncestorOf(control) for control in been)
    assert window.view in been


def test_a_click_in_the_list_of_dropped_files_shows_that_file(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline
) -> None:
    window.set_face("bench")
    paths = [Path(f"/pictures/{n}.jpg") for n in range(3)]
    frame = shown(seq=4, path=paths[2])
    pipeline.put(frame)
    pipeline.set_batch(tuple(BatchItem(path, frame.top) for path in paths), 3)
    files = window.bench_face.sources.files
    qtbot.mouseClick(
        files.viewport(),
        Qt.MouseButton.LeftButton,
        pos=files.visualRect(files.model().index(0, 0)).center(),
    )
    assert pipeline.calls.made == [("show_file", 0)]


def test_ctrl_o_asks_beside_the_running_picture(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline, tmp_path: Path
) -> None:
    qtbot.keyClick(window.view, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    dialog = window.findChild(QFileDialog)
    assert dialog.isVisible()
    assert not dialog.isModal()
    dialog.filesSelected.emit([str(tmp_path / "a.jpg")])
    assert pipeline.calls.made == [("open_files", [tmp_path / "a.jpg"])]
    dialog.close()


# --- choices ----------------------------------------------------------------------------------------------------


def choose(picker_combo: QComboBox, index: int) -> None:
    """Choose as a person does: Qt tells that with ``activated``."""
    picker_combo.setCurrentIndex(index)
    picker_combo.activated.emit(index)


def test_pickers_forward_what_people_choose(
    window: MainWindow, pipeline: FakePipeline, settings: Settings
) -> None:
    toolbar = window.bench_face.toolbar
    choose(toolbar.source.combo, 2)
    choose(toolbar.model.combo, 1)
    choose(toolbar.soc.combo, 1)
    choose(toolbar.kernels.combo, 3)
    assert pipeline.calls.made == [
        ("open_source", "demo"),
        ("set_model", "/models/other.onnx"),
        ("set_soc", "am68a"),
        ("set_kernels", "reference"),
    ]
    assert settings.text("soc") == "am68a"


def test_pickers_follow_the_pipeline_without_asking_back(window: MainWindow, pipeline: FakePipeline) -> None:
    pipeline.engine.soc, pipeline.engine.model = "am62a", "/models/other.onnx"
    pipeline.state_changed.emit()
    toolbar = window.bench_face.toolbar
    assert toolbar.soc.combo.currentText() == "AM62A"
    assert toolbar.model.combo.currentText() == "other.onnx"
    assert pipeline.calls.made == []


def test_the_chips_time_is_known_before_the_first_picture(window: MainWindow, pipeline: FakePipeline) -> None:
    pipeline.artifact = replace(compiled(), device_ms=2.36)
    window.refresh()
    _, modelled = window.show_face.clocks.clocks
    assert modelled.sentence == "Jacinto 7 2.4 ms modelled"


def test_the_picker_of_a_source_that_does_not_open_says_so(
    window: MainWindow, pipeline: FakePipeline
) -> None:
    pipeline.source_info = None
    pipeline.set_state(SourceState.FAILED)
    assert window.bench_face.toolbar.source.combo.placeholderText() == "nothing open"


def test_a_source_that_is_no_choice_is_named_all_the_same(window: MainWindow, pipeline: FakePipeline) -> None:
    pipeline.source_info = SourceInfo("", "4 files", "4 pictures")
    pipeline.state_changed.emit()
    combo = window.bench_face.toolbar.source.combo
    assert combo.currentIndex() == -1
    assert combo.placeholderText() == "4 files"
    assert combo.count() == len(pipeline.source_choices())


def test_an_arrow_over_a_closed_picker_chooses_nothing(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline
) -> None:
    window.set_face("bench")
    combo = window.bench_face.toolbar.model.combo
    qtbot.keyClick(combo, Qt.Key.Key_Down)
    assert pipeline.calls.made == []
    assert combo.view().isVisible()
    assert combo.view().accessibleName() == "Model"
    combo.hidePopup()


def test_a_source_of_the_list_is_opened_by_click_and_by_enter(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline
) -> None:
    window.set_face("bench")
    sources = window.bench_face.sources.sources
    qtbot.mouseClick(
        sources.viewport(), Qt.MouseButton.LeftButton, pos=sources.visualItemRect(sources.item(1)).center()
    )
    sources.setCurrentRow(2)
    qtbot.keyClick(sources, Qt.Key.Key_Return)
    assert pipeline.calls.made == [("open_source", "synthetic"), ("open_source", "demo")]


def test_the_pause_button_offers_the_other_state(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline
) -> None:
    window.set_face("bench")
    button = window.bench_face.toolbar.button(Command.PAUSE)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert pipeline.paused
    assert button.accessibleName() == "Start"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert button.accessibleName() == "Pause"


# --- states -----------------------------------------------------------------------------------------------------


def test_a_compilation_shows_beside_the_live_picture(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline
) -> None:
    pipeline.session_info = None
    pipeline.set_state(SourceState.LIVE, EngineState.COMPILING)
    pipeline.put(shown(seq=1, labels=()))
    pipeline.set_progress(Progress("calibrating", 0.42))
    card = window.view.progress
    QApplication.processEvents()
    title = wording.compile_title("EfficientNet-Lite0", "TDA4VM (J721E)")  # as it is called
    assert card._title.fontMetrics().horizontalAdvance(title) <= card._title.width()
    assert card.isVisible()
    assert card.bar.value() == round(0.42 * card.bar.maximum())
    assert not window.view.overlay.rows
    assert "compiling" in window.show_face.status.sentence
    assert QApplication.activeModalWidget() is None
    qtbot.mouseClick(card.cancel, Qt.MouseButton.LeftButton)
    assert pipeline.calls.names() == ["cancel_compile"]
    pipeline.set_progress(None)
    assert not card.isVisible()


@pytest.mark.parametrize("face", ["show", "bench"])
def test_a_compilation_leaves_the_labels_of_the_engine_in_use_free(
    window: MainWindow, pipeline: FakePipeline, face: str
) -> None:
    window.resize(1366, 768)
    window.set_face(face)
    pipeline.put(shown(seq=1))
    pipeline.set_batch((BatchItem(Path("/pictures/mug.jpg"), shown(seq=1).top),), 3)
    pipeline.set_progress(Progress("calibrating", 0.42))
    QApplication.processEvents()
    view = window.view
    assert view.progress.isVisible() and view.overlay.rows
    assert not view.progress.geometry().intersects(view.labels_rect)


def test_panels_may_leave_no_room_for_any_card(window: MainWindow, pipeline: FakePipeline) -> None:
    show = window.show_face
    show.conditions_panel.motion = show.guide_panel.motion = False
    pipeline.set_state(SourceState.LOST)
    pipeline.post(Severity.BAD, "unplugged")
    window.resize(320, 180)
    show.conditions_panel.set_open(True)
    show.guide_panel.set_open(True)
    QApplication.processEvents()  # a warning of Qt's fails the test
    assert show.view.stage.width() < 32


def test_cards_keep_within_a_picture_that_panels_make_narrow(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline
) -> None:
    window.resize(1366, 768)
    window.show_face.conditions_panel.motion = window.show_face.guide_panel.motion = False
    pipeline.put(shown(seq=1))
    pipeline.set_batch((BatchItem(Path("/pictures/mug.jpg"), shown(seq=1).top),), 3)
    pipeline.set_progress(Progress("calibrating", 0.42))
    window.show_face.conditions_panel.set_open(True)
    window.show_face.guide_panel.set_open(True)
    view = window.show_face.view
    assert view.stage.width() < 600
    QApplication.processEvents()
    for card in (view.result, view.progress):
        assert card.isVisible()
        assert view.stage.left() <= card.geometry().left()
        assert card.geometry().right() <= view.stage.right()


def test_the_title_names_the_chip_that_labels_the_picture(window: MainWindow, pipeline: FakePipeline) -> None:
    pipeline.engine.soc = "am68a"  # chosen, and still being prepared
    pipeline.set_state(SourceState.LIVE, EngineState.COMPILING)
    assert "TDA4VM" in window.show_face.status.sentence
    pipeline.session_info = None
    pipeline.set_state(SourceState.LIVE, EngineState.COMPILING)
    assert "AM68A" in window.show_face.status.sentence


@pytest.mark.parametrize(("face", "times"), [(Face.SHOW, 1080 / 640), (Face.BENCH, 1.0)])
def test_visitors_read_a_notice_from_afar(
    window: MainWindow, pipeline: FakePipeline, face: Face, times: float
) -> None:
    window.resize(1920, 1080)
    window.set_face(face.value)
    pipeline.set_state(SourceState.LOST)
    notice = window.view.notice
    assert notice._title.font().pixelSize() == round(times * TypeSize.FIGURE)
    assert notice.width() <= window.view.width()


@pytest.mark.parametrize("state", [SourceState.STALLED, SourceState.LOST, SourceState.RETRYING])
def test_a_picture_that_stands_still_says_so(
    window: MainWindow, pipeline: FakePipeline, state: SourceState
) -> None:
    pipeline.put(shown())
    assert not window.view.notice.isVisible()
    pipeline.set_state(state, retries=2)
    assert window.view.notice.isVisible()
    assert "Desk camera" in window.view.notice.text
    assert "fps" not in window.show_face.status.sentence
    pipeline.set_state(SourceState.LIVE)
    assert not window.view.notice.isVisible()


def test_what_stands_in_for_a_lost_camera_is_a_picture_and_its_state_stays_shown(
    window: MainWindow, pipeline: FakePipeline
) -> None:
    pipeline.put(shown())
    pipeline.stand_in = SourceInfo("demo", "demo pictures", "")
    pipeline.set_state(SourceState.RETRYING, retries=4)
    assert not window.view.notice.isVisible()
    assert "demo pictures while Desk camera is away" in window.show_face.status.sentence
    assert "retrying 4" in window.show_face.status.sentence
    assert window.bench_face.source.status.word == "retrying 4 · demo pictures"


def test_what_cannot_be_opened_is_not_named_by_the_labels_of_the_picture_before(
    window: MainWindow, pipeline: FakePipeline
) -> None:
    pipeline.put(shown())
    before = window.view.grab().toImage()
    pipeline.set_state(SourceState.FAILED)
    assert "L goes live" in window.view.notice.text
    corner = window.view.labels_rect.bottomLeft() + QPoint(2, -2)
    after = window.view.grab().toImage()
    assert after.pixelColor(corner) != before.pixelColor(corner)


def test_an_empty_window_teaches(window: MainWindow, pipeline: FakePipeline) -> None:
    pipeline.source_info = None
    pipeline.set_state(SourceState.STARTING)
    assert "Drop a photo, a folder or a model here" in window.view.notice.text
    pipeline.set_state(SourceState.LIVE)
    pipeline.put(shown())
    assert not window.view.notice.isVisible()


def test_messages_are_a_strip_and_never_a_dialog(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline
) -> None:
    pipeline.post(Severity.INFO, "demo pictures are shown")
    assert not window.view.message.isVisible()
    pipeline.post(Severity.BAD, "net.onnx: no such operator; use another model")
    assert window.view.message.isVisible()
    assert window.view.message.text == "net.onnx: no such operator; use another model"
    window.set_face("bench")
    strip = window.bench_face.messages
    assert strip.text == "net.onnx: no such operator; use another model"
    qtbot.mouseClick(strip.more, Qt.MouseButton.LeftButton)
    assert strip.texts == [
        "■  bad:  net.onnx: no such operator; use another model",
        "○  info:  demo pictures are shown",
    ]
    assert not window.findChildren(QDialog)


@pytest.mark.parametrize("face", ["show", "bench"])
def test_everything_fits_a_small_screen(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline, face: str
) -> None:
    window.set_face(face)
    pipeline.post(Severity.BAD, "a message that goes on and on, " * 20)
    window.bench_face.messages.more.setChecked(True)
    pipeline.set_progress(Progress("calibrating", 0.1))
    pipeline.set_batch((), 3)
    pipeline.set_state(SourceState.LOST)
    window.resize(1366, 768)
    QApplication.processEvents()
    assert (window.width(), window.height()) == (1366, 768)
    assert window.minimumSizeHint().width() <= 1280
    assert window.minimumSizeHint().height() <= 720


def test_a_warning_is_not_hidden_by_news_that_follow(window: MainWindow, pipeline: FakePipeline) -> None:
    pipeline._messages = []
    pipeline.blockSignals(True)
    pipeline.post(Severity.WARNING, "camera: slow")
    pipeline.blockSignals(False)
    pipeline.post(Severity.INFO, "model ready")
    assert window.view.message.text == "camera: slow"


def test_what_is_wrong_leaves_the_picture_by_itself(window: MainWindow, pipeline: FakePipeline) -> None:
    pipeline.post(Severity.WARNING, "camera: slow")
    window.view.message.timer.timeout.emit()
    assert not window.view.message.isVisible()


def test_drops_are_counted_by_reason(window: MainWindow, pipeline: FakePipeline) -> None:
    window.set_face("bench")
    for seq in range(3):
        pipeline.drops.count_captured(seq)
        pipeline.drops.count_dropped(seq, DropReason.REPLACED_BY_NEWER)
    window.refresh()
    assert window.bench_face.numbers.dropped(DropReason.REPLACED_BY_NEWER) == "3"
    assert window.bench_face.numbers.dropped(DropReason.NOT_PAINTED) == "0"


def test_the_two_clocks_say_what_they_are(qtbot: QtBot, window: MainWindow, pipeline: FakePipeline) -> None:
    for seq in range(20):
        pipeline.put(shown(seq=seq, run_ms=1.3))
        qtbot.waitUntil(lambda seq=seq: len(pipeline.painted) == seq + 1)
    window.refresh()
    measured, modelled = window.show_face.clocks.clocks
    assert measured.sentence == "this laptop 1.3 ms measured"
    assert modelled.sentence == "Jacinto 7 not modelled yet"
    pipeline.put(shown(seq=20, device_ms=2.41))
    window.refresh()
    assert window.show_face.clocks.clocks[1].sentence == "Jacinto 7 2.4 ms modelled"
    window.set_face("bench")
    assert window.bench_face.numbers.measured == "1.30 ms"
    assert window.bench_face.numbers.modelled == "2.41 ms"


@pytest.mark.parametrize("theme", THEMES)
def test_the_two_clocks_share_no_colour_and_no_axis(qtbot: QtBot, window: MainWindow, theme: str) -> None:
    palette = THEMES[theme]
    window.set_theme(theme)
    strip = window.show_face.clocks
    left, right = (
        colours(window, strip.rect.left(), strip.rect.width() // 2 - 1, strip.rect),
        colours(window, strip.rect.width() // 2, strip.rect.right(), strip.rect),
    )
    assert palette.measured in left
    assert palette.modelled not in left
    assert palette.modelled in right
    assert palette.measured not in right


def colours(window: MainWindow, left: int, right: int, rect) -> set[str]:  # type: ignore[no-untyped-def]
    image = window.show_face.view.grab().toImage()
    row = range(rect.top() + 2, rect.bottom())
    return {image.pixelColor(x, y).name().upper() for x in range(left, right) for y in row}


# --- access -----------------------------------------------------------------------------------------------------


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


def test_tab_goes_round_the_controls_of_bench(qtbot: QtBot, window: MainWindow) -> None:
    window.set_face("bench")
    seen = []
    for _ in range(40):
        qtbot.keyClick(QApplication.focusWidget() or window.view, Qt.Key.Key_Tab)
        seen.append(QApplication.focusWidget())
    toolbar = window.bench_face.toolbar
    expected = {
        toolbar.source.combo,
        toolbar.kernels.combo,
        toolbar.button(Command.PAUSE),
        window.bench_face.sources.sources,
    }
    assert expected <= set(seen)


def test_a_toolbar_in_a_narrow_window_tells_that_there_is_more(window: MainWindow) -> None:
    window.set_face("bench")
    window.resize(683, 384)
    for name in ("sources", "numbers", "device", "latency"):
        window.bench_face.dock(name).hide()
    QApplication.processEvents()
    more = window.bench_face.toolbar.findChild(QAbstractButton, "qt_toolbar_ext_button")
    assert more.isVisible()
    assert more.accessibleName() and not more.icon().isNull()
    assert more.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_every_command_has_words_and_a_key_or_a_button(window: MainWindow) -> None:
    for action in window.actions():
        assert isinstance(action, QAction)
        assert action.text()
        assert "(" in action.toolTip()


# --- closing ----------------------------------------------------------------------------------------------------


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


def test_the_docks_come_back_as_they_were(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline, settings: Settings
) -> None:
    window.set_face("bench")
    window.bench_face.dock("latency").close()
    window.close()
    again = MainWindow(FakePipeline(), settings, "dark")
    qtbot.addWidget(again)
    again.show()
    assert again.face is Face.BENCH
    assert again.bench_face.dock("latency").isHidden()
    assert not again.bench_face.dock("sources").isHidden()


@pytest.mark.parametrize(
    ("command", "name"), [(Command.STATS, "stats"), (Command.BATCH, "batch"), (Command.CAMERAS, "cameras")]
)
def test_a_panel_asked_for_in_show_is_in_view_though_it_was_open_before(
    window: MainWindow, command: Command, name: str
) -> None:
    bench = window.bench_face
    window.set_face("bench")
    assert bench.toggle_dock(name)
    window.set_face("show")
    window._actions[command].trigger()
    QApplication.processEvents()
    assert window.face is Face.BENCH
    assert bench.dock(name).isVisible() and not bench.dock(name).visibleRegion().isEmpty()
    window._actions[command].trigger()
    assert not bench.dock(name).isVisible()


def test_a_run_in_show_alone_leaves_the_docks_as_they_were(
    qtbot: QtBot, window: MainWindow, settings: Settings
) -> None:
    window.set_face("bench")
    QApplication.processEvents()
    width = window.bench_face.dock("sources").width()
    for face in ("show", "bench"):
        window.set_face("show")
        window.close()
        window = MainWindow(FakePipeline(), settings, "dark")
        qtbot.addWidget(window)
        window.resize(1600, 900)  # whatever the screen of these tests has room for
        window.set_face(face)
        window.show()
        QApplication.processEvents()
    assert window.bench_face.dock("sources").width() == width
    window.close()


def test_a_dock_that_floats_is_not_over_show_and_comes_back_with_bench(
    qtbot: QtBot, window: MainWindow, settings: Settings
) -> None:
    window.set_face("bench")
    floating = window.bench_face.dock("latency")
    floating.setFloating(True)
    window.set_face("show")
    assert not floating.isVisible()
    window.close()
    again = MainWindow(FakePipeline(), settings, "dark")
    qtbot.addWidget(again)
    again.show()
    floating = again.bench_face.dock("latency")
    assert not floating.isVisible()
    again.set_face("bench")
    assert floating.isVisible() and floating.isFloating()
    again.close()


@pytest.mark.parametrize("face", ["show", "bench"])
def test_docks_arranged_on_a_large_screen_leave_the_window_fit_for_a_small_one(
    qtbot: QtBot, window: MainWindow, face: str
) -> None:
    window.set_face("bench")
    window.resize(1920, 1080)
    for name in ("cameras", "stats", "conditions", "device"):
        window.bench_face.dock(name).hide()
        window.bench_face.toggle_dock(name)
    window.set_face(face)
    window.resize(683, 384)  # 1366 x 768 pixels, two of them to one
    qtbot.waitUntil(lambda: window.size() == QSize(683, 384))
    if face == "bench":
        for name in ("cameras", "stats", "device"):
            assert not window.bench_face.toggle_dock(name), f"{name} is in front, though scrolled out of view"
            assert window.bench_face.toggle_dock(name)


def test_a_dock_that_a_small_window_has_no_room_for_is_scrolled_to(qtbot: QtBot, window: MainWindow) -> None:
    window.set_face("bench")
    window.resize(800, 700)
    bench = window.bench_face
    bench.set_motion(False)
    for name in ("numbers", "device"):
        bench.dock(name).hide()
    QApplication.processEvents()
    bench.show_dock("numbers")
    bar = bench._room.horizontalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    qtbot.waitUntil(lambda: bar.value() == bar.maximum())


def test_a_double_click_opens_a_source_once(qtbot: QtBot, window: MainWindow, pipeline: FakePipeline) -> None:
    window.set_face("bench")
    pipeline.state_changed.emit()
    QApplication.processEvents()
    sources = window.bench_face.sources.sources
    place = sources.visualItemRect(sources.item(1)).center()
    qtbot.mouseClick(sources.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseDClick(sources.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert pipeline.calls.made == [("open_source", "synthetic")]
    place = sources.visualItemRect(sources.item(2)).center()
    qtbot.mouseClick(sources.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert pipeline.calls.made[-1] == ("open_source", "demo")


def test_a_long_name_of_a_source_ends_in_an_ellipsis(window: MainWindow) -> None:
    name = "a camera with a very long name " * 4
    panel = window.bench_face.sources
    panel.set_choices([SourceChoice("camera:1", name, SourceKind.CAMERA)], "camera:1")
    window.set_face("bench")
    QApplication.processEvents()
    assert panel.sources.horizontalScrollBar().maximum() == 0
    assert panel.sources.item(0).toolTip() == f"camera: {name}"


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
