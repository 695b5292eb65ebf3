"""Rendered pieces of text, kept so that a frame's overlay costs blits and not text layout."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPixmap

from gui.widgets.style import font

MOST_BYTES = 2 << 20
WORKING_SET = 64
"""Pieces that are kept whatever their size: more than any frame shows, on any screen."""


@dataclass(frozen=True, slots=True)
class TextLook:
    """How a piece of text is drawn: size in logical pixels, colour as ``#RRGGBB``."""

    size_px: int
    colour: str
    bold: bool = False
    figures: bool = False

    @property
    def font(self) -> QFont:
        """The font of this look."""
        return font(self.size_px, QFont.Weight.DemiBold if self.bold else QFont.Weight.Normal, self.figures)

    def width_px(self, text: str) -> float:
        """Return the logical pixels that ``text`` needs."""
        return QFontMetricsF(self.font).horizontalAdvance(text)


@dataclass(frozen=True, slots=True)
class TextPiece:
    """Rendered text: its pixmap, and in logical pixels its width and where its baseline lies."""

    pixmap: QPixmap
    width_px: float
    ascent_px: float

    @property
    def size_bytes(self) -> int:
        """What the pixmap takes in memory."""
        return self.pixmap.width() * self.pixmap.height() * self.pixmap.depth() // 8

    def paint(self, painter: QPainter, left: float, baseline: float) -> None:
        """Paint so that the text starts at ``left`` and stands on ``baseline``."""
        painter.drawPixmap(QPointF(left, baseline - self.ascent_px), self.pixmap)

    def paint_right(self, painter: QPainter, right: float, baseline: float) -> None:
        """Paint so that the text ends at ``right`` and stands on ``baseline``."""
        self.paint(painter, right - self.width_px, baseline)


class TextCache:
    """Recently used pieces of text; beyond ``capacity`` or ``MOST_BYTES`` those used longest ago go.

    Every size that the window ever had makes pieces of its own: a number alone would let them grow for days.
    """

    def __init__(self, capacity: int = 256) -> None:
        self._capacity = capacity
        self._bytes = 0
        self._pieces: OrderedDict[tuple[str, TextLook, int, float], TextPiece] = OrderedDict()

    def piece(self, text: str, look: TextLook, room_px: int, ratio: float) -> TextPiece:
        """Return ``text`` in at most ``room_px`` logical pixels: elided, never clipped."""
        key = (text, look, room_px, ratio)
        found = self._pieces.pop(key, None)
        if found is None:
            found = _render(text, look, room_px, ratio)
            self._bytes += found.size_bytes
            self._make_room()
        self._pieces[key] = found
        return found

    def _make_room(self) -> None:
        """Let old pieces go until there is room for one more, whose bytes are counted already."""
        while len(self._pieces) >= self._capacity or (
            self._bytes > MOST_BYTES and len(self._pieces) >= WORKING_SET
        ):
            _, oldest = self._pieces.popitem(last=False)
            self._bytes -= oldest.size_bytes


def _render(text: str, look: TextLook, room_px: int, ratio: float) -> TextPiece:
    metrics = QFontMetricsF(look.font)
    # One pixel of tolerance: a text measured to fit must not be elided by rounding.
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(room_px, 0) + 1)
    width_px, ascent_px = metrics.horizontalAdvance(shown), float(round(metrics.ascent()))
    image = QPixmap(max(1, round((width_px + 4) * ratio)), max(1, round((metrics.height() + 2) * ratio)))
    image.fill(Qt.GlobalColor.transparent)
    image.setDevicePixelRatio(ratio)
    painter = QPainter(image)
    painter.setFont(look.font)
    painter.setPen(QColor(look.colour))
    painter.drawText(QPointF(0.0, ascent_px), shown)
    painter.end()
    return TextPiece(image, width_px, ascent_px)
