"""What people choose in pickers and lists is kept and used, once."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import SIGNAL, Qt
from PySide6.QtWidgets import QApplication, QComboBox
from pytestqt.qtbot import QtBot

from gui.core.settings import Settings
from gui.core.state import EngineState, SourceChoice, SourceInfo, SourceKind, SourceState
from gui.core.theme import THEMES
from gui.widgets.actions import Command
from gui.widgets.icons import icon
from gui.widgets.main_window import MainWindow
from tests.gui.widgets.compiled import compiled
from tests.gui.widgets.fake_pipeline import FakePipeline


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


def test_the_toolbar_keeps_no_memory_of_every_change(window: MainWindow, pipeline: FakePipeline) -> None:
    toolbar = window.bench_face.toolbar
    action = toolbar.button(Command.PAUSE).defaultAction()

    def connections() -> int:
        for state in (SourceState.LOST, SourceState.LIVE):
            pipeline.set_state(state, EngineState.READY)
        for paused in (True, False):
            pipeline.set_paused(paused)
            window.set_theme("light")
            window.set_theme("dark")
        return action.receivers(SIGNAL("changed()"))

    before = connections()
    assert [connections() for _ in range(3)] == [before] * 3


def test_a_button_offers_the_other_state_in_every_theme(window: MainWindow, pipeline: FakePipeline) -> None:
    button = window.bench_face.toolbar.button(Command.PAUSE)
    pipeline.set_paused(True)
    for theme in THEMES:
        window.set_theme(theme)
        assert button.icon().cacheKey() == icon("play", THEMES[theme]).cacheKey()


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
