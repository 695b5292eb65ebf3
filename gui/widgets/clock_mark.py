"""A short sample of a clock's line: measured is solid with a dot, modelled is dashed. Everywhere the same."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gui.core.theme import Palette
from gui.widgets.words import word


class Clock(Enum):
    """Whose time a figure is."""

    MEASURED = "measured"
    MODELLED = "modelled"

    def colour(self, palette: Palette) -> str:
        """Return the clock's own colour, ``#RRGGBB``."""
        return palette.measured if self is Clock.MEASURED else palette.modelled


def paint_clock_mark(painter: QPainter, area: QRectF, clock: Clock, palette: Palette) -> None:
    """Paint the clock's line sample across ``area``; the line is as thick as the area is high, divided by eight."""
    ink, thick = QColor(clock.colour(palette)), max(2.0, area.height() / 8)
    pen = QPen(ink, thick, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap)
    middle = area.center().y()
    if clock is Clock.MODELLED:
        dash = area.width() / 5  # three dashes, two gaps
        pen.setDashPattern([dash / thick, dash / thick])
    painter.save()
    painter.setPen(pen)
    painter.drawLine(QPointF(area.left(), middle), QPointF(area.right(), middle))
    if clock is Clock.MEASURED:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawEllipse(area.center(), area.height() / 3.5, area.height() / 3.5)
    painter.restore()


class ClockMark(QWidget):
    """The sample as a small widget before a heading."""

    def __init__(self, clock: Clock, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._palette = palette
        self.setFixedSize(28, 14)
        self.setAccessibleName(word(clock.value))

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self._palette = palette
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the sample."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_clock_mark(painter, QRectF(self.rect()), self._clock, self._palette)
