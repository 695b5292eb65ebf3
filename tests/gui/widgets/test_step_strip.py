"""The chip in the window: six steps in Show, the panel in Bench, key D, and answers that come by themselves."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from gui.core.device_figures import DeviceClock, DeviceFigures, DeviceStep
from gui.core.settings import Settings
from gui.core.state import EngineState, SourceState
from gui.core.theme import SHOW_SCALE, THEMES, contrast, over
from gui.core.what_if import Number, WhatIf
from gui.widgets.device_wording import step_help, step_title
from gui.widgets.main_window import MainWindow
from gui.widgets.step_strip import LIT_OPACITY, StepStrip
from tests.gui.widgets.compiled import compiled
from tests.gui.widgets.fake_pipeline import FakePipeline, shown


@pytest.fixture(scope="module")
def figures() -> DeviceFigures:
    return DeviceClock(compiled()).figures(WhatIf.chip("tda4vm"))


def load(qtbot: QtBot, window: MainWindow, pipeline: FakePipeline, **how: object) -> None:
    """Let the engine run a compiled network, and wait for its modelled clock."""
    pipeline.artifact = compiled(**how)  # type: ignore[arg-type]
    pipeline.state_changed.emit()
    model = window._device.model
    qtbot.waitUntil(lambda: model.answer is not None and model.answer.artifact is pipeline.artifact)


# --- Show -------------------------------------------------------------------------------------------------------


def test_the_steps_come_with_the_compiled_network_and_go_with_it(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline
) -> None:
    face = window.show_face
    assert face.steps.sentence == ""
    assert face.steps.rect.isEmpty()
    load(qtbot, window, pipeline)
    qtbot.waitUntil(lambda: bool(face.steps.sentence))
    assert face.steps.sentence.startswith("modelled share")
    window.refresh()
    assert "mailbox" in window.view.accessibleDescription()
    pipeline.artifact = None
    pipeline.set_state(SourceState.LIVE, EngineState.RESTARTING)
    assert not face.steps.rect.isEmpty(), "the same network comes back at once: nothing jumps"
    pipeline.set_state(SourceState.LIVE, EngineState.FAILED)
    assert face.steps.rect.isEmpty()


def test_labels_and_clocks_stand_on_the_steps(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline
) -> None:
    face, height = window.show_face, window.view.height()
    before = face.clocks.rect.bottom()
    load(qtbot, window, pipeline)
    qtbot.waitUntil(lambda: not face.steps.rect.isEmpty())
    assert face.steps.rect.height() == round(SHOW_SCALE.steps * height)
    assert face.steps.rect.bottom() == before == height - 1
    assert face.clocks.rect.bottom() + 1 == face.steps.rect.top()
    assert window.width() == face.steps.rect.width()


@pytest.mark.parametrize("height", [600, 719, 768, 1080, 1081])
def test_no_line_of_the_picture_is_left_between_labels_clocks_and_steps(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline, height: int
) -> None:
    load(qtbot, window, pipeline)
    face = window.show_face
    qtbot.waitUntil(lambda: not face.steps.rect.isEmpty())
    window.resize(1200, height)
    QApplication.processEvents()
    assert face.labels.rect.bottom() + 1 == face.clocks.rect.top()
    assert face.clocks.rect.bottom() + 1 == face.steps.rect.top()
    assert face.steps.rect.bottom() + 1 == height


def test_d_shows_and_hides_the_steps_and_it_is_kept(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline, settings: Settings
) -> None:
    load(qtbot, window, pipeline)
    steps = window.show_face.steps
    qtbot.waitUntil(lambda: not steps.rect.isEmpty())
    qtbot.keyClick(window.view, Qt.Key.Key_D)
    assert steps.rect.isEmpty()
    assert steps.sentence == ""
    assert not settings.flag("device_steps")
    qtbot.keyClick(window.view, Qt.Key.Key_D)
    assert not steps.rect.isEmpty()
    assert settings.flag("device_steps")


def test_a_frame_that_is_not_modelled_has_no_steps_in_show(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline
) -> None:
    load(qtbot, window, pipeline, on_host=True)
    panel = window.bench_face.device
    qtbot.waitUntil(lambda: panel.clocks.remark.text().startswith("not modelled: part of this network"))
    assert window.show_face.steps.rect.isEmpty()


@pytest.mark.parametrize("theme", THEMES)
def test_the_strip_is_the_modelled_clocks_alone_and_can_be_read(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline, theme: str
) -> None:
    palette = THEMES[theme]
    window.set_theme(theme)
    load(qtbot, window, pipeline)
    pipeline.put(shown())
    steps = window.show_face.steps
    qtbot.waitUntil(lambda: not steps.rect.isEmpty())
    image = window.view.grab().toImage()
    area = range(steps.rect.top(), steps.rect.bottom())
    inks = {image.pixelColor(x, y).name().upper() for y in area for x in range(steps.rect.width())}
    assert palette.modelled in inks
    assert palette.measured not in inks
    for picture in ("#000000", "#FFFFFF"):
        ground = over(palette.modelled, LIT_OPACITY, over(palette.plate, palette.plate_opacity, picture))
        assert contrast(palette.text, ground) >= 4.5


# --- Bench ------------------------------------------------------------------------------------------------------


def test_d_brings_the_device_panel_to_the_front_and_closes_it(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline
) -> None:
    load(qtbot, window, pipeline)
    window.set_face("bench")
    panel = window.bench_face.device
    assert panel.visibleRegion().isEmpty()
    qtbot.keyClick(window.view, Qt.Key.Key_D)
    qtbot.waitUntil(lambda: not panel.visibleRegion().isEmpty())
    assert panel.bars.hasFocus()
    qtbot.keyClick(panel.bars, Qt.Key.Key_D)
    assert panel.visibleRegion().isEmpty()
    assert window.view.hasFocus()


@pytest.mark.parametrize(("width", "own_column"), [(1366, False), (1920, True)])
def test_a_wide_window_shows_numbers_and_device_side_by_side(
    qtbot: QtBot, pipeline: FakePipeline, settings: Settings, width: int, own_column: bool
) -> None:
    wide = MainWindow(pipeline, settings, "dark")  # type: ignore[arg-type]
    qtbot.addWidget(wide)
    wide.set_face("bench")
    wide.resize(width, 1000)
    with qtbot.waitExposed(wide):
        wide.show()
    bench = wide.bench_face
    assert not bench.numbers.visibleRegion().isEmpty()
    assert bench.device.visibleRegion().isEmpty() is not own_column
    wide.close()


def test_a_question_in_the_panel_is_answered_by_the_model(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline, figures: DeviceFigures
) -> None:
    load(qtbot, window, pipeline)
    panel = window.bench_face.device
    as_compiled = f"{figures.device_ms:.2f} ms"
    qtbot.waitUntil(lambda: panel.clocks.modelled.figure.text() == as_compiled)
    slider = panel.controls.rows[Number.CLOCK].slider
    slider.setValue(slider.maximum())
    qtbot.waitUntil(lambda: panel.clocks.modelled.figure.text() != as_compiled)
    assert float(panel.clocks.modelled.figure.text().removesuffix(" ms")) < figures.device_ms
    assert window.show_face.steps.sentence
    panel.controls.rows[Number.CLOCK].field.setValue(0)
    qtbot.waitUntil(lambda: "allowed are" in panel.clocks.remark.text())
    panel.controls.reset.click()
    qtbot.waitUntil(lambda: panel.clocks.modelled.figure.text() == as_compiled)
    assert panel.controls.rows[Number.CLOCK].field.value() == 1000


def test_the_measured_clock_is_the_median_of_the_run(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline
) -> None:
    load(qtbot, window, pipeline)
    window.set_face("bench")
    for seq in range(20):
        pipeline.put(shown(seq=seq, run_ms=1.3))
        qtbot.waitUntil(lambda seq=seq: len(pipeline.painted) == seq + 1)
    window.refresh()
    panel = window.bench_face.device
    assert panel.clocks.measured.figure.text() == "1.30 ms"
    assert panel.clocks.ratio.text().startswith("The chip would take")


def test_closing_joins_the_model(qtbot: QtBot, window: MainWindow, pipeline: FakePipeline) -> None:
    load(qtbot, window, pipeline)
    assert "device model" in {thread.name for thread in pipeline.threads()}
    window.close()
    assert pipeline.threads() == ()


# --- the narrow strip of Bench ----------------------------------------------------------------------------------


def test_the_narrow_strip_explains_each_step(qtbot: QtBot, figures: DeviceFigures) -> None:
    strip = StepStrip(THEMES["dark"])
    qtbot.addWidget(strip)
    strip.resize(strip.sizeHint())
    unlit = strip.grab().toImage()
    strip.set_figures(figures)
    assert strip.grab().toImage() != unlit
    row = strip.height() // len(DeviceStep)
    for place, step in enumerate(DeviceStep):
        at = QPoint(5, place * row + row // 2)
        QApplication.sendEvent(strip, QHelpEvent(QEvent.Type.ToolTip, at, at))
        assert QToolTip.text() == f"{step_title(step)}: {step_help(step)}"
    QToolTip.hideText()
    strip.set_figures(None)
    assert strip.grab().toImage() == unlit
