"""A box to tick with the family's own tick (style sheets cannot tint one)."""

from __future__ import annotations

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QStyle, QStyleOptionButton, QWidget

from gui.core.theme import ICON_PX, Palette
from gui.widgets.icons import pixmap


class TickBox(QCheckBox):
    """Paints the tick over the style's box."""

    def __init__(self, text: str, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._theme = palette

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the box, and the tick where it is ticked."""
        super().paintEvent(event)
        if not self.isChecked():
            return
        option = QStyleOptionButton()
        self.initStyleOption(option)
        box = self.style().subElementRect(QStyle.SubElement.SE_CheckBoxIndicator, option, self)
        tick = pixmap("check", self._theme.background, ICON_PX - 4, self.devicePixelRatioF())
        corner = box.center()
        QPainter(self).drawPixmap(
            corner.x() - (ICON_PX - 4) // 2 + 1, corner.y() - (ICON_PX - 4) // 2 + 1, tick
        )

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self._theme = palette
        self.update()
