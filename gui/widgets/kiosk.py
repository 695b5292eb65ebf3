"""The window on a stand: nothing to open, change or close but by one chord of keys."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from gui.core.state import Severity
from gui.widgets.actions import COMMANDS, Command, Menu, key_text
from gui.widgets.screen_saver import ScreenSaver
from gui.workers.pipeline import Pipeline

LEAVE_CHORD = "Ctrl+Alt+Shift+Q"


def is_for_visitors(command: Command) -> bool:
    """Return whether a command stays: those that people need to look at the picture, all on plain keys."""
    spec = COMMANDS[command]
    return spec.plain and spec.menu is Menu.PICTURE


class Kiosk(QObject):
    """Takes the other commands and drops away, holds the screen saver off, and knows when a visitor has left.

    ``left`` comes ``idle_s`` after the last ``note_somebody``; 0: never.
    """

    left = Signal()

    def __init__(
        self, actions: Mapping[Command, QAction], pipeline: Pipeline, idle_s: int, window: QWidget
    ) -> None:
        super().__init__(window)
        self._window = window
        for command, action in actions.items():
            action.setEnabled(is_for_visitors(command))
        window.setAcceptDrops(False)
        self.chord = QShortcut(QKeySequence(LEAVE_CHORD), window)
        self.chord.activated.connect(window.close)
        self.idle = QTimer(self, singleShot=True, interval=1000 * idle_s)
        self.idle.timeout.connect(self.left)
        self.screen_saver = ScreenSaver(self)
        self.screen_saver.told.connect(pipeline.post)
        self.screen_saver.hold_off()
        pipeline.post(Severity.INFO, self.tr("Kiosk: {chord} ends it.").format(chord=key_text(LEAVE_CHORD)))

    @Slot()
    def note_somebody(self) -> None:
        """Somebody is there."""
        if self.idle.interval():
            self.idle.start()
