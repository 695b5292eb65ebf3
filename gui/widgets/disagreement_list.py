"""Frames that float and 8 bit name differently: a small picture and both names. In memory only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from gui.compare.agreement import Disagreement
from gui.core.text import Written
from gui.widgets.newest_first import renew
from gui.widgets.text_list import WrappedItems

_ICON_PX = 72


class DisagreementList(QListWidget):
    """Newest first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Frames that float and 8 bit name differently"))
        self.setIconSize(QSize(_ICON_PX, _ICON_PX))
        self.setWordWrap(True)
        self.setItemDelegate(WrappedItems(self))
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self._found: tuple[Disagreement, ...] = ()

    def set_disagreements(self, found: Sequence[Disagreement]) -> None:
        """Show these."""
        renew(self, self._found, found, self._item)
        self._found = tuple(found)

    def _item(self, found: Disagreement) -> QListWidgetItem:
        first, second = found.compared.float_top[0], found.compared.device_top[0]
        text = self.tr("float: {float}\n8 bit: {device}\ncosine {cosine:.4f}").format(
            float=first.name, device=second.name, cosine=Written(found.compared.cosine)
        )
        item = QListWidgetItem(QIcon(_pixmap(found)), text)
        item.setToolTip(text)
        return item


def _pixmap(found: Disagreement) -> QPixmap:
    """Return the picture in the middle of a square, so that the texts beside stand in one line."""
    pixels = np.ascontiguousarray(found.thumbnail)
    height, width = pixels.shape[:2]
    image = QImage(pixels.data, width, height, pixels.strides[0], QImage.Format.Format_RGB888)
    keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    small = image.scaled(_ICON_PX, _ICON_PX, keep, smooth)
    square = QPixmap(_ICON_PX, _ICON_PX)
    square.fill(Qt.GlobalColor.transparent)
    painter = QPainter(square)
    painter.drawImage((_ICON_PX - small.width()) // 2, (_ICON_PX - small.height()) // 2, small)
    painter.end()
    return square
