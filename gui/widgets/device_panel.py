"""The device panel: the modelled clock of the chip, where its time goes layer by layer, and what if it were another."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QSizePolicy,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from gui.core.theme import SPACE_PX, Palette, TypeSize
from gui.widgets import device_wording as wording
from gui.widgets.clock_mark import Clock, ClockMark
from gui.widgets.comparison_row import ComparisonRow
from gui.widgets.device_clocks import DeviceClocks
from gui.widgets.layer_bars import LayerBars, parts
from gui.widgets.layer_choice import LayerChoice
from gui.widgets.layer_facts import LayerFacts
from gui.widgets.roofline_plot import RooflinePlot
from gui.widgets.step_strip import StepStrip
from gui.widgets.style import font
from gui.widgets.what_if_controls import WhatIfControls
from gui.workers.device_model import DeviceAnswer

WIDTH_PX = 352
_TWO_COLUMNS_PX = 720
# What people change and what follows from it stand together, at 768 pixels too; row, column, number of rows.
_ONE_COLUMN = {
    "clocks": (0, 0, 1), "layers": (1, 0, 1), "what if": (2, 0, 1), "steps": (3, 0, 1), "roofline": (4, 0, 1),
    "published": (5, 0, 1),
}  # fmt: skip
_TWO_COLUMNS = {
    "clocks": (0, 0, 1), "what if": (1, 0, 1), "steps": (2, 0, 1), "published": (3, 0, 1), "layers": (0, 1, 2),
    "roofline": (2, 1, 2),
}  # fmt: skip
_GROWING = ("layers", "roofline")
_LEGEND_PX, _SAMPLE_PX = 16, 15


class DevicePanel(QWidget):
    """Everything in it is modelled, save the one clock that says measured. It draws what it is given.

    ``asked`` carries a ``WhatIf``, or None for the chip that the network was compiled for.
    """

    asked = Signal(object)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("face")
        self._measured_ms: float | None = None
        self._answer: DeviceAnswer | None = None
        self._marks: list[ClockMark] = []
        self.choice = LayerChoice(self)
        self.clocks = DeviceClocks(palette)
        self.bars = LayerBars(
            palette, self.choice
        )  # before the controls: the order of Tab is that of the eye
        self.controls = WhatIfControls(palette)
        self.steps = StepStrip(palette)
        self.facts = LayerFacts()
        self.roofline = RooflinePlot(palette, self.choice)
        self.comparison = ComparisonRow()
        self.busy = _line("caption")
        self.empty = _line("lead")
        self._legend = _Legend(palette)
        self._groups: dict[str, QWidget] = {}
        self._stack = QStackedLayout(self)
        self._pages = (self._build_empty(), self._build_content(palette))
        for page in self._pages:
            self._stack.addWidget(page)
        self.choice.changed.connect(self._show_layer)
        self.controls.asked.connect(self.asked)
        self.controls.reset_asked.connect(lambda: self.asked.emit(None))
        self.set_answer(None)

    def _build_empty(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(SPACE_PX, 2 * SPACE_PX, SPACE_PX, SPACE_PX)
        layout.addWidget(self.empty)
        layout.addStretch(1)
        return page

    def _build_content(self, palette: Palette) -> QWidget:
        self._add_group("clocks", None, palette, self.clocks)
        self._add_group(
            "layers", self.tr("Layers, modelled time"), palette, self._legend, self.bars, self.facts
        )
        self._add_group("what if", self.tr("What if the chip were another, modelled"), palette, self.controls)
        self._add_group("steps", self.tr("One frame, step by step, modelled"), palette, self.steps)
        self._add_group("roofline", self.tr("Roofline, modelled"), palette, self.roofline, self.busy)
        self._add_group("published", self.tr("Published beside modelled"), palette, self.comparison)
        page = QWidget()
        self._grid = QGridLayout(page)
        self._grid.setContentsMargins(SPACE_PX, SPACE_PX, SPACE_PX, SPACE_PX)
        self._grid.setHorizontalSpacing(3 * SPACE_PX)
        self._grid.setVerticalSpacing(SPACE_PX + SPACE_PX // 2)
        self._arrange(_ONE_COLUMN)
        return page

    def _add_group(self, name: str, title: str | None, palette: Palette, *widgets: QWidget) -> None:
        group = QWidget()
        layout = QVBoxLayout(group)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_PX // 2)
        if title is not None:
            row, mark, heading = QHBoxLayout(), ClockMark(Clock.MODELLED, palette), QLabel(title)
            heading.setProperty("role", "section")
            self._marks.append(mark)
            row.setSpacing(SPACE_PX)
            row.addWidget(mark)
            row.addWidget(heading, 1)
            layout.addLayout(row)
        for widget in widgets:
            layout.addWidget(widget)
        self._groups[name] = group

    def _arrange(self, places: Mapping[str, tuple[int, int, int]]) -> None:
        """Lay the groups out by row, column and how many rows each takes."""
        self._places = places
        columns = 1 + max(column for _, column, _ in places.values())
        for name, (row, column, rows) in places.items():
            self._grid.addWidget(self._groups[name], row, column, rows, 1)
        for column in range(2):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        for row in range(len(places)):
            grows = any(place[0] == row for name, place in places.items() if name in _GROWING)
            self._grid.setRowStretch(row, 1 if grows else 0)

    # --- what is shown ---

    def set_answer(self, answer: DeviceAnswer | None) -> None:
        """Show what the model says; None while there is nothing to model."""
        self._answer = answer
        if answer is None or answer.compiled is None:
            teach = self.tr("Nothing is modelled yet: the chip's time is known once a model is compiled.")
            self.empty.setText(teach if answer is None else f"{self.tr('not modelled')}: {answer.refusal}")
            self._turn_to(0)
            self.controls.set_question(None, changed=False)
            return
        self._turn_to(1)
        self._show_question(answer)
        self._show_figures(answer)
        self._lay_out_now()

    def _turn_to(self, page: int) -> None:
        """Show a page; the other one asks for no room, or an empty panel would scroll."""
        for index, widget in enumerate(self._pages):
            wanted = QSizePolicy.Policy.Preferred if index == page else QSizePolicy.Policy.Ignored
            widget.setSizePolicy(QSizePolicy.Policy.Preferred, wanted)
        self._stack.setCurrentIndex(page)

    def _lay_out_now(self) -> None:
        """Lay out from the inside to the outside, before anything is painted.

        Qt's own turn comes a level later for each: until then a text that needs another line lies over its neighbour.
        """
        for layout in reversed(self.findChildren(QLayout)):
            layout.activate()

    def heightForWidth(self, width: int) -> int:
        """Return what the page shown needs: a layout of several asks for the highest of all."""
        page = self._pages[self._stack.currentIndex()]
        return page.heightForWidth(width) if page.hasHeightForWidth() else page.minimumSizeHint().height()

    def _show_question(self, answer: DeviceAnswer) -> None:
        """Follow the model, but not an answer to a question that has been changed since."""
        assert answer.compiled is not None
        question = answer.what_if or answer.compiled.what_if
        if answer.what_if is None or question == self.controls.what_if:
            self.controls.set_question(question, changed=question != answer.compiled.what_if)
        if answer.refusal:
            self.controls.set_note(answer.refusal, refusal=True)
        elif answer.asked is not None:
            self.controls.set_note(wording.bandwidth_note(answer.asked), refusal=False)

    def _show_figures(self, answer: DeviceAnswer) -> None:
        figures, compiled = answer.asked, answer.compiled
        assert compiled is not None
        differs = figures is not None and figures.what_if != compiled.what_if
        chip = wording.chip((figures or compiled).what_if)
        self.clocks.modelled.set_subject(self.tr("{chip}, one frame").format(chip=chip))
        self.clocks.modelled.set_ms(figures.device_ms if figures else None)
        self.clocks.set_remark(figures, answer.refusal)
        self._show_ratio()
        self.steps.set_figures(figures)
        self.bars.set_layers(figures.layers if figures else (), compiled.layers if differs else ())
        self._legend.set_marked(differs)
        self.roofline.set_figures(figures)
        self.busy.setText(f"{wording.utilization(figures)}\n{wording.traffic(figures)}" if figures else "")
        self.comparison.set_figures(figures)
        self._show_layer()

    def set_measured(self, run_p50_ms: float | None) -> None:
        """Show this laptop's clock: the median time of the network's run."""
        self._measured_ms = run_p50_ms
        self.clocks.measured.set_ms(run_p50_ms)
        self._show_ratio()

    def _show_ratio(self) -> None:
        figures = self._answer.asked if self._answer else None
        self.clocks.ratio.setText(wording.ratio(self._measured_ms, figures.device_ms if figures else None))

    def _show_layer(self) -> None:
        """Tell about the layer pointed at, else the pinned one, else the one that takes longest."""
        shown, layers = self.choice.shown, self.bars.layers
        if shown is not None and layers:
            why = self.tr("pinned: ") if shown == self.choice.pinned else ""
            self.facts.show_layer(layers[shown], why)
        else:
            longest = max(layers, key=lambda layer: layer.total_us, default=None)
            self.facts.show_layer(longest, self.tr("longest: "))

    def take_focus(self) -> None:
        """Go to the layers by key."""
        self.bars.setFocus(Qt.FocusReason.TabFocusReason)

    # --- size and colours ---

    def sizeHint(self) -> QSize:
        """A column that lets bars be told apart."""
        return QSize(WIDTH_PX, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """One column, however many there are now."""
        return QSize(WIDTH_PX - SPACE_PX, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use two columns where there is room."""
        super().resizeEvent(event)
        places = _TWO_COLUMNS if self.width() >= _TWO_COLUMNS_PX else _ONE_COLUMN
        if places is not self._places:
            self._arrange(places)

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        for part in (self.clocks, self.steps, self.controls, self.bars, self.roofline, self._legend):
            part.set_theme(palette)
        for mark in self._marks:
            mark.set_theme(palette)


class _Legend(QWidget):
    """What the parts of a bar are, and the line that marks the chip compiled for."""

    def __init__(self, palette: Palette) -> None:
        super().__init__()
        self._palette = palette
        self._marked = False
        self._words = (self.tr("kernel"), self.tr("waiting for DMA"), self.tr("set-up"))
        self._before = self.tr("as compiled")
        self.setAccessibleName(", ".join(self._words))
        self._fit()

    def set_marked(self, marked: bool) -> None:
        self._marked = marked
        self._fit()
        self.update()

    def set_theme(self, palette: Palette) -> None:
        self._palette = palette
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.setFixedHeight(max(rect.bottom() for _, rect in self.places()) + 1)

    def places(self) -> list[tuple[str, QRect]]:
        """Return each word and where it stands with its sample; a new line begins where one is full."""
        metrics, left, top = QFontMetrics(font(TypeSize.CAPTION)), 0, 0
        found = []
        for word in (*self._words, self._before) if self._marked else self._words:
            width = _SAMPLE_PX + metrics.horizontalAdvance(word)
            if left and left + width > self.width():
                left, top = 0, top + _LEGEND_PX
            found.append((word, QRect(left, top, width, _LEGEND_PX)))
            left += width + 2 * SPACE_PX
        return found

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(font(TypeSize.CAPTION))
        metrics = painter.fontMetrics()
        inks = (*parts(self._palette, self._palette.surface), self._palette.text)
        for (word, place), ink in zip(self.places(), inks, strict=False):
            thick = 1 if word == self._before else 10
            painter.fillRect(place.left(), place.center().y() - thick // 2, 10, thick, QColor(ink))
            painter.setPen(QColor(self._palette.secondary))
            baseline = place.top() + (place.height() + metrics.ascent() - metrics.descent()) // 2
            painter.drawText(place.left() + _SAMPLE_PX, baseline, word)


def _line(role: str) -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setProperty("role", role)
    return label
