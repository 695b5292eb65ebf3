"""Files dropped anywhere on the window, or chosen in its dialogs, and the way back from them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from gui.core.batch import BatchItem
from gui.core.unnamed import Unnamed
from gui.widgets.main_window import MainWindow
from tests.gui.widgets.fake_pipeline import FakePipeline, shown


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


@pytest.mark.parametrize("before", ["labels", "an error"])
def test_the_card_of_a_dropped_picture_says_why_it_has_no_label_now(
    window: MainWindow, pipeline: FakePipeline, before: str
) -> None:
    path = Path("/pictures/mug.jpg")
    frame = shown(seq=4, path=path)
    pipeline.set_batch((BatchItem(path, frame.top) if before == "labels" else BatchItem(path, (), "x"),), 1)
    pipeline.put(replace(frame, top=(), unnamed=Unnamed.NO_NUMBERS))
    assert window.view.result.texts[1] == Unnamed.NO_NUMBERS.value


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
