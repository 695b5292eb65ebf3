"""The place of Bench's docks: more of them than a small screen has room for scroll, and widen no window."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget


class DockRoom(QScrollArea):
    """Holds ``docks`` at its own size, or at the least that they need."""

    def __init__(self, docks: QWidget) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        self.setWidget(docks)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave plain keys to the window: the arrows step through pictures."""
        event.ignore()
