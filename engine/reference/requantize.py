"""SPEC (5), (6), (13): from accumulators to the output's integers."""

import numpy as np
from numpy.typing import NDArray

from engine.ir.graph import Array


def requantize(
    acc: NDArray[np.int64], multiplier: Array | int, shift: Array | int, qmin: int, qmax: int
) -> NDArray[np.int64]:
    """Return ``sat((acc * m + (1 << s >> 1)) >> s)``; m and s are scalars or run along the last axis."""
    m = np.asarray(multiplier, np.int64)
    s = np.asarray(shift, np.int64)
    half = (np.int64(1) << s) >> np.int64(1)
    q: NDArray[np.int64] = np.clip((acc * m + half) >> s, qmin, qmax)
    return q


def look_up(q: NDArray[np.int64], qmin: int, table: Array | None) -> NDArray[np.int64]:
    """Return ``table[q - qmin]``, or ``q`` itself where there is no table. SPEC (13)."""
    return q if table is None else table.astype(np.int64)[q - qmin]


def divide_round(total: NDArray[np.int64], count: Array | int) -> NDArray[np.int64]:
    """Return ``floor((2 * total + n) / (2 * n))``, the mean rounded half up. SPEC (11)."""
    n = np.asarray(count, np.int64)
    return (2 * total + n) // (2 * n)
