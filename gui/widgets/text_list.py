"""A list of lines to read: long ones go on in the next line, nothing is cut and nothing scrolls sideways."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtWidgets import (
    QListView,
    QListWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

_HIGH_PX = 1000


class WrappedItems(QStyledItemDelegate):
    """Makes an item as high as its text is in the list's width.

    WORKAROUND: Qt wraps without the item's padding when it asks for the size, and with it when it paints: the last words
    of a line that just fits were cut.
    """

    def __init__(self, view: QListView) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the list's width and what the text takes in it."""
        least = super().sizeHint(option, index)
        whole = QStyleOptionViewItem(option)
        self.initStyleOption(whole, index)
        whole.rect = QRect(0, 0, self._view.viewport().width(), _HIGH_PX)
        style = self._view.style()
        place = style.subElementRect(QStyle.SubElement.SE_ItemViewItemText, whole, self._view)
        margin = style.pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin, whole, self._view) + 1
        room = place.adjusted(margin, 0, -margin, 0)
        text = whole.fontMetrics.boundingRect(room, int(Qt.TextFlag.TextWordWrap), whole.text)
        return QSize(whole.rect.width(), max(least.height(), text.height() + _HIGH_PX - place.height()))


class TextList(QListWidget):
    """Wraps its items at its own width."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setItemDelegate(WrappedItems(self))
        self.setWordWrap(True)
        self.setTextElideMode(Qt.TextElideMode.ElideNone)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
