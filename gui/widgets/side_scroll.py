"""A side panel that scrolls up and down where the window is too low for it, and is never cut at its side."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget


class SideScroll(QScrollArea):
    """Holds one panel at the panel's own least width."""

    def __init__(self, panel: QWidget) -> None:
        super().__init__()
        self._panel = panel
        self._told = QSize()
        self.setWidget(panel)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def event(self, event: QEvent) -> bool:
        """Follow the panel's least width, which its words may change."""
        if event.type() == QEvent.Type.LayoutRequest:
            least = self.minimumSizeHint()
            if least != self._told:  # figures ask several times a second, and need no more room
                self._told = least
                self.updateGeometry()
        return super().event(event)

    def sizeHint(self) -> QSize:
        """The panel's, and room for the scroll bar."""
        hint = self._panel.sizeHint()
        return QSize(max(hint.width(), self.minimumSizeHint().width()), hint.height())

    def minimumSizeHint(self) -> QSize:
        """The panel's least width and the scroll bar's; any height will do."""
        bar = self.verticalScrollBar().sizeHint().width()
        return QSize(self._panel.minimumSizeHint().width() + bar, super().minimumSizeHint().height())
