"""The newest message in one line: how bad it is, what happened, what to do."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from gui.core.state import Message, Severity
from gui.core.theme import SPACE_PX, Mark, Palette
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.status_label import StatusLabel
from gui.widgets.wording import Status
from gui.widgets.words import word

_MARKS = {Severity.INFO: Mark.UNKNOWN, Severity.WARNING: Mark.WARNING, Severity.BAD: Mark.BAD}


def message_status(message: Message) -> Status:
    """Return how bad a message is, by shape and word."""
    return Status(_MARKS[message.severity], word(message.severity.word))


class MessageLine(QWidget):
    """Mark, word and text; the text is elided where it does not fit and whole in its tooltip."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mark = StatusLabel(palette)
        self._text = ElidedLabel(name=self.tr("Newest message"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * SPACE_PX)
        layout.addWidget(self._mark)
        layout.addWidget(self._text, 1)

    @property
    def text(self) -> str:
        """The text shown."""
        return self._text.text()

    def set_message(self, message: Message | None) -> None:
        """Show ``message``, or that there is none."""
        self._mark.setVisible(message is not None)
        if message is None:
            self._text.setText(self.tr("No messages."))
        else:
            self._mark.set_status(message_status(message))
            self._text.setText(message.text)

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self._mark.set_theme(palette)
