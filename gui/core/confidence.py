"""How sure the network was of its first label over the last moments, and when the picture was made harder. NOTE: Qt-free."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from gui.core.conditions import NEUTRAL, Conditions
from gui.core.frame import Shown

SPAN_S = 30.0
CAPACITY = 4096
MOST_CHANGES = 256


class ConfidenceTrace:
    """Keeps what was painted; frames without labels leave a gap. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._times_s = np.zeros(CAPACITY)
        self._values = np.zeros(CAPACITY)
        self._count = 0
        self._changes_s: deque[float] = deque(maxlen=MOST_CHANGES)
        self._conditions: Conditions = NEUTRAL
        self.name = ""
        self.probability: float | None = None
        self.secret = False
        """A visitor is guessing: the label must not be told."""

    def add(self, shown: Shown, at_s: float) -> None:
        """Keep the first label of a frame painted at ``at_s``."""
        if shown.conditions != self._conditions:
            self._conditions = shown.conditions
            self._changes_s.append(at_s)
        first = shown.top[0] if shown.top else None
        self.name = first.name if first else ""
        self.probability = first.probability if first else None
        if first is not None:
            place = self._count % CAPACITY
            self._times_s[place], self._values[place] = at_s, first.probability
            self._count += 1

    def series(self, now_s: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return seconds before ``now_s`` (at most zero, rising) and probabilities, float64 [n] each, of the last 30 s."""
        places = np.arange(max(0, self._count - CAPACITY), self._count) % CAPACITY
        times_s = np.minimum(self._times_s[places] - now_s, 0.0)
        recent = times_s >= -SPAN_S
        return times_s[recent], self._values[places][recent]

    def changes(self, now_s: float) -> list[float]:
        """Return when the conditions changed, in seconds before ``now_s``, of the last 30 s."""
        return [at_s - now_s for at_s in self._changes_s if at_s >= now_s - SPAN_S]
