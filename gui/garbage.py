"""Runs the interpreter's garbage collector in the main thread alone, and gives back what the allocator has left over.

A window, a signal and a lambda that knows both make a cycle of references. Only the collector takes cycles apart, and left
alone it does so in whichever thread happens to allocate. A ``QObject`` that dies outside the thread of its timers and events
takes the process along (a segmentation fault at the next event): no worker may ever collect.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer, Slot

from gui.allocator import return_gaps

INTERVAL_MS = 500
FULL_EVERY = 120
"""Ticks between collections of old objects too: a minute. The others look at young ones only, in under a millisecond."""
_YOUNG, _ALL = 1, 2


class MainThreadCollector(QObject):
    """Takes the collector's place from its making on, for the rest of the process; made in the main thread."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._ticks = 0
        self._timer = QTimer(self, interval=INTERVAL_MS)
        self._timer.timeout.connect(self._collect)
        self._timer.start()

    def spare_what_lives(self) -> None:
        """Keep what there is now out of every later collection: a full one over it would hold up the picture.

        What little of it is garbage stays: finding that would hold up the first picture as long.
        """
        gc.freeze()

    @Slot()
    def _collect(self) -> None:
        self._ticks += 1
        if self._ticks == FULL_EVERY:
            gc.freeze()  # the engine came in since the start: looking through it takes 70 ms, and it stays
        elif self._ticks % FULL_EVERY == FULL_EVERY // 2:  # not beside the full collection: two short pauses
            return_gaps()
        else:
            gc.collect(_ALL if self._ticks % FULL_EVERY == 0 else _YOUNG)
