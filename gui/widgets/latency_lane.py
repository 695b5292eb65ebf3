"""One stage's measured latency over the last minute: a solid line on its own fixed scale."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.core.theme import Palette
from gui.widgets.style import measured_pen

SPAN_S = 60.0
_LADDER_MS = tuple(step * 10.0**power for power in range(-2, 4) for step in (1, 2, 5))


class LatencyLane(pg.PlotWidget):
    """A curve without axes: the span is fixed, the scale is a round number told beside it."""

    def __init__(self, name: str, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setAcceptDrops(False)  # the window takes every drop
        self.viewport().setAcceptDrops(False)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumHeight(24)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.hideAxis("left")
        self.hideAxis("bottom")
        self.hideButtons()
        self.setMenuEnabled(False)
        self.setMouseEnabled(False, False)
        self.plotItem.setContentsMargins(0, 0, 0, 0)
        self.plotItem.disableAutoRange()
        self._curve = pg.PlotCurveItem(skipFiniteCheck=True, antialias=False)
        self.plotItem.addItem(self._curve)
        self._scale_ms = 0.0
        self._set_scale(10.0)
        self.set_theme(palette)

    @property
    def scale_ms(self) -> float:
        """Milliseconds at the lane's top; its foot is zero."""
        return self._scale_ms

    @property
    def curve(self) -> pg.PlotCurveItem:
        """The line itself."""
        return self._curve

    @property
    def curve_colour(self) -> str:
        """The line's colour, ``#RRGGBB``."""
        return str(self._curve.opts["pen"].color().name().upper())

    def set_series(self, times_s: NDArray[np.float64], values_ms: NDArray[np.float64]) -> None:
        """Draw ``values_ms`` over ``times_s`` (seconds before now, at most zero)."""
        self._curve.setData(times_s, values_ms)

    def fit(self, p99_ms: float) -> None:
        """Choose the scale: the next round number, kept until it is far too large, so that it does not jump."""
        needed = next((step for step in _LADDER_MS if step >= 1.2 * p99_ms), _LADDER_MS[-1])
        if needed > self._scale_ms or needed < 0.3 * self._scale_ms:
            self._set_scale(needed)

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self.setBackground(palette.surface)
        self._curve.setPen(measured_pen(palette))

    def _set_scale(self, scale_ms: float) -> None:
        self._scale_ms = scale_ms
        self.setRange(xRange=(-SPAN_S, 0.0), yRange=(0.0, scale_ms), padding=0.0, disableAutoRange=True)
