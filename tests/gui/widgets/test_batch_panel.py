"""The grid of a batch: thumbnails beside the window, verdicts, orders, card, export; fifty thousand files."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.runtime.postprocess import Label
from gui.core.batch import BatchItem
from gui.core.batch_book import Verdict
from gui.core.state import SourceInfo
from gui.core.theme import DARK
from gui.widgets.batch_panel import BatchPanel
from gui.widgets.main_window import MainWindow
from gui.workers import thumbnails
from gui.workers.beside import Beside
from gui.workers.thumbnails import Thumbnails
from tests.gui.widgets.fake_pipeline import FakePipeline, shown

NAMES = ("cup", "mug", "pot")


class FakeArtifact:
    """What the grid and the clocks read of a compiled network."""

    labels = NAMES
    device_ms = None


def result(path: Path, index: int, probability: float) -> BatchItem:
    top = (Label(index, NAMES[index], probability), Label((index + 1) % 3, NAMES[(index + 1) % 3], 0.01))
    return BatchItem(path, top)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for place, name in enumerate(("cup/a.png", "cup/b.png", "mug/c.png", "mug/d.png")):
        file = tmp_path / "pictures" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(file), np.full((90, 160, 3), 40 * (place + 1), np.uint8))
    return tmp_path / "pictures"


@pytest.fixture
def panel(qtbot: QtBot, window: MainWindow, pipeline: FakePipeline, folder: Path) -> BatchPanel:
    """The grid over a batch of four files, three of them done; "b" is wrong."""
    window.set_face("bench")
    pipeline.artifact = FakeArtifact()
    pipeline.source_info = SourceInfo(str(folder), "pictures", "4 pictures")
    pipeline.set_batch(
        (
            result(folder / "cup/a.png", 0, 0.9),
            result(folder / "cup/b.png", 1, 0.6),
            result(folder / "mug/c.png", 1, 0.3),
        ),
        4,
    )
    grid = window.around.batch
    qtbot.waitUntil(lambda: grid.model.book.done == 3)
    qtbot.waitUntil(lambda: grid.model.book.accuracy() is not None, timeout=10_000)
    return grid


def texts(panel: BatchPanel) -> list[str]:
    return [panel.model.index(row).data() for row in range(panel.model.rowCount())]


def test_a_folder_opens_the_grid_and_is_judged(panel: BatchPanel) -> None:
    assert panel.isVisible()
    assert texts(panel) == ["cup 90 %", "mug 60 %", "perhaps mug 30 %", "waiting"]
    assert panel.summary.text() == "2 of 3 right, 66.7 %  ·  3 of 4 done"
    assert [panel.model.book.verdict(place) for place in range(4)] == [
        Verdict.RIGHT,
        Verdict.WRONG,
        Verdict.RIGHT,
        Verdict.WAITING,
    ]


def test_without_truth_nothing_is_right_or_wrong(qtbot: QtBot, panel: BatchPanel) -> None:
    qtbot.keyClick(panel.with_truth, Qt.Key.Key_Space)
    assert panel.summary.text() == "3 of 4 done"
    qtbot.keyClick(panel.with_truth, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: panel.model.book.accuracy() is not None)


def test_a_folder_without_classes_says_so(
    qtbot: QtBot, panel: BatchPanel, pipeline: FakePipeline, tmp_path: Path
) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    (plain / "holiday.jpg").touch()
    panel.set_source(plain, NAMES)
    qtbot.waitUntil(lambda: bool(pipeline.messages()))
    assert pipeline.messages()[0].text.startswith("no ground truth: ")


def test_the_order_is_chosen(qtbot: QtBot, panel: BatchPanel) -> None:
    combo = panel.order.combo
    for order, first in (("ERRORS", "mug 60 %"), ("UNSURE", "perhaps mug 30 %"), ("SURE", "cup 90 %")):
        combo.activated.emit(combo.findData(order))
        assert texts(panel)[0] == first
        assert texts(panel)[-1] == "waiting"


def test_small_pictures_come_by_themselves(qtbot: QtBot, panel: BatchPanel) -> None:
    def image(row: int) -> object:
        return panel.model.index(row).data(Qt.ItemDataRole.DecorationRole)

    qtbot.waitUntil(lambda: isinstance(image(0), QImage), timeout=10_000)
    assert (image(0).width(), image(0).height()) == (96, 54)


def test_a_click_shows_the_card_and_asks_for_the_picture(
    qtbot: QtBot, window: MainWindow, panel: BatchPanel, pipeline: FakePipeline, folder: Path
) -> None:
    pipeline.put(shown(seq=1, path=folder / "cup/a.png"))
    panel.grid.setCurrentIndex(panel.model.index(1))
    place = panel.grid.visualRect(panel.model.index(1)).center()
    qtbot.mouseClick(panel.grid.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert panel.card.texts == ("b.png", "wrong", "shows: cup", "mug 60 %", "pot 1 %")
    verdict = panel.card._verdict
    assert (
        verdict.minimumSizeHint().height() >= verdict.fontMetrics().height()
    )  # a low panel does not squeeze it out
    assert pipeline.calls.made[-1] == ("show_file", 1)


def test_the_card_of_a_file_without_labels_says_why_beside_its_truth(
    window: MainWindow, panel: BatchPanel, folder: Path
) -> None:
    why = "names nothing: its scores are NaN or infinite, as where it divides by zero"
    panel.card.show_item(BatchItem(folder / "cup/a.png", (), why), Verdict.FAILED, "cup")
    assert panel.card.texts == ("a.png", "no label", "shows: cup", why)
    QApplication.processEvents()
    label = panel.card._why
    assert label.height() >= label.heightForWidth(label.width())
    panel.card.show_item(result(folder / "cup/a.png", 0, 0.9), Verdict.RIGHT, "cup")
    assert panel.card.texts == ("a.png", "right", "shows: cup", "cup 90 %", "mug 1 %")


def test_answers_of_another_engine_replace_those_before_in_grid_and_card(
    qtbot: QtBot, window: MainWindow, panel: BatchPanel, pipeline: FakePipeline, folder: Path
) -> None:
    place = panel.grid.visualRect(panel.model.index(1)).center()
    qtbot.mouseClick(panel.grid.viewport(), Qt.MouseButton.LeftButton, pos=place)
    told: list[tuple[int, int]] = []
    panel.model.dataChanged.connect(lambda first, last: told.append((first.row(), last.row())))
    pipeline.set_batch((result(folder / "cup/a.png", 2, 0.8),), 4)
    qtbot.waitUntil(lambda: texts(panel) == ["pot 80 %", "waiting", "waiting", "waiting"])
    assert (0, 3) in told  # the answers before do not stay where nothing is painted anew
    assert panel.card.isHidden()
    pipeline.set_batch((*pipeline.batch.items, result(folder / "cup/b.png", 0, 0.7)), 4)
    qtbot.waitUntil(lambda: not panel.card.isHidden())
    assert panel.card.texts[:4] == ("b.png", "right", "shows: cup", "cup 70 %")


def test_right_and_wrong_are_told_by_shape_and_colour(qtbot: QtBot, panel: BatchPanel) -> None:
    panel.grid.repaint()
    image = panel.grid.viewport().grab().toImage()

    def inks(row: int) -> set[str]:
        spot = panel.grid.visualRect(panel.model.index(row))
        pixels = ((x, y) for x in range(spot.left(), spot.right()) for y in range(spot.top(), spot.bottom()))
        return {image.pixelColor(x, y).name().upper() for x, y in pixels}

    assert DARK.good in inks(0) and DARK.bad not in inks(0)
    assert DARK.bad in inks(1) and DARK.good not in inks(1)
    assert not {DARK.good, DARK.bad} & inks(3)


def test_results_are_exported(panel: BatchPanel, pipeline: FakePipeline, tmp_path: Path) -> None:
    panel.save(tmp_path / "out.json")
    assert len(json.loads((tmp_path / "out.json").read_text())["files"]) == 3
    panel.save(tmp_path / "out.csv")
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 4
    panel.save(tmp_path / "none" / "out.csv")
    assert "No such file" in pipeline.messages()[0].text


def test_leaving_the_batch_empties_the_grid(qtbot: QtBot, panel: BatchPanel, pipeline: FakePipeline) -> None:
    pipeline.batch = None
    pipeline.batch_changed.emit()
    qtbot.waitUntil(lambda: panel.model.rowCount() == 0)
    assert not panel.export.isEnabled()


def test_fifty_thousand_files_ask_only_for_what_is_seen(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[Path] = []
    monkeypatch.setattr(
        thumbnails, "_small", lambda path, side: looked.append(path) or np.zeros((2, 2, 3), np.uint8)
    )
    window.set_face("bench")
    items = tuple(result(tmp_path / f"{place}.jpg", place % 3, 0.5) for place in range(50_000))
    pipeline.source_info = None
    pipeline.set_batch(items, 50_000)
    panel = window.around.batch
    qtbot.waitUntil(lambda: panel.model.book.done == 50_000, timeout=20_000)
    panel.grid.scrollToBottom()
    last = items[-1].path
    qtbot.waitUntil(lambda: last in looked, timeout=20_000)
    assert len(set(looked)) < 500


def test_memory_for_small_pictures_is_bounded(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, beside: Beside
) -> None:
    monkeypatch.setattr(thumbnails, "KEPT", 8)
    monkeypatch.setattr(thumbnails, "_small", lambda *_: np.zeros((2, 2, 3), np.uint8))
    made = Thumbnails(96, beside.run)
    came: list[Path] = []
    made.arrived.connect(came.extend)
    for place in range(20):
        assert made.image(tmp_path / str(place)) is None
    qtbot.waitUntil(lambda: len(came) == 20)
    assert made.kept == 8


def test_what_is_no_picture_has_none(qtbot: QtBot, tmp_path: Path, beside: Beside) -> None:
    (tmp_path / "a.jpg").write_bytes(b"nothing")
    made = Thumbnails(96, beside.run)
    with qtbot.waitSignal(made.arrived):
        made.image(tmp_path / "a.jpg")
    assert made.image(tmp_path / "a.jpg").isNull()
