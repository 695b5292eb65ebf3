"""The control of one setting: a box to tick, a list, a number or a line of text, as the table says."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSpinBox, QWidget

from gui.core.settings import Setting, Value
from gui.core.state import Choice
from gui.core.theme import SPACE_PX, Palette
from gui.widgets.picker import Picker
from gui.widgets.tick_box import TickBox
from gui.widgets.words import word

_WIDTH_PX = 240


class _Number(QSpinBox):
    """A number that a turn of the wheel over a scrolled page does not change."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page."""
        event.ignore()


class SettingField(QWidget):
    """Shows a value; ``changed`` tells only what people choose."""

    changed = Signal(str, object)

    def __init__(self, setting: Setting, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._setting = setting
        self._palette = palette
        self._shown: Value = setting.default
        self.control = self._build()
        named = self.control.combo if isinstance(self.control, Picker) else self.control
        named.setAccessibleName(setting.name.replace("_", " "))
        self.control.setFixedWidth(_WIDTH_PX)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.control)

    def _build(self) -> QWidget:
        setting, default = self._setting, self._setting.default
        if isinstance(default, bool):
            box = TickBox("", self._palette)
            box.toggled.connect(self._tell)
            return box
        if isinstance(default, int):
            low, high = setting.allowed
            number = _Number()
            number.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
            number.lineEdit().setTextMargins(SPACE_PX, 0, 0, 0)
            number.setRange(int(low), int(high))
            number.setKeyboardTracking(False)
            number.valueChanged.connect(self._tell)
            return number
        if setting.allowed:
            picker = Picker("", _WIDTH_PX, self._palette)
            picker.set_choices([Choice(str(one), word(str(one))) for one in setting.allowed], str(default))
            picker.chosen.connect(self._tell)
            return picker
        line = QLineEdit()
        line.editingFinished.connect(lambda: self._tell(line.text()))
        return line

    def _tell(self, value: Value) -> None:
        if value != self._shown:
            self._shown = value
            self.changed.emit(self._setting.name, value)

    def show_value(self, value: Value) -> None:
        """Show ``value`` without telling."""
        self._shown = value
        control = self.control
        with QSignalBlocker(control):
            if isinstance(control, TickBox):
                control.setChecked(bool(value))
            elif isinstance(control, QSpinBox):
                control.setValue(int(value))
            elif isinstance(control, Picker):
                control.combo.setCurrentIndex(control.combo.findData(value))
            elif isinstance(control, QLineEdit):
                control.setText(str(value))

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        if isinstance(self.control, Picker | TickBox):
            self.control.set_theme(palette)
