"""Comparing what two networks say of one picture. NOTE: Qt-free."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def cosine(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """Return the cosine of two vectors [n], in float64; 0 where one is zero."""
    x, y = a.astype(np.float64), b.astype(np.float64)
    norm = float(np.linalg.norm(x) * np.linalg.norm(y))
    return float(x @ y) / norm if norm else 0.0
