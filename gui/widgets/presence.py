"""Knows whether somebody is at the keyboard or the mouse, and ends the show for an empty stand when there is."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QWidget

from gui.workers.pipeline import Pipeline

_SIGNS = (
    QEvent.Type.KeyPress,
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseMove,
    QEvent.Type.Wheel,
    QEvent.Type.TouchBegin,
    QEvent.Type.DragEnter,
)


class Presence(QObject):
    """Watches what the window system tells the window; the key that ends the show does nothing else.

    ``noticed`` follows each sign of somebody.
    """

    noticed = Signal()

    def __init__(self, pipeline: Pipeline, window: QWidget) -> None:
        super().__init__(window)
        self._pipeline = pipeline
        self._window = window
        self._watched: QObject | None = None
        window.installEventFilter(self)
        for action in window.actions():  # a shortcut is taken before the window hears of its key
            action.triggered.connect(self._notice)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the window to its place on the screen, and what comes in there."""
        if watched is self._window:
            self._follow(event)
            return False
        if event.type() not in _SIGNS:
            return False
        is_show = self._pipeline.attracting
        self._notice()
        return is_show and event.type() is QEvent.Type.KeyPress

    def _follow(self, event: QEvent) -> None:
        handle = self._window.windowHandle()
        if event.type() in (QEvent.Type.Show, QEvent.Type.WinIdChange) and handle is not self._watched:
            self._watched = handle
            if handle is not None:
                handle.installEventFilter(self)

    def _notice(self) -> None:
        self._pipeline.wake()
        self.noticed.emit()
