"""The inference loop alone, in the test's own thread and by a clock that moves only when it is told to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from threading import Event
from types import SimpleNamespace

import pytest

from gui.core.counters import Drops
from gui.core.frame import Frame
from gui.core.latency import LatencyStatistics
from gui.core.status import Status
from gui.workers import inference, outbox, shift
from gui.workers.inference import InferenceLoop
from gui.workers.outbox import Outbox
from gui.workers.shift import EngineTiming
from tests.gui.fakes import FakeSession, picture

TIMING = EngineTiming(stalled_after_s=0.5, hung_after_s=10.0, hung_after_runs=20.0, first_run_s=600.0)


class Clock:
    """Host time in seconds, in place of ``time.monotonic_ns``."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> int:
        return round(self.now_s * 1e9)


class Scripted(FakeSession):
    """Does during its n-th run what the n-th entry of ``script`` does; the loop ends after the last."""

    def __init__(self, loop: InferenceLoop, script: list[Callable[[], None]], kernels: str) -> None:
        super().__init__()
        self.info = replace(self.info, kernels=kernels)
        self._loop, self._script, self._source = loop, script, Event()

    def give_frame(self) -> None:
        self._loop.deliver(Frame(picture(1).image, self.runs, 0), self._source)

    def run(self, image):
        result = super().run(image)
        if self.runs < len(self._script):
            self.give_frame()
        else:
            self._loop.stop()
        self._script[self.runs - 1]()
        return result


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock()
    for module in (inference, shift):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic_ns=clock))
    monkeypatch.setattr(outbox, "PAINT_PATIENCE_S", 0.0)
    return clock


def run_frames(loop: InferenceLoop, *script: Callable[[], None], kernels: str = "numpy") -> None:
    """Let ``loop`` label as many frames as ``script`` has entries."""
    session = Scripted(loop, list(script), kernels)
    loop.use(session)
    session.give_frame()
    loop.run()
    assert session.runs == len(script)


@pytest.fixture
def window(clock: Clock) -> Outbox:
    return Outbox(Drops(), LatencyStatistics(), lambda: None)


@pytest.fixture
def loop(window: Outbox) -> InferenceLoop:
    return InferenceLoop(Drops(), Status(lambda _: None), window, TIMING)


@pytest.fixture
def limits_s(clock: Clock, loop: InferenceLoop) -> Callable[[Callable[[], bool]], float]:
    """Return what measures, to half a second, for how long an engine may work until ``says`` is true."""

    def measure(says: Callable[[], bool]) -> float:
        began_s = clock.now_s
        while not says():
            clock.now_s += 0.5
        worked_s, clock.now_s = clock.now_s - began_s, began_s
        return worked_s

    return measure


def test_an_engine_is_given_up_after_ten_seconds_or_twenty_of_its_slowest_runs(clock, loop, limits_s):
    given_up_s: list[float] = []

    def work(run_s: float) -> None:
        given_up_s.append(limits_s(loop.is_hung))
        clock.now_s += run_s

    run_frames(loop, *(lambda run_s=run_s: work(run_s) for run_s in (0.25, 2.0, 1.0, 0.0)))
    assert given_up_s == [10.5, 10.5, 40.5, 40.5]  # just more than 10 s, and than 20 times 2 s
    assert not loop.is_hung()


def test_the_first_run_of_the_reference_kernels_may_take_ten_minutes_and_no_other(loop, limits_s):
    given_up_s: list[float] = []
    work = [lambda: given_up_s.append(limits_s(loop.is_hung))] * 2
    run_frames(loop, *work, kernels="reference")
    assert given_up_s == [600.5, 10.5]


def test_an_engine_that_keeps_the_picture_waiting_is_stalled(loop, limits_s):
    stalled_s: list[float] = []
    run_frames(loop, lambda: stalled_s.append(limits_s(loop.is_stalled)))
    assert stalled_s == [1.0]  # just more than half a second
    assert not loop.is_stalled()


def test_a_frame_waited_from_its_capture_until_the_engine_took_it(clock, loop, window):
    session = Scripted(loop, [lambda: None], "numpy")
    captured_ns = clock()
    clock.now_s += 3.0
    loop.use(session)
    loop.deliver(Frame(picture(1).image, 7, captured_ns), Event())
    loop.run()
    shown = window.take()
    assert (shown.frame.seq, shown.times.queue_ns) == (7, 3_000_000_000)


def test_an_engine_that_came_as_the_window_closed_is_closed(loop):
    session = FakeSession()
    loop.stop()
    loop.use(session)
    loop.run()
    assert session.closed


@pytest.mark.parametrize(("answers", "closed"), [("--+--", 0), ("---", 1), ("+---", 1)])
def test_an_engine_is_closed_after_three_failures_in_a_row(loop, answers, closed):
    def fail() -> None:
        raise RuntimeError("bus fault")

    run_frames(loop, *(fail if answer == "-" else lambda: None for answer in answers))
    assert loop.failures == closed
