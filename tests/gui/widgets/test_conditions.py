"""Hard conditions and smoothing through the real window: keys, mouse, and what is told on the picture."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.core.conditions import CONDITIONS, NEUTRAL, PRESETS, Conditions
from gui.core.settings import Settings
from gui.widgets import style
from gui.widgets.condition_slider import NeutralSlider
from gui.widgets.conditions_panel import ConditionsPanel
from gui.widgets.main_window import Face, MainWindow
from gui.widgets.text_cache import TextLook
from gui.widgets.wording import conditions_title
from tests.gui.widgets.fake_pipeline import FakePipeline, shown

DARK = Conditions(brightness=-45)


@pytest.fixture(params=["show", "bench"])
def opened(qtbot: QtBot, window: MainWindow, request: pytest.FixtureRequest) -> ConditionsPanel:
    """The panel of a face, opened by its key."""
    window.set_face(request.param)
    qtbot.keyClick(window.view, Qt.Key.Key_H)
    return window.show_face.conditions if request.param == "show" else window.bench_face.conditions


def asked(pipeline: FakePipeline) -> list[object]:
    return [value for name, value in pipeline.calls.made if name == "set_conditions"]


def at(slider: NeutralSlider, share: float) -> QPoint:
    return QPoint(round(share * slider.width()), slider.height() // 2)


# --- the panel ---------------------------------------------------------------------------------------------------


def test_h_opens_the_panel_and_closes_it(qtbot: QtBot, window: MainWindow, opened: ConditionsPanel) -> None:
    assert opened.isVisible()
    assert opened.sliders["brightness"].hasFocus()
    qtbot.keyClick(opened.sliders["brightness"], Qt.Key.Key_H)
    assert not opened.isVisible()
    assert window.view.hasFocus()


def test_arrow_keys_move_the_slider_that_has_the_focus(
    qtbot: QtBot, pipeline: FakePipeline, opened: ConditionsPanel
) -> None:
    qtbot.keyClick(opened.sliders["brightness"], Qt.Key.Key_Left)
    qtbot.keyClick(opened.sliders["noise"], Qt.Key.Key_Right)
    assert asked(pipeline) == [Conditions(brightness=-1), Conditions(brightness=-1, noise=1)]
    assert opened.value_text("brightness") == "−1 %"
    qtbot.keyClick(opened.sliders["noise"], Qt.Key.Key_Backspace)
    assert asked(pipeline)[-1] == Conditions(brightness=-1)


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda condition: condition.name)
def test_a_press_on_a_slider_goes_there_and_a_double_click_back(
    qtbot: QtBot, pipeline: FakePipeline, opened: ConditionsPanel, condition
) -> None:
    slider = opened.sliders[condition.name]
    share = 0.0 if condition.neutral == condition.high else 1.0
    qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=at(slider, share))
    (conditions,) = asked(pipeline)
    assert getattr(conditions, condition.name) == (condition.high if share else condition.low)
    qtbot.mouseDClick(slider, Qt.MouseButton.LeftButton, pos=at(slider, share))
    assert asked(pipeline)[-1] == NEUTRAL


def test_a_slider_follows_the_pointer(qtbot: QtBot, pipeline: FakePipeline, opened: ConditionsPanel) -> None:
    slider = opened.sliders["rotation"]
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=at(slider, 0.5))
    qtbot.mouseMove(slider, at(slider, 0.75))
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=at(slider, 0.75))
    qtbot.mouseMove(slider, at(slider, 0.1))
    assert 80 < slider.value() < 110
    assert asked(pipeline)[-1] == Conditions(rotation=slider.value())


def test_the_wheel_over_a_slider_changes_nothing(pipeline: FakePipeline, opened: ConditionsPanel) -> None:
    slider = opened.sliders["blur"]
    turn = QWheelEvent(
        QPointF(9, 9), slider.mapToGlobal(QPointF(9, 9)), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(slider, turn)
    assert asked(pipeline) == []


def test_presets_and_reset(qtbot: QtBot, pipeline: FakePipeline, opened: ConditionsPanel) -> None:
    assert not opened.reset.isEnabled()
    for name, button in opened.presets.items():
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert asked(pipeline)[-1] == PRESETS[name]
        assert [other.isChecked() for other in opened.presets.values()].count(True) == 1
        assert button.isChecked()
    qtbot.mouseClick(opened.reset, Qt.MouseButton.LeftButton)
    assert asked(pipeline)[-1] == NEUTRAL
    assert not any(button.isChecked() for button in opened.presets.values())


def test_both_faces_show_the_same_conditions(
    qtbot: QtBot, window: MainWindow, opened: ConditionsPanel
) -> None:
    qtbot.mouseClick(opened.presets["cheap camera"], Qt.MouseButton.LeftButton)
    for panel in (window.show_face.conditions, window.bench_face.conditions):
        assert panel.sliders["resolution"].value() == PRESETS["cheap camera"].resolution
        assert panel.value_text("resolution") == f"{PRESETS['cheap camera'].resolution} %"


def test_the_confidence_is_drawn_as_the_sliders_move(
    window: MainWindow, pipeline: FakePipeline, opened: ConditionsPanel
) -> None:
    empty = opened.plot.grab().toImage()
    for seq, (probability, conditions) in enumerate(((0.9, NEUTRAL), (0.4, DARK), (0.2, DARK))):
        pipeline.put(replace(shown(seq=seq, labels=(("cup", probability),)), conditions=conditions))
        window.view.repaint()
    opened.refresh()
    assert opened.plot.values.tolist() == [0.9, 0.4, 0.2]
    assert len(opened.plot.changes_s) == 1
    assert (opened.name.text(), opened.percent.text()) == ("cup", "20 %")
    assert opened.plot.grab().toImage() != empty


def test_a_frame_without_labels_has_no_confidence(
    window: MainWindow, pipeline: FakePipeline, opened: ConditionsPanel
) -> None:
    pipeline.put(shown(labels=()))
    window.view.repaint()
    opened.refresh()
    assert (opened.name.text(), opened.percent.text()) == ("", "–")


# --- the picture beside it ---------------------------------------------------------------------------------------


def test_picture_and_labels_make_room_for_the_panel(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline
) -> None:
    pipeline.put(shown())
    view, panel = window.view, window.show_face.conditions_panel
    wide = view.picture_rect
    qtbot.keyClick(view, Qt.Key.Key_H)
    for size in ((1280, 720), (1366, 768), (1920, 1080)):
        window.resize(*size)
        QApplication.processEvents()
        assert panel.geometry().right() + 1 == view.width()
        assert view.picture_rect.right() <= panel.x()
        assert window.show_face.labels.rect.right() < panel.x()
        assert panel.y() >= window.show_face.status.rect.bottom()
        assert panel.geometry().bottom() < window.show_face.clocks.rect.top()
        assert window.show_face.clocks.rect.width() == view.width()
    window.resize(1280, 720)
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert not panel.isVisible()
    assert view.picture_rect == wide


def test_the_panel_slides_in_and_out(qtbot: QtBot, window: MainWindow) -> None:
    panel = window.show_face.conditions_panel
    window.view.set_motion(True)
    seen: list[int] = []
    panel.slid.connect(lambda: seen.append(panel.shown_px))
    qtbot.keyClick(window.view, Qt.Key.Key_H)
    assert panel.is_open
    qtbot.waitUntil(lambda: panel.shown_px == panel.width())
    assert any(0 < px < panel.width() for px in seen)
    qtbot.keyClick(window.view, Qt.Key.Key_H)
    qtbot.waitUntil(lambda: not panel.isVisible())
    assert panel.shown_px == 0


@pytest.mark.parametrize("face", ["show", "bench"])
def test_the_picture_says_what_is_done_to_it(window: MainWindow, pipeline: FakePipeline, face: str) -> None:
    window.set_face(face)
    pipeline.put(shown(seq=1))
    line = window.view.conditions
    bare = window.view.grab(line.rect).toImage()
    assert line.sentence == ""
    pipeline.put(replace(shown(seq=2), conditions=Conditions(brightness=-45, noise=18, rotation=90)))
    assert line.sentence == "Brightness −45 %, Noise 18, Rotation +90°"
    assert window.view.grab(line.rect).toImage() != bare
    window.refresh()
    assert "Brightness −45 %" in window.view.accessibleDescription()
    pipeline.put(shown(seq=3))
    assert line.sentence == ""
    assert window.view.grab(line.rect).toImage() == bare


def test_the_bench_dock_comes_back_before_the_others(qtbot: QtBot, window: MainWindow) -> None:
    window.set_face(Face.BENCH.value)
    qtbot.keyClick(window.view, Qt.Key.Key_H)
    window.bench_face.dock("numbers").raise_()
    QApplication.processEvents()
    qtbot.keyClick(window.view, Qt.Key.Key_H)
    QApplication.processEvents()
    assert not window.bench_face.conditions.visibleRegion().isEmpty()


# --- smoothing ---------------------------------------------------------------------------------------------------


def test_s_switches_smoothing_and_it_is_kept(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline, settings: Settings
) -> None:
    assert pipeline.smoothing
    qtbot.keyClick(window.view, Qt.Key.Key_S)
    assert not pipeline.smoothing
    assert not settings.flag("smoothing")
    qtbot.keyClick(window.view, Qt.Key.Key_S)
    assert pipeline.smoothing


def test_smoothed_labels_are_called_so(window: MainWindow, pipeline: FakePipeline) -> None:
    frame = shown(seq=1)
    pipeline.put(replace(frame, raw=frame.top))
    assert window.view.overlay.caption == "looks like · smoothed"
    window.refresh()
    assert "smoothed" in window.view.accessibleDescription()
    smoothed = window.view.grab(window.show_face.labels.rect).toImage()
    pipeline.put(shown(seq=2))
    assert window.view.overlay.caption == "looks like"
    assert window.view.grab(window.show_face.labels.rect).toImage() != smoothed


# --- motion ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", [True, False])
@pytest.mark.parametrize("desktop", [True, False])
def test_nothing_moves_where_the_setting_or_the_desktop_wants_none(
    qtbot: QtBot, settings: Settings, monkeypatch: pytest.MonkeyPatch, wanted: bool, desktop: bool
) -> None:
    monkeypatch.setattr(style, "desktop_moves", lambda: desktop)
    settings.set("motion", wanted)
    made = MainWindow(FakePipeline(), settings, "dark")
    qtbot.addWidget(made)
    moves = wanted and desktop
    for face in (made.show_face, made.bench_face):
        assert face.labels.motion is moves
    for panel in (made.show_face.conditions_panel, made.show_face.guide_panel):
        assert panel.motion is moves
    assert made.bench_face.dock("numbers").parentWidget().isAnimated() is moves
    made.close()


@pytest.mark.parametrize("name", PRESETS)
def test_what_a_preset_does_is_whole_beside_the_panel(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline, name: str
) -> None:
    window.resize(1366, 768)
    window.set_face("show")
    qtbot.keyClick(window.view, Qt.Key.Key_H)
    pipeline.put(replace(shown(), conditions=PRESETS[name]))
    layer = window.view.conditions
    qtbot.waitUntil(lambda: bool(layer.sentence))
    size, width = layer._fitting_px(layer.rect.width()), layer.rect.width() - 2 * layer._pad_px
    title = TextLook(size, "#000000", bold=True).width_px(conditions_title())
    assert title + TextLook(size, "#000000").width_px(layer.sentence) + 0.7 * size <= width
    assert size >= 0.6 * layer._text_px
