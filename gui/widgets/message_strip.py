"""The message strip of Bench: one line, newest first, with what to do; earlier messages unfold above it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QFrame, QHBoxLayout, QListWidgetItem, QToolButton, QVBoxLayout, QWidget

from gui.core.state import Message
from gui.core.theme import SPACE_PX, Palette
from gui.widgets.icons import icon
from gui.widgets.message_line import MessageLine, message_status
from gui.widgets.newest_first import renew
from gui.widgets.text_list import TextList

_UNFOLDED = 50


class MessageStrip(QFrame):
    """Shows messages and asks for nothing: no dialog, no focus taken."""

    def __init__(self, palette: Palette, right: Sequence[QWidget], parent: QWidget | None = None) -> None:
        """``right`` stand at the right end of the line."""
        super().__init__(parent)
        self.setProperty("role", "strip")
        self._messages: tuple[Message, ...] = ()
        self._listed: tuple[Message, ...] = ()
        self._line = MessageLine(palette)
        self._more = QToolButton()
        self._more.setCheckable(True)
        self._more.setAccessibleName(self.tr("Show earlier messages"))
        self._more.setToolTip(self.tr("Show earlier messages"))
        self._more.toggled.connect(self._unfold)
        self._list = TextList(self.tr("Messages, newest first"))
        self._list.setFixedHeight(160)
        self._list.hide()
        row = QHBoxLayout()
        row.setSpacing(2 * SPACE_PX)
        row.addWidget(self._line, 1)
        for widget in right:
            row.addWidget(widget)
        row.addWidget(self._more)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * SPACE_PX, SPACE_PX // 2, SPACE_PX, SPACE_PX // 2)
        layout.addWidget(self._list)
        layout.addLayout(row)
        self.set_theme(palette)
        self.set_messages(())

    @property
    def text(self) -> str:
        """The newest message."""
        return self._line.text

    @property
    def more(self) -> QToolButton:
        """The button that unfolds earlier messages."""
        return self._more

    @property
    def texts(self) -> list[str]:
        """The unfolded messages, newest first; empty while folded."""
        return [self._list.item(row).text() for row in range(self._list.count())]

    def set_messages(self, messages: Sequence[Message]) -> None:
        """Show ``messages``, newest first."""
        self._messages = tuple(messages)
        self._line.set_message(self._messages[0] if self._messages else None)
        self._more.setEnabled(bool(self._messages))
        self._fill()

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self._line.set_theme(palette)
        self._more.setIcon(icon("list", palette))

    def _unfold(self, unfolded: bool) -> None:
        self._list.setVisible(unfolded)
        self._fill()

    def _fill(self) -> None:
        listed = self._messages[:_UNFOLDED] if self._more.isChecked() else ()
        renew(self._list, self._listed, listed, _item)
        self._listed = listed


def _item(message: Message) -> QListWidgetItem:
    status = message_status(message)
    return QListWidgetItem(f"{status.mark.value}  {status.word}:  {message.text}")
