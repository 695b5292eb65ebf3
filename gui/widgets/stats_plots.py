"""One stage's last minute as a curve, and how its times are spread. Imports pyqtgraph: import this module late.

Pens are one pixel wide without antialiasing and ranges are fixed: two pixels with antialiasing cost 1.6 s a repaint.
"""

from __future__ import annotations

from math import ceil, floor, log10
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QPointF, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter
from PySide6.QtWidgets import QHBoxLayout, QWidget

from gui.core.stats import Histogram
from gui.core.text import Written, say_n
from gui.core.theme import SPACE_PX, Palette, TypeSize
from gui.widgets.latency_lane import SPAN_S
from gui.widgets.style import font

_FILL_OPACITY = 0.35
_OVER_THE_END_PX = 64
"""How far a number at an end may stand outside before it is moved inside: more than any does."""
_JOIN_S = 2.0
"""Frames further apart are not joined: nothing was measured between them."""


class UnitAxis(pg.AxisItem):
    """Numbers with their unit: no room is spent on a title."""

    def __init__(self, side: str, unit: str) -> None:
        super().__init__(side)
        self._unit = unit
        self.enableAutoSIPrefix(False)
        if self._is_level:
            self.setStyle(hideOverlappingLabels=_OVER_THE_END_PX)

    def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:
        """Return one distance, the largest that is there twice, or more where numbers would run into each other."""
        steps = super().tickSpacing(low, high, size)
        step, offset = next((step for step in steps if 2 * step[0] <= high - low), steps[-1])
        while 2 * step <= high - low and self._is_crowded(low, high, step, size):
            step = _next_round(step)
        return [(step, offset)]

    @property
    def _is_level(self) -> bool:
        return self.orientation in ("bottom", "top")

    def _is_crowded(self, low: float, high: float, step: float, size: float) -> bool:
        """Return whether numbers side by side run into each other; one above the other they have room."""
        if not self._is_level:
            return False
        metrics = QFontMetricsF(font(TypeSize.CAPTION, tabular=True))
        ticks = np.arange(ceil(low / step), floor(high / step) + 1) * step
        widths = np.array(
            [metrics.horizontalAdvance(text) for text in self.tickStrings(list(ticks), 1.0, step)]
        )
        lefts = np.clip((ticks - low) / (high - low) * size - widths / 2, 0.0, np.maximum(0.0, size - widths))
        return bool((lefts[1:] < lefts[:-1] + widths[:-1] + SPACE_PX).any())

    def generateDrawSpecs(self, painter: QPainter) -> Any:
        """Return what is drawn; the number at an end is moved inside, where it would stand half outside.

        Where two do not fit beside each other, the right one stays: with the end of the axis its scale is known.
        """
        specs = super().generateDrawSpecs(painter)
        if specs is None or not self._is_level:
            return specs
        axis, ticks, texts = specs
        bounds = self.mapRectFromParent(self.geometry())
        for place, _flags, _text in texts:
            place.moveLeft(max(bounds.left(), min(place.left(), bounds.right() - place.width())))
        kept: list[Any] = []
        for text in sorted(texts, key=lambda one: one[0].left(), reverse=True):
            if not kept or text[0].right() < kept[0][0].left():
                kept.insert(0, text)
        return axis, ticks, kept

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Return the numbers as people read them."""
        return [minus(f"{Written(value):g} {self._unit}".rstrip()) for value in values]


class ReadingPlot(pg.PlotWidget):
    """Axes in the palette's colours; a drag zooms, a double click goes back, the pointer reads values."""

    read = Signal(str)

    def __init__(
        self, name: str, x_unit: str, y_unit: str, palette: Palette, bottom: UnitAxis | None = None
    ) -> None:
        axes = {"bottom": bottom or UnitAxis("bottom", x_unit), "left": UnitAxis("left", y_unit)}
        super().__init__(axisItems=axes)
        self.setAccessibleName(name)
        self.setToolTip(_tr("{plot}. Drag to zoom, double click to leave the zoom.").format(plot=name))
        self._axes = tuple(axes.values())
        self._range = ((0.0, 1.0), (0.0, 1.0))
        self._zoomed = False
        item = self.getPlotItem()
        item.setMenuEnabled(False)
        item.hideButtons()
        item.getViewBox().setMouseMode(pg.ViewBox.RectMode)
        item.getViewBox().sigRangeChangedManually.connect(self._on_zoom)
        self.curve = pg.PlotCurveItem(skipFiniteCheck=True)
        self.addItem(self.curve)
        self._line = pg.InfiniteLine(angle=90, movable=False)
        self._line.hide()
        self.addItem(self._line, ignoreBounds=True)
        self.scene().sigMouseMoved.connect(self._on_pointer)
        self.set_theme(palette)

    @property
    def is_zoomed(self) -> bool:
        """Whether the reader looks at a part: the ranges are then left alone."""
        return self._zoomed

    def fix(self, x: tuple[float, float], y: tuple[float, float]) -> None:
        """Show this range, unless the reader has zoomed."""
        if (x, y) != self._range:
            self._range = (x, y)
            if not self._zoomed:
                self.reset()

    def reset(self) -> None:
        """Leave the zoom."""
        self._zoomed = False
        x, y = self._range
        headroom = (y[0], y[1] * 1.08)  # the top number is not cut
        self.setRange(xRange=x, yRange=headroom, padding=0.0, disableAutoRange=True)

    def reading_at(self, x: float) -> tuple[float, str] | None:
        """Return the place nearest to ``x`` that has a value, and the value in words."""
        raise NotImplementedError

    def _on_zoom(self, *_: object) -> None:
        self._zoomed = True

    def _on_pointer(self, place: QPointF) -> None:
        inside = self.getPlotItem().getViewBox().sceneBoundingRect().contains(place)
        at = self.getPlotItem().getViewBox().mapSceneToView(place).x()
        reading = self.reading_at(at) if inside else None
        self._line.setVisible(reading is not None)
        if reading is not None:
            self._line.setPos(reading[0])
        self.read.emit(reading[1] if reading else "")

    def mouseDoubleClickEvent(self, event: Any) -> None:
        """Leave the zoom."""
        self.reset()

    def leaveEvent(self, event: Any) -> None:
        """Read nothing any more."""
        super().leaveEvent(event)
        self._line.hide()
        self.read.emit("")

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self.setBackground(QColor(palette.surface))
        small, ink = font(TypeSize.CAPTION, tabular=True), QColor(palette.secondary)
        for axis in self._axes:
            axis.setPen(pg.mkPen(QColor(palette.hairline), width=1))
            axis.setTextPen(ink)
            axis.setTickFont(small)
        self.curve.setPen(pg.mkPen(QColor(palette.measured), width=1))
        self._line.setPen(pg.mkPen(ink, width=1))


class CurvePlot(ReadingPlot):
    """Milliseconds over the last minute, measured."""

    def __init__(self, palette: Palette) -> None:
        self._times_s: NDArray[np.float64] = np.empty(0)
        self._values_ms: NDArray[np.float64] = np.empty(0)
        super().__init__(_tr("last minute, measured"), _tr("s"), _tr("ms"), palette)

    def show_series(
        self, times_s: NDArray[np.float64], values_ms: NDArray[np.float64], top_ms: float
    ) -> None:
        """Draw a stage's times; ``top_ms`` is the scale."""
        self._times_s, self._values_ms = times_s, values_ms
        joined = np.append(np.diff(times_s) <= _JOIN_S, False).astype(np.int32)
        self.curve.setData(times_s, values_ms, connect="all" if joined[:-1].all() else joined)
        self.fix((-SPAN_S, 0.0), (0.0, top_ms))

    def reading_at(self, x: float) -> tuple[float, str] | None:
        """Return the frame nearest to ``x`` seconds."""
        if not self._times_s.size:
            return None
        place = int(np.abs(self._times_s - x).argmin())
        at_s = float(self._times_s[place])
        return at_s, minus(f"{Written(at_s):.2f} s: {Written(self._values_ms[place]):.2f} ms")


class HistogramPlot(ReadingPlot):
    """How many frames of the last minute took how long, measured."""

    def __init__(self, palette: Palette) -> None:
        self._shown: Histogram | None = None
        super().__init__(_tr("frames by their time, measured"), _tr("ms"), "", palette)
        self.curve.setFillLevel(0.0)

    def show_histogram(self, shown: Histogram) -> None:
        """Draw a stage's distribution."""
        self._shown = shown
        self.curve.setData(shown.edges_ms, shown.counts, stepMode="center")
        top = max(1, int(shown.counts.max()))
        self.fix((0.0, float(shown.edges_ms[-1])), (0.0, 2.0 ** np.ceil(np.log2(top))))

    def reading_at(self, x: float) -> tuple[float, str] | None:
        """Return the bin that holds ``x`` milliseconds."""
        shown = self._shown
        if shown is None or not 0.0 <= x < shown.edges_ms[-1]:
            return None
        place = int(np.searchsorted(shown.edges_ms, x, "right")) - 1
        low, high = shown.edges_ms[place : place + 2]
        return float((low + high) / 2), say_n(
            "{low:.2f} to {high:.2f} ms: {n} frame",
            "{low:.2f} to {high:.2f} ms: {n} frames",
            int(shown.counts[place]),
            low=float(low),
            high=float(high),
        )

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        super().set_theme(palette)
        fill = QColor(palette.measured)
        fill.setAlphaF(_FILL_OPACITY)
        self.curve.setBrush(fill)


class StatsPlots(QWidget):
    """Curve and histogram side by side."""

    read = Signal(str)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.curve = CurvePlot(palette)
        self.histogram = HistogramPlot(palette)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_PX)
        layout.addWidget(self.curve, 2)
        layout.addWidget(self.histogram, 1)
        for plot in (self.curve, self.histogram):
            plot.read.connect(self.read)

    def reset(self) -> None:
        """Leave the zoom of both."""
        self.curve.reset()
        self.histogram.reset()

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self.curve.set_theme(palette)
        self.histogram.set_theme(palette)


def _next_round(step: float) -> float:
    """Return the next larger of 1, 2, 5, 10, 20, 50 ..."""
    leading = step / 10.0 ** floor(log10(step))
    return step * (2.5 if 1.5 < leading < 3.5 else 2.0)


def minus(figure: str) -> str:
    """Return a figure with a minus sign of its digits' width."""
    return figure.replace("-", "\u2212")


def _tr(text: str) -> str:
    return QCoreApplication.translate("StatsPlots", text)
