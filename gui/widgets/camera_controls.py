"""Exposure and focus of a camera: its own choice, or a slider in its own units."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from gui.capture.camera_offer import ControlRange
from gui.core.theme import SPACE_PX, Palette, TypeSize
from gui.widgets.condition_slider import NeutralSlider
from gui.widgets.style import font
from gui.widgets.tick_box import TickBox

_VALUE_PX = 48


class ControlRow(QWidget):
    """One control; ``changed`` gives its value, None where the camera chooses."""

    changed = Signal(object)

    def __init__(self, title: str, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("face")
        self._range: ControlRange | None = None
        name = QLabel(title)
        name.setProperty("role", "secondary")
        self.automatic = TickBox(self.tr("automatic"), palette)
        self.automatic.setAccessibleName(self.tr("{control}: automatic").format(control=title))
        self.automatic.clicked.connect(self._on_automatic)
        self.slider = NeutralSlider(0, 1, 0, palette)
        self.slider.setAccessibleName(title)
        self.slider.valueChanged.connect(self._on_value)
        self._value = QLabel()
        self._value.setFont(font(TypeSize.BODY, tabular=True))
        self._value.setMinimumWidth(_VALUE_PX)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACE_PX)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(0, 1)
        grid.addWidget(name, 0, 0)
        grid.addWidget(self.automatic, 0, 1, 1, 2)
        grid.addWidget(self.slider, 1, 0, 1, 2)
        grid.addWidget(self._value, 1, 2)

    def set_control(self, offered: ControlRange | None, value: int | None) -> None:
        """Show the control; None: this camera has it not, or does not say so."""
        for part in (self.automatic, self.slider):
            part.setVisible(offered is not None)
        if offered is not None and offered != self._range:
            with QSignalBlocker(self.slider):
                self.slider.setRange(offered.low, offered.high)
                self.slider.setSingleStep(offered.step)
                self.slider.set_neutral(offered.default)
        self._range = offered
        with QSignalBlocker(self.slider):
            self.slider.setValue(offered.default if offered and value is None else value or 0)
        self.slider.setEnabled(value is not None)
        self.slider.update()
        self.automatic.setChecked(value is None)
        shown = "–" if value is None else f"{value}"
        self._value.setText(shown if offered else self.tr("not offered"))

    def _on_automatic(self, automatic: bool) -> None:
        self.changed.emit(None if automatic else self.slider.value())

    def _on_value(self, value: int) -> None:
        if not self.automatic.isChecked():
            self.changed.emit(value)

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self.slider.set_theme(palette)
        self.automatic.set_theme(palette)
