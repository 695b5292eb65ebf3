"""The processed files of a batch as rows for a list view; grows without being rebuilt."""

from __future__ import annotations

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from gui.core.batch import Batch, BatchItem
from gui.widgets.wording import item_line


class BatchModel(QAbstractListModel):
    """One row per processed file: its name and its first label, or its error."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._items: tuple[BatchItem, ...] = ()

    def set_batch(self, batch: Batch | None) -> None:
        """Show the files of ``batch``; rows that are there already stay."""
        items = batch.items if batch else ()
        known = len(self._items)
        if len(items) >= known and items[:known] == self._items:
            if len(items) > known:
                self.beginInsertRows(QModelIndex(), known, len(items) - 1)
                self._items = items
                self.endInsertRows()
        else:
            self.beginResetModel()
            self._items = items
            self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        """Return the number of processed files."""
        return 0 if parent.isValid() else len(self._items)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return a row's text, or its whole path as the tooltip."""
        if not index.isValid():
            return None
        item = self._items[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return _line(item)
        return str(item.path) if role == Qt.ItemDataRole.ToolTipRole else None


def _line(item: BatchItem) -> str:
    """Return what a file is and its name; of one that failed the name first: what follows may be cut."""
    name, told = item.path.name, item_line(item)
    if not item.error:
        return f"{told}  ·  {name}"
    return f"■ {told}" if told.startswith(name) else f"■ {name}  ·  {told}"
