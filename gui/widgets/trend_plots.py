"""Several curves over one axis of time, read together. Imports pyqtgraph: import this module late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor

from gui.core.text import Written
from gui.core.theme import Palette
from gui.widgets.stats_plots import ReadingPlot, UnitAxis, minus

Floats = NDArray[np.float64]

_TICK_PX = 72
_STEPS_S = (
    0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 10_800.0, 21_600.0, 43_200.0,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TrendLine:
    """A curve's name, and its ink: the name of a colour of the palette and how much of it covers the ground."""

    name: str
    ink: str
    opacity: float = 1.0


class ClockAxis(UnitAxis):
    """Seconds since 1970 as the time of day in this place."""

    def __init__(self) -> None:
        super().__init__("bottom", "")

    def tickSpacing(self, least: float, most: float, size: float) -> list[tuple[float, float]]:
        """Return one distance of ticks, round by this place's clock."""
        wished = (most - least) * _TICK_PX / max(size, 1.0)
        step = next((step for step in _STEPS_S if step >= wished), _STEPS_S[-1])
        offset = datetime.fromtimestamp(least).astimezone().utcoffset()
        return [(step, -offset.total_seconds() % step if offset is not None else 0.0)]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Return hours and minutes, and seconds where ticks are nearer than a minute."""
        form = "%H:%M:%S" if spacing < 60 else "%H:%M"
        return [datetime.fromtimestamp(value).strftime(form) for value in values]


class TrendPlot(ReadingPlot):
    """Curves of one unit; a curve is broken where its values are NaN. ``zoomed`` tells which span is looked at."""

    zoomed = Signal(float, float)

    def __init__(
        self, name: str, lines: Sequence[TrendLine], unit: str, palette: Palette, of_day: bool = False
    ) -> None:
        self._lines = tuple(lines)
        self._unit = unit
        self._of_day = of_day
        self._x: Floats = np.empty(0)
        self._values: tuple[Floats, ...] = ()
        self._curves: list[pg.PlotCurveItem] = []
        super().__init__(name, "" if of_day else "s", unit, palette, ClockAxis() if of_day else None)
        self.removeItem(self.curve)
        for _ in self._lines:
            curve = pg.PlotCurveItem(connect="finite")
            self._curves.append(curve)
            self.addItem(curve)
        self.set_theme(palette)
        self.getPlotItem().getViewBox().sigXRangeChanged.connect(self._tell_span)

    def _tell_span(self, _box: object, span: tuple[float, float]) -> None:
        self.zoomed.emit(*span)

    @property
    def series(self) -> tuple[Floats, tuple[Floats, ...]]:
        """The times and the values of each curve, as drawn."""
        return self._x, self._values

    def show_curves(
        self, x: Floats, values: Sequence[Floats], x_range: tuple[float, float], top: float
    ) -> None:
        """Draw ``values`` [n] of each line over ``x`` [n] seconds; the vertical axis runs from 0 to ``top``."""
        self._x, self._values = x, tuple(values)
        for curve, line in zip(self._curves, self._values, strict=True):
            curve.setData(x, line)
        self.fix(x_range, (0.0, top))

    def reading_at(self, x: float) -> tuple[float, str] | None:
        """Return the values nearest to ``x``."""
        if not self._x.size:
            return None
        place = int(np.abs(self._x - x).argmin())
        at = float(self._x[place])
        when = (
            datetime.fromtimestamp(at).strftime("%H:%M:%S") if self._of_day else minus(f"{Written(at):.1f} s")
        )
        read = (
            f"{line.name} {Written(values[place]):.2f}"
            for line, values in zip(self._lines, self._values, strict=True)
            if np.isfinite(values[place])
        )
        return at, f"{when}:  {', '.join(read)} {self._unit}"

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        super().set_theme(palette)
        for curve, line in zip(self._curves, self._lines, strict=False):
            ink = QColor(getattr(palette, line.ink))
            ink.setAlphaF(line.opacity)
            curve.setPen(pg.mkPen(ink, width=1, style=Qt.PenStyle.SolidLine))
