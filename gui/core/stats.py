"""Figures with a verdict, and a stage's times as table and histogram. NOTE: Qt-free; main thread only."""

from __future__ import annotations

import csv
import io
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gui.core.counters import DropReason, Drops
from gui.core.latency import LatencyStatistics, Stage
from gui.core.machine import MachineLoad
from gui.core.verdict import Figure

RECENT_S = 10.0
_ON_PURPOSE = (DropReason.PAUSED, DropReason.SOURCE_CLOSED)


class RecentDrops:
    """Share of captured frames dropped over the last ``RECENT_S``; frames dropped on purpose do not count."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int, int]] = deque()

    def percent(self, now_s: float, drops: Drops) -> float | None:
        """Record the counts of now; return the share in per cent, None where nothing was captured."""
        lost = drops.dropped - sum(drops.count(reason) for reason in _ON_PURPOSE)
        self._samples.append((now_s, drops.captured, lost))
        while len(self._samples) > 1 and self._samples[1][0] <= now_s - RECENT_S:
            self._samples.popleft()
        _, captured, lost_before = self._samples[0]
        captured = drops.captured - captured
        return 100.0 * (lost - lost_before) / captured if captured else None


def figures(
    latency: LatencyStatistics, dropped_percent: float | None, load: MachineLoad | None, live: bool
) -> dict[Figure, float | None]:
    """Return every figure with a verdict; the rate and the age of a picture mean something only while it is live."""
    p95_ms = {}
    for stage in (Stage.AGE, Stage.QUEUE, Stage.RUN):
        found = latency.percentiles(stage)
        p95_ms[stage] = found.p95_ms if found else None
    return {
        Figure.FPS: latency.fps() if live else None,
        Figure.AGE: p95_ms[Stage.AGE] if live else None,
        Figure.QUEUE: p95_ms[Stage.QUEUE],
        Figure.RUN: p95_ms[Stage.RUN],
        Figure.DROPPED: dropped_percent,
        Figure.CPU: load.program_percent if load else None,
        Figure.MACHINE: load.machine_percent if load else None,
        Figure.TEMPERATURE: load.temperature_c if load else None,
    }


@dataclass(frozen=True, slots=True)
class Histogram:
    """``counts`` int [n] of values between ``edges_ms`` float [n + 1]; the last bin also holds what is beyond."""

    edges_ms: NDArray[np.float64]
    counts: NDArray[np.int64]


def histogram(values_ms: NDArray[np.float64], top_ms: float, bins: int = 40) -> Histogram:
    """Return how often values fall between 0 and ``top_ms``."""
    counts, edges_ms = np.histogram(np.minimum(values_ms, top_ms), bins, (0.0, top_ms))
    return Histogram(edges_ms, counts.astype(np.int64))


def stage_csv(latency: LatencyStatistics, stage: Stage) -> str:
    """Return the stage's times of the last minute as CSV: seconds before the newest frame, milliseconds, measured."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("seconds_before_newest", f"{stage.value.replace(' ', '_')}_measured_ms"))
    for at_s, value_ms in zip(*latency.series(stage), strict=True):
        writer.writerow((f"{at_s:.4f}", f"{value_ms:.4f}"))
    return text.getvalue()
