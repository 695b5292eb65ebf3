"""Interleaved rounds: whatever slows the machine for a while slows every contender alike."""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from tests.bench.engines import Contender

WARM_UP_RUNS = 10
# Before a round: the threads of the engine before it go on spinning for a while, and would stand in the way of this one.
SETTLE_S = 0.05


@dataclass(frozen=True)
class Timing:
    """Host times of one contender in milliseconds; ``best_round_p50`` is the p50 of its least disturbed round."""

    name: str
    threads: int
    min: float
    best_round_p50: float
    p50: float
    p95: float

    def document(self) -> dict[str, object]:
        return asdict(self)


def interleave(contenders: Sequence[Contender], rounds: int, round_s: float) -> list[Timing]:
    """Return the timings of all contenders over ``rounds`` rounds in which each runs for ``round_s`` seconds."""
    for contender in contenders:
        for _ in range(WARM_UP_RUNS):
            contender.run()
    samples: list[list[np.ndarray]] = [[] for _ in contenders]
    for _ in range(rounds):
        for contender, kept in zip(contenders, samples, strict=True):
            kept.append(one_round(contender, round_s))
    return [_timing(contender, kept) for contender, kept in zip(contenders, samples, strict=True)]


def one_round(contender: Contender, round_s: float) -> np.ndarray:
    """Return the times of one round in nanoseconds; the first frame, whose caches are another's, is left out."""
    time.sleep(SETTLE_S)
    contender.run()
    times_ns = []
    end_ns = time.perf_counter_ns() + int(round_s * 1e9)
    while (start_ns := time.perf_counter_ns()) < end_ns or len(times_ns) < 2:
        contender.run()
        times_ns.append(time.perf_counter_ns() - start_ns)
    return np.array(times_ns)


def _timing(contender: Contender, rounds: list[np.ndarray]) -> Timing:
    every = np.concatenate(rounds) / 1e6
    best = min(float(np.median(one)) for one in rounds) / 1e6
    return Timing(
        contender.name,
        contender.threads,
        float(every.min()),
        best,
        float(np.median(every)),
        float(np.percentile(every, 95)),
    )
