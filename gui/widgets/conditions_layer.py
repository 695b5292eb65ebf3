"""What is done to the picture before the engine sees it, told on the picture itself while it is done."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from gui.core.conditions import NEUTRAL
from gui.core.frame import Shown
from gui.core.theme import SPACE_PX, OverlayScale, Palette
from gui.widgets.label_layer import LabelLayer
from gui.widgets.layer import CachedLayer
from gui.widgets.style import plate_colour
from gui.widgets.text_cache import TextLook
from gui.widgets.wording import conditions_line, conditions_title


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
        """Draw plate, mark and words; what does not fit is elided."""
        width, height = self.rect.width(), self.rect.height()
        palette = self.palette
        painter.fillRect(QRect(0, 0, width, height), plate_colour(palette))
        painter.fillRect(QRect(0, height - 1, width, 1), QColor(palette.hairline))
        baseline = round(height / 2 + 0.36 * self._text_px)  # 0.36: half the height of capitals
        title = TextLook(self._text_px, palette.text, bold=True)
        left = float(self._pad_px)
        for text, look in (
            (conditions_title(), title),
            (conditions_line(self._conditions), TextLook(self._text_px, palette.text)),
        ):
            room = width - self._pad_px - left
            shown = QFontMetricsF(look.font).elidedText(text, Qt.TextElideMode.ElideRight, max(0.0, room))
            painter.setFont(look.font)
            painter.setPen(QColor(look.colour))
            painter.drawText(QPointF(left, baseline), shown)
            left += look.width_px(text) + 0.7 * self._text_px
