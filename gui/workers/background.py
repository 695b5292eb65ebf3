"""Short jobs beside the window: run one after another in a thread, their results handed to the main thread."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from typing import TypeVar

from PySide6.QtCore import QObject, Slot

from gui.workers.beside import RunBeside
from gui.workers.doorbell import Doorbell

Result = TypeVar("Result")


class Background(QObject):
    """``run`` gives a job and what to do with its result; at most one Qt event is pending for all of them."""

    def __init__(self, name: str, run_beside: RunBeside, parent: QObject | None = None) -> None:
        """``run_beside`` starts the thread, called ``name``, with the first job."""
        super().__init__(parent)
        self._name = name
        self._run_beside = run_beside
        self._started = self._stopped = False
        self._jobs: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._finished: deque[Callable[[], object]] = deque()
        self._bell = Doorbell(self)
        self._bell.rung.connect(self._deliver)

    def run(
        self,
        job: Callable[[], Result],
        done: Callable[[Result], object],
        failed: Callable[[Exception], object] | None = None,
    ) -> None:
        """Queue ``job``; ``done(result)`` or ``failed(error)`` follows in the main thread, nothing once stopped.

        An error that nobody asked for is a defect: it goes where uncaught exceptions go.
        """
        self._jobs.put(lambda: self._finish(job, done, failed))
        if not self._started:
            self._started = True
            self._run_beside(self._name, self._work, self._stop)

    def _work(self) -> None:
        while not self._stopped:
            self._jobs.get()()

    def _stop(self) -> None:
        """Drop what waits; the job that runs is the last."""
        self._stopped = True
        self._jobs.put(lambda: None)

    def _finish(
        self,
        job: Callable[[], Result],
        done: Callable[[Result], object],
        failed: Callable[[Exception], object] | None,
    ) -> None:
        try:
            told = partial(done, job())
        except Exception as error:  # noqa: BLE001 - the edge of this thread: the next job must go on
            told = partial(failed or _as_uncaught, error)
        if not self._stopped:
            self._finished.append(told)
            self._bell.ring()

    @Slot()
    def _deliver(self) -> None:
        while self._finished and not self._stopped:
            self._finished.popleft()()


def _as_uncaught(error: Exception) -> None:
    sys.excepthook(type(error), error, error.__traceback__)
