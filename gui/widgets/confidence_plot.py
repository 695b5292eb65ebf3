"""A small live curve of the first label's probability; not a time, so in neither clock's colour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.core.confidence import SPAN_S
from gui.core.envelope import envelope
from gui.core.theme import Palette
from gui.widgets.wording import PERHAPS_BELOW

_LINE_PX = 2
_HEIGHT_PX = 120
_FILL_ALPHA = 40


class ConfidencePlot(QWidget):
    """0 to 100 % over the last 30 s; a line across where a label is no fact any more, one down where a slider moved."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette = palette
        self._times_s: NDArray[np.float64] = np.empty(0)
        self._values: NDArray[np.float64] = np.empty(0)
        self._changes_s: tuple[float, ...] = ()
        self.setAccessibleName(self.tr("Probability of the first label, last 30 s"))
        self.setToolTip(self.accessibleName())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def values(self) -> NDArray[np.float64]:
        """The probabilities that are drawn, oldest first."""
        return self._values

    @property
    def changes_s(self) -> tuple[float, ...]:
        """Where the sliders moved, in seconds before now."""
        return self._changes_s

    def sizeHint(self) -> QSize:
        """Wide and low."""
        return QSize(272, _HEIGHT_PX)

    def set_series(
        self, times_s: NDArray[np.float64], values: NDArray[np.float64], changes_s: Sequence[float]
    ) -> None:
        """Draw ``values`` (0 to 1) over ``times_s`` (seconds before now, rising); sliders moved at ``changes_s``."""
        self._times_s, self._values, self._changes_s = times_s, values, tuple(changes_s)
        self.update()

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self._palette = palette
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint ground, lines and curve."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._palette.surface))
        line = QColor(self._palette.hairline)
        for at_s in self._changes_s:
            painter.fillRect(QRectF((1.0 + at_s / SPAN_S) * self.width(), 0, 1, self.height()), line)
        painter.fillRect(QRectF(0, (1.0 - PERHAPS_BELOW) * self.height(), self.width(), 1), line)
        ratio = self.devicePixelRatioF()
        pixels = self._pixels(max(1, round(self.width() * ratio)), max(2, round(self.height() * ratio)))
        image = QImage(
            pixels.data, pixels.shape[1], pixels.shape[0], pixels.strides[0], QImage.Format.Format_ARGB32
        )
        image.setDevicePixelRatio(ratio)
        painter.drawImage(0, 0, image)

    def _pixels(self, width: int, height: int) -> NDArray[np.uint32]:
        """Return the curve and what lies under it as 0xAARRGGBB, uint32 [height, width]."""
        low, high = envelope(self._times_s, self._values, SPAN_S, width)
        thick = round(_LINE_PX * self.devicePixelRatioF())
        top, bottom = np.rint((1.0 - np.stack([high, low])) * (height - thick))
        rows = np.arange(height)[:, None]
        ink = QColor(self._palette.text)
        line, fill = ink.rgba(), QColor(ink.red(), ink.green(), ink.blue(), _FILL_ALPHA).rgba()
        on_line = (rows >= top) & (rows < bottom + thick)  # false where there is no sample: not a number
        return np.where(on_line, np.uint32(line), np.where(rows > top, np.uint32(fill), np.uint32(0)))
