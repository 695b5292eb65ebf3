"""The files of a batch as a grid: small picture, first label, and whether it is right. Only what is seen is painted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from gui.core.batch import Batch
from gui.core.batch_book import BatchBook, Order, Verdict
from gui.core.theme import ICON_PX, RADIUS_PX, SPACE_PX, Palette, TypeSize
from gui.widgets.icons import pixmap
from gui.widgets.style import font
from gui.widgets.wording import item_line
from gui.widgets.words import word
from gui.workers.thumbnails import Thumbnails

THUMB_PX = 96
CELL_PX = (136, 136)
PLACE = Qt.ItemDataRole.UserRole
_Index = QModelIndex | QPersistentModelIndex
_MARKS = {Verdict.RIGHT: "check", Verdict.WRONG: "x", Verdict.FAILED: "image-off"}


class BatchGridModel(QAbstractListModel):
    """One row for every file of the batch from its beginning, so that the view lays them out once."""

    def __init__(self, thumbnails: Thumbnails, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.book = BatchBook()
        self._thumbnails = thumbnails
        self._order = Order.GIVEN
        self._places = np.empty(0, np.intp)
        self._rows = np.empty(0, np.intp)
        thumbnails.arrived.connect(self._on_arrived)

    def set_batch(self, batch: Batch | None) -> None:
        """Show how far ``batch`` is."""
        total = batch.total if batch else 0
        if total != self.book.total:
            self.beginResetModel()
            self.book.update(None)
            self.book.update(batch)
            self._sort()
            self.endResetModel()
            return
        done, changed = self.book.done, self.book.update(batch)
        if changed.start < done or (self._order is not Order.GIVEN and len(changed)):
            self._sort()
            self._tell(0, total - 1)
        elif len(changed):
            self._tell(changed.start, changed.stop - 1)

    def judged_anew(self) -> None:
        """The ground truth has changed."""
        self.set_order(self._order)

    def set_order(self, order: Order) -> None:
        """Let the files stand in another order."""
        self._order = order
        self._sort()
        self._tell(0, self.book.total - 1)

    def _sort(self) -> None:
        self._places = self.book.places(self._order)
        self._rows = np.empty_like(self._places)
        self._rows[self._places] = np.arange(self._places.size)

    def _tell(self, first: int, last: int) -> None:
        if last >= first:
            self.dataChanged.emit(self.index(first), self.index(last))

    def _on_arrived(self, paths: list[Path]) -> None:
        # Few cells are seen: painting them all anew costs less than finding the rows of these paths.
        self._tell(0, self.book.total - 1)

    def place(self, row: int) -> int:
        """Return the place in the batch of the file at ``row``."""
        return int(self._places[row])

    def row(self, place: int) -> int:
        """Return the row at which the file at ``place`` of the batch stands."""
        return int(self._rows[place])

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """Return the number of files."""
        return 0 if parent.isValid() else self._places.size

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a file's first label, its path, its place, or its small picture."""
        if not index.isValid():
            return None
        place = self.place(index.row())
        item = self.book.item(place)
        if role == PLACE:
            return place
        if item is None:
            return word(Verdict.WAITING.value) if role == Qt.ItemDataRole.DisplayRole else None
        if role == Qt.ItemDataRole.DisplayRole:
            return item.path.name if item.error else item_line(item)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{item.path.name}, {item_line(item)}, {word(self.book.verdict(place).value)}"
        if role == Qt.ItemDataRole.DecorationRole:
            return self._thumbnails.image(item.path)
        return str(item.path) if role == Qt.ItemDataRole.ToolTipRole else None


class _Cell(QStyledItemDelegate):
    """Paints one file."""

    def __init__(self, model: BatchGridModel, palette: Palette) -> None:
        super().__init__(model)
        self._model = model
        self.palette = palette

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """All cells are alike."""
        return QSize(*CELL_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint picture, label and mark."""
        cell = option.rect.adjusted(4, 4, -4, -4)
        painter.save()
        self._paint_ground(painter, cell, option)
        image = index.data(Qt.ItemDataRole.DecorationRole)
        picture = QRect(cell.left(), cell.top() + 4, cell.width(), THUMB_PX)
        if isinstance(image, QImage) and not image.isNull():
            place = QRect(0, 0, image.width(), image.height())
            place.moveCenter(picture.center())
            painter.drawImage(place, image)
        self._paint_mark(painter, cell, self._model.book.verdict(index.data(PLACE)))
        painter.setFont(font(TypeSize.CAPTION))
        painter.setPen(QColor(self.palette.text))
        line = cell.adjusted(6, THUMB_PX + 4, -6, 0)
        text = painter.fontMetrics().elidedText(
            index.data(Qt.ItemDataRole.DisplayRole), Qt.TextElideMode.ElideRight, line.width()
        )
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, text)
        painter.restore()

    def _paint_ground(self, painter: QPainter, cell: QRect, option: QStyleOptionViewItem) -> None:
        chosen = bool(option.state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_HasFocus))
        painter.setPen(QPen(QColor(self.palette.text if chosen else self.palette.raised), 2 if chosen else 1))
        painter.setBrush(QColor(self.palette.raised))
        painter.drawRoundedRect(cell, RADIUS_PX, RADIUS_PX)

    def _paint_mark(self, painter: QPainter, cell: QRect, verdict: Verdict) -> None:
        if verdict not in _MARKS:
            return
        ink = self.palette.good if verdict is Verdict.RIGHT else self.palette.bad
        side = ICON_PX + SPACE_PX // 2
        spot = QRect(cell.right() - side - 2, cell.top() + 4, side, side)
        painter.setPen(QPen(QColor(ink), 1))
        painter.setBrush(QColor(self.palette.background))
        painter.drawEllipse(spot)
        mark = pixmap(_MARKS[verdict], ink, ICON_PX - 4, painter.device().devicePixelRatioF())
        painter.drawPixmap(spot.left() + 4, spot.top() + 4, mark)


class BatchGrid(QListView):
    """Rows and columns of cells that are all alike: fifty thousand files cost as much as what is seen."""

    def __init__(self, model: BatchGridModel, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cell = _Cell(model, palette)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setGridSize(QSize(*CELL_PX))
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setItemDelegate(self._cell)
        self.setModel(model)

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self._cell.palette = palette
        self.viewport().update()
