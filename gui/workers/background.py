"""Short jobs beside the window: run one after another in a thread, their results handed to the main thread."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from PySide6.QtCore import QObject, Slot

from gui.workers.doorbell import Doorbell

Result = TypeVar("Result")


class Background(QObject):
    """``run`` gives a job and what to do with its result; at most one Qt event is pending for all of them."""

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._finished: deque[Callable[[], object]] = deque()
        self._bell = Doorbell(self)
        self._bell.rung.connect(self._deliver)
        self._closed = False

    def run(
        self,
        job: Callable[[], Result],
        done: Callable[[Result], object],
        failed: Callable[[Exception], object] | None = None,
    ) -> Future[Result] | None:
        """Queue ``job``; ``done(result)`` or ``failed(error)`` follows in the main thread. None once closed.

        An error that nobody asked for is a defect: it goes where uncaught exceptions go.
        """
        if self._closed:
            return None
        future = self._executor.submit(job)
        future.add_done_callback(lambda ended: self._finish(ended, done, failed))
        return future

    def _finish(
        self,
        future: Future[Result],
        done: Callable[[Result], object],
        failed: Callable[[Exception], object] | None,
    ) -> None:
        if future.cancelled() or self._closed:
            return
        error = future.exception()
        if error is None:
            self._finished.append(lambda: done(future.result()))
        elif failed is not None and isinstance(error, Exception):
            self._finished.append(lambda: failed(error))
        else:
            self._finished.append(lambda: sys.excepthook(type(error), error, error.__traceback__))
        self._bell.ring()

    @Slot()
    def _deliver(self) -> None:
        while self._finished and not self._closed:
            self._finished.popleft()()

    def close(self) -> None:
        """Drop what waits and join the thread; may be called twice."""
        self._closed = True
        self._executor.shutdown(wait=True, cancel_futures=True)
        self._finished.clear()
