"""The comparing thread: runs the float network over the frames that the engine labelled; drops its own. NOTE: Qt-free."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from threading import Event, Lock
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from gui.compare.agreement import Agreement, Compared
from gui.compare.child import ChildError
from gui.compare.float_client import FloatAnswer
from gui.core.frame import Frame
from gui.core.logits import cosine
from gui.core.slot import LatestSlot
from gui.core.state import EngineChoice, Severity
from gui.core.text import say

if TYPE_CHECKING:
    from engine import Result

Outcome = TypeVar("Outcome")

HANGS_AFTER_S = 10.0
LOADING_HANGS_AFTER_S = 120.0
TRIES = 3
_POLL_S = 0.1


class CompareState(Enum):
    """Where the float network stands; the value is the word that people read."""

    LOADING = "loading float network"
    COMPARING = "comparing"
    FAILED = "no float network"


class Client(Protocol):
    """What the worker needs of ``FloatClient``."""

    labels: tuple[str, ...]
    input_hw: tuple[int, int]

    def wait_ready(self) -> None:
        """Wait until the network is loaded; raises ``ChildError``."""

    def run(self, pixels: NDArray[np.uint8]) -> FloatAnswer:
        """Label one input; raises ``ChildError``."""

    def kill(self) -> None:
        """End the process, from any thread."""

    def close(self) -> None:
        """End the process and let go of it."""


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    frame: Frame
    result: Result
    choice: EngineChoice


class CompareWorker:
    """``offer`` never waits; ``run`` is the thread; ``look_after`` is called now and then by another."""

    def __init__(
        self,
        make_client: Callable[[EngineChoice], Client],
        tell: Callable[[Severity, str], None],
        changed: Callable[[], None],
        agreement: Agreement | None = None,
    ) -> None:
        self._make_client = make_client
        self._tell = tell
        self._changed = changed
        self._slot: LatestSlot[_Job] = LatestSlot()
        self._stopped = Event()
        self._lock = Lock()
        self._client: Client | None = None
        self._loaded: EngineChoice | None = None
        self._failed: EngineChoice | None = None
        self._failures = 0
        self._busy: tuple[float, float] | None = None
        """Since when the process works on something, and how long that may take, in seconds."""
        self.agreement = agreement or Agreement()
        self.state = CompareState.LOADING

    def offer(self, frame: Frame, result: Result, choice: EngineChoice) -> None:
        """Compare a frame that the engine of ``choice`` labelled; the newest wins."""
        if result.pixels is None:
            return
        if self._slot.put(_Job(frame, result, choice)) is not None:
            self.agreement.count_dropped()

    def stop(self) -> None:
        """End ``run``, whatever the process is doing."""
        self._stopped.set()
        self._kill()

    def look_after(self) -> None:
        """End a process that hangs; ``run`` starts another."""
        busy = self._busy
        if busy is not None and time.monotonic() - busy[0] > busy[1]:
            self._tell(Severity.WARNING, say("the float network does not answer; it is started anew"))
            self._kill()

    def run(self) -> None:
        """Compare until stopped."""
        while not self._stopped.is_set():
            job = self._slot.take(_POLL_S)
            if job is not None and not self._work(job):
                self.agreement.count_dropped()
        self._let_go()

    def _work(self, job: _Job) -> bool:
        """Compare one frame; return False if that was not possible."""
        if job.choice == self._failed:
            return False
        try:
            client = self._client_for(job.choice)
            pixels = job.result.pixels
            if pixels is None or pixels.shape[:2] != client.input_hw:
                return False
            answer = self._within(HANGS_AFTER_S, lambda: client.run(pixels))
        except ChildError as error:
            self._fail(job.choice, error)
            return False
        self._failures = 0
        if answer.logits.shape != job.result.logits.shape:
            return False
        self._add(job, answer, client.labels)
        return True

    def _add(self, job: _Job, answer: FloatAnswer, labels: tuple[str, ...]) -> None:
        # Imported here, in this thread: the picture is on the screen before the engine is in memory.
        from engine.runtime.postprocess import top_k

        frame, result = job.frame, job.result
        float_top = top_k(answer.logits, labels)
        if not (float_top and result.top):
            self.agreement.count_unnamed()
            return
        compared = Compared(
            frame.seq,
            frame.captured_ns,
            float_top,
            tuple(result.top),
            cosine(answer.logits, result.logits),
            answer.run_ns,
            result.run_ns,
        )
        self.agreement.add(compared, frame.image)
        self._changed()

    def _client_for(self, choice: EngineChoice) -> Client:
        if self._client is not None and self._loaded == choice:
            return self._client
        self._let_go()
        self._set_state(CompareState.LOADING)
        client = self._make_client(choice)
        with self._lock:
            self._client, self._loaded = client, choice
        if self._stopped.is_set():
            client.kill()
        self._within(LOADING_HANGS_AFTER_S, client.wait_ready)
        self._set_state(CompareState.COMPARING)
        return client

    def _within(self, limit_s: float, work: Callable[[], Outcome]) -> Outcome:
        """Do ``work``, watched by ``look_after``."""
        self._busy = (time.monotonic(), limit_s)
        try:
            return work()
        finally:
            self._busy = None

    def _fail(self, choice: EngineChoice, error: ChildError) -> None:
        """Say what happened; after some tries this choice is given up until another one comes."""
        if self._stopped.is_set():
            return
        loading = self.state is CompareState.LOADING
        self._let_go()
        self._failures += 1
        if loading or self._failures >= TRIES:
            self._failed, self._failures = choice, 0
            self._tell(Severity.WARNING, say("float against 8 bit: {error}", error=error))
            self._set_state(CompareState.FAILED)
        else:
            self._tell(Severity.WARNING, say("float against 8 bit: {error}; it is started anew", error=error))

    def _set_state(self, state: CompareState) -> None:
        self.state = state
        self._changed()

    def _kill(self) -> None:
        with self._lock:
            client = self._client
        if client is not None:
            client.kill()

    def _let_go(self) -> None:
        with self._lock:
            client, self._client, self._loaded = self._client, None, None
        if client is not None:
            client.close()
