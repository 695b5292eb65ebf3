"""An empty place that teaches: what may be dropped, and the key that does the same."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from gui.core.theme import ICON_PX, SPACE_PX, Palette
from gui.widgets.icons import pixmap
from gui.widgets.wording import drop_hint


class DropZone(QFrame):
    """Icon, invitation and a button that opens files."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self._icon = QLabel(alignment=Qt.AlignmentFlag.AlignHCenter)
        hint = QLabel(_balanced(drop_hint()), alignment=Qt.AlignmentFlag.AlignHCenter)
        hint.setProperty("role", "secondary")
        hint.setWordWrap(True)
        self.open = QPushButton(self.tr("Open files…"))
        self.open.setAccessibleName(self.tr("Open files"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * SPACE_PX, 2 * SPACE_PX, 2 * SPACE_PX, 2 * SPACE_PX)
        layout.setSpacing(SPACE_PX)
        layout.addStretch(1)
        layout.addWidget(self._icon)
        layout.addWidget(hint)
        layout.addWidget(self.open, alignment=Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)
        self.set_theme(palette)

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self._icon.setPixmap(pixmap("images", palette.secondary, 2 * ICON_PX, self.devicePixelRatioF()))


def _balanced(text: str) -> str:
    """Return ``text`` on two lines of about one length: wrapped, the second would be its last word alone."""
    places = [place for place, letter in enumerate(text) if letter == " "]
    middle = min(places, key=lambda place: abs(2 * place - len(text)))
    return f"{text[:middle]}\n{text[middle + 1 :]}"
