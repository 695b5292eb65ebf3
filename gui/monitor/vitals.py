"""How the picture does right now: the few figures that alarms look at. NOTE: Qt-free; belongs to one thread."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

WINDOW_S = 10.0
_CAPACITY = 2048  # 10 s at 200 frames per second


@dataclass(frozen=True, slots=True)
class Vitals:
    """Measured over the last ``WINDOW_S``; None where that is not known, or does not matter now."""

    latency_p95_ms: float | None = None
    """95th percentile of the age of frames when they were painted."""
    age_ms: float | None = None
    """Age of the picture on the screen now."""
    fps: float | None = None
    dropped: float | None = None
    """Share of captured frames that were dropped, 0 to 1."""
    agreement: float | None = None
    """Share of compared frames whose first labels agree, 0 to 1."""


@dataclass(frozen=True, slots=True)
class FrameCounts:
    """Running totals at one moment."""

    captured: int
    dropped: int


class VitalsMeter:
    """Fed with painted frames; ``sample`` sums up the last ten seconds."""

    def __init__(self, now_ns: int) -> None:
        self._painted_ns = np.zeros(_CAPACITY, np.int64)
        self._age_ns = np.zeros(_CAPACITY, np.int64)
        self.restart(now_ns)

    def restart(self, now_ns: int) -> None:
        """Forget everything: the source, the engine or the window has changed, or the picture is held on purpose."""
        self._since_ns = now_ns
        self._count = 0
        self._totals: deque[tuple[int, FrameCounts]] = deque()

    def add(self, painted_ns: int, age_ns: int) -> None:
        """Record one painted frame."""
        place = self._count % _CAPACITY
        self._painted_ns[place], self._age_ns[place] = painted_ns, age_ns
        self._count += 1

    def sample(self, now_ns: int, counts: FrameCounts, agreement: float | None) -> Vitals:
        """Return the vitals; rates are None until the window has been watched for its whole length."""
        window_ns = round(WINDOW_S * 1e9)
        self._totals.append((now_ns, counts))
        while len(self._totals) > 1 and self._totals[1][0] <= now_ns - window_ns:
            self._totals.popleft()
        known = min(self._count, _CAPACITY)
        recent = self._painted_ns[:known] > now_ns - window_ns
        ages_ms = self._age_ns[:known][recent] / 1e6
        watched = now_ns - self._since_ns >= window_ns
        return Vitals(
            latency_p95_ms=float(np.percentile(ages_ms, 95)) if ages_ms.size else None,
            age_ms=self._age_now_ms(now_ns),
            fps=ages_ms.size / WINDOW_S if watched else None,
            dropped=self._dropped(counts) if watched else None,
            agreement=agreement,
        )

    def _age_now_ms(self, now_ns: int) -> float:
        """Return how old the picture on the screen is, or how long there has been none."""
        if not self._count:
            return (now_ns - self._since_ns) / 1e6
        newest = (self._count - 1) % _CAPACITY
        return float(now_ns - self._painted_ns[newest] + self._age_ns[newest]) / 1e6

    def _dropped(self, counts: FrameCounts) -> float | None:
        before = self._totals[0][1]
        captured = counts.captured - before.captured
        return (counts.dropped - before.dropped) / captured if captured else None
