"""The window's side of the kiosk: beats from the main thread, and goes when its guardian is gone."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from gui.supervisor import LastState

INTERVAL_MS = 500


class Heartbeat(QObject):
    """Writes ``state()`` to ``path`` twice a second; ``orphaned`` once the process that started this one is gone."""

    orphaned = Signal()

    def __init__(self, path: Path, state: Callable[[], LastState], parent: QObject) -> None:
        super().__init__(parent)
        self._path = path
        self._state = state
        self._guardian = os.getppid()
        self._timer = QTimer(self, interval=INTERVAL_MS)
        self._timer.timeout.connect(self._beat)
        self._timer.start()
        self._beat()

    @Slot()
    def _beat(self) -> None:
        if os.getppid() != self._guardian:
            self._timer.stop()
            self.orphaned.emit()
            return
        try:
            self._state().save(self._path)
        except OSError:
            # A full disk has no room for the state, but the window is alive: only its time changes.
            with contextlib.suppress(OSError):  # a missed beat is the message
                self._path.touch()
