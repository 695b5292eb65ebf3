"""Gives up a job that says nothing for too long. NOTE: Qt-free."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread
from types import TracebackType


class Patience:
    """As a context: ``give_up`` is called, in a thread of its own, once ``limit_s`` have passed without ``hear``."""

    def __init__(self, limit_s: float, give_up: Callable[[], None]) -> None:
        self._limit_s = limit_s
        self._give_up = give_up
        self._heard = Event()
        self._over = False
        self._thread = Thread(target=self._watch, name="patience", daemon=True)
        self.ran_out = False

    def hear(self) -> None:
        """The job has said something: it has its full time again."""
        self._heard.set()

    def _watch(self) -> None:
        while self._heard.wait(self._limit_s):
            if self._over:
                return
            self._heard.clear()
        self.ran_out = True
        self._give_up()

    def __enter__(self) -> Patience:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over = True
        self._heard.set()
        self._thread.join()
