"""The answer to something dragged over the window: it may be let go anywhere."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gui.core.theme import RADIUS_PX, SPACE_PX, Palette, TypeSize
from gui.widgets.style import font, plate_colour


class DropVeil(QWidget):
    """Covers its parent while something hovers; lets every event through."""

    def __init__(self, palette: Palette, parent: QWidget) -> None:
        super().__init__(parent)
        self._palette = palette
        self._covered = parent
        self.setObjectName("drop_veil")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def cover(self) -> None:
        """Appear over the whole parent."""
        self.setGeometry(self._covered.rect())
        self.raise_()
        self.show()

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self._palette = palette

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint plate, border and the one line."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), plate_colour(self._palette))
        painter.setPen(QPen(QColor(self._palette.text), 2))
        inset = 2 * SPACE_PX
        painter.drawRoundedRect(self.rect().adjusted(inset, inset, -inset, -inset), RADIUS_PX, RADIUS_PX)
        painter.setFont(font(TypeSize.HERO))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.tr("Let go to look at it"))
