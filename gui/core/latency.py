"""Measured latency of painted frames, per stage. NOTE: Qt-free; written and read by the main thread only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from math import nan

import numpy as np
from numpy.typing import NDArray

from gui.core.frame import Shown

WARM_UP_FRAMES = 10


class Stage(Enum):
    """A stage of a frame's way; the value is the word people read. AGE runs from capture to end of painting."""

    QUEUE = "queue wait"
    PREPROCESS = "preprocess"
    RUN = "run"
    POSTPROCESS = "postprocess"
    PAINT = "paint"
    AGE = "frame age"


_COLUMN = {stage: column for column, stage in enumerate(Stage)}
_OF_THE_ENGINE = (Stage.QUEUE, Stage.PREPROCESS, Stage.RUN, Stage.POSTPROCESS)


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Summary of one stage over the window."""

    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float


class LatencyStatistics:
    """Keep the stage times of the last ``window_s`` seconds of painted frames and summarise them.

    The first ``WARM_UP_FRAMES`` labelled frames after ``restart`` are kept apart. A frame painted without labels
    has only PAINT and AGE. Percentiles of the other stages are those of the engine in use: what the one before took
    stands in the series alone.
    """

    def __init__(self, window_s: float = 60.0, capacity: int = 8192) -> None:
        self._window_ns = int(window_s * 1e9)
        self._times_ms = np.full((capacity, len(Stage)), nan)
        self._painted_ns = np.zeros(capacity, np.int64)
        self._count = 0
        self._restarted_at = 0
        self._warm_up_ms: list[tuple[float, ...]] = []

    def restart(self) -> None:
        """Begin a new warm-up: the next labelled frames are the first of a new session."""
        self._warm_up_ms.clear()
        self._restarted_at = self._count

    def add(self, shown: Shown, painted_ns: int, paint_ns: int) -> None:
        """Record one painted frame: ``painted_ns`` is the end of painting (monotonic), ``paint_ns`` its length."""
        row_ms = _row(shown, painted_ns, paint_ns)
        if shown.times is not None and len(self._warm_up_ms) < WARM_UP_FRAMES:
            self._warm_up_ms.append(row_ms)
            return
        slot = self._count % self._painted_ns.size
        self._times_ms[slot] = row_ms
        self._painted_ns[slot] = painted_ns
        self._count += 1

    def percentiles(self, stage: Stage) -> Percentiles | None:
        """Return the stage's summary over the window, None while it holds no frame that has this stage."""
        order = self._window_order(self._restarted_at if stage in _OF_THE_ENGINE else 0)
        return _summary(self._times_ms[order, _COLUMN[stage]])

    def warm_up(self, stage: Stage) -> Percentiles | None:
        """Return the stage's summary over the frames of the current warm-up, None while there is none."""
        return _summary(np.array([row_ms[_COLUMN[stage]] for row_ms in self._warm_up_ms]))

    def series(self, stage: Stage) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return times in seconds before the newest frame (<= 0, rising) and the stage's milliseconds."""
        order = self._window_order()
        times_ms = self._times_ms[order, _COLUMN[stage]]
        has_stage = np.isfinite(times_ms)
        order, times_ms = order[has_stage], times_ms[has_stage]
        if not order.size:
            return np.empty(0), np.empty(0)
        return (self._painted_ns[order] - self._newest_ns) / 1e9, times_ms

    def fps(self, span_s: float = 2.0) -> float:
        """Return painted frames per second over the last ``span_s`` seconds before the newest frame."""
        painted_ns = self._painted_ns[self._window_order()]
        recent = painted_ns[painted_ns >= self._newest_ns - int(span_s * 1e9)]
        if recent.size < 2 or recent[-1] == recent[0]:
            return 0.0
        return float((recent.size - 1) * 1e9 / (recent[-1] - recent[0]))

    @property
    def _newest_ns(self) -> int:
        return int(self._painted_ns[(self._count - 1) % self._painted_ns.size]) if self._count else 0

    def _window_order(self, first: int = 0) -> NDArray[np.intp]:
        """Return the ring positions inside the window, oldest first, from the ``first`` frame on."""
        size = self._painted_ns.size
        order = np.arange(max(first, self._count - size), self._count) % size
        return order[self._painted_ns[order] >= self._newest_ns - self._window_ns]


def _row(shown: Shown, painted_ns: int, paint_ns: int) -> tuple[float, ...]:
    """Return one frame's milliseconds in the order of ``Stage``."""
    times, age_ns = shown.times, painted_ns - shown.frame.captured_ns
    if times is None:
        return (nan, nan, nan, nan, paint_ns / 1e6, age_ns / 1e6)
    return (
        times.queue_ns / 1e6,
        times.preprocess_ns / 1e6,
        times.run_ns / 1e6,
        times.postprocess_ns / 1e6,
        paint_ns / 1e6,
        age_ns / 1e6,
    )


def _summary(times_ms: NDArray[np.float64]) -> Percentiles | None:
    times_ms = times_ms[np.isfinite(times_ms)]
    if not times_ms.size:
        return None
    p50, p95, p99 = np.percentile(times_ms, (50, 95, 99))
    return Percentiles(float(p50), float(p95), float(p99), float(times_ms.max()))
