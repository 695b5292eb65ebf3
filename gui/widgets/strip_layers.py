"""The two slim strips of Show: what is seen and how it is (top), and the two clocks (foot)."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from gui.core.theme import SPACE_PX, OverlayScale, Palette
from gui.widgets.clock_mark import Clock, paint_clock_mark
from gui.widgets.layer import CachedLayer
from gui.widgets.style import plate_colour
from gui.widgets.text_cache import TextLook
from gui.widgets.wording import ClockText, Status, measured_clock, modelled_clock


class _Strip(CachedLayer):
    """One line of text on a plate across the whole view; sizes are fractions of the view's height."""

    across = True

    def __init__(self, palette: Palette, scale: OverlayScale, height: float, text: float) -> None:
        super().__init__(palette)
        self._scale = scale
        self._height = height
        self._text = text
        self._text_px = 0
        self._pad_px = 0

    def place(self, view: QRect, ratio: float) -> None:
        """Take the strip's share of the height, at the top."""
        super().place(view, ratio)
        self._text_px = self._scale.px(self._text, view.height())
        self._pad_px = 2 * max(SPACE_PX, round(0.02 * view.height()))
        self.rect = QRect(0, 0, view.width(), round(self._height * view.height()))

    def _baseline(self) -> float:
        return round(self.rect.height() / 2 + 0.36 * self._text_px)  # 0.36: half the height of capitals

    def _put(self, painter: QPainter, left: float, text: str, look: TextLook) -> float:
        """Draw ``text`` at ``left`` and return where it ends."""
        painter.setFont(look.font)
        painter.setPen(QColor(look.colour))
        painter.drawText(QPointF(left, self._baseline()), text)
        return left + look.width_px(text)


class StatusLayer(_Strip):
    """Name and source on the left; state and pictures per second on the right."""

    def __init__(self, palette: Palette, scale: OverlayScale) -> None:
        super().__init__(palette, scale, scale.status, scale.status_text)
        self._title = ""
        self._states: tuple[Status, ...] = ()
        self._rate = ""

    @property
    def sentence(self) -> str:
        """The strip as one text."""
        return " · ".join(filter(None, [self._title, *(state.word for state in self._states), self._rate]))

    def set_content(self, title: str, states: tuple[Status, ...], rate: str) -> None:
        """Show other words; drawn anew only if they differ."""
        if (title, states, rate) != (self._title, self._states, self._rate):
            self._title, self._states, self._rate = title, states, rate
            self.changed.emit()

    def draw(self, painter: QPainter) -> None:
        """Draw the strip; a title that does not fit is elided."""
        painter.fillRect(QRect(0, 0, self.rect.width(), self.rect.height()), plate_colour(self.palette))
        right = self._draw_states(painter)
        left = self._put(
            painter, self._pad_px, "Lens7", TextLook(self._text_px, self.palette.text, bold=True)
        )
        left += self._text_px
        look = TextLook(self._text_px, self.palette.secondary)
        room = max(0.0, right - left - self._text_px)
        title = QFontMetricsF(look.font).elidedText(self._title, Qt.TextElideMode.ElideRight, room)
        self._put(painter, left, title, look)

    def _draw_states(self, painter: QPainter) -> float:
        """Draw states and rate flush right; return where they begin."""
        words = TextLook(self._text_px, self.palette.text)
        figures = TextLook(self._text_px, self.palette.text, figures=True)
        left: float = self.rect.width() - self._pad_px
        if self._rate:
            self._put(painter, left - figures.width_px(self._rate), self._rate, figures)
            left -= figures.width_px("000 fps") + self._text_px
        for state in reversed(self._states):
            left -= words.width_px(f"{state.mark.value} {state.word}")
            mark = TextLook(self._text_px, self.palette.mark(state.mark))
            self._put(painter, self._put(painter, left, f"{state.mark.value} ", mark), state.word, words)
            left -= self._text_px
        return left


class ClocksLayer(_Strip):
    """The two clocks side by side: measured solid on the left, modelled dashed on the right."""

    def __init__(self, palette: Palette, scale: OverlayScale) -> None:
        super().__init__(palette, scale, scale.clocks, scale.clocks_text)
        self._measured = measured_clock(None)
        self._modelled = modelled_clock(None)
        self._foot = 0.0

    @property
    def clocks(self) -> tuple[ClockText, ClockText]:
        """The measured and the modelled clock as shown."""
        return self._measured, self._modelled

    def set_clocks(self, measured: ClockText, modelled: ClockText) -> None:
        """Show other figures; drawn anew only if they differ."""
        if (measured, modelled) != (self._measured, self._modelled):
            self._measured, self._modelled = measured, modelled
            self.changed.emit()

    def place(self, view: QRect, ratio: float) -> None:
        """Take the strip's share of the height at the foot, above what it stands on."""
        super().place(view, ratio)
        # Both edges from the foot: rounded as those of the layers above and below, so that no line is left between.
        top, bottom = (
            view.height() - round(share * view.height()) for share in (self._foot + self._height, self._foot)
        )
        self.rect = QRect(0, top, view.width(), bottom - top)

    def stand_on(self, foot: float) -> None:
        """Leave a share of the view's height free below the strip; then it must be placed anew."""
        self._foot = foot

    def draw(self, painter: QPainter) -> None:
        """Draw both clocks, each in its half."""
        width, palette = self.rect.width(), self.palette
        painter.fillRect(QRect(0, 0, width, self.rect.height()), plate_colour(palette))
        painter.fillRect(QRect(self._pad_px, 0, width - 2 * self._pad_px, 1), QColor(palette.hairline))
        self._draw_clock(painter, self._pad_px, self._measured, Clock.MEASURED)
        self._draw_clock(painter, width / 2, self._modelled, Clock.MODELLED)

    def _draw_clock(self, painter: QPainter, left: float, text: ClockText, clock: Clock) -> None:
        size = min(self._text_px, round(self._text_px * self._fit(text)))
        middle = self.rect.height() / 2
        paint_clock_mark(painter, QRectF(left, middle - size / 2, 2 * size, size), clock, self.palette)
        left, gap = left + 2.6 * size, 0.4 * size
        left = self._put(painter, left, text.subject, TextLook(size, self.palette.text)) + gap
        if text.figure:
            figure = TextLook(size, clock.colour(self.palette), bold=True, figures=True)
            left = self._put(painter, left, text.figure, figure) + gap
        self._put(painter, left, text.word, TextLook(size, self.palette.secondary))

    def _fit(self, text: ClockText) -> float:
        """Return by how much the text must shrink to keep to its half of a narrow view."""
        needed = (
            TextLook(self._text_px, self.palette.text, bold=True).width_px(text.sentence)
            + 3.4 * self._text_px
        )
        return min(1.0, (self.rect.width() / 2 - self._pad_px) / needed)
