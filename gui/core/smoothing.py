"""Calm labels: probabilities averaged over the last moments. NOTE: Qt-free."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

DEFAULT_TIME_CONSTANT_S = 0.35


class Smoother:
    """Exponential mean of probability vectors over time, whatever the frame rate."""

    def __init__(self, time_constant_s: float = DEFAULT_TIME_CONSTANT_S) -> None:
        self._time_constant_s = time_constant_s
        self._mean: NDArray[np.float32] | None = None
        self._at_s = 0.0

    def update(self, probabilities: NDArray[np.float32], at_s: float) -> NDArray[np.float32]:
        """Return the mean after ``probabilities`` [n] seen at ``at_s`` (monotonic seconds); another n begins anew."""
        if self._mean is None or self._mean.shape != probabilities.shape:
            self._mean = probabilities.astype(np.float32)
        else:
            weight = 1.0 - np.exp(-max(0.0, at_s - self._at_s) / self._time_constant_s)
            self._mean = self._mean + np.float32(weight) * (probabilities - self._mean)
        self._at_s = at_s
        return self._mean

    def restart(self) -> None:
        """Forget everything: another source or network."""
        self._mean = None
