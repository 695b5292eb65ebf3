"""The five labels over the picture: the first large, the others half its size, probabilities as bars."""

from __future__ import annotations

import time
from functools import lru_cache
from math import ceil

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QColor, QPainter

from gui.core.theme import EASE_MS, SPACE_PX, Mark, OverlayScale, Palette, TypeSize
from gui.widgets.bands import bands
from gui.widgets.layer import Layer
from gui.widgets.style import plate_colour
from gui.widgets.text_cache import TextCache, TextLook, TextPiece
from gui.widgets.wording import LabelRow, OverlayText

_ROWS = 5
_LINE = 1.2  # line height over type size
# Over type size: from one baseline of a name on two lines to the next, and below the last.
_LINE_OF_TWO, _DESCENT = 1.1, 0.3
_LEAST_WHOLE = 0.9  # share of the size on two lines down to which a name rather stays on one
_FIRST_COLUMN = 0.6  # share of the width that the first label gets beside the others
_LEAST_OTHER = 0.62  # share of its size to which a smaller label shrinks before it is elided
_NAME_COLUMN = 0.6  # share of a smaller label's row that its name gets
# Width over height of the view: from here on the smaller labels have bars, and from there on they stand beside the first.
_ROOM_FOR_BARS, _SIDE_BY_SIDE = 1.5, 1.15


class LabelLayer(Layer):
    """Paint the labels of one frame on a plate at the foot of the view; bars ease, words never lag."""

    def __init__(self, palette: Palette, scale: OverlayScale, foot: float = 0.0) -> None:
        """``foot`` is the share of the view's height left free below the plate."""
        super().__init__(palette)
        self.motion = True
        self._scale = scale
        self._foot = foot
        self._text = OverlayText(-1)
        self._cache = TextCache()
        self._from = [0.0] * _ROWS
        self._since_ns = 0
        self._first_area = QRect()
        self._first_area_of_two = QRect()
        self._rows_area = QRect()
        self._pad_px = self._first_px = self._other_px = 0
        self._least_px = self._of_two_px = self._least_other_px = self._figures_px = 0
        self._has_bars = True

    @property
    def text(self) -> OverlayText:
        """What is painted, and the frame it belongs to."""
        return self._text

    def stand_on(self, foot: float) -> None:
        """Leave another share of the view's height free below the plate; then it must be placed anew."""
        self._foot = foot

    def set_text(self, text: OverlayText) -> None:
        """Show the labels of another frame."""
        now_ns = time.monotonic_ns()
        self._from = self.lengths(now_ns)
        self._since_ns = now_ns
        self._text = text
        self.changed.emit()

    def place(self, view: QRect, ratio: float) -> None:
        """Lay out: side by side in a wide view, the four below the first in a tall one."""
        self.ratio = ratio
        height = view.height()
        self._first_px = self._scale.px(self._scale.first_label, height)
        self._other_px = self._scale.px(self._scale.other_labels, height)
        self._pad_px = max(SPACE_PX, round(0.02 * height))
        self._least_other_px = self._scale.px(_LEAST_OTHER * self._scale.other_labels, height)
        self._least_px = self._scale.px(self._scale.first_label_least, height)
        self._figures_px = round(TextLook(self._other_px, "#000000", figures=True).width_px("100 %")) + 1
        pad, rows_h = self._pad_px, round((_ROWS - 1) * self._other_px * _LINE)
        first_h = round(_LINE * (self._other_px + self._first_px)) + self._bar_px(True)
        foot = round(self._foot * height)
        left, inner_w = view.left() + 2 * pad, view.width() - 4 * pad
        self._has_bars = view.width() >= _ROOM_FOR_BARS * height
        if view.width() >= _SIDE_BY_SIDE * height:
            share = _FIRST_COLUMN if self._has_bars else 0.5
            content_h, first_w = max(rows_h, first_h), round(inner_w * share)
            top = view.height() - foot - content_h - pad
            self._first_area = QRect(left, top + (content_h - first_h) // 2, first_w - pad, first_h)
            self._first_area_of_two = QRect(left, top, first_w - pad, content_h)
            self._rows_area = QRect(left + first_w + pad, top, inner_w - first_w - pad, rows_h)
        else:
            self._has_bars = True
            content_h = first_h + pad + rows_h
            top = view.height() - foot - content_h - pad
            self._first_area = self._first_area_of_two = QRect(left, top, inner_w, first_h)
            self._rows_area = QRect(left, top + first_h + pad, inner_w, rows_h)
        lines_h = self._first_area_of_two.height() - round(_LINE * self._other_px) - self._bar_px(True)
        self._of_two_px = min(self._least_px, int(lines_h / (_LINE_OF_TWO + _LINE)))
        self.rect = QRect(view.left(), top - pad, view.width(), content_h + 2 * pad)

    @property
    def is_moving(self) -> bool:
        """Whether a bar is still on its way."""
        return (
            self.motion
            and bool(self._text.rows)
            and time.monotonic_ns() - self._since_ns < EASE_MS * 1_000_000
        )

    def paint(self, painter: QPainter) -> None:
        """Paint plate, names, percentages and bars, or why there are none; nothing while no engine saw the frame."""
        if not (self._text.rows or self._text.why):
            return
        plate = plate_colour(self.palette)
        for band in bands(self.rect, self.ratio):
            painter.fillRect(band, plate)
        if not self._text.rows:
            self._paint_why(painter)
            return
        lengths = self.lengths(time.monotonic_ns())
        self._paint_first(painter, self._text.caption, self._text.rows[0], lengths[0])
        for place, (row, length) in enumerate(zip(self._text.rows[1:_ROWS], lengths[1:], strict=False)):
            self._paint_other(painter, place, row, length)

    def _paint_why(self, painter: QPainter) -> None:
        sign, why, room = f"{Mark.WARNING.value} ", self._text.why, self.rect.width() - 4 * self._pad_px
        size_px = _fitting_px(sign + why, self._other_px, self._least_other_px, room)
        left, baseline = self._first_area.left(), self.rect.center().y() + round(0.36 * size_px)
        mark = self._piece(sign, TextLook(size_px, self.palette.mark(Mark.WARNING)), room)
        mark.paint(painter, left, baseline)
        text = self._piece(why, TextLook(size_px, self.palette.text), room - ceil(mark.width_px))
        text.paint(painter, left + mark.width_px, baseline)

    def _paint_first(self, painter: QPainter, words: str, row: LabelRow, length: float) -> None:
        ink = self.palette.secondary if row.perhaps else self.palette.text
        size_px, lines = self._first_lines(row.name)
        area = self._first_area if len(lines) == 1 else self._first_area_of_two
        caption = self._piece(words, TextLook(self._other_px, self.palette.secondary), area.width())
        caption.paint(painter, area.left(), area.top() + round(0.95 * self._other_px))
        thick = self._bar_px(True)
        below = _DESCENT * (self._first_px if len(lines) == 1 else size_px)
        baseline = area.bottom() + 1 - thick - round(below)
        figures = TextLook(size_px, ink, bold=True, figures=True)
        percent = self._piece(row.percent, figures, area.width())
        percent.paint_right(painter, area.right() + 1, baseline)
        room, look = area.width() - round(percent.width_px) - self._pad_px, TextLook(size_px, ink, bold=True)
        for place, line in enumerate(reversed(lines)):
            above = round(place * _LINE_OF_TWO * size_px)
            self._piece(line, look, room).paint(painter, area.left(), baseline - above)
        self._bar(painter, QRectF(area.left(), area.bottom() + 1 - thick, area.width(), thick), length, ink)

    def _first_lines(self, name: str) -> tuple[int, tuple[str, ...]]:
        """Return size and lines of the first label: one line while that is legible, else two."""
        area = self._first_area
        for size_px in (self._first_px, self._least_px):
            if _first_width_px(name, size_px) + self._pad_px <= area.width():
                return size_px, (name,)
        lines, room_px = _in_two(name), area.width() - self._pad_px
        whole_px = int(self._least_px * room_px / _first_width_px(name, self._least_px))
        if whole_px >= _LEAST_WHOLE * self._of_two_px:
            return whole_px, (name,)
        needed = max(_first_width_px(line, self._of_two_px) for line in lines)
        fitting = int(self._of_two_px * room_px / needed)
        return max(int(TypeSize.CAPTION), min(self._of_two_px, fitting)), lines

    def _paint_other(self, painter: QPainter, place: int, row: LabelRow, length: float) -> None:
        area = self._rows_area
        baseline = area.top() + round((place * _LINE + 0.95) * self._other_px)
        name_w = round(_NAME_COLUMN * area.width())
        if not self._has_bars:
            name_w = area.width() - self._figures_px
        room = name_w - self._pad_px
        size_px = _fitting_px(row.name, self._other_px, self._least_other_px, room)
        look = TextLook(size_px, self.palette.text)
        self._piece(row.name, look, room).paint(painter, area.left(), baseline)
        figures = TextLook(self._other_px, self.palette.text, figures=True)
        self._piece(row.percent, figures, area.width()).paint_right(painter, area.right() + 1, baseline)
        if not self._has_bars:
            return
        bar_w = area.width() - name_w - self._figures_px - self._pad_px // 2
        thick = self._bar_px(False)
        top = baseline - round(0.36 * self._other_px + thick / 2)  # 0.36: half the height of capitals
        self._bar(painter, QRectF(area.left() + name_w, top, bar_w, thick), length, self.palette.secondary)

    def _piece(self, text: str, look: TextLook, room_px: int) -> TextPiece:
        return self._cache.piece(text, look, room_px, self.ratio)

    def _bar(self, painter: QPainter, track: QRectF, length: float, ink: str) -> None:
        painter.fillRect(track, QColor(self.palette.hairline))
        painter.fillRect(
            QRectF(track.left(), track.top(), track.width() * length, track.height()), QColor(ink)
        )

    def _bar_px(self, first: bool) -> int:
        return max(4, round((0.22 if first else 0.3) * (self._first_px if first else self._other_px)))

    def lengths(self, now_ns: int) -> list[float]:
        """Return the bars' lengths now: from where they were to where they belong."""
        goals = [row.fraction for row in self._text.rows] + [0.0] * _ROWS
        passed = (now_ns - self._since_ns) / (EASE_MS * 1e6)
        if not self.motion or passed >= 1.0:
            return goals[:_ROWS]
        eased = 1.0 - (1.0 - passed) ** 3
        return [start + (goal - start) * eased for start, goal in zip(self._from, goals, strict=False)]


@lru_cache(maxsize=256)
def _first_width_px(name: str, size_px: int) -> float:
    """Return the logical pixels that a first label and any percentage beside it need."""
    look = TextLook(size_px, "#000000", bold=True)
    return look.width_px(name) + TextLook(size_px, "#000000", bold=True, figures=True).width_px("100 %") + 1


@lru_cache(maxsize=64)
def _in_two(name: str) -> tuple[str, ...]:
    """Return ``name`` broken after the space or hyphen next to its middle; whole where it has none."""
    places = [place + 1 for place, letter in enumerate(name[:-1]) if letter in " -"]
    if not places:
        return (name,)
    place = min(places, key=lambda place: max(place, len(name) - place))
    return name[:place].rstrip(), name[place:]


@lru_cache(maxsize=256)
def _fitting_px(name: str, size_px: int, least_px: int, room_px: int) -> int:
    """Return the size up to ``size_px`` at which ``name`` fits, the least size if none does."""
    needed = TextLook(size_px, "#000000").width_px(name)
    return size_px if needed <= room_px else max(least_px, int(size_px * room_px / needed))
