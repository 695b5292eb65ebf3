"""Sources, engines and backends that do exactly what a test tells them, without waiting for a clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from queue import Queue
from threading import Event

import numpy as np
from numpy.typing import NDArray

from engine import Label, Result, SessionInfo
from gui.capture.source import Picture
from gui.core.errors import CaptureError
from gui.core.state import EngineChoice, SourceInfo
from gui.core.status import Status
from gui.workers.backend import Cancellation

GIVE_UP_S = 20.0
_never = Event()


def picture(value: int = 0, size_wh: tuple[int, int] = (64, 48), name: str = "") -> Picture:
    """Return a plain grey picture."""
    return Picture(np.full((size_wh[1], size_wh[0], 3), value, np.uint8), time.monotonic_ns(), name)


class FakeSource:
    """Gives what the test put into ``script``: pictures, errors to raise, functions to call, None for the end."""

    def __init__(
        self, *script: object, is_live: bool = True, reconnects: bool = False, total: int | None = None
    ) -> None:
        self.is_live = is_live
        self.reconnects = reconnects
        self.period_ns: int | None = None
        self.total = total
        self.script: Queue[object] = Queue()
        self.opened = 0
        self.closed = 0
        self.open_error: CaptureError | None = None
        self.on_close: Callable[[], None] = lambda: None
        self.steps: list[int] = []
        self.put(*script)

    def put(self, *script: object) -> None:
        for entry in script:
            self.script.put(entry)

    @property
    def info(self) -> SourceInfo:
        return SourceInfo("fake", "fake camera", "")

    def open(self) -> None:
        self.opened += 1
        if self.open_error is not None:
            raise self.open_error

    def read(self) -> Picture | None:
        entry = self.script.get(timeout=GIVE_UP_S)
        if callable(entry):
            entry = entry()
        if isinstance(entry, Exception):
            raise entry
        assert entry is None or isinstance(entry, Picture)
        return entry

    def step(self, offset: int) -> None:
        self.steps.append(offset)

    def close(self) -> None:
        self.closed += 1
        self.on_close()


class EndlessSource(FakeSource):
    """A live source with a new picture every ``period_ns``."""

    def __init__(self, period_ns: int = 5_000_000, grey: int = 0) -> None:
        super().__init__()
        self.period_ns = period_ns
        self.grey = grey

    def read(self) -> Picture | None:
        return picture(self.grey)


class FakeSession:
    """Names every picture by its mean grey value. ``gate`` cleared holds the engine inside ``run``."""

    def __init__(self, model: str = "fake", soc: str = "tda4vm") -> None:
        self.info = SessionInfo(model, soc, "lens7", "fake", "", 1, (224, 224), 256, 1000, None)
        self.artifact = None
        self.labels = ("other", *(f"grey {index}" for index in range(1, 1000)))
        self.logits: NDArray[np.float32] | None = None
        self.gate = Event()
        self.gate.set()
        self.error: Exception | None = None
        self.runs = 0
        self.closed = False

    def run(self, image: NDArray[np.uint8]) -> Result:
        self.runs += 1
        self.gate.wait(GIVE_UP_S)
        if self.error is not None:
            raise self.error
        grey = int(image.mean())
        top = (Label(grey, f"grey {grey}", 0.9), Label(0, "other", 0.1))
        logits = self.logits
        if logits is None:
            logits = np.full(1000, -50.0, np.float32)
            logits[[0, grey]] = np.log([0.1, 0.9])
        return Result(top, logits, 1_000_000, 2_000_000, 500_000, 1.5)

    def close(self) -> None:
        self.closed = True


class FakeBackend:
    """Hands out ``session``; ``work`` runs first, in the compile thread."""

    def __init__(self, session: FakeSession | None = None) -> None:
        self.session = session or FakeSession()
        self.asked: list[EngineChoice] = []
        self.work: Callable[[EngineChoice, Status, Cancellation], None] = lambda *_: None
        self.closed = False

    def prepare(self, choice: EngineChoice, status: Status, cancellation: Cancellation) -> FakeSession:
        self.asked.append(choice)
        self.work(choice, status, cancellation)
        return self.session

    def close(self) -> None:
        self.closed = True


def never() -> None:
    """Block like a driver that does not answer; ends when the test does."""
    _never.wait(GIVE_UP_S)


def end_never() -> None:
    """Let go everything that waits in ``never``: the test is over."""
    global _never
    _never.set()
    _never = Event()
