"""The device panel: two clocks that never mix, layers that can be pointed at, questions that are answered at once."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QWidget
from pytestqt.qtbot import QtBot

from gui.core.device_figures import DeviceClock, DeviceFigures, DeviceStep
from gui.core.theme import THEMES, TypeSize
from gui.core.what_if import Number, WhatIf
from gui.widgets import device_wording as wording
from gui.widgets import style
from gui.widgets.device_panel import DevicePanel
from gui.widgets.text_cache import TextLook
from gui.workers.device_model import DeviceAnswer
from tests.gui.widgets.compiled import ON_HOST, compiled

TDA4VM = WhatIf.chip("tda4vm")
CLOCK = DeviceClock(compiled())
COMPILED = CLOCK.figures(TDA4VM)


def answer(figures: DeviceFigures = COMPILED) -> DeviceAnswer:
    return DeviceAnswer(compiled(), None, figures, figures)


def answer_to(what_if: WhatIf) -> DeviceAnswer:
    return DeviceAnswer(compiled(), what_if, COMPILED, CLOCK.figures(what_if))


def refused(what_if: WhatIf, why: str) -> DeviceAnswer:
    return DeviceAnswer(compiled(), what_if, COMPILED, None, why)


@pytest.fixture
def panel(qtbot: QtBot) -> DevicePanel:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    style.install_fonts()
    style.apply(application, THEMES["dark"])
    made = DevicePanel(THEMES["dark"])
    made.resize(352, 1200)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    made.set_answer(answer())
    made.set_measured(1.25)
    QApplication.processEvents()
    return made


# --- the two clocks ---------------------------------------------------------------------------------------------


def test_both_clocks_and_their_ratio_are_told(panel: DevicePanel) -> None:
    clocks = panel.clocks
    assert clocks.measured.figure.text() == "1.25 ms"
    assert clocks.modelled.figure.text() == f"{COMPILED.device_ms:.2f} ms"
    times = COMPILED.device_ms / 1.25
    assert clocks.ratio.text() == f"The chip would take {times:.1f} × this laptop's time."
    error = COMPILED.accuracy
    assert clocks.remark.text() == (
        f"left-out error {100 * error.median:.0f} % on TDA4VM, at worst {100 * error.worst:.0f} %"
    )
    panel.set_measured(None)
    assert clocks.measured.figure.text() == "not measured"
    assert clocks.ratio.text() == ""


@pytest.mark.parametrize(("measured", "modelled", "times"), [(2.0, 1.0, "0.50"), (1.0, 250.0, "250")])
def test_the_ratio_keeps_its_figures(measured: float, modelled: float, times: str) -> None:
    assert f"take {times} ×" in wording.ratio(measured, modelled)


def figure_labels(panel: QWidget, word: str) -> list[QLabel]:
    """Return the labels that show a figure of this clock."""
    return [label for label in panel.findChildren(QLabel) if str(label.property("role")).startswith(word)]


@pytest.mark.parametrize("width", [352, 900])
def test_measured_and_modelled_figures_share_no_label_and_no_column(panel: DevicePanel, width: int) -> None:
    panel.resize(width, 1200)
    QApplication.processEvents()
    measured, modelled = figure_labels(panel, "measured"), figure_labels(panel, "modelled")
    assert [label.text() for label in measured] == ["1.25 ms"]
    assert len(modelled) == 2
    for one in measured:
        for other in modelled:
            assert spans(panel, one).isdisjoint(spans(panel, other))
    for label in panel.findChildren(QLabel):
        assert not ("measured" in label.text() and "modelled" in label.text()), label.text()


def spans(panel: DevicePanel, label: QLabel) -> set[int]:
    left = label.mapTo(panel, QPoint()).x()
    return set(range(left, left + label.width()))


def test_every_label_with_a_time_has_its_word_or_stands_in_a_group_that_has_it(panel: DevicePanel) -> None:
    times = [label for label in panel.findChildren(QLabel) if re.search(r"\d (ms|µs)", label.text())]
    assert len(times) > 3
    for label in times:
        around = label.parentWidget()
        assert around is not None
        told = " ".join(
            (label.text(), label.accessibleName(), *(x.text() for x in around.findChildren(QLabel)))
        )
        assert re.search("measured|modelled|published", told), label.text()


def colours(widget: QWidget) -> set[str]:
    image = widget.grab().toImage()
    return {
        image.pixelColor(x, y).name().upper() for x in range(image.width()) for y in range(image.height())
    }


@pytest.mark.parametrize("theme", THEMES)
def test_each_clock_keeps_its_colour(panel: DevicePanel, theme: str) -> None:
    palette = THEMES[theme]
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    style.apply(application, palette)
    panel.set_theme(palette)
    QApplication.processEvents()
    measured = colours(panel.clocks.measured)
    assert palette.measured in measured
    assert palette.modelled not in measured
    for part in (panel.clocks.modelled, panel.bars, panel.roofline, panel.steps, panel.comparison):
        shown = colours(part)
        assert palette.modelled in shown, part
        assert palette.measured not in shown, part
    assert {palette.measured, palette.modelled}.isdisjoint(colours(panel.controls))


def test_the_axes_are_the_models_alone(panel: DevicePanel) -> None:
    before = (panel.bars.scale_us, panel.bars.grab().toImage(), panel.roofline.grab().toImage())
    panel.set_measured(99.0)
    assert (panel.bars.scale_us, panel.bars.grab().toImage(), panel.roofline.grab().toImage()) == before
    for part in (panel.bars, panel.roofline, panel.steps):
        assert "modelled" in part.accessibleName()


@pytest.mark.parametrize("longest_us", [8.0, 390.0, 1721.2, 450_000.0])
def test_the_times_of_layers_fit_before_their_axis(panel: DevicePanel, longest_us: float) -> None:
    bars = panel.bars
    bars.set_layers((replace(COMPILED.layers[0], kernel_us=longest_us, waiting_us=0.0, setup_us=0.0),))
    look = TextLook(TypeSize.CAPTION, "#000000", figures=True)
    axis_px = bars.centre_of(0).x() - (bars.width() - bars.centre_of(0).x())
    for share in (0.0, 0.5, 1.0):
        assert look.width_px(bars.axis_text(share)) + 6 <= axis_px


# --- layers -----------------------------------------------------------------------------------------------------


def test_the_longest_layer_is_told_until_one_is_chosen(panel: DevicePanel) -> None:
    longest = max(COMPILED.layers, key=lambda layer: layer.total_us)
    assert panel.facts.texts[0] == f"longest: {longest.name} ({longest.op})"


def test_pointing_shows_a_layer_and_a_click_keeps_it(qtbot: QtBot, panel: DevicePanel) -> None:
    bars, layers = panel.bars, COMPILED.layers
    qtbot.mouseMove(bars, bars.centre_of(4).toPoint())
    assert panel.choice.pointed == 4
    assert panel.facts.texts[0] == f"{layers[4].name} ({layers[4].op})"
    for words in ("output", "µs modelled, bound by", "utilization", "tile", "DDR", "MSMC"):
        assert any(words in line for line in panel.facts.texts)
    qtbot.mouseClick(bars, Qt.MouseButton.LeftButton, pos=bars.centre_of(7).toPoint())
    panel.choice.point(None)
    assert panel.facts.texts[0] == f"pinned: {layers[7].name} ({layers[7].op})"
    panel.choice.point(9)
    assert panel.facts.texts[0].startswith(layers[9].name)
    qtbot.mouseClick(bars, Qt.MouseButton.LeftButton, pos=bars.centre_of(7).toPoint())
    assert panel.choice.pinned is None


def test_the_roofline_shows_and_pins_the_same_layers(qtbot: QtBot, panel: DevicePanel) -> None:
    roofline = panel.roofline
    layer = next(index for index, layer in enumerate(COMPILED.layers) if layer.op == "FullyConnected")
    place = roofline.position_of(layer)
    assert place is not None
    qtbot.mouseMove(roofline, place.toPoint())
    assert panel.choice.pointed == layer
    qtbot.mouseClick(roofline, Qt.MouseButton.LeftButton, pos=place.toPoint())
    assert panel.choice.pinned == layer
    assert roofline.layer_at(QPointF(roofline.width() - 9.0, roofline.height() / 2)) is None
    pool = next(index for index, layer in enumerate(COMPILED.layers) if not layer.achieved)
    assert roofline.position_of(pool) is None


def test_layers_are_walked_and_pinned_by_key(qtbot: QtBot, panel: DevicePanel) -> None:
    bars, choice, last = panel.bars, panel.choice, len(COMPILED.layers) - 1
    assert bars.focusPolicy() & Qt.FocusPolicy.TabFocus
    bars.setFocus()
    for key, pointed in (
        (Qt.Key.Key_Right, 0), (Qt.Key.Key_Right, 1), (Qt.Key.Key_End, last), (Qt.Key.Key_Right, last),
        (Qt.Key.Key_Home, 0), (Qt.Key.Key_Left, 0), (Qt.Key.Key_Right, 1),
    ):  # fmt: skip
        qtbot.keyClick(bars, key)
        assert choice.pointed == pointed
        assert bars.accessibleDescription() == COMPILED.layers[pointed].sentence
    qtbot.keyClick(bars, Qt.Key.Key_Return)
    assert choice.pinned == 1
    qtbot.keyClick(bars, Qt.Key.Key_Escape)
    assert choice.pinned is None
    qtbot.keyClick(bars, Qt.Key.Key_Space)
    assert choice.pinned == 1


def test_tab_goes_from_the_layers_through_the_controls(qtbot: QtBot, panel: DevicePanel) -> None:
    panel.set_answer(answer_to(TDA4VM.with_value(Number.CLOCK, 500)))  # something to set back
    controls = panel.controls
    rows = [part for row in controls.rows.values() for part in (row.slider, row.field)]
    panel.bars.setFocus()
    for control in (controls.soc.combo, controls.weights.combo, *rows):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        assert QApplication.focusWidget() is control


def test_what_was_chosen_of_another_network_is_forgotten(panel: DevicePanel) -> None:
    panel.choice.pin(3)
    panel.set_answer(answer_to(TDA4VM.with_value(Number.CLOCK, 700)))
    assert panel.choice.pinned == 3
    other = DeviceClock(compiled("mobilenet_v3_small_lite")).figures(TDA4VM)
    panel.set_answer(answer(other))
    assert panel.choice.shown is None


def test_every_controls_name_can_be_told_and_reached_by_key(panel: DevicePanel) -> None:
    reached = [
        *panel.findChildren(QAbstractButton), *panel.findChildren(QComboBox),
        *(part for row in panel.controls.rows.values() for part in (row.slider, row.field)),
    ]  # fmt: skip
    assert len(reached) >= 10
    for control in reached:
        assert control.accessibleName(), control
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, control.accessibleName()


# --- what if ----------------------------------------------------------------------------------------------------


def test_every_control_asks_at_once(qtbot: QtBot, panel: DevicePanel) -> None:
    asked: list[WhatIf | None] = []
    panel.asked.connect(asked.append)
    rows = panel.controls.rows
    rows[Number.CLOCK].slider.setValue(0)
    rows[Number.DDR].field.setValue(34.0)
    rows[Number.L2].field.setValue(896)
    choose(panel.controls.weights.combo, 1)
    assert asked[-1] == WhatIf("tda4vm", 1, 100.0, 34.0, 896.0, True)
    assert len(asked) == 4
    choose(panel.controls.soc.combo, panel.controls.soc.combo.findData("am69a"))
    assert asked[-1] == WhatIf.chip("am69a")
    choose(panel.controls.cores.combo, 3)
    assert asked[-1] == replace(WhatIf.chip("am69a"), cores=4)
    qtbot.mouseClick(panel.controls.reset, Qt.MouseButton.LeftButton)
    assert asked[-1] is None


def choose(combo: QComboBox, index: int) -> None:
    """Choose as a person does: Qt tells that with ``activated``."""
    combo.setCurrentIndex(index)
    combo.activated.emit(index)


def test_an_answer_changes_figure_bars_steps_and_marks_what_was(panel: DevicePanel) -> None:
    before = panel.bars.grab().toImage()
    question = TDA4VM.with_value(Number.CLOCK, 500)
    panel.controls.rows[Number.CLOCK].field.setValue(500)
    panel.set_answer(answer_to(question))
    asked = CLOCK.figures(question)
    assert panel.clocks.modelled.figure.text() == f"{asked.device_ms:.2f} ms"
    assert panel.clocks.modelled.figure.text() != f"{COMPILED.device_ms:.2f} ms"
    assert panel.clocks.modelled.figure.accessibleName().startswith(
        "TDA4VM, clock 500 MHz, one frame, modelled: "
    )
    assert panel.clocks.remark.text().endswith("unknown for a what-if")
    assert panel.bars.layers == asked.layers
    assert panel.bars.grab().toImage() != before
    assert panel.controls.reset.isEnabled()
    panel.set_answer(answer())
    assert panel.controls.what_if == TDA4VM
    assert not panel.controls.reset.isEnabled()
    assert panel.bars.grab().toImage() == before


def test_a_caption_of_two_lines_never_lies_over_its_figure(panel: DevicePanel) -> None:
    card = panel.clocks.modelled
    caption = card.findChildren(QLabel)[-1]
    for what_if in (TDA4VM, TDA4VM.with_value(Number.CLOCK, 4000).with_value(Number.L2, 4096)):
        panel.set_answer(answer_to(what_if))
        for _ in range(2):
            assert caption.geometry().top() > card.figure.geometry().bottom()
            assert caption.height() >= caption.heightForWidth(caption.width())
            QApplication.processEvents()
    assert caption.height() > 1.5 * caption.fontMetrics().height()


def test_an_answer_to_an_older_question_does_not_move_the_controls(panel: DevicePanel) -> None:
    panel.controls.rows[Number.CLOCK].field.setValue(700)
    panel.set_answer(answer_to(TDA4VM.with_value(Number.CLOCK, 500)))
    assert panel.controls.what_if == TDA4VM.with_value(Number.CLOCK, 700)
    assert panel.controls.rows[Number.CLOCK].field.value() == 700


def test_a_refusal_stands_beside_the_figure_and_the_controls(panel: DevicePanel) -> None:
    why = "clock of 0 MHz: allowed are 50 to 4000 MHz"
    panel.controls.rows[Number.CLOCK].field.setValue(0)
    panel.set_answer(refused(TDA4VM.with_value(Number.CLOCK, 0), why))
    assert panel.clocks.modelled.figure.text() == "not modelled"
    assert panel.clocks.remark.text() == why
    assert panel.controls.note.text() == f"■ {why}"
    assert panel.clocks.ratio.text() == ""
    assert panel.bars.layers == ()
    assert panel.facts.texts == ("",)
    assert panel.controls.isEnabled()
    panel.set_answer(answer())
    assert "■" not in panel.controls.note.text()
    assert panel.bars.layers == COMPILED.layers


def test_more_bandwidth_than_enough_is_remarked(panel: DevicePanel) -> None:
    panel.set_answer(answer_to(TDA4VM.with_value(Number.DDR, 30)))
    assert "changes nothing" in panel.controls.note.text()
    panel.set_answer(answer_to(TDA4VM.with_value(Number.DDR, 5)))
    assert panel.controls.note.text() == ""


def test_the_wheel_scrolls_the_panel_and_changes_nothing(qtbot: QtBot, panel: DevicePanel) -> None:
    row = panel.controls.rows[Number.CLOCK]
    for control in (row.slider, row.field):
        assert not wheel(control)
    assert row.field.value() == 1000


def wheel(control: QWidget) -> bool:
    event = QWheelEvent(
        QPointF(5, 5), QPointF(5, 5), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(control, event)
    return event.isAccepted()


# --- comparison and empty states --------------------------------------------------------------------------------


def test_a_published_latency_stands_beside_the_modelled_one_with_its_source(panel: DevicePanel) -> None:
    row, known = panel.comparison, COMPILED.comparison
    assert known is not None
    assert row.title.text() == "MobileNetV2 1.4 on TDA4VM as made, one core"
    assert row.published.text() == f"{known.published_ms:.2f} ms published"
    assert row.modelled.text() == f"{known.modelled_ms:.2f} ms modelled"
    assert row.difference.text() == f"{100 * (known.modelled_ms / known.published_ms - 1):+.0f} %"
    assert known.sources[0] in row.source.text()
    assert row.source.toolTip() == "\n".join(known.sources)
    panel.set_answer(answer(replace(COMPILED, comparison=None)))
    assert row.title.text() == "No latency of this network on TDA4VM is published."
    assert not row.published.isVisible()


def test_part_of_the_network_on_the_a72_is_no_modelled_frame(panel: DevicePanel) -> None:
    figures = DeviceClock(compiled(on_host=True)).figures(TDA4VM)
    panel.set_answer(answer(figures))
    assert panel.clocks.modelled.figure.text() == "not modelled"
    assert panel.clocks.remark.text() == (
        f"not modelled: part of this network runs on the A72: norm (LRN): {ON_HOST['reason']}. "
        f"The part on the C7x takes {figures.modelled_ms:.2f} ms, modelled."
    )
    assert panel.bars.layers, "the layers on the C7x are modelled all the same"
    assert panel.comparison.modelled.text() == "not modelled"


def test_an_empty_panel_teaches_and_one_that_cannot_says_why(panel: DevicePanel) -> None:
    panel.set_answer(None)
    assert panel.empty.isVisible()
    assert "once a model is compiled" in panel.empty.text()
    assert not panel.controls.isVisible()
    panel.set_answer(DeviceAnswer(compiled(), None, None, None, "net: no node runs on the device"))
    assert panel.empty.text() == "not modelled: net: no node runs on the device"
    panel.set_answer(answer())
    assert panel.controls.isVisible()


def test_wide_panels_use_two_columns_and_narrow_ones_fit(panel: DevicePanel) -> None:
    assert panel.controls.mapTo(panel, QPoint()).x() == panel.bars.mapTo(panel, QPoint()).x()
    panel.resize(900, 700)
    QApplication.processEvents()
    assert panel.controls.mapTo(panel, QPoint()).x() < panel.bars.mapTo(panel, QPoint()).x()
    assert panel.minimumSizeHint().width() < 352
    panel.resize(352, 1200)
    QApplication.processEvents()
    assert panel.controls.mapTo(panel, QPoint()).x() == panel.bars.mapTo(panel, QPoint()).x()


def test_steps_are_told_in_words(panel: DevicePanel) -> None:
    told = panel.steps.accessibleDescription()
    assert told.startswith("modelled share of a frame's time: A72 model 0 %, runtime")
    assert len(DeviceStep) == told.count("%")
    for step in DeviceStep:
        assert wording.step_help(step)


def test_an_empty_panel_asks_for_no_room(panel: DevicePanel) -> None:
    filled = panel.minimumSizeHint().height()
    panel.set_answer(None)
    assert panel.minimumSizeHint().height() < filled / 4
    assert panel.heightForWidth(panel.width()) < filled / 4
    panel.set_answer(answer())
    assert panel.minimumSizeHint().height() == filled


@pytest.mark.parametrize("width_px", [200, 272, 336])
def test_the_legend_is_never_cut(panel: DevicePanel, width_px: int) -> None:
    legend = panel._legend
    legend.set_marked(True)
    legend.resize(width_px, legend.height())
    places = dict(legend.places())
    assert list(places) == ["kernel", "waiting for DMA", "set-up", "as compiled"]
    assert all(legend.rect().contains(place) for place in places.values())
