"""The threads beside those of the pictures: each works or watches on the side, and all end together. NOTE: Qt-free."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread

RunBeside = Callable[[str, Callable[[], None], Callable[[], None]], None]
"""``run_beside(name, run, stop)`` starts ``run`` in a thread of its own; ``stop`` must end it, and closing calls it."""


class Beside:
    """Starts them and keeps them in view; for the main thread."""

    def __init__(self) -> None:
        self._started: list[tuple[Thread, Callable[[], None]]] = []
        self._stopped = False

    def run(self, name: str, run: Callable[[], None], stop: Callable[[], None]) -> None:
        """Start ``run`` in a thread that ``stop`` ends; does nothing once all were told to end."""
        if self._stopped:
            return
        self._started = [(thread, stop_it) for thread, stop_it in self._started if thread.is_alive()]
        self._started.append((start_thread(name, run), stop))

    def stop(self) -> None:
        """Tell every thread to end; does not wait for any."""
        self._stopped = True
        for _, stop in self._started:
            stop()

    def threads(self) -> tuple[Thread, ...]:
        """Return every thread that is still running."""
        return tuple(thread for thread, _ in self._started if thread.is_alive())


def start_thread(name: str, run: Callable[[], None]) -> Thread:
    """Start and return a thread that runs ``run``."""
    thread = Thread(target=run, name=name, daemon=True)  # daemon: a hung driver must not keep the process
    thread.start()
    return thread
