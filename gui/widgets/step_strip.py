"""The six steps of a frame through the chip, each lit by its modelled share of the time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gui.core.device_figures import DeviceFigures, DeviceStep
from gui.core.text import Written
from gui.core.theme import RADIUS_PX, SPACE_PX, OverlayScale, Palette, TypeSize
from gui.widgets.clock_mark import Clock, paint_clock_mark
from gui.widgets.device_wording import step_help, step_title, steps_sentence
from gui.widgets.layer import CachedLayer
from gui.widgets.style import colour, plate_colour
from gui.widgets.text_cache import TextLook
from gui.widgets.wording import percent
from gui.widgets.words import word

LIT_OPACITY = 0.3
"""Of the modelled clock's colour behind the words of the step that takes longest; plain text stays readable on it."""
_LIT_FROM = 0.005  # what is told as less than one per cent is not lit
_ROW_PX = 20
_NAME_PX = 84
_FIGURES_PX = 112


class StepsLayer(CachedLayer):
    """The strip along the foot of Show, step after step; it takes no room where there is nothing to tell."""

    across = True

    def __init__(self, palette: Palette, scale: OverlayScale) -> None:
        super().__init__(palette)
        self._scale = scale
        self._figures: DeviceFigures | None = None
        self._wanted = True

    @property
    def height(self) -> float:
        """The share of the view's height that the strip takes."""
        return self._scale.steps if self._wanted and self._figures is not None else 0.0

    @property
    def sentence(self) -> str:
        """The strip as one text, empty while it is not shown."""
        return steps_sentence(self._figures) if self._figures is not None and self._wanted else ""

    def set_figures(self, figures: DeviceFigures | None) -> None:
        """Show other shares; where ``height`` changes by that, all layers must be placed anew."""
        self._figures = figures
        self.changed.emit()

    def set_wanted(self, wanted: bool) -> None:
        """Show the strip or not; then all layers must be placed anew."""
        self._wanted = wanted

    def place(self, view: QRect, ratio: float) -> None:
        """Take the strip's share of the height at the foot."""
        super().place(view, ratio)
        height_px = round(self.height * view.height())
        self.rect = QRect(0, view.height() - height_px, view.width(), height_px)

    def draw(self, painter: QPainter) -> None:
        """Draw the mark of the modelled clock, then the steps."""
        assert self._figures is not None
        width, height = self.rect.width(), self.rect.height()
        painter.fillRect(0, 0, width, height, plate_colour(self.palette))
        view_height = height / self.height
        size = self._scale.px(self._scale.steps_text, view_height)
        pad = 2 * max(SPACE_PX, round(0.02 * view_height))
        look, modelled = TextLook(size, self.palette.secondary), word(Clock.MODELLED.value)
        left = pad + 2.6 * size + look.width_px(modelled) + 0.8 * size
        area = QRectF(left, 0, width - pad - left, 0.88 * height)
        baseline = _Cells.baseline(area)
        mark = QRectF(
            pad, baseline - 0.36 * size - size / 2, 2 * size, size
        )  # 0.36: half the height of capitals
        paint_clock_mark(painter, mark, Clock.MODELLED, self.palette)
        _text(painter, pad + 2.6 * size, baseline, modelled, look)
        _Cells(self.palette, size).paint(painter, area, self._figures.shares)


@dataclass(frozen=True, slots=True)
class _Cells:
    """Steps side by side, an arrow between neighbours: name and share over a lamp, a bar as long as the share."""

    palette: Palette
    text_px: int

    @staticmethod
    def baseline(area: QRectF) -> float:
        """Return where the words of cells of this area stand."""
        return area.top() + 0.58 * area.height()

    def paint(self, painter: QPainter, area: QRectF, shares: Mapping[DeviceStep, float]) -> None:
        gap = 1.2 * self.text_px
        width = (area.width() - gap * (len(shares) - 1)) / len(shares)
        largest = max(shares.values())
        for place, (step, share) in enumerate(shares.items()):
            cell = QRectF(area.left() + place * (width + gap), area.top(), width, area.height())
            if place:
                self._paint_arrow(painter, QPointF(cell.left() - gap / 2, cell.center().y()))
            if share >= _LIT_FROM:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colour(self.palette.modelled, LIT_OPACITY * share / largest))
                painter.drawRoundedRect(cell, RADIUS_PX / 2, RADIUS_PX / 2)
            inset = 0.4 * self.text_px
            self._paint_words(painter, cell.adjusted(inset, 0, -inset, 0), step, share)

    def _paint_arrow(self, painter: QPainter, centre: QPointF) -> None:
        size = 0.5 * self.text_px
        corners = [centre + QPointF(x * size, y * size) for x, y in ((-0.4, -0.6), (0.4, 0.0), (-0.4, 0.6))]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.palette.secondary))
        painter.drawPolygon(QPolygonF(corners))

    def _paint_words(self, painter: QPainter, inner: QRectF, step: DeviceStep, share: float) -> None:
        look = _name_look(self.palette, share, self.text_px)
        figure = TextLook(self.text_px, look.colour, bold=share >= _LIT_FROM, figures=True)
        baseline, text = self.baseline(inner), percent(share)
        _text(painter, inner.right() - figure.width_px(text), baseline, text, figure)
        room = inner.width() - figure.width_px(text) - 0.3 * self.text_px
        name = QFontMetricsF(look.font).elidedText(step_title(step), Qt.TextElideMode.ElideRight, room)
        _text(painter, inner.left(), baseline, name, look)
        thick = max(3.0, 0.2 * self.text_px)
        track = QRectF(inner.left(), inner.bottom() - 1.6 * thick, inner.width(), thick)
        _paint_lamp(painter, track, share, self.palette)


class StepStrip(QWidget):
    """The steps below each other, with their milliseconds: for the narrow panel of Bench."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette = palette
        self._figures: DeviceFigures | None = None
        self.setAccessibleName(self.tr("Steps of a frame, modelled"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_figures(self, figures: DeviceFigures | None) -> None:
        """Show other times, or unlit steps."""
        self._figures = figures
        self.setAccessibleDescription(steps_sentence(figures) if figures else "")
        self.update()

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self._palette = palette
        self.update()

    def sizeHint(self) -> QSize:
        """A row for each step."""
        return QSize(_NAME_PX + _FIGURES_PX + 60, _ROW_PX * len(DeviceStep))

    def minimumSizeHint(self) -> QSize:
        """The same."""
        return self.sizeHint()

    def event(self, event: QEvent) -> bool:
        """Tell what the step under the pointer is."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            row = min(event.pos().y() // _ROW_PX, len(DeviceStep) - 1)
            step = list(DeviceStep)[max(0, row)]
            QToolTip.showText(event.globalPos(), f"{step_title(step)}: {step_help(step)}", self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a row for each step."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        figures = self._figures
        shares = figures.shares if figures else dict.fromkeys(DeviceStep, 0.0)
        for place, (step, share) in enumerate(shares.items()):
            row = QRectF(0, place * _ROW_PX, self.width(), _ROW_PX)
            texts = (f"{Written(figures.steps_ms[step]):.2f} ms", percent(share)) if figures else ("", "")
            self._paint_row(painter, row, step, share, texts)

    def _paint_row(
        self, painter: QPainter, row: QRectF, step: DeviceStep, share: float, texts: tuple[str, str]
    ) -> None:
        palette, baseline = self._palette, row.top() + 15
        _text(painter, 0, baseline, step_title(step), _name_look(palette, share, TypeSize.BODY))
        ms, per_cent = texts
        figure = _share_look(palette, share, TypeSize.BODY)
        quiet = TextLook(TypeSize.BODY, palette.text, figures=True)
        _text(painter, row.right() - figure.width_px(per_cent), baseline, per_cent, figure)
        right = row.right() - _FIGURES_PX / 2 + SPACE_PX
        _text(painter, right - quiet.width_px(ms), baseline, ms, quiet)
        lamp = QRectF(_NAME_PX, row.top() + 7, row.width() - _NAME_PX - _FIGURES_PX - SPACE_PX, 6)
        _paint_lamp(painter, lamp, share, palette)


def _name_look(palette: Palette, share: float, size_px: int) -> TextLook:
    return TextLook(size_px, palette.text if share >= _LIT_FROM else palette.secondary)


def _share_look(palette: Palette, share: float, size_px: int) -> TextLook:
    lit = share >= _LIT_FROM
    return TextLook(size_px, palette.modelled if lit else palette.secondary, bold=lit, figures=True)


def _paint_lamp(painter: QPainter, track: QRectF, share: float, palette: Palette) -> None:
    painter.fillRect(track, QColor(palette.hairline))
    lit = QRectF(track.left(), track.top(), track.width() * share, track.height())
    painter.fillRect(lit, QColor(palette.modelled))


def _text(painter: QPainter, left: float, baseline: float, text: str, look: TextLook) -> None:
    painter.setFont(look.font)
    painter.setPen(QColor(look.colour))
    painter.drawText(QPointF(left, baseline), text)
