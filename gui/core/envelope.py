"""A time series drawn in pixel columns: what each column spans, so that no spike is lost. NOTE: Qt-free."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def envelope(
    times_s: Floats, values: Floats, span_s: float, columns: int, join_s: float = 2.0
) -> tuple[Floats, Floats]:
    """Return the lowest and highest value of the line in each of ``columns`` equal slices of the last ``span_s``.

    ``times_s`` are seconds before now (at most zero, rising). The line joins neighbouring samples; where they are
    more than ``join_s`` apart it is broken, and the columns between are NaN in both results, float64 [columns].
    """
    low, high = np.full(columns, np.nan), np.full(columns, np.nan)
    recent = times_s >= -span_s
    times_s, values = times_s[recent], values[recent]
    if not times_s.size:
        return low, high
    column = np.minimum(((times_s + span_s) / span_s * columns).astype(np.intp), columns - 1)
    starts = np.flatnonzero(np.diff(column, prepend=-1))
    low[column[starts]] = np.minimum.reduceat(values, starts)
    high[column[starts]] = np.maximum.reduceat(values, starts)
    _bridge(low, high, times_s, values, span_s, join_s)
    return _touch(low, high)


def _bridge(low: Floats, high: Floats, times_s: Floats, values: Floats, span_s: float, join_s: float) -> None:
    """Fill the columns between neighbouring samples by the line that joins them."""
    centres_s = (np.arange(low.size) + 0.5) / low.size * span_s - span_s
    after = np.searchsorted(times_s, centres_s)
    between = np.isnan(low) & (after > 0) & (after < times_s.size)
    after = after[between]
    joined = times_s[after] - times_s[after - 1] <= join_s
    gaps = np.flatnonzero(between)[joined]
    low[gaps] = high[gaps] = np.interp(centres_s[gaps], times_s, values)


def _touch(low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Widen each column until it meets the one before: a line has no steps in the air."""
    joined_low, joined_high = low.copy(), high.copy()
    joined_low[1:] = np.where(np.isnan(high[:-1]), low[1:], np.minimum(low[1:], high[:-1]))
    joined_high[1:] = np.where(np.isnan(low[:-1]), high[1:], np.maximum(high[1:], low[:-1]))
    return joined_low, joined_high
