"""One stage's measured latency over the last minute: a solid line on its own fixed scale.

Painted here and not by pyqtgraph: importing that and building six plots took 0.9 s of a start that has 1.2 s
(measured on two busy cores), and a lane needs nothing of it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.core.envelope import envelope
from gui.core.theme import Palette

SPAN_S = 60.0
_LADDER_MS = tuple(step * 10.0**power for power in range(-2, 4) for step in (1, 2, 5))


def round_scale_ms(p99_ms: float) -> float:
    """Return the least round number with some room above ``p99_ms``."""
    return next((step for step in _LADDER_MS if step >= 1.2 * p99_ms), _LADDER_MS[-1])


class LatencyLane(QWidget):
    """A curve without axes: the span is fixed, the scale is a round number told beside it."""

    def __init__(self, name: str, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setMinimumHeight(24)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._palette = palette
        self._scale_ms = 10.0
        self._times_s: NDArray[np.float64] = np.empty(0)
        self._values_ms: NDArray[np.float64] = np.empty(0)

    @property
    def scale_ms(self) -> float:
        """Milliseconds at the lane's top; its foot is zero."""
        return self._scale_ms

    @property
    def series(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The seconds (before now) and milliseconds that are drawn."""
        return self._times_s, self._values_ms

    def sizeHint(self) -> QSize:
        """As small as it may be; the layout gives it what there is."""
        return QSize(240, 24)

    def set_series(self, times_s: NDArray[np.float64], values_ms: NDArray[np.float64]) -> None:
        """Draw ``values_ms`` over ``times_s`` (seconds before now, at most zero, rising)."""
        self._times_s, self._values_ms = times_s, values_ms
        self.update()

    def fit(self, p99_ms: float) -> None:
        """Choose the scale: the next round number, kept until it is far too large, so that it does not jump."""
        needed = round_scale_ms(p99_ms)
        if needed > self._scale_ms or needed < 0.3 * self._scale_ms:
            self._scale_ms = needed
            self.update()

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self._palette = palette
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the line, one device pixel thick, into the lane's ground."""
        ratio = self.devicePixelRatioF()
        pixels = self._pixels(max(1, round(self.width() * ratio)), max(2, round(self.height() * ratio)))
        image = QImage(
            pixels.data, pixels.shape[1], pixels.shape[0], pixels.strides[0], QImage.Format.Format_RGB32
        )
        image.setDevicePixelRatio(ratio)
        QPainter(self).drawImage(0, 0, image)

    def _pixels(self, width: int, height: int) -> NDArray[np.uint32]:
        """Return the lane as 0xffRRGGBB, uint32 [height, width]; values above the scale run along its top."""
        low, high = envelope(self._times_s, self._values_ms, SPAN_S, width)
        scaled = np.clip(np.stack([high, low]) / self._scale_ms, 0.0, 1.0)
        top, bottom = np.rint((1.0 - np.nan_to_num(scaled, nan=-1.0)) * (height - 1))
        rows = np.arange(height)[:, None]
        ink, ground = QColor(self._palette.measured).rgb(), QColor(self._palette.surface).rgb()
        return np.where((rows >= top) & (rows <= bottom), np.uint32(ink), np.uint32(ground))
