"""A day at the stand, made up: records, clocks that a test turns, and a writer over them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from gui.core.frame import StageTimes
from gui.core.state import Severity
from gui.monitor.history_rotation import Limits
from gui.monitor.history_writer import HistoryWriter, Recorder
from gui.monitor.records import EngineRecord, FrameRecord

SECOND_NS = 1_000_000_000
NOON_NS = 1_760_000_040 * SECOND_NS  # the beginning of a minute
ENGINE = EngineRecord("efficientnet_lite0", "tda4vm", "lens7", "native", 1)
LABELS = ("coffee mug", "espresso", "banana", "keyboard")


@dataclass
class Clock:
    """Both clocks of the machine; only a test lets time pass."""

    wall_ns: int = NOON_NS
    monotonic_ns: int = 5_000 * SECOND_NS

    def pass_s(self, seconds: float) -> None:
        self.wall_ns += round(seconds * 1e9)
        self.monotonic_ns += round(seconds * 1e9)


@dataclass
class Diary:
    """A writer with its clock and what it told the user."""

    path: Path
    limits: Limits = field(default_factory=Limits)
    clock: Clock = field(default_factory=Clock)
    told: list[tuple[Severity, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.writer = HistoryWriter(
            self.path,
            Recorder("0.1", "test machine"),
            lambda severity, text: self.told.append((severity, text)),
            self.limits,
            lambda: self.clock.wall_ns,
            lambda: self.clock.monotonic_ns,
        )

    @property
    def texts(self) -> list[str]:
        return [text for _, text in self.told]


def frame(
    painted_ns: int, run_ms: float = 4.0, label: str = "coffee mug", probability: float = 0.9
) -> FrameRecord:
    times = StageTimes(300_000, 500_000, round(run_ms * 1e6), 100_000)
    age_ns = 9_000_000 + round(run_ms * 1e6)
    return FrameRecord(painted_ns, 700_000, age_ns, times, 2.4, label, probability)


def frames_of(clock: Clock, seconds: float, fps: float, seed: int = 0) -> Iterator[list[FrameRecord]]:
    """Yield half a second of frames after the other, the clock going on with them."""
    random = np.random.default_rng(seed)
    for _ in range(round(2 * seconds)):
        start_ns = clock.monotonic_ns
        clock.pass_s(0.5)
        count = round(fps / 2)
        run_ms = random.gamma(8.0, 0.5, count)
        yield [
            frame(start_ns + round(place * 5e8 / count), run_ms[place], LABELS[place * 7 % 4], 0.5)
            for place in range(count)
        ]
