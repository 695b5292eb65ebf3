"""Patience with a source, in the test's own thread and by a clock that moves only when it is told to."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from gui.capture.source import Picture
from gui.core.counters import Drops
from gui.core.healing import Repairs
from gui.core.status import Status
from gui.workers import capture
from gui.workers.capture import CaptureLoop, CaptureTiming
from tests.gui.fakes import FakeSource, picture

TIMING = CaptureTiming(
    stalled_after_s=1.0, stalled_at_latest_s=1.7, abandoned_after_s=4.0, opening_abandoned_after_s=15.0
)

STEP_S = 0.101
"""How exactly silences are measured: a tenth of a second, and a little for the rounding of sums."""


class Bench:
    """A capture loop over a source whose every ``open`` and ``read`` is a step of the test."""

    def __init__(self, reconnects: bool = True) -> None:
        self.now_s = 1000.0
        self.source = FakeSource(reconnects=reconnects)
        self.loop = CaptureLoop(
            lambda: self.source,
            SimpleNamespace(offer=lambda frame, stop: None),
            Drops(), Status(lambda _: None), Repairs(), itertools.count(), TIMING,
        )  # fmt: skip

    def monotonic_ns(self) -> int:
        return round(self.now_s * 1e9)

    def gives(self, wait_s: float, times: int = 1) -> None:
        """Let the source take ``wait_s`` for each of its next pictures."""

        def read() -> Picture:
            self.now_s += wait_s
            return picture()

        self.source.put(*[read] * times)

    def silence_until(self, says: Callable[[], bool]) -> float:
        """Return after how long a silence of the source ``says`` is true, to a tenth of a second; 60 s: never."""
        began_s = self.now_s
        while not says() and self.now_s < began_s + 60.0:
            self.now_s += 0.1
        silent_s, self.now_s = self.now_s - began_s, began_s
        return silent_s

    def measure_at_end(self, says: Callable[[], bool]) -> float:
        """Return the same, measured in the last read of the source."""
        found: list[float] = []

        def read() -> None:
            found.append(self.silence_until(says))
            self.loop.request_stop()

        self.source.put(read)
        self.loop.run()
        return found[0]


@pytest.fixture
def make_bench(monkeypatch) -> Callable[..., Bench]:
    def make(**options: bool) -> Bench:
        bench = Bench(**options)
        monkeypatch.setattr(capture, "time", bench)
        return bench

    return make


@pytest.mark.parametrize(("every_s", "stalled_s"), [(0.03, 1.0), (0.3, 1.0), (0.6, 1.5), (1.5, 1.7)], ids=str)
def test_a_camera_may_be_silent_for_two_and_a_half_of_its_intervals_within_limits(
    make_bench, every_s, stalled_s
):
    bench = make_bench()
    bench.gives(every_s, times=100)
    assert bench.measure_at_end(bench.loop.is_stalled) == pytest.approx(stalled_s, abs=STEP_S)


def test_one_long_wait_does_not_make_a_fast_camera_a_slow_one(make_bench):
    bench = make_bench()
    bench.gives(0.03, times=100)
    bench.gives(3600.0)  # the computer slept
    assert bench.measure_at_end(bench.loop.is_stalled) == pytest.approx(1.0, abs=STEP_S)


@pytest.mark.parametrize(("reconnects", "given_up_s"), [(True, 4.0), (False, 60.0)], ids=["camera", "file"])
def test_a_camera_is_given_up_after_four_seconds_and_a_file_never(make_bench, reconnects, given_up_s):
    bench = make_bench(reconnects=reconnects)
    bench.gives(0.03)
    assert bench.measure_at_end(bench.loop.is_hopeless) == pytest.approx(given_up_s, abs=STEP_S)


def test_opening_may_take_longer_and_is_no_standstill(make_bench):
    bench = make_bench()
    found: list[float] = []
    says = (bench.loop.is_stalled, bench.loop.is_hopeless)
    bench.source.open = lambda: found.extend(bench.silence_until(each) for each in says)
    bench.gives(0.03)
    assert bench.measure_at_end(bench.loop.is_hopeless) == pytest.approx(4.0, abs=STEP_S)
    assert found == pytest.approx([60.0, 15.0], abs=STEP_S)
