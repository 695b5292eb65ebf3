"""A sheet over the window: settings, help and the like stand beside the running picture, never as a modal dialog."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMargins, QObject, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QToolButton, QVBoxLayout, QWidget

from gui.core.theme import SPACE_PX, Palette
from gui.widgets.icons import icon

_MARGIN_PX = 4 * SPACE_PX


class Sheet(QFrame):
    """Title, content, close button; Escape closes it, and the picture goes on behind it."""

    entered = Signal()
    closed = Signal()

    def __init__(self, title: str, palette: Palette, window: QWidget, width_px: int, height_px: int) -> None:
        super().__init__(window)
        self.setObjectName("sheet")
        self.setProperty("role", "card")
        self.setAccessibleName(title)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._window = window
        self._wanted = (width_px, height_px)
        self._focus_before: QWidget | None = None
        self.close_button = QToolButton()
        self.close_button.setAccessibleName(self.tr("Close"))
        self.close_button.setToolTip(f"{self.tr('Close')}  (Esc)")
        self.close_button.clicked.connect(self.leave)
        heading = QLabel(title)
        heading.setProperty("role", "title")
        self.head = QHBoxLayout()
        self.head.setSpacing(SPACE_PX)
        self.head.addWidget(heading, 1)
        self.head.addWidget(self.close_button)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(3 * SPACE_PX, 2 * SPACE_PX, 3 * SPACE_PX, 3 * SPACE_PX)
        self.body.setSpacing(2 * SPACE_PX)
        self.body.addLayout(self.head)
        self.set_theme(palette)
        self.hide()
        window.installEventFilter(self)

    def enter(self) -> None:
        """Appear over the window, with the keys."""
        if not self.isVisible():
            self._focus_before = self._window.focusWidget()
        self.entered.emit()
        self._fit()
        self.show()
        self.raise_()
        self.take_focus()

    def take_focus(self) -> None:
        """Take the keys; a sheet with a field of its own gives them on."""
        self.setFocus()

    def leave(self) -> None:
        """Go away and give the keys back."""
        if self.isVisible():
            self.hide()
            if self._focus_before is not None:
                self._focus_before.setFocus()
            self.closed.emit()

    def _fit(self) -> None:
        room = self._window.rect().marginsRemoved(QMargins(*(4 * (_MARGIN_PX,))))
        width, height = (
            min(wanted, given)
            for wanted, given in zip(self._wanted, (room.width(), room.height()), strict=True)
        )
        place = QRect(0, 0, width, height)
        place.moveCenter(room.center())
        self.setGeometry(place)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the window's size."""
        if watched is self._window and event.type() == QEvent.Type.Resize and self.isVisible():
            self._fit()
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close by Escape; keep every other plain key from the window behind."""
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        event.accept()

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self.close_button.setIcon(icon("x", palette))


def scrolled(content: QWidget, name: str) -> QScrollArea:
    """Return ``content`` in an area called ``name`` that scrolls up and down, on the sheet's own ground."""
    content.setObjectName("sheet_content")
    area = QScrollArea()
    area.setObjectName("sheet_scroll")
    area.setAccessibleName(name)
    area.setWidget(content)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return area
