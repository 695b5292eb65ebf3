"""The cameras by name, each with a live thumbnail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QListWidget, QListWidgetItem

from gui.core.theme import Palette
from gui.widgets.icons import pixmap
from gui.workers.camera_previews import THUMBNAIL_WH, CameraCard

_IDENTITY = Qt.ItemDataRole.UserRole


class CameraList(QListWidget):
    """Asks with ``opened`` for the camera that was clicked."""

    opened = Signal(str)

    def __init__(self, palette: Palette) -> None:
        super().__init__()
        self._palette = palette
        self._in_use = ""
        self.setAccessibleName(self.tr("Cameras"))
        self.setIconSize(QSize(*(3 * side // 4 for side in THUMBNAIL_WH)))
        self.setWordWrap(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.itemActivated.connect(self._open)
        self.itemClicked.connect(self._open)

    def set_cards(self, cards: Sequence[CameraCard], in_use: str, live: NDArray[np.uint8] | None) -> None:
        """Show ``cards``; the camera ``in_use`` shows ``live`` (RGB uint8 [90, 160, 3]) instead of a preview."""
        self._in_use = in_use
        items = self._items_for([card.device.identity for card in cards])
        for card in cards:
            identity = card.device.identity
            picture = live if identity == in_use else card.picture
            self._show(items[identity], card, picture)

    def _items_for(self, identities: Sequence[str]) -> Mapping[str, QListWidgetItem]:
        """Return the item of each camera; the list is only built anew where cameras came or went."""
        present = [self.item(row) for row in range(self.count())]
        if [item.data(_IDENTITY) for item in present] != list(identities):
            self.clear()
            for identity in identities:
                item = QListWidgetItem()
                item.setData(_IDENTITY, identity)
                self.addItem(item)
            present = [self.item(row) for row in range(self.count())]
        return {item.data(_IDENTITY): item for item in present}

    def _show(self, item: QListWidgetItem, card: CameraCard, picture: NDArray[np.uint8] | None) -> None:
        in_use = card.device.identity == self._in_use
        otherwise = self.tr("cannot be opened") if card.problem else self.tr("click to open")
        item.setText(f"{card.device.name}\n{self.tr('in use') if in_use else otherwise}")
        item.setToolTip(card.problem or f"{card.device.name}\n{card.device.identity}")
        item.setIcon(QIcon(_pixmap(picture) if picture is not None else self._nothing()))
        if in_use != item.isSelected():
            item.setSelected(in_use)

    def _nothing(self) -> QPixmap:
        size = self.iconSize()
        blank = QPixmap(size)
        blank.fill(self._palette.raised)
        side = size.height() // 2
        painter = QPainter(blank)
        sign = pixmap("video-off", self._palette.secondary, side, 1.0)
        painter.drawPixmap((size.width() - side) // 2, (size.height() - side) // 2, sign)
        painter.end()
        return blank

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self._palette = palette

    def _open(self, item: QListWidgetItem) -> None:
        identity = item.data(_IDENTITY)
        if identity != self._in_use:
            self.opened.emit(identity)


def _pixmap(rgb: NDArray[np.uint8]) -> QPixmap:
    height, width = rgb.shape[:2]
    return QPixmap.fromImage(QImage(rgb.data, width, height, rgb.strides[0], QImage.Format.Format_RGB888))
