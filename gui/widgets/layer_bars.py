"""Modelled time of every layer as a stacked bar: kernel, waiting for DMA, set-up. Painted in about a millisecond."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.core.device_figures import LayerFigures
from gui.core.text import Written
from gui.core.theme import Palette, TypeSize, over
from gui.widgets.layer_choice import LayerChoice
from gui.widgets.text_cache import TextLook

KERNEL_OPACITY, WAITING_OPACITY, SETUP_OPACITY = 1.0, 0.55, 0.28
"""Of the modelled clock's one colour: the parts of a bar."""
_LEFT_PX, _TOP_PX, _FOOT_PX = 56, 8, 18
_LADDER_US = tuple(step * 10.0**power for power in range(6) for step in (1, 2, 5))


def parts(palette: Palette, ground: str) -> tuple[str, str, str]:
    """Return the colours of kernel, waiting and set-up on ``ground``."""
    kernel, waiting, setup = (
        over(palette.modelled, opacity, ground)
        for opacity in (KERNEL_OPACITY, WAITING_OPACITY, SETUP_OPACITY)
    )
    return kernel, waiting, setup


class LayerBars(QWidget):
    """Point, click, or walk with the arrow keys; a click, Enter or Space pins a layer, Escape lets it go.

    Where the chip asked about is not the one compiled for, a line in each bar's column marks what it took there.
    """

    def __init__(self, palette: Palette, choice: LayerChoice, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette = palette
        self._choice = choice
        self._layers: tuple[LayerFigures, ...] = ()
        self._before_us: tuple[float, ...] = ()
        self._scale_us = _LADDER_US[0]
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Layers, modelled time"))
        choice.changed.connect(self._on_choice)

    @property
    def scale_us(self) -> float:
        """Microseconds at the top of the axis; its foot is zero."""
        return self._scale_us

    def axis_text(self, share: float) -> str:
        """Return the number at ``share`` of the axis with its unit: microseconds of more digits would be cut."""
        if self._scale_us < 1000.0:
            return f"{Written(share * self._scale_us):g} µs"
        return f"{Written(share * self._scale_us / 1000.0):g} ms"

    @property
    def layers(self) -> tuple[LayerFigures, ...]:
        """What is drawn."""
        return self._layers

    def set_layers(self, layers: Sequence[LayerFigures], before: Sequence[LayerFigures] = ()) -> None:
        """Draw ``layers``, and mark what each took on the chip ``before``; the axis has room for both."""
        self._layers = tuple(layers)
        self._before_us = tuple(layer.total_us for layer in before)
        largest_us = max((layer.total_us for layer in (*layers, *before)), default=0.0)
        self._scale_us = next((step for step in _LADDER_US if step >= largest_us), _LADDER_US[-1])
        if layers:
            self._choice.set_count(len(self._layers))
        self._on_choice()

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self._palette = palette
        self.update()

    def sizeHint(self) -> QSize:
        """Wide enough for bars that can be pointed at."""
        return QSize(320, 144)

    def minimumSizeHint(self) -> QSize:
        """The least that can be read."""
        return QSize(240, 112)

    def layer_at(self, x: float) -> int | None:
        """Return the layer whose column is at ``x`` logical pixels from the left."""
        pitch = self._pitch
        if not self._layers or x < _LEFT_PX:
            return None
        index = int((x - _LEFT_PX) / pitch)
        return index if index < len(self._layers) else None

    def centre_of(self, layer: int) -> QPointF:
        """Return the middle of the layer's column."""
        return QPointF(_LEFT_PX + (layer + 0.5) * self._pitch, self.height() / 2)

    @property
    def _pitch(self) -> float:
        return (self.width() - _LEFT_PX) / max(1, len(self._layers))

    def _on_choice(self) -> None:
        shown = self._choice.shown
        told = self._layers[shown].sentence if shown is not None and shown < len(self._layers) else ""
        self.setAccessibleDescription(told)
        self.update()

    # --- events ---

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at the layer under the pointer."""
        self._choice.point(self.layer_at(event.position().x()))

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing."""
        self._choice.point(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Pin the layer, or let it go."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._choice.pin(self.layer_at(event.position().x()))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Leave only what is pinned."""
        super().focusOutEvent(event)
        self._choice.point(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk, pin, let go."""
        far = len(self._layers)
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Home: -far, Qt.Key.Key_End: far}
        key = Qt.Key(event.key())
        if key in steps:
            self._choice.move(steps[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and far:
            self._choice.pin(self._choice.shown)
        elif key is Qt.Key.Key_Escape and self._choice.pinned is not None:
            self._choice.pin(None)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the axis, the chosen columns, the bars, and the focus."""
        painter = QPainter(self)
        plot = QRectF(_LEFT_PX, _TOP_PX, self.width() - _LEFT_PX, max(1, self.height() - _TOP_PX - _FOOT_PX))
        painter.fillRect(plot, QColor(self._palette.surface))
        if self._layers:
            self._paint_choice(painter, plot)
            self._paint_axis(painter, plot)
            self._paint_bars(painter, plot)
        if self.hasFocus():
            painter.setPen(QColor(self._palette.text))
            painter.drawRect(plot.adjusted(0, 0, -1, -1))

    def _paint_choice(self, painter: QPainter, plot: QRectF) -> None:
        for layer in {self._choice.pinned, self._choice.pointed} - {None}:
            assert layer is not None
            column = QRectF(plot.left() + layer * self._pitch, plot.top(), self._pitch, plot.height())
            painter.fillRect(column.adjusted(-1, 0, 1, 0), QColor(self._palette.hairline))
        if self._choice.pinned is not None:
            left = plot.left() + self._choice.pinned * self._pitch
            painter.fillRect(QRectF(left - 1, plot.bottom(), self._pitch + 2, 3), QColor(self._palette.text))

    def _paint_axis(self, painter: QPainter, plot: QRectF) -> None:
        look = TextLook(TypeSize.CAPTION, self._palette.secondary, figures=True)
        painter.setFont(look.font)
        for share in (0.0, 0.5, 1.0):
            y = plot.bottom() - share * plot.height()
            painter.fillRect(QRectF(plot.left(), y, plot.width(), 1), QColor(self._palette.hairline))
            text = self.axis_text(share)
            painter.setPen(QColor(look.colour))
            painter.drawText(QPointF(plot.left() - 6 - look.width_px(text), y + 5), text)
        foot = plot.bottom() + 15
        last = f"{len(self._layers)}"
        painter.drawText(QPointF(plot.left(), foot), self.tr("layer 1"))
        painter.drawText(QPointF(plot.right() - look.width_px(last), foot), last)

    def _paint_bars(self, painter: QPainter, plot: QRectF) -> None:
        pitch, scale = self._pitch, plot.height() / self._scale_us
        inset = 0.15 * pitch if pitch >= 2.5 else 0.0
        inks = [QColor(colour) for colour in parts(self._palette, self._palette.surface)]
        for index, layer in enumerate(self._layers):
            foot, left = plot.bottom(), plot.left() + index * pitch + inset
            for ink, us in zip(inks, (layer.kernel_us, layer.waiting_us, layer.setup_us), strict=True):
                height = min(us * scale, foot - plot.top())
                painter.fillRect(QRectF(left, foot - height, pitch - 2 * inset, height), ink)
                foot -= height
        for index, us in enumerate(self._before_us[: len(self._layers)]):
            mark = QRectF(plot.left() + index * pitch, plot.bottom() - us * scale, pitch, 1)
            painter.fillRect(mark, QColor(self._palette.text))
