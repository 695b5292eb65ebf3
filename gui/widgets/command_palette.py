"""Every command by a few letters of its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QEvent, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QAction, QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from gui.core.fuzzy import score
from gui.core.theme import SPACE_PX, Palette
from gui.widgets.sheet import Sheet

_WIDTH_PX, _HEIGHT_PX = 640, 480
_HINT = Qt.ItemDataRole.UserRole
_MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the palette: what it says, its key or kind at the right, what it does."""

    text: str
    hint: str
    run: Callable[[], object]


class _Line(QStyledItemDelegate):
    """Paints what the line does as the style would, and its key or kind quietly at the right."""

    def __init__(self, parent: QObject, palette: Palette) -> None:
        super().__init__(parent)
        self.palette = palette

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Cut a long text with an ellipsis before what stands at the right."""
        super().initStyleOption(option, index)
        metrics = option.fontMetrics
        room = option.rect.width() - metrics.horizontalAdvance(index.data(_HINT)) - 6 * SPACE_PX
        option.text = metrics.elidedText(option.text, Qt.TextElideMode.ElideRight, room)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        painter.save()
        painter.setPen(QColor(self.palette.secondary))
        end = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(option.rect.adjusted(0, 0, -2 * SPACE_PX, 0), end, index.data(_HINT))
        painter.restore()


class CommandPalette(Sheet):
    """A field and the list of what matches, best first; Enter runs the marked line."""

    def __init__(self, actions: Sequence[QAction], palette: Palette, window: QWidget) -> None:
        self.list = QListWidget()  # dressed by the constructor below
        self._line = _Line(self.list, palette)
        super().__init__(_tr("Find a command"), palette, window, _WIDTH_PX, _HEIGHT_PX)
        self._actions = tuple(actions)
        self._more: Callable[[], Sequence[Entry]] = tuple
        self._found: tuple[Entry, ...] = ()
        self.field = QLineEdit()
        self.field.setPlaceholderText(_tr("A few letters of a command, a source or a model"))
        self.field.setAccessibleName(self.field.placeholderText())
        self.field.textChanged.connect(self._search)
        self.field.installEventFilter(self)
        self.list.setAccessibleName(_tr("Matching commands"))
        self.list.setItemDelegate(self._line)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemClicked.connect(lambda _: self.run_marked())
        self.body.addWidget(self.field)
        self.body.addWidget(self.list, 1)

    def also_offer(self, more: Callable[[], Sequence[Entry]]) -> None:
        """Ask ``more`` for further entries each time the palette opens."""
        self._more = more

    @property
    def texts(self) -> list[str]:
        """What is listed, best first."""
        return [entry.text for entry in self._found]

    def enter(self) -> None:
        """Open with everything listed."""
        commands = (
            Entry(action.text(), action.data() or "", action.trigger)
            for action in self._actions
            if action.isEnabled()
        )
        self._entries = (*commands, *self._more())
        self.field.clear()
        self._search("")
        super().enter()

    def take_focus(self) -> None:
        """The field takes the keys."""
        self.field.setFocus()

    def _search(self, typed: str) -> None:
        ranked = [(score(typed, entry.text), entry) for entry in self._entries]
        kept = [(rank, entry) for rank, entry in ranked if rank is not None]
        if typed.strip():
            kept.sort(key=lambda one: -one[0])
        self._found = tuple(entry for _, entry in kept)
        self.list.clear()
        for entry in self._found:
            self._list(entry.text, entry.hint)
        if not self._found:
            self._list(_tr("Nothing is called that; type fewer letters."), "").setFlags(
                Qt.ItemFlag.NoItemFlags
            )
        self.list.setCurrentRow(0)

    def _list(self, text: str, hint: str) -> QListWidgetItem:
        item = QListWidgetItem(text)
        item.setData(_HINT, hint)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{text}, {hint}".rstrip(", "))
        self.list.addItem(item)
        return item

    def run_marked(self) -> None:
        """Close, then run the marked entry."""
        row = self.list.currentRow()
        if 0 <= row < len(self._found):
            self.leave()
            self._found[row].run()

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        super().set_theme(palette)
        self._line.palette = palette

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the arrows move in the list while the field has the keys."""
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in _MOVES:
                self.list.keyPressEvent(event)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.run_marked()
                return True
        return super().eventFilter(watched, event)


def _tr(text: str) -> str:
    return QCoreApplication.translate("CommandPalette", text)
