"""The fine frame around what the network sees: drawn once per place, so that a picture costs four blits."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

from gui.core.geometry import Rect
from gui.widgets.bands import bands
from gui.widgets.style import colour

# Light within dark: visible on any picture.
_DARK, _LIGHT = ("#000000", 0.55), ("#FFFFFF", 0.75)


class NetworkFrame:
    """Two nested frames, a logical pixel each; ``place`` before ``paint``.

    Filled anew for every picture, the two upright sides of a frame would be the dearest of what lies over it: Qt cuts
    translucent fills into rows and shares these among threads, and a side is as many rows as the picture is high.
    """

    def __init__(self) -> None:
        self._placed: tuple[Rect, float] | None = None
        self._sides: tuple[_Side, ...] = ()

    def place(self, area: Rect, ratio: float) -> None:
        """Lie around ``area``, in logical pixels, at ``ratio`` device pixels per logical pixel."""
        if (area, ratio) != self._placed:
            self._placed = (area, ratio)
            self._sides = _draw(area, ratio)

    def paint(self, painter: QPainter) -> None:
        """Paint the four sides."""
        for side in self._sides:
            painter.drawPixmap(side.at, side.pixmap)


@dataclass(frozen=True, slots=True)
class _Side:
    at: QPointF
    """In logical pixels."""
    pixmap: QPixmap


def _draw(area: Rect, ratio: float) -> tuple[_Side, ...]:
    """Draw in whole device pixels, so that the lines are sharp."""
    thick = max(1, round(ratio))
    left, top, width, height = (round(edge * ratio) for edge in (area.x, area.y, area.width, area.height))
    light = QRect(left, top, width, height)
    dark = light.adjusted(-thick, -thick, thick, thick)
    sides = []
    for place in (band for side in frame_sides(dark, 2 * thick) for band in bands(side, 1.0)):
        pixmap = QPixmap(place.size())
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.translate(-place.topLeft())
        paint_frame(painter, dark, thick, colour(*_DARK))
        paint_frame(painter, light, thick, colour(*_LIGHT))
        painter.end()
        pixmap.setDevicePixelRatio(ratio)
        sides.append(_Side(QPointF(place.topLeft()) / ratio, pixmap))
    return tuple(sides)


def paint_frame(painter: QPainter, outer: QRect, thick_px: int, ink: QColor) -> None:
    """Paint the four sides of a frame: filled strips cost a hundredth of a stroked rectangle."""
    for side in frame_sides(outer, thick_px):
        painter.fillRect(side, ink)


def frame_sides(outer: QRect, thick_px: int) -> tuple[QRect, QRect, QRect, QRect]:
    """Return what a frame inside ``outer`` covers: head and foot over its whole width, the sides between them."""
    inner = outer.adjusted(thick_px, thick_px, -thick_px, -thick_px)
    return (
        QRect(outer.left(), outer.top(), outer.width(), thick_px),
        QRect(outer.left(), inner.bottom() + 1, outer.width(), thick_px),
        QRect(outer.left(), inner.top(), thick_px, inner.height()),
        QRect(inner.right() + 1, inner.top(), thick_px, inner.height()),
    )
