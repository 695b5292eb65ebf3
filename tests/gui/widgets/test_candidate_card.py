"""The card of a dropped model: progress, one click to use it, or to leave it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.core.settings import Settings
from gui.core.state import EngineChoice, Progress
from gui.widgets.main_window import MainWindow
from gui.workers.candidates import Candidate, CandidateState
from tests.gui.widgets.fake_pipeline import FakePipeline


def tell(pipeline: FakePipeline, candidate: Candidate | None) -> None:
    pipeline.candidates.current = candidate
    pipeline.candidates.changed.emit()


def test_the_card_follows_the_check(window: MainWindow, pipeline: FakePipeline) -> None:
    card = window.around.candidate
    choice = EngineChoice(model="/models/net.onnx")
    tell(pipeline, Candidate(choice, CandidateState.CHECKING, Progress("quantize", 0.25)))
    assert card.isVisible()
    assert card.texts == ("net.onnx", "Checking: quantize")
    assert card.bar.value() == 250
    assert not card.use.isEnabled()
    tell(pipeline, Candidate(choice, CandidateState.READY))
    assert card.texts == ("net.onnx", "Checked and compiled.")
    window.resize(900, 600)
    assert window.rect().contains(card.geometry())
    tell(pipeline, None)
    assert not card.isVisible()


def test_one_click_uses_it_and_keeps_the_choice(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline, settings: Settings
) -> None:
    tell(pipeline, Candidate(EngineChoice(model="/models/net.onnx"), CandidateState.READY))
    qtbot.mouseClick(window.around.candidate.use, Qt.MouseButton.LeftButton)
    assert pipeline.calls.made[-1] == ("use_candidate", None)
    assert settings.text("model") == "/models/net.onnx"


def test_labels_are_no_model(window: MainWindow, pipeline: FakePipeline, settings: Settings) -> None:
    tell(pipeline, Candidate(EngineChoice(labels="/l/names.txt"), CandidateState.READY))
    assert window.around.candidate.texts == ("names.txt", "One name for every class.")
    window.around.candidate.use.click()
    assert settings.text("model") == "efficientnet_lite0"


def test_cancel_leaves_it(window: MainWindow, pipeline: FakePipeline, tmp_path: Path) -> None:
    tell(pipeline, Candidate(EngineChoice(model=str(tmp_path)), CandidateState.CHECKING))
    window.around.candidate.leave.click()
    assert pipeline.candidates.current is None
    assert not window.around.candidate.isVisible()


def test_the_card_covers_no_label_in_either_face(window: MainWindow, pipeline: FakePipeline) -> None:
    tell(pipeline, Candidate(EngineChoice(model="/models/net.onnx"), CandidateState.READY))
    for face in ("show", "bench", "show"):
        window.set_face(face)
        QApplication.processEvents()
        window.resize(window.width() + 8, window.height())
        labels = window.view.labels_rect.translated(window.view.mapTo(window, QPoint()))
        assert not labels.intersects(window.around.candidate.geometry())
