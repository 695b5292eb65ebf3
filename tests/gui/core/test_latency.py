"""Percentiles, series and rates of painted frames."""

import numpy as np
import pytest

from gui.core.frame import Frame, Shown, StageTimes
from gui.core.latency import WARM_UP_FRAMES, LatencyStatistics, Stage

IMAGE = np.zeros((2, 2, 3), np.uint8)
MS = 1_000_000


def shown(captured_ns: int, run_ms: float | None) -> Shown:
    times = None if run_ms is None else StageTimes(1 * MS, 2 * MS, int(run_ms * MS), 3 * MS)
    return Shown(Frame(IMAGE, 0, captured_ns), IMAGE, (), times, None)


def warmed_up(**options) -> LatencyStatistics:
    statistics = LatencyStatistics(**options)
    for _ in range(WARM_UP_FRAMES):
        statistics.add(shown(0, 500.0), 0, 0)
    return statistics


def test_nothing_yet():
    statistics = LatencyStatistics()
    assert statistics.percentiles(Stage.RUN) is None
    assert statistics.warm_up(Stage.RUN) is None
    assert statistics.fps() == 0.0
    assert statistics.series(Stage.AGE)[0].size == 0


def test_percentiles_by_hand():
    statistics = warmed_up()
    runs_ms = np.arange(1, 101, dtype=float)
    for index, run_ms in enumerate(runs_ms):
        statistics.add(shown(index * 10 * MS, run_ms), index * 10 * MS + 40 * MS, 2 * MS)
    run = statistics.percentiles(Stage.RUN)
    # Of 1, 2 ... 100 the share p lies at 1 + 99 p.
    assert (run.p50_ms, run.p95_ms, run.p99_ms, run.max_ms) == pytest.approx((50.5, 95.05, 99.01, 100.0))
    others = (Stage.QUEUE, Stage.PREPROCESS, Stage.POSTPROCESS, Stage.PAINT, Stage.AGE)
    found = [statistics.percentiles(stage) for stage in others]
    assert [each.p50_ms for each in found] == pytest.approx([1.0, 2.0, 3.0, 2.0, 40.0])


def test_warm_up_is_kept_apart_and_begins_again():
    statistics = warmed_up()
    assert statistics.percentiles(Stage.RUN) is None
    assert statistics.warm_up(Stage.RUN).max_ms == 500.0
    statistics.restart()
    assert statistics.warm_up(Stage.RUN) is None


def test_the_figures_of_an_engine_are_not_those_of_the_one_before():
    statistics = warmed_up()
    for index in range(100):
        statistics.add(shown(index * MS, 2.0), index * MS, 1 * MS)
    statistics.restart()
    assert statistics.percentiles(Stage.RUN) is None
    assert statistics.percentiles(Stage.PAINT).p50_ms == pytest.approx(1.0)
    for index in range(100, 101 + WARM_UP_FRAMES):
        statistics.add(shown(index * MS, 9.0), index * MS, 1 * MS)
    assert statistics.percentiles(Stage.RUN).p50_ms == pytest.approx(9.0)
    assert statistics.series(Stage.RUN)[1].size == 101  # the curve shows the change


def test_an_unlabelled_frame_has_only_paint_and_age():
    statistics = warmed_up()
    statistics.add(shown(0, None), 30 * MS, 1 * MS)
    assert statistics.percentiles(Stage.RUN) is None
    assert statistics.percentiles(Stage.AGE).max_ms == pytest.approx(30.0)


def test_only_the_window_counts():
    statistics = warmed_up(window_s=1.0)
    for index in range(40):  # two seconds at 20 frames per second
        statistics.add(shown(index * 50 * MS, float(index)), index * 50 * MS, 0)
    t_s, run_ms = statistics.series(Stage.RUN)
    assert run_ms[0] == 19.0
    assert t_s[0] == pytest.approx(-1.0)
    assert t_s[-1] == 0.0
    assert statistics.fps() == pytest.approx(20.0)


def test_the_ring_forgets_the_oldest():
    statistics = warmed_up(capacity=8)
    for index in range(20):
        statistics.add(shown(index * MS, float(index)), index * MS, 0)
    np.testing.assert_array_equal(statistics.series(Stage.RUN)[1], np.arange(12, 20))
