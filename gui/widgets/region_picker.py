"""A frame over the picture with which a region is chosen, by mouse or by keys."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gui.core.theme import Palette
from gui.widgets.style import colour, font

_LEAST = 0.05
_STEP = 0.02
_MOVES = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_HINT_PX = 16

Region = tuple[float, float, float, float]


class RegionPicker(QWidget):
    """Covers the picture. Drag a frame; arrows move it, with Shift they size it; Enter takes it, Escape gives up.

    A region is x, y, width, height as fractions of the picture.
    """

    chosen = Signal(object)
    given_up = Signal()

    def __init__(self, palette: Palette, region: Region, parent: QWidget) -> None:
        super().__init__(parent)
        self._palette = palette
        self._region = region
        self._from: QPointF | None = None
        self.setAccessibleName(self.tr("Region of the picture"))
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    @property
    def region(self) -> Region:
        """The frame as it stands."""
        return self._region

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a frame here."""
        self._from = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Span the frame from where it began."""
        if self._from is not None:
            self._span(self._from, event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Take the frame; a mere click is none."""
        began, self._from = self._from, None
        if began is not None and self._span(began, event.position()):
            self.chosen.emit(self._region)

    def _span(self, one: QPointF, other: QPointF) -> bool:
        """Set the frame between two points; return whether it is large enough."""
        width, height = max(1, self.width()), max(1, self.height())
        xs = sorted(min(max(point.x() / width, 0.0), 1.0) for point in (one, other))
        ys = sorted(min(max(point.y() / height, 0.0), 1.0) for point in (one, other))
        if xs[1] - xs[0] < _LEAST or ys[1] - ys[0] < _LEAST:
            return False
        self._region = (xs[0], ys[0], xs[1] - xs[0], ys[1] - ys[0])
        self.update()
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move, size, take or give up; every key belongs to the frame."""
        key = Qt.Key(event.key())
        if key in _MOVES:
            self._move(*_MOVES[key], sizes=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.chosen.emit(self._region)
        elif key == Qt.Key.Key_Escape:
            self.given_up.emit()

    def _move(self, across: int, down: int, sizes: bool) -> None:
        x, y, w, h = self._region
        if sizes:
            w = min(max(w + across * _STEP, _LEAST), 1.0 - x)
            h = min(max(h + down * _STEP, _LEAST), 1.0 - y)
        else:
            x = min(max(x + across * _STEP, 0.0), 1.0 - w)
            y = min(max(y + down * _STEP, 0.0), 1.0 - h)
        self._region = (x, y, w, h)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Dim what is left out, and say what to do."""
        painter = QPainter(self)
        x, y, w, h = self._region
        width, height = self.width(), self.height()
        frame = QRectF(x * width, y * height, w * width, h * height)
        veil = colour("#000000", 0.6)
        for side in (
            QRectF(0, 0, width, frame.top()),
            QRectF(0, frame.bottom(), width, height - frame.bottom()),
            QRectF(0, frame.top(), frame.left(), frame.height()),
            QRectF(frame.right(), frame.top(), width - frame.right(), frame.height()),
        ):
            painter.fillRect(side, veil)
        painter.setPen(QPen(QColor("#FFFFFF"), 2))
        painter.drawRect(frame.adjusted(1, 1, -1, -1))
        self._paint_hint(painter)

    def _paint_hint(self, painter: QPainter) -> None:
        text = self.tr("Drag a frame, or use the arrows (Shift: size). Enter takes it, Esc gives up.")
        painter.setFont(font(_HINT_PX))
        room = self.rect().adjusted(_HINT_PX, _HINT_PX, -_HINT_PX, -_HINT_PX)
        wrapped = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
        plate = painter.boundingRect(room, int(wrapped), text).adjusted(-8, -4, 8, 4)
        painter.fillRect(plate, colour(self._palette.plate, self._palette.plate_opacity))
        painter.setPen(QColor(self._palette.text))
        painter.drawText(room, int(wrapped), text)
