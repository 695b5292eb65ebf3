"""The roofline of the layers with MACs, modelled: what each achieves under the roofs of panel, MSMC and DDR."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.core.device_figures import DeviceFigures, LayerFigures, Roofs
from gui.core.text import Written
from gui.core.theme import Palette, TypeSize
from gui.widgets.layer_choice import LayerChoice
from gui.widgets.text_cache import TextLook

_LEFT_PX, _RIGHT_PX, _TOP_PX, _FOOT_PX = 48, 8, 8, 34
_LEAST_INTENSITY, _MOST_INTENSITY = 0.5, 2000.0
_MARK_PX = 3.5
_REACH_PX = 12.0


class RooflinePlot(QWidget):
    """Useful MACs per cycle over useful MACs per byte moved, both axes logarithmic."""

    def __init__(self, palette: Palette, choice: LayerChoice, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette = palette
        self._choice = choice
        self._figures: DeviceFigures | None = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Roofline of the layers, modelled"))
        choice.changed.connect(self.update)

    def set_figures(self, figures: DeviceFigures | None) -> None:
        """Draw another network or chip, or nothing."""
        self._figures = figures
        self.update()

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self._palette = palette
        self.update()

    def sizeHint(self) -> QSize:
        """About as high as two thirds of its width."""
        return QSize(320, 208)

    def minimumSizeHint(self) -> QSize:
        """The least that can be read."""
        return QSize(240, 160)

    def position_of(self, layer: int) -> QPointF | None:
        """Return where the layer's mark is, None for one without MACs."""
        if self._figures is None or not self._figures.layers[layer].achieved:
            return None
        return self._axes(self._figures).point(self._figures.layers[layer])

    def layer_at(self, place: QPointF) -> int | None:
        """Return the layer whose mark is nearest to ``place``, None where none is near."""
        if self._figures is None:
            return None
        axes, best, nearest = self._axes(self._figures), None, _REACH_PX
        for index, layer in enumerate(self._figures.layers):
            if layer.achieved:
                offset = axes.point(layer) - place
                distance = math.hypot(offset.x(), offset.y())
                if distance < nearest:
                    best, nearest = index, distance
        return best

    def _axes(self, figures: DeviceFigures) -> _Axes:
        area = QRectF(
            _LEFT_PX, _TOP_PX, self.width() - _LEFT_PX - _RIGHT_PX, self.height() - _TOP_PX - _FOOT_PX
        )
        return _Axes(area, figures)

    # --- events ---

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at the nearest layer."""
        self._choice.point(self.layer_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing."""
        self._choice.point(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Pin the nearest layer, or let it go."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._choice.pin(self.layer_at(event.position()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint grid, roofs and marks."""
        painter = QPainter(self)
        if self._figures is None:
            return
        axes = self._axes(self._figures)
        painter.fillRect(axes.area, QColor(self._palette.surface))
        self._paint_grid(painter, axes)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_roofs(painter, axes, self._figures.roofs)
        for index, layer in enumerate(self._figures.layers):
            if layer.achieved:
                self._paint_mark(painter, axes.point(layer), layer, index)

    def _paint_grid(self, painter: QPainter, axes: _Axes) -> None:
        area, look = axes.area, TextLook(TypeSize.CAPTION, self._palette.secondary, figures=True)
        painter.setFont(look.font)
        painter.setPen(QColor(look.colour))
        for power in range(-1, 6):
            value = 10.0**power
            x, y = axes.x(value), axes.y(value)
            if area.left() <= x <= area.right():
                painter.fillRect(QRectF(x, area.top(), 1, area.height()), QColor(self._palette.hairline))
                text = f"{Written(value):g}"
                painter.drawText(QPointF(x - look.width_px(text) / 2, area.bottom() + 14), text)
            if area.top() <= y <= area.bottom():
                painter.fillRect(QRectF(area.left(), y, area.width(), 1), QColor(self._palette.hairline))
                text = f"{Written(value):g}"
                painter.drawText(QPointF(area.left() - 6 - look.width_px(text), y + 4), text)
        name = self.tr("MAC per byte moved; upwards: MAC per cycle")
        painter.drawText(QPointF(area.right() - look.width_px(name), area.bottom() + 30), name)

    def _paint_roofs(self, painter: QPainter, axes: _Axes, roofs: Roofs) -> None:
        area, peak = axes.area, roofs.macs_per_cycle
        pen = QPen(QColor(self._palette.modelled), 1, Qt.PenStyle.DashLine)
        look = TextLook(TypeSize.CAPTION, self._palette.text)
        painter.setFont(look.font)
        painter.setClipRect(area)
        for name, rate, before in (
            (self.tr("MSMC"), roofs.msmc_bytes_per_cycle, True),
            (self.tr("DDR"), roofs.ddr_bytes_per_cycle, False),
        ):
            foot = QPointF(area.left(), axes.y(_LEAST_INTENSITY * rate))
            knee = QPointF(axes.x(peak / rate), axes.y(peak))
            painter.setPen(pen)
            painter.drawLine(foot, knee)
            # Marks lie below the roofs, and seldom near a knee: there is room for a name.
            at = foot + (knee - foot) * 0.78
            painter.setPen(QColor(look.colour))
            painter.drawText(at + (QPointF(-look.width_px(name) - 6, 0) if before else QPointF(8, 10)), name)
        painter.setPen(pen)
        first_knee = axes.x(peak / roofs.msmc_bytes_per_cycle)
        painter.drawLine(QPointF(first_knee, axes.y(peak)), QPointF(area.right(), axes.y(peak)))
        text = self.tr("MMA {peak} MAC/cycle").format(peak=f"{Written(peak):g}")
        painter.setPen(QColor(look.colour))
        painter.drawText(QPointF(area.right() - look.width_px(text) - 4, axes.y(peak) - 5), text)
        painter.setClipping(False)

    def _paint_mark(self, painter: QPainter, at: QPointF, layer: LayerFigures, index: int) -> None:
        """A dot; a ring where it is depthwise, a cross where it is fully connected; framed while chosen."""
        ink = QColor(self._palette.modelled)
        painter.setPen(QPen(ink, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush if layer.op == "DepthwiseConv2d" else ink)
        if layer.op == "FullyConnected":
            for dx, dy in ((1, 1), (1, -1)):
                arm = QPointF(dx * _MARK_PX, dy * _MARK_PX)
                painter.drawLine(at - arm, at + arm)
        else:
            painter.drawEllipse(at, _MARK_PX, _MARK_PX)
        if index in (self._choice.pointed, self._choice.pinned):
            painter.setPen(QPen(QColor(self._palette.text), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(at, 2 * _MARK_PX, 2 * _MARK_PX)


class _Axes:
    """Where values lie in ``area``."""

    def __init__(self, area: QRectF, figures: DeviceFigures) -> None:
        self.area = area
        marks = [layer for layer in figures.layers if layer.achieved]
        most = max([_MOST_INTENSITY, *(layer.intensity for layer in marks)])
        least = min([1.0, *(layer.achieved for layer in marks)])
        self.x = _logarithmic(_LEAST_INTENSITY, most, area.left(), area.right())
        self.y = _logarithmic(least, 3.0 * figures.roofs.macs_per_cycle, area.bottom(), area.top())

    def point(self, layer: LayerFigures) -> QPointF:
        return QPointF(self.x(max(_LEAST_INTENSITY, layer.intensity)), self.y(layer.achieved))


def _logarithmic(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    per_unit = (end - start) / math.log(high / low)
    return lambda value: start + math.log(value / low) * per_unit
