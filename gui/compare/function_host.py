"""Where the cloud function runs: started when it is needed (cold), kept for a while (warm), started anew when it fails.

NOTE: Qt-free; safe from any thread.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any, Protocol

from gui.compare.child import Child, ChildError, nonsense
from gui.compare.network import Clock
from gui.core.engine_task import task_of
from gui.core.state import EngineChoice
from gui.core.text import say

MODULE = "gui.compare.function"
TRIES = 3
STARTING_HANGS_AFTER_NS = 120_000_000_000


class Process(Protocol):
    """What the host needs of ``Child``."""

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""

    def read_document(self) -> dict[str, Any]:
        """Return its first line; raises ``ChildError``."""

    def kill(self) -> None:
        """End it now."""

    def close(self) -> None:
        """End it and let go of it."""


@dataclass(frozen=True, slots=True)
class Instance:
    """A running function: where it listens, what it wants to hear, and how long it took to start, measured."""

    port: int
    token: str
    started_ns: int


class FunctionHost:
    """Runs at most one function process."""

    def __init__(self, clock: Clock, make_process: Callable[[dict[str, Any]], Process] | None = None) -> None:
        self._clock = clock
        self._make_process = make_process or (lambda task: Child(MODULE, task))
        self._starting = Lock()
        self._lock = Lock()
        self._process: Process | None = None
        self._instance: Instance | None = None
        self._runs: tuple[EngineChoice, int] | None = None
        self._starting_since_ns: int | None = None
        self._users = 0
        self._used_ns = 0
        self._cold_wanted = False
        self._failures = 0
        self._problem = ""
        self._closed = False
        self.cold_starts = 0

    @property
    def is_starting(self) -> bool:
        """Whether a cold start is under way."""
        return self._starting_since_ns is not None

    @property
    def is_given_up(self) -> bool:
        """Whether it could not be started, or failed too often; ``forgive`` allows another try."""
        return bool(self._problem) or self._failures >= TRIES

    def forgive(self) -> None:
        """Forget earlier failures: a request was answered, or other circumstances have begun."""
        self._failures, self._problem = 0, ""

    def make_cold(self) -> None:
        """Let the next request start the function anew."""
        self._cold_wanted = True

    @contextmanager
    def lease(self, choice: EngineChoice, concurrency: int) -> Iterator[tuple[Instance, bool]]:
        """Give a running function for ``choice``, and whether it had to be started for this request (cold).

        Raises:
            ChildError: it cannot be started, or was given up.
        """
        with self._starting:
            instance, cold = self._warm_or_cold(choice, concurrency)
            self._users += 1
        try:
            yield instance, cold
        finally:
            with self._starting:
                self._users -= 1
                self._used_ns = self._clock.now_ns()

    def note_failure(self, instance: Instance) -> None:
        """A request failed because of this instance; the next one starts another, unless that was done already."""
        with self._starting:
            if instance is self._instance:
                self._failures += 1
                self.stop()

    def look_after(self, keep_warm_s: float) -> None:
        """Let an unused function go cold, and end one whose start hangs."""
        now_ns = self._clock.now_ns()
        since_ns = self._starting_since_ns
        if since_ns is not None and now_ns - since_ns > STARTING_HANGS_AFTER_NS:
            self.kill()
        elif self._starting.acquire(blocking=False):
            try:
                if not self._users and now_ns - self._used_ns > keep_warm_s * 1e9:
                    self.stop()
            finally:
                self._starting.release()

    def kill(self) -> None:
        """End the process now; whoever waits for it hears of it."""
        with self._lock:
            process = self._process
        if process is not None:
            process.kill()

    def stop(self) -> None:
        """End the process and let go of it."""
        with self._lock:
            process, self._process, self._instance = self._process, None, None
        if process is not None:
            process.close()

    def close(self) -> None:
        """End the function for good, also while it starts."""
        self._closed = True
        self.kill()
        with self._starting:
            self.stop()

    def _warm_or_cold(self, choice: EngineChoice, concurrency: int) -> tuple[Instance, bool]:
        instance, process = self._instance, self._process
        is_warm = instance is not None and process is not None and process.is_alive
        if is_warm and self._runs == (choice, concurrency) and not (self._cold_wanted and not self._users):
            assert instance is not None
            return instance, False
        if self.is_given_up or self._closed:
            raise ChildError(self._problem or say("it failed too often"))
        self.stop()
        self._cold_wanted = False
        return self._start(choice, concurrency), True

    def _start(self, choice: EngineChoice, concurrency: int) -> Instance:
        token = secrets.token_urlsafe(24)
        task = task_of(choice) | {"token": token, "concurrency": concurrency}
        start_ns = self._clock.now_ns()
        self._starting_since_ns = start_ns
        try:
            port = self._launch(task)
        except ChildError as error:
            self._problem = str(error)
            self.stop()
            raise
        finally:
            self._starting_since_ns = None
        self.cold_starts += 1
        self._runs = (choice, concurrency)
        self._instance = Instance(port, token, self._clock.now_ns() - start_ns)
        return self._instance

    def _launch(self, task: dict[str, Any]) -> int:
        process = self._make_process(task)
        with self._lock:
            self._process = process
        if self._closed:
            process.kill()
        port = process.read_document().get("port")
        if not isinstance(port, int) or not 0 < port < 1 << 16:
            raise ChildError(nonsense(MODULE, f"port {port!r}"))
        return port
