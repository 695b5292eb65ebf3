"""One slider that knows where nothing changes: filled from there to its value."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSlider, QWidget

from gui.core.theme import SPACE_PX, Palette

_HANDLE_PX = 16
_GROOVE_PX = 4


class NeutralSlider(QSlider):
    """Horizontal; a press goes there at once, a double click or Backspace returns to ``neutral``.

    The wheel scrolls what the slider lies in: a value must not change under a pointer that only passes.
    """

    def __init__(self, low: int, high: int, neutral: int, palette: Palette, parent: QWidget | None = None):
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._neutral = neutral
        self._palette = palette
        self.setRange(low, high)
        self.setValue(neutral)
        self.setPageStep(max(1, (high - low) // 10))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def sizeHint(self) -> QSize:
        """As high as its handle and the mark of the focus around it."""
        return QSize(96, _HANDLE_PX + SPACE_PX)

    def minimumSizeHint(self) -> QSize:
        """Still usable."""
        return QSize(64, _HANDLE_PX + SPACE_PX)

    def set_neutral(self, neutral: int) -> None:
        """Take another value as the one to return to."""
        self._neutral = neutral

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self._palette = palette
        self.update()

    def _place_of(self, value: int) -> float:
        """Return the handle's centre at ``value``."""
        share = (value - self.minimum()) / max(1, self.maximum() - self.minimum())
        return _HANDLE_PX / 2 + share * (self.width() - _HANDLE_PX)

    def _value_at(self, x: float) -> int:
        share = (x - _HANDLE_PX / 2) / max(1, self.width() - _HANDLE_PX)
        value = self.minimum() + share * (self.maximum() - self.minimum())
        return min(max(round(value), self.minimum()), self.maximum())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the place that was pressed, and follow the pointer from there."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self.setSliderPosition(self._value_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer."""
        if self.isSliderDown():
            self.setSliderPosition(self._value_at(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Stay."""
        self.setSliderDown(False)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Return to where nothing changes."""
        self.setValue(self._neutral)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to what scrolls."""
        event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the slider's own keys; the others command the window."""
        if event.key() == Qt.Key.Key_Backspace:
            self.setValue(self._neutral)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint groove, what is changed, neutral place and handle."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        palette, middle = self._palette, self.height() / 2
        neutral, now = self._place_of(self._neutral), self._place_of(self.value())
        groove = QRectF(0, middle - _GROOVE_PX / 2, self.width(), _GROOVE_PX)
        painter.setBrush(QColor(palette.hairline))
        painter.drawRoundedRect(groove, _GROOVE_PX / 2, _GROOVE_PX / 2)
        painter.setBrush(QColor(palette.secondary))
        painter.drawRect(QRectF(neutral - 1, middle - 2 * _GROOVE_PX, 2, 4 * _GROOVE_PX))
        painter.setBrush(QColor(palette.text if self.isEnabled() else palette.secondary))
        painter.drawRect(QRectF(min(neutral, now), groove.top(), abs(now - neutral), _GROOVE_PX))
        handle = QRectF(now - _HANDLE_PX / 2, middle - _HANDLE_PX / 2, _HANDLE_PX, _HANDLE_PX)
        painter.drawEllipse(handle.adjusted(2, 2, -2, -2))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(palette.text), 2))
            painter.drawEllipse(handle.adjusted(-1, -1, 1, 1))
