"""News over the picture: a state by shape and word, and all of the text, on as many lines as it takes."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from gui.core.theme import SPACE_PX, Palette
from gui.widgets.status_label import StatusLabel
from gui.widgets.wording import Status

_WIDEST_PX = 960
_BREAK = "\u200b"  # no width: a line may end here


class NewsCard(QFrame):
    """As wide as its text, but no wider than the room it is given; nobody on a stand can ask for what is cut off."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._room_px = _WIDEST_PX
        self._text = ""
        self._mark = StatusLabel(palette)
        self._label = QLabel()
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setWordWrap(True)
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(2 * SPACE_PX, SPACE_PX, 2 * SPACE_PX, SPACE_PX)
        self._layout.setSpacing(2 * SPACE_PX)
        self._layout.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        self._layout.addWidget(self._label, 1)
        self.hide()

    @property
    def text(self) -> str:
        """The text shown."""
        return self._text

    def tell(self, status: Status, text: str) -> None:
        """Show a state and a text; paths may break after each of their parts."""
        if (status, text) == (self._mark.status, self._text):
            return
        self._text = text
        self._mark.set_status(status)
        self._label.setText(text.replace("/", f"/{_BREAK}").replace("_", f"_{_BREAK}"))
        self.setAccessibleName(f"{status.word}: {text}")
        self._fit()

    def set_room(self, width_px: int) -> None:
        """Keep within ``width_px``."""
        self._room_px = width_px
        self._fit()

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self._mark.set_theme(palette)

    def _fit(self) -> None:
        """Fix the size: wrapped lines need a height that depends on the width."""
        self.ensurePolished()
        self._label.ensurePolished()
        metrics = self._label.fontMetrics()
        lines = max(metrics.horizontalAdvance(line) for line in f"{self._text}\n".split("\n"))
        margins = self._layout.contentsMargins()
        beside = margins.left() + self._mark.sizeHint().width() + self._layout.spacing() + margins.right()
        width = min(_WIDEST_PX, self._room_px, beside + lines + SPACE_PX)
        self.setFixedSize(width, self._layout.totalHeightForWidth(width))
