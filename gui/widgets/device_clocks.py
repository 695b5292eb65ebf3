"""The two clocks side by side: this laptop's measured one, the chip's modelled one, and how they compare."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui.core.device_figures import DeviceFigures
from gui.core.theme import FIGURE_HEIGHT_PX, SPACE_PX, Palette
from gui.widgets import device_wording as wording
from gui.widgets.clock_mark import Clock, ClockMark
from gui.widgets.style import dress
from gui.widgets.value_label import ValueLabel
from gui.widgets.wording import milliseconds
from gui.widgets.words import word


class ClockCard(QWidget):
    """One clock: its line sample and its word, the figure in its colour, whose time it is."""

    def __init__(self, clock: Clock, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._mark = ClockMark(clock, palette)
        title = QLabel(word(clock.value))
        title.setProperty("role", "section")
        self.figure = ValueLabel("")
        self.figure.setFixedHeight(FIGURE_HEIGHT_PX)
        self._of = _line("caption")
        head = QHBoxLayout()
        head.setSpacing(SPACE_PX)
        head.addWidget(self._mark)
        head.addWidget(title, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_PX // 4)
        layout.addLayout(head)
        layout.addWidget(self.figure)
        layout.addWidget(self._of)

    def set_subject(self, text: str) -> None:
        """Say whose time it is, and of what."""
        self._of.setText(text)
        self.figure.set_name(f"{text}, {word(self._clock.value)}")

    def set_ms(self, value_ms: float | None) -> None:
        """Show a time, or that there is none."""
        self.figure.setText(
            word(f"not {self._clock.value}") if value_ms is None else f"{milliseconds(value_ms)} ms"
        )
        dress(self.figure, "lead" if value_ms is None else self._clock.value)

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self._mark.set_theme(palette)


class DeviceClocks(QWidget):
    """Measured on the left, modelled on the right, in every row of this panel; the ratio belongs to neither."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.measured = ClockCard(Clock.MEASURED, palette)
        self.modelled = ClockCard(Clock.MODELLED, palette)
        self.measured.set_subject(self.tr("this laptop, network run"))
        self.ratio = _line("")
        self.remark = _line("caption")
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(2 * SPACE_PX)
        layout.setVerticalSpacing(SPACE_PX // 2)
        for column, card in enumerate((self.measured, self.modelled)):
            layout.addWidget(card, 0, column, Qt.AlignmentFlag.AlignTop)
            layout.setColumnStretch(column, 1)
        layout.addWidget(self.ratio, 1, 0, 1, 2)
        layout.addWidget(self.remark, 2, 0, 1, 2)

    def set_remark(self, figures: DeviceFigures | None, refusal: str) -> None:
        """Say what belongs to the modelled clock: why it has no figure, or how far off it may be."""
        if figures is None:
            self.remark.setText(refusal)
            self.remark.setToolTip("")
        else:
            self.remark.setText(wording.not_modelled(figures) or wording.accuracy(figures))
            self.remark.setToolTip(wording.accuracy_help(figures))

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        for card in (self.measured, self.modelled):
            card.set_theme(palette)


def _line(role: str) -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setProperty("role", role)
    return label
