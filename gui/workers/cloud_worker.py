"""The threads that ask the cloud function: newest frame first, a few requests at a time. NOTE: Qt-free."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from threading import Event
from typing import TYPE_CHECKING

from gui.compare.cloud import CloudError, CloudLane, CloudSettings, Edge, Failure
from gui.compare.cloud_ledger import CloudLedger
from gui.compare.function_host import FunctionHost
from gui.compare.network import Clock, Plug, RealClock
from gui.core.frame import Frame
from gui.core.slot import LatestSlot
from gui.core.state import EngineChoice, Severity
from gui.core.text import say

if TYPE_CHECKING:
    from engine import Result

LANES = 4
SILENT_AFTER_NS = 1_000_000_000
_POLL_S = 0.1
# What the function itself is to blame for: it is started anew.
_ITS_FAULT = (Failure.SILENT, Failure.NONSENSE, Failure.ENDED)


class CloudState(Enum):
    """Where the cloud stands; the value is the word that people read."""

    UNASKED = "not asked yet"
    COLD = "cold start"
    ANSWERING = "answering"
    UNPLUGGED = "no network"
    SILENT = "does not answer"
    FAILED = "no function"


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    edge: Edge
    choice: EngineChoice


class CloudWorker:
    """``offer`` never waits; ``run_lane`` is what each of ``LANES`` threads runs; ``look_after`` comes now and then."""

    def __init__(
        self,
        settings: CloudSettings,
        tell: Callable[[Severity, str], None],
        changed: Callable[[], None],
        host: FunctionHost | None = None,
        clock: Clock | None = None,
        seed: int | None = None,
    ) -> None:
        self._tell = tell
        self._changed = changed
        self._clock = clock or RealClock()
        self._host = host or FunctionHost(self._clock)
        self._slot: LatestSlot[_Job] = LatestSlot()
        self._stopped = Event()
        self._settings = settings
        self._choice: EngineChoice | None = None
        self.plug = Plug()
        self.ledger = CloudLedger()
        chance = random.Random(seed)
        self._lanes = tuple(
            CloudLane(self._host, self.plug, self._clock, random.Random(chance.random()))
            for _ in range(LANES)
        )

    @property
    def settings(self) -> CloudSettings:
        """What a round trip is made of now."""
        return self._settings

    def set_settings(self, settings: CloudSettings) -> None:
        """Use other settings from the next request on."""
        self._settings = settings
        self._host.forgive()

    @property
    def cold_starts(self) -> int:
        """How often the function was started."""
        return self._host.cold_starts

    @property
    def state(self) -> CloudState:
        """Where the cloud stands now."""
        if self.plug.pulled.is_set():
            return CloudState.UNPLUGGED
        if self._host.is_given_up:
            return CloudState.FAILED
        if self._host.is_starting:
            return CloudState.COLD
        asking_ns = self._asking_ns()
        if asking_ns > SILENT_AFTER_NS:
            return CloudState.SILENT
        asked = asking_ns or self.ledger.answered or self.ledger.failed
        return CloudState.ANSWERING if asked else CloudState.UNASKED

    def offer(self, frame: Frame, result: Result, choice: EngineChoice) -> None:
        """Ask about a frame that the edge has labelled; the newest wins."""
        if not result.top:
            self.ledger.count_dropped()
            return
        edge_ns = result.preprocess_ns + result.run_ns + result.postprocess_ns
        if self._slot.put(_Job(Edge(frame, tuple(result.top), edge_ns), choice)) is not None:
            self.ledger.count_dropped()

    def unplug(self) -> None:
        """Pull the plug."""
        self.plug.pull()
        text = say("the simulated network is unplugged: the cloud is out of reach, the edge goes on")
        self._tell(Severity.INFO, text)
        self._changed()

    def plug_in(self) -> None:
        """Put the plug back."""
        self.plug.put_back()
        self._tell(Severity.INFO, say("the simulated network is back"))
        self._changed()

    def make_cold(self) -> None:
        """Let the next request find the function cold."""
        self._host.make_cold()

    def stop(self) -> None:
        """End every lane, whatever the function is doing."""
        self._stopped.set()
        self.plug.pull()
        self._host.close()

    def look_after(self) -> None:
        """Let an unused function go cold; end one that hangs, also one that answers a drop at a time."""
        self._host.look_after(self._settings.keep_warm_s)
        if self._asking_ns() > (self._settings.timeout_s + 1) * 1e9:
            self._host.kill()

    def run_lane(self, number: int) -> None:
        """Ask until stopped; lanes beyond ``in_flight`` rest."""
        lane = self._lanes[number]
        while not self._stopped.is_set():
            if number >= self._settings.in_flight:
                self._stopped.wait(_POLL_S)
                continue
            job = self._slot.take(_POLL_S)
            if job is not None:
                self._ask(lane, job)
        lane.close()

    def _ask(self, lane: CloudLane, job: _Job) -> None:
        if job.choice != self._choice:
            self._choice = job.choice
            self._host.forgive()
        if self._host.is_given_up:
            self.ledger.count_dropped()
            return
        sent_before = lane.bytes_up
        try:
            self.ledger.add_answer(lane.ask(job.edge, job.choice, self._settings))
            self._host.forgive()
        except CloudError as error:
            self._note(error)
        self.ledger.add_sent(lane.bytes_up - sent_before)
        self._changed()

    def _note(self, error: CloudError) -> None:
        if self._stopped.is_set():
            return
        self.ledger.add_failure(error.failure)
        if error.failure is Failure.UNPLUGGED:
            return
        if error.failure not in _ITS_FAULT:
            self._tell(Severity.INFO, str(error))
            return
        if error.instance is not None:
            self._host.note_failure(error.instance)
        if self._host.is_given_up:
            text = say("{error}; it is given up, the edge goes on", error=error)
        else:
            text = say("{error}; it is started anew, the edge goes on", error=error)
        self._tell(Severity.WARNING, text)

    def _asking_ns(self) -> int:
        """Return for how long the function has worked on its oldest request."""
        now_ns = self._clock.now_ns()
        since_ns = [since_ns for lane in self._lanes if (since_ns := lane.asking_since_ns) is not None]
        return now_ns - min(since_ns, default=now_ns)
