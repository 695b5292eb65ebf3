"""How often an engine is started again, and when its failures are forgotten: no threads and no waiting."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from gui.core.healing import Repair, Repairs
from gui.core.state import EngineState
from gui.core.status import Status
from gui.workers.engine_keeper import EngineKeeper
from gui.workers.shift import EngineTiming

TIMING = EngineTiming(first_restart_s=0.0, most_restarts=2, healthy_runs=50)


class Bench:
    """A keeper over an inference loop that says what the test wants; every load succeeds."""

    def __init__(self) -> None:
        self.loop = SimpleNamespace(
            failures=0, good_runs=0, hung_threads=0, is_hung=bool, has_died=bool, is_stalled=bool
        )
        self.status, self.repairs = Status(lambda _: None), Repairs()
        self.keeper = EngineKeeper(
            self.loop, self.status, self.repairs, TIMING, self.load, lambda: None, lambda: None
        )

    def load(self) -> None:
        self.status.set_engine(EngineState.READY)

    def fail(self, after_good_runs: int) -> None:
        """Let the engine label so many frames, fail, and be looked after until it runs or is given up."""
        self.loop.good_runs = after_good_runs
        self.keeper.look_after()
        self.loop.good_runs = 0
        self.loop.failures += 1
        for _ in ("failure seen", "restart due", "loaded"):
            self.keeper.look_after()


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_an_engine_that_fails_early_each_time_is_given_up(bench):
    for _ in range(3):
        bench.fail(after_good_runs=49)
    assert bench.status.engine_state is EngineState.FAILED
    assert bench.repairs.of(Repair.ENGINE_RESTARTED) == 2


def test_after_enough_good_runs_the_failures_before_are_forgotten(bench):
    for _ in range(7):
        bench.fail(after_good_runs=50)
    assert bench.status.engine_state is EngineState.READY
    assert bench.repairs.of(Repair.ENGINE_RESTARTED) == 7


def test_a_choice_lets_the_failures_before_it_not_count(bench):
    for _ in range(2):
        bench.fail(after_good_runs=0)
    bench.keeper.begin_anew()
    for _ in range(2):
        bench.fail(after_good_runs=0)
    assert bench.status.engine_state is EngineState.READY
    assert bench.repairs.of(Repair.ENGINE_RESTARTED) == 4
    bench.fail(after_good_runs=0)
    assert bench.status.engine_state is EngineState.FAILED


def test_restarts_take_twice_as_long_each_time_up_to_the_longest():
    timing = EngineTiming(first_restart_s=0.5, longest_restart_s=10.0)
    assert [timing.restart_s(attempt) for attempt in range(1, 8)] == [0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0]
