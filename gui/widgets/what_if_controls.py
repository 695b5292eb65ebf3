"""What if the chip were another: SoC, cores, clock, DDR bandwidth, L2, place of the weights."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.soc import soc_names
from gui.core.state import Choice
from gui.core.text import Written
from gui.core.theme import ICON_PX, SPACE_PX, Palette, TypeSize
from gui.core.what_if import LIMITS, Limits, Number, WhatIf
from gui.widgets.icons import icon
from gui.widgets.language import window_locale
from gui.widgets.picker import Picker
from gui.widgets.style import dress, font

_NOTE_PX = 32  # two lines: what is below does not jump when there is something to tell
_MOST_TYPED = 99_999.0  # more than is allowed: what is wrong is told, not made impossible to type


class _Slider(QSlider):
    """Leaves the wheel to the panel that scrolls."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class _Field(QDoubleSpinBox):
    """Leaves the wheel to the panel that scrolls."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class NumberRow(QWidget):
    """A slider over round values beside a field for any value; ``chosen`` only tells what people chose."""

    chosen = Signal(float)

    def __init__(self, name: str, limits: Limits, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._limits = limits
        self.slider = _Slider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, len(limits.stops) - 1)
        self.slider.setPageStep(3)
        self.slider.setMinimumHeight(20)
        self.slider.setAccessibleName(name)
        self.slider.valueChanged.connect(lambda place: self._choose(limits.stops[place]))
        self.field = _Field()
        self.field.setLocale(window_locale())
        self.field.setDecimals(limits.decimals)
        self.field.setRange(0.0, _MOST_TYPED)
        self.field.setSingleStep(1.0 if limits.decimals else 50.0)
        self.field.setSuffix(f" {limits.unit}")
        self.field.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        self.field.setKeyboardTracking(False)
        self.field.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.field.setFont(font(TypeSize.BODY, tabular=True))
        self.field.setFixedWidth(100)
        self.field.setAccessibleName(name)
        allowed = self.tr("{name}: {low:g} to {high:g} {unit}")
        self.field.setToolTip(
            allowed.format(name=name, low=Written(limits.low), high=Written(limits.high), unit=limits.unit)
        )
        self.field.valueChanged.connect(self._choose)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_PX)
        layout.addWidget(self.slider, 1)
        layout.addWidget(self.field)

    def set_value(self, value: float) -> None:
        """Show ``value``: exactly in the field, at the nearest stop of the slider."""
        stops = self._limits.stops
        nearest = min(range(len(stops)), key=lambda place: abs(stops[place] - value))
        with QSignalBlocker(self.slider), QSignalBlocker(self.field):
            self.slider.setValue(nearest)
            self.field.setValue(value)

    def _choose(self, value: float) -> None:
        self.set_value(value)
        self.chosen.emit(value)


class WhatIfControls(QWidget):
    """``asked`` follows every change that people make; ``reset_asked`` wants the chip that was compiled for."""

    asked = Signal(object)
    reset_asked = Signal()

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._what_if: WhatIf | None = None
        self.soc = Picker(self.tr("SoC"), 104, palette)
        self.cores = Picker(self.tr("Cores"), 64, palette)
        self.weights = Picker(self.tr("Weights in"), 80, palette)
        self.rows = {
            number: NumberRow(name, LIMITS[number])
            for number, name in (
                (Number.CLOCK, self.tr("Clock")),
                (Number.DDR, self.tr("DDR")),
                (Number.L2, self.tr("L2 per core")),
            )
        }
        self.reset = QToolButton()
        self.reset.setIcon(icon("undo-2", palette))
        self.reset.setIconSize(QSize(ICON_PX, ICON_PX))
        self.reset.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.reset.setAccessibleName(self.tr("As compiled"))
        self.reset.setToolTip(self.tr("Back to the chip that the network was compiled for"))
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.note.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.note.setMinimumHeight(_NOTE_PX)
        self._lay_out()
        self._connect()
        self.soc.set_choices([Choice(name, WhatIf.chip(name).title) for name in soc_names()], "")
        self.weights.set_choices([Choice("ddr", self.tr("DDR")), Choice("msmc", self.tr("MSMC"))], "")
        self.set_question(None, changed=False)

    def _lay_out(self) -> None:
        pickers = QHBoxLayout()
        pickers.setSpacing(SPACE_PX)
        for picker in (self.soc, self.cores, self.weights):
            pickers.addWidget(picker)
        pickers.addStretch(1)
        pickers.addWidget(self.reset, 0, Qt.AlignmentFlag.AlignBottom)
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE_PX)
        grid.setVerticalSpacing(SPACE_PX // 2)
        grid.setColumnStretch(1, 1)
        for place, row in enumerate(self.rows.values()):
            caption = QLabel(row.field.accessibleName())
            caption.setProperty("role", "secondary")
            caption.setBuddy(row.slider)
            grid.addWidget(caption, place, 0)
            grid.addWidget(row, place, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_PX // 2)
        layout.addLayout(pickers)
        layout.addLayout(grid)
        layout.addWidget(self.note)

    def _connect(self) -> None:
        self.soc.chosen.connect(lambda soc: self._ask(WhatIf.chip(soc)))
        self.cores.chosen.connect(self._ask_cores)
        self.weights.chosen.connect(self._ask_weights)
        for number, row in self.rows.items():
            row.chosen.connect(lambda value, number=number: self._ask_number(number, value))
        self.reset.clicked.connect(self.reset_asked)

    @property
    def what_if(self) -> WhatIf | None:
        """The question as it stands."""
        return self._what_if

    def set_question(self, what_if: WhatIf | None, changed: bool) -> None:
        """Show a question; None while there is nothing to ask about. ``changed``: it is not the chip compiled for."""
        self._what_if = what_if
        self.setEnabled(what_if is not None)
        self.reset.setEnabled(changed)
        if what_if is None:
            return
        self.soc.set_choices([Choice(name, WhatIf.chip(name).title) for name in soc_names()], what_if.soc)
        offered = [Choice(f"{n}", f"{n}") for n in range(1, what_if.max_cores + 1)]
        self.cores.set_choices(offered, f"{what_if.cores}", f"{what_if.cores}")
        self.cores.combo.setEnabled(what_if.max_cores > 1)
        self.weights.combo.setCurrentIndex(1 if what_if.weights_in_msmc else 0)
        for number, row in self.rows.items():
            row.set_value(what_if.value(number))

    def set_note(self, text: str, refusal: bool) -> None:
        """Tell something about the question: a remark, or why it has no answer."""
        role = "refusal" if refusal else "caption"
        self.note.setText(f"■ {text}" if refusal else text)
        dress(self.note, role)

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self.reset.setIcon(icon("undo-2", palette))
        for picker in (self.soc, self.cores, self.weights):
            picker.set_theme(palette)

    def _ask(self, what_if: WhatIf) -> None:
        self.set_question(what_if, changed=True)
        self.asked.emit(what_if)

    def _ask_cores(self, cores: str) -> None:
        assert self._what_if is not None
        self._ask(replace(self._what_if, cores=int(cores)))

    def _ask_weights(self, place: str) -> None:
        assert self._what_if is not None
        self._ask(replace(self._what_if, weights_in_msmc=place == "msmc"))

    def _ask_number(self, number: Number, value: float) -> None:
        assert self._what_if is not None
        self._ask(self._what_if.with_value(number, value))
