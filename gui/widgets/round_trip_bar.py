"""One round trip to the cloud as a bar above the edge's own: measured parts are filled, simulated ones hatched."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.core.theme import SPACE_PX, Palette, TypeSize
from gui.widgets.style import font
from gui.widgets.wording import milliseconds

_BAR_PX = 20
_ROW_PX = 16
_SWATCH_PX = 10


class RoundTripBar(QWidget):
    """Two bars on one scale, and under them what the cloud's is made of."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette = palette
        self._edge_ms = 0.0
        self._parts: dict[str, tuple[float, bool]] = {}
        self.setFont(font(TypeSize.CAPTION, tabular=True))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_times(self, edge_ms: float, parts: Mapping[str, tuple[float, bool]]) -> None:
        """Show the edge's time and the parts of the cloud's: milliseconds, and whether simulated."""
        self._edge_ms = edge_ms
        self._parts = {name: part for name, part in parts.items() if part[0] > 0.0}
        self.setAccessibleName(self._sentence())
        self.updateGeometry()
        self.update()

    @property
    def parts(self) -> dict[str, tuple[float, bool]]:
        """The parts as shown."""
        return dict(self._parts)

    def _sentence(self) -> str:
        told = ", ".join(self._row_text(name) for name in self._parts)
        return self.tr("edge {edge} ms; cloud: {parts}").format(edge=milliseconds(self._edge_ms), parts=told)

    def _row_text(self, name: str) -> str:
        value_ms, simulated = self._parts[name]
        kind = self.tr("simulated") if simulated else self.tr("measured")
        return f"{name} {milliseconds(value_ms)} ms {kind}"

    def sizeHint(self) -> QSize:
        """Two bars and a row for each part."""
        return QSize(240, 2 * (_BAR_PX + SPACE_PX // 2) + _ROW_PX * max(1, len(self._parts)) + SPACE_PX)

    def minimumSizeHint(self) -> QSize:
        """Narrow bars still tell the proportion."""
        return QSize(160, self.sizeHint().height())

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self._palette = palette
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint both bars and the legend."""
        if not self._parts:
            return
        painter = QPainter(self)
        total_ms = sum(value_ms for value_ms, _ in self._parts.values())
        scale = self.width() / max(total_ms, self._edge_ms)
        edge = QRectF(0, 0, max(1.0, self._edge_ms * scale), _BAR_PX)
        painter.fillRect(edge, QColor(self._palette.measured))
        self._caption(painter, edge, self.tr("edge {ms} ms").format(ms=milliseconds(self._edge_ms)))
        left, top = 0.0, float(_BAR_PX + SPACE_PX // 2)
        for value_ms, simulated in self._parts.values():
            area = QRectF(left, top, value_ms * scale, _BAR_PX)
            self._fill(painter, area, simulated)
            left = area.right()
        self._legend(painter, top + _BAR_PX + SPACE_PX)

    def _fill(self, painter: QPainter, area: QRectF, simulated: bool) -> None:
        if simulated:
            painter.fillRect(area, QColor(self._palette.raised))
            painter.fillRect(area, QBrush(QColor(self._palette.secondary), Qt.BrushStyle.BDiagPattern))
        else:
            painter.fillRect(area, QColor(self._palette.measured))
        painter.setPen(QColor(self._palette.surface))
        painter.drawLine(area.topRight(), area.bottomRight())

    def _caption(self, painter: QPainter, bar: QRectF, text: str) -> None:
        """Write beside the bar, or inside it where there is no room beside."""
        width = self.fontMetrics().horizontalAdvance(text) + SPACE_PX
        beside = bar.right() + SPACE_PX / 2 + width < self.width()
        left = bar.right() + SPACE_PX / 2 if beside else bar.left() + SPACE_PX / 2
        painter.setPen(QColor(self._palette.text if beside else self._palette.surface))
        place = QRectF(left, bar.top(), width, bar.height())
        painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter), text)

    def _legend(self, painter: QPainter, top: float) -> None:
        for row, (name, (_, simulated)) in enumerate(self._parts.items()):
            y = top + row * _ROW_PX
            self._fill(painter, QRectF(0, y + 3, _SWATCH_PX, _SWATCH_PX), simulated)
            painter.setPen(QColor(self._palette.text))
            place = QRectF(_SWATCH_PX + SPACE_PX, y, self.width() - _SWATCH_PX - SPACE_PX, _ROW_PX)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter), self._row_text(name))
