"""What the window says of every state of source and engine: cards, notices, messages, clocks."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from gui.core.batch import BatchItem
from gui.core.counters import DropReason
from gui.core.state import EngineState, Progress, Severity, SourceInfo, SourceState
from gui.core.theme import THEMES, TypeSize
from gui.widgets import wording
from gui.widgets.main_window import Face, MainWindow
from tests.gui.widgets.fake_pipeline import FakePipeline, shown


def colours(window: MainWindow, left: int, right: int, rect) -> set[str]:  # type: ignore[no-untyped-def]
    image = window.show_face.view.grab().toImage()
    row = range(rect.top() + 2, rect.bottom())
    return {image.pixelColor(x, y).name().upper() for x in range(left, right) for y in row}


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
    assert modelled.sentence == "Jacinto 7 not modelled"
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
