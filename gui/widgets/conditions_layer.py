"""What is done to the picture before the engine sees it, told on the picture itself while it is done."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from gui.core.conditions import NEUTRAL
from gui.core.frame import Shown
from gui.core.theme import SPACE_PX, OverlayScale, Palette, TypeSize
from gui.widgets.label_layer import LabelLayer
from gui.widgets.layer import CachedLayer
from gui.widgets.style import plate_colour
from gui.widgets.text_cache import TextLook
from gui.widgets.wording import conditions_line, conditions_title

_GAP = 0.7  # between title and values, over type size
_LEAST = 0.6  # share of its size to which the line shrinks before it is elided


class ConditionsLayer(CachedLayer):
    """One line on the labels' plate, of the very frame that is painted; nothing while its picture is untouched."""

    def __init__(self, palette: Palette, scale: OverlayScale, labels: LabelLayer) -> None:
        super().__init__(palette)
        self._scale = scale
        self._labels = labels
        self._conditions = NEUTRAL
        self._text_px = self._pad_px = 0

    @property
    def sentence(self) -> str:
        """The line as one text, empty while nothing is done."""
        return "" if self._conditions.neutral else conditions_line(self._conditions)

    def follow(self, shown: Shown) -> None:
        """Tell what was done to this frame."""
        if shown.conditions != self._conditions:
            self._conditions = shown.conditions
            self.changed.emit()

    def place(self, view: QRect, ratio: float) -> None:
        """Stand on the labels, which are placed before."""
        super().place(view, ratio)
        self._text_px = self._scale.px(self._scale.conditions_text, view.height())
        self._pad_px = 2 * max(SPACE_PX, round(0.02 * view.height()))  # where the labels begin
        height = round(1.9 * self._text_px)
        self.rect = QRect(view.left(), self._labels.rect.top() - height, view.width(), height)

    def paint(self, painter: QPainter) -> None:
        """Paint the line, if there is one."""
        if not self._conditions.neutral:
            super().paint(painter)

    def draw(self, painter: QPainter) -> None:
        """Draw plate and words."""
        width, height = self.rect.width(), self.rect.height()
        palette = self.palette
        painter.fillRect(QRect(0, 0, width, height), plate_colour(palette))
        painter.fillRect(QRect(0, height - 1, width, 1), QColor(palette.hairline))
        size = self._fitting_px(width)
        baseline = round(height / 2 + 0.36 * size)  # 0.36: half the height of capitals
        left = float(self._pad_px)
        for text, bold in ((conditions_title(), True), (conditions_line(self._conditions), False)):
            look, room = TextLook(size, palette.text, bold=bold), width - self._pad_px - left
            shown = QFontMetricsF(look.font).elidedText(text, Qt.TextElideMode.ElideRight, max(0.0, room))
            painter.setFont(look.font)
            painter.setPen(QColor(look.colour))
            painter.drawText(QPointF(left, baseline), shown)
            left += look.width_px(text) + _GAP * size

    def _fitting_px(self, width: int) -> int:
        """Return the size at which the line fits ``width``, or the least that is legible."""
        size = self._text_px
        words = TextLook(size, "#000000", bold=True).width_px(conditions_title())
        needed = (
            words + _GAP * size + TextLook(size, "#000000").width_px(conditions_line(self._conditions)) + 1
        )
        least = max(int(TypeSize.CAPTION), round(_LEAST * size))
        return min(size, max(least, int(size * (width - 2 * self._pad_px) / needed)))
