"""A message over the picture in Show: only what is wrong, and only for a while."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from gui.core.state import Message
from gui.core.theme import SPACE_PX, Palette
from gui.widgets.message_line import MessageLine

_SHOWN_MS = 12_000
_WIDEST_PX = 960


class MessageCard(QFrame):
    """Appears with news, leaves by itself, asks for nothing."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._newest: Message | None = None
        self._line = MessageLine(palette)
        self.setMaximumWidth(_WIDEST_PX)
        self.timer = QTimer(self, singleShot=True, interval=_SHOWN_MS)
        self.timer.timeout.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2 * SPACE_PX, SPACE_PX, 2 * SPACE_PX, SPACE_PX)
        layout.addWidget(self._line)
        self.hide()

    @property
    def text(self) -> str:
        """The text shown."""
        return self._line.text

    def set_newest(self, message: Message | None) -> None:
        """Show ``message`` if it is news."""
        if message is None or message is self._newest:
            return
        self._newest = message
        self._line.set_message(message)
        self.show()
        self.timer.start()

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self._line.set_theme(palette)
