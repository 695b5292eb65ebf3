"""Keeps the engine running: starts it again when it fails, hangs or dies, a bounded number of times. NOTE: Qt-free.

Every method belongs to the main thread, which calls ``look_after`` several times a second.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import Enum, auto

from gui.core.healing import Repair, Repairs
from gui.core.state import EngineState, Severity
from gui.core.status import Status
from gui.core.text import say
from gui.workers.inference import InferenceLoop
from gui.workers.shift import EngineTiming


class _Phase(Enum):
    RUNNING = auto()
    WAITING = auto()
    LOADING = auto()
    GIVEN_UP = auto()


class EngineKeeper:
    """``load`` asks for a new session of the chosen model; ``start_thread`` starts a new inference thread.

    An engine that hangs keeps its thread for ever. ``exhausted`` is called when as many hang as may: the picture goes on,
    without labels, and no engine is loaded any more.
    """

    def __init__(
        self,
        inference: InferenceLoop,
        status: Status,
        repairs: Repairs,
        timing: EngineTiming,
        load: Callable[[], None],
        start_thread: Callable[[], None],
        exhausted: Callable[[], None],
    ) -> None:
        self._inference = inference
        self._status = status
        self._repairs = repairs
        self._timing = timing
        self._load = load
        self._start_thread = start_thread
        self._exhausted = exhausted
        self._phase = _Phase.RUNNING
        self._attempts = 0
        self._due_ns = 0
        self._failures_seen = 0

    def begin_anew(self) -> None:
        """Another engine was chosen: load it, and let what the one before did not count against it."""
        self._phase = _Phase.RUNNING
        self._attempts = 0
        if not self._give_up_hanging(say("no answer")):
            self._load()

    def look_after(self) -> None:
        """Notice an engine that stands still, and start it again where it is due."""
        if self._inference.is_hung():
            self._replace_thread(say("no answer"))
        elif self._inference.has_died():
            self._replace_thread(say("its thread ended"))
        elif self._inference.failures != self._failures_seen:
            self._failures_seen = self._inference.failures
            self._plan(say("it failed"))
        elif self._phase is _Phase.WAITING and time.monotonic_ns() >= self._due_ns:
            self._phase = _Phase.LOADING
            self._repairs.count(Repair.ENGINE_RESTARTED)
            self._load()
        elif self._phase is _Phase.LOADING:
            self._look_after_loading()
        elif self._phase is _Phase.RUNNING and self._inference.good_runs >= self._timing.healthy_runs:
            self._attempts = 0
        self._show_stall()

    def _replace_thread(self, why: str) -> None:
        self._inference.abandon()
        self._repairs.count(Repair.THREAD_RESTARTED)
        self._status.set_session(None)
        self._plan(why)  # before the thread: what it takes first then waits for the engine to come
        self._start_thread()

    def _plan(self, why: str) -> None:
        """Set the time of the next restart, or give up."""
        if self._give_up_hanging(why):
            return
        most = self._timing.most_restarts
        if self._attempts >= most:
            self._phase = _Phase.GIVEN_UP
            text = say(
                "engine: {why} after {most} restarts; choose a model to start it again", why=why, most=most
            )
            self._status.post(Severity.BAD, text)
            self._status.set_engine(EngineState.FAILED)
            return
        self._attempts += 1
        self._phase = _Phase.WAITING
        self._due_ns = time.monotonic_ns() + round(self._timing.restart_s(self._attempts) * 1e9)
        text = say(
            "engine: {why}; it is started again ({attempt} of {most})",
            why=why,
            attempt=self._attempts,
            most=most,
        )
        self._status.post(Severity.WARNING, text)
        self._status.set_engine(EngineState.RESTARTING)

    def _give_up_hanging(self, why: str) -> bool:
        """Load nothing any more if too many threads hang; return whether that is so."""
        hung = self._inference.hung_threads
        if hung < self._timing.most_hung:
            return False
        self._phase = _Phase.GIVEN_UP
        text = say(
            "engine: {why}; {hung} of its threads hang, so it is not started again: restart Lens7",
            why=why,
            hung=hung,
        )
        self._status.post(Severity.BAD, text)
        self._status.set_engine(EngineState.FAILED)
        self._exhausted()
        return True

    def _look_after_loading(self) -> None:
        if self._status.engine_state is EngineState.READY:
            self._phase = _Phase.RUNNING
        elif self._status.engine_state is EngineState.FAILED:
            self._plan(say("it does not start"))

    def _show_stall(self) -> None:
        if self._inference.is_stalled():
            self._status.change_engine(EngineState.READY, EngineState.STALLED)
        else:
            self._status.change_engine(EngineState.STALLED, EngineState.READY)
