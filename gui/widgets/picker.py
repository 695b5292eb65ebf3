"""A captioned choice that people make and the pipeline follows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QLabel, QStyle, QStyleOptionComboBox, QVBoxLayout, QWidget

from gui.core.state import Choice
from gui.core.theme import ICON_PX, SPACE_PX, Palette
from gui.widgets.icons import icon


class _Combo(QComboBox):
    """A combo box with the family's chevron (style sheets cannot tint one) that chooses nothing unseen.

    A turn of the wheel or an arrow key over a closed list would compile another model: they open the list instead.
    """

    def __init__(self, palette: Palette) -> None:
        super().__init__()
        self.theme = palette

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        side = ICON_PX - 4
        place = QRect(self.width() - side - SPACE_PX, (self.height() - side) // 2, side, side)
        icon("chevron-down", self.theme).paint(QPainter(self), place)

    def initStyleOption(self, option: QStyleOptionComboBox) -> None:
        super().initStyleOption(option)
        option.currentText = self.elided(option.currentText)

    def elided(self, text: str) -> str:
        """Return as much of ``text`` as fits before the chevron."""
        option = QStyleOptionComboBox()
        super().initStyleOption(option)
        field = QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, field, self)
        return self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room.width())

    def showPopup(self) -> None:
        self.view().setAccessibleName(self.accessibleName())
        super().showPopup()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.showPopup()
        else:
            super().keyPressEvent(event)


class Picker(QWidget):
    """Caption above a list; ``chosen`` only tells choices made by people, never those set by the program."""

    chosen = Signal(str)

    def __init__(self, caption: str, width_px: int, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choices: tuple[Choice, ...] = ()
        self._combo = _Combo(palette)
        self._combo.setAccessibleName(caption)
        self._combo.setFixedWidth(width_px)
        self._combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._combo.setMaxVisibleItems(16)
        self._combo.activated.connect(self._forward)
        label = QLabel(caption)
        label.setProperty("role", "caption")
        label.setBuddy(self._combo)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_PX // 4)
        label.setVisible(bool(caption))
        layout.addWidget(label)
        layout.addWidget(self._combo)

    @property
    def combo(self) -> QComboBox:
        """The list itself."""
        return self._combo

    def set_choices(self, choices: Sequence[Choice], current: str, otherwise: str = "") -> None:
        """Offer ``choices`` and show ``current``; where that is none of them, show the words ``otherwise``."""
        offered = tuple(choices)
        self._combo.setPlaceholderText(self._combo.elided(otherwise))
        with QSignalBlocker(self._combo):
            if offered != self._choices:
                self._choices = offered
                self._combo.clear()
                for choice in offered:
                    self._combo.addItem(choice.title, choice.value)
                    self._combo.setItemData(
                        self._combo.count() - 1, choice.title, Qt.ItemDataRole.ToolTipRole
                    )
            self._combo.setCurrentIndex(self._combo.findData(current))
        self._combo.setToolTip(self._combo.currentText() or otherwise)

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self._combo.theme = palette
        self._combo.update()

    def _forward(self, index: int) -> None:
        self.chosen.emit(self._combo.itemData(index))
