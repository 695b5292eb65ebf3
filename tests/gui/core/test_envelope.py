"""The envelope spans every sample and leaves no step in the air."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gui.core.envelope import envelope

SPAN_S = 60.0
samples = st.lists(st.tuples(st.floats(-90.0, 0.0), st.floats(0.0, 1e4)), min_size=1, max_size=200)


@given(samples=samples, columns=st.integers(1, 300))
def test_every_sample_lies_in_its_column(samples: list[tuple[float, float]], columns: int) -> None:
    times_s, values = (np.array(part) for part in zip(*sorted(samples), strict=True))
    low, high = envelope(times_s, values, SPAN_S, columns)
    assert low.shape == high.shape == (columns,)
    for time_s, value in zip(times_s, values, strict=True):
        if time_s >= -SPAN_S:
            column = min(int((time_s + SPAN_S) / SPAN_S * columns), columns - 1)
            assert low[column] <= value <= high[column]


@given(samples=samples, columns=st.integers(2, 300))
def test_neighbouring_columns_touch(samples: list[tuple[float, float]], columns: int) -> None:
    times_s, values = (np.array(part) for part in zip(*sorted(samples), strict=True))
    low, high = envelope(times_s, values, SPAN_S, columns)
    assert (np.isnan(low) == np.isnan(high)).all()
    both = np.isfinite(low[1:]) & np.isfinite(low[:-1])
    assert (low[1:][both] <= high[:-1][both]).all()
    assert (high[1:][both] >= low[:-1][both]).all()


def test_a_line_joins_samples_that_are_near_and_breaks_where_nothing_came() -> None:
    low, high = envelope(np.array([-50.0, -49.5, -10.0]), np.array([1.0, 2.0, 3.0]), SPAN_S, 600)
    drawn = np.flatnonzero(np.isfinite(low))
    assert drawn.tolist() == [100, 101, 102, 103, 104, 105, 500]
    assert (np.diff(high[100:106]) > 0).all()
    assert low[500] == 3.0


def test_nothing_gives_nothing() -> None:
    low, high = envelope(np.empty(0), np.empty(0), SPAN_S, 7)
    assert np.isnan(low).all()
    assert np.isnan(high).all()
    low, _ = envelope(np.array([-61.0]), np.array([1.0]), SPAN_S, 7)
    assert np.isnan(low).all()
