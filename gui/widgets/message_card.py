"""A message over the picture in Show: only what is wrong, and only for a while."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from gui.core.state import Message
from gui.core.theme import Palette
from gui.widgets.message_line import message_status
from gui.widgets.news_card import NewsCard

_SHOWN_MS = 12_000


class MessageCard(NewsCard):
    """Appears with news, leaves by itself, asks for nothing."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(palette, parent)
        self._newest: Message | None = None
        self.timer = QTimer(self, singleShot=True, interval=_SHOWN_MS)
        self.timer.timeout.connect(self.hide)

    def set_newest(self, message: Message | None) -> None:
        """Show ``message`` if it is news."""
        if message is None or message is self._newest:
            return
        self._newest = message
        self.tell(message_status(message), message.text)
        self.show()
        self.timer.start()
