"""The stats dock: verdicts by shape and word, curves that are read, zoomed, copied and exported."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QMouseEvent, QPainter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.core.counters import DropReason
from gui.core.latency import WARM_UP_FRAMES, Stage
from gui.core.state import SourceState
from gui.core.stats import histogram
from gui.core.theme import DARK, LIGHT, Mark, TypeSize
from gui.core.verdict import Figure
from gui.widgets.main_window import Face, MainWindow
from gui.widgets.stats_panel import StatsPanel
from gui.widgets.style import font
from tests.gui.widgets.fake_pipeline import FakePipeline, shown


def fill(pipeline: FakePipeline, frames: int = 100, run_ms: float = 2.0) -> None:
    for seq in range(WARM_UP_FRAMES + frames):
        frame = shown(seq=seq, run_ms=run_ms)
        pipeline.latency.add(frame, frame.frame.captured_ns + 30_000_000 + seq * 10_000_000, 1_500_000)


@pytest.fixture
def stats(qtbot: QtBot, window: MainWindow, pipeline: FakePipeline) -> StatsPanel:
    """The open dock with its curves."""
    fill(pipeline)
    qtbot.keyClick(window.view, Qt.Key.Key_F9)
    panel = window.around.stats
    qtbot.waitUntil(lambda: panel.plots is not None, timeout=20_000)
    return panel


def test_the_key_opens_and_closes_the_dock(qtbot: QtBot, window: MainWindow) -> None:
    panel = window.around.stats
    assert not panel.is_looking
    qtbot.keyClick(window.view, Qt.Key.Key_F9)
    assert window.face is Face.BENCH
    assert panel.isVisible()
    assert panel.is_looking
    qtbot.keyClick(window.view, Qt.Key.Key_F9)
    qtbot.waitUntil(lambda: not panel.isVisible())
    assert not panel.is_looking


def test_no_curves_are_built_before_the_first_picture(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.keyClick(window.view, Qt.Key.Key_F9)
    panel = window.around.stats
    panel.refresh()
    assert panel.plots is None
    assert panel.verdicts.shown(Figure.RUN) == ("–", panel.verdicts.shown(Figure.QUEUE)[1])
    assert panel.verdicts.shown(Figure.RUN)[1].mark is Mark.UNKNOWN


def test_figures_are_judged_by_shape_and_word(stats: StatsPanel, pipeline: FakePipeline) -> None:
    stats.choose(Stage.RUN)
    value, status = stats.verdicts.shown(Figure.RUN)
    assert (value, status.mark, status.word) == ("2.0 ms", Mark.GOOD, "good")
    fill(pipeline, run_ms=80.0)
    stats.choose(Stage.RUN)
    value, status = stats.verdicts.shown(Figure.RUN)
    assert (value, status.mark, status.word) == ("80.0 ms", Mark.BAD, "bad")


def test_a_held_picture_has_no_rate(stats: StatsPanel, pipeline: FakePipeline) -> None:
    stats.choose(Stage.AGE)
    assert stats.verdicts.shown(Figure.FPS)[0] != "–"
    pipeline.set_state(SourceState.PAUSED)
    stats.choose(Stage.AGE)
    assert stats.verdicts.shown(Figure.FPS)[0] == "–"


def test_warm_up_stands_apart(qtbot: QtBot, stats: StatsPanel) -> None:
    stats.stages.combo.setFocus()
    qtbot.keyClicks(stats.stages.combo, "run")
    summary, warm_up, _, _ = stats.texts
    assert stats.stage is Stage.RUN
    assert summary == "p50 2.00  p95 2.00  p99 2.00  max 2.00 ms"
    assert warm_up == "warm-up  p50 2.00  p95 2.00  p99 2.00  max 2.00 ms"


def test_drops_are_told_by_reason(stats: StatsPanel, pipeline: FakePipeline) -> None:
    assert stats.texts[3] == "No frame was dropped."
    pipeline.drops.count_captured(1)
    pipeline.drops.count_dropped(1, DropReason.REPLACED_BY_NEWER)
    stats.choose(Stage.RUN)
    assert stats.texts[3] == "Dropped: newer frame arrived 1"


def test_a_load_of_no_time_at_all_is_not_told(window: MainWindow) -> None:
    panel = window.around.stats
    assert panel._sample_machine() is None
    assert panel._sample_machine() is not None


def test_the_machine_is_asked_beside_the_window(qtbot: QtBot, stats: StatsPanel) -> None:
    qtbot.waitUntil(lambda: stats.verdicts.shown(Figure.CPU)[0] != "–", timeout=10_000)
    assert stats.verdicts.shown(Figure.MACHINE)[0].endswith(" %")


def test_the_curve_is_the_measured_blue_and_solid(stats: StatsPanel) -> None:
    assert stats.plots is not None
    for palette in (DARK, LIGHT):
        stats.set_theme(palette)
        pen = stats.plots.curve.curve.opts["pen"]
        assert pen.color().name().upper() == palette.measured
        assert (pen.style(), pen.width()) == (Qt.PenStyle.SolidLine, 1)


def test_both_plots_tell_the_unit_of_their_times(stats: StatsPanel) -> None:
    assert stats.plots is not None
    milliseconds = (
        stats.plots.curve.getPlotItem().getAxis("left"),
        stats.plots.histogram.getPlotItem().getAxis("bottom"),
    )
    for axis in milliseconds:
        assert axis.tickStrings([0.0, 2.5], 1.0, 2.5) == ["0 ms", "2.5 ms"]


def test_the_pointer_reads_the_nearest_value(qtbot: QtBot, stats: StatsPanel) -> None:
    assert stats.plots is not None
    stats.choose(Stage.RUN)
    for plot in (stats.plots.curve, stats.plots.histogram):
        middle = plot.getPlotItem().getViewBox().sceneBoundingRect().center()
        plot.scene().sigMouseMoved.emit(middle)
        assert "ms" in stats.texts[2]
        plot.scene().sigMouseMoved.emit(QPointF(-50.0, -50.0))
        assert stats.texts[2] == ""
    times_s, _ = stats.plots.curve.curve.getData()
    assert stats.plots.curve.reading_at(-1e9) == (times_s[0], f"−{-times_s[0]:.2f} s: 2.00 ms")


def drag(plot, begin: QPointF, end: QPointF) -> None:
    viewport = plot.viewport()
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    no_key = Qt.KeyboardModifier.NoModifier
    middle = (begin + end) / 2
    for kind, place, button, buttons in (
        (QMouseEvent.Type.MouseButtonPress, begin, left, left),
        (QMouseEvent.Type.MouseMove, middle, none, left),
        (QMouseEvent.Type.MouseMove, end, none, left),
        (QMouseEvent.Type.MouseButtonRelease, end, left, none),
    ):
        there = viewport.mapToGlobal(place.toPoint())
        QApplication.sendEvent(viewport, QMouseEvent(kind, place, QPointF(there), button, buttons, no_key))


def test_a_drag_zooms_and_the_button_leaves_the_zoom(qtbot: QtBot, stats: StatsPanel) -> None:
    assert stats.plots is not None
    plot = stats.plots.curve
    qtbot.waitUntil(lambda: plot.viewRange()[0] == [-60.0, 0.0])
    area = plot.getPlotItem().getViewBox().sceneBoundingRect()
    drag(plot, area.center(), area.center() + QPointF(area.width() / 4, area.height() / 4))
    assert plot.is_zoomed
    low, high = plot.viewRange()[0]
    assert -60.0 < low < high < 0.0
    stats.refresh()
    assert plot.viewRange()[0] == [low, high]
    stats.reset.click()
    assert not plot.is_zoomed
    assert plot.viewRange()[0] == [-60.0, 0.0]


def test_the_curves_are_copied_as_a_picture(stats: StatsPanel, pipeline: FakePipeline) -> None:
    QApplication.clipboard().clear()
    stats.copy.click()
    image = QApplication.clipboard().image()
    assert (image.width(), image.height()) >= (100, 50)
    assert pipeline.messages()[0].text == "The curves are in the clipboard."


def test_the_values_are_exported(stats: StatsPanel, pipeline: FakePipeline, tmp_path: Path) -> None:
    stats.choose(Stage.RUN)
    stats.save_csv(tmp_path / "run.csv")
    assert len((tmp_path / "run.csv").read_text().splitlines()) == 101
    assert "run.csv is written" in pipeline.messages()[0].text
    stats.save_csv(tmp_path / "no such folder" / "run.csv")
    assert "No such file" in pipeline.messages()[0].text


def test_every_verdict_is_defined_in_its_tooltip(stats: StatsPanel) -> None:
    for child in stats.verdicts.children():
        if child.isWidgetType():
            assert "▲ warning" in child.toolTip()
            assert "■ bad" in child.toolTip()


def test_it_fits_a_small_screen(window: MainWindow, stats: StatsPanel) -> None:
    window.resize(1366, 768)
    assert window.width() == 1366
    assert stats.mapTo(window, QPoint(stats.width(), 0)).x() <= window.width()


@pytest.mark.parametrize(
    ("high", "size_px"), [(20.0, 90.0), (500.0, 70.0), (540.0, 70.0), (1000.0, 60.0), (2.0, 300.0)]
)
def test_an_axis_has_more_numbers_than_its_zero(qtbot: QtBot, high: float, size_px: float) -> None:
    from gui.widgets.stats_plots import UnitAxis

    ((step, _),) = UnitAxis("left", "ms").tickSpacing(0.0, high, size_px)
    assert 2 <= high / step <= 10


@pytest.mark.parametrize(("high", "size_px"), [(100.0, 67.0), (5000.0, 67.0), (20.0, 300.0)])
def test_the_numbers_below_a_narrow_plot_do_not_run_into_each_other(
    window: MainWindow, high: float, size_px: float
) -> None:
    from gui.widgets.stats_plots import UnitAxis

    axis = UnitAxis("bottom", "")
    ((step, _),) = axis.tickSpacing(0.0, high, size_px)
    assert step <= high
    widest = QFontMetricsF(font(TypeSize.CAPTION)).horizontalAdvance(f"{high:g}")
    assert step / high * size_px > widest


@pytest.mark.parametrize(
    ("size_px", "ends"),
    [
        (50.0, ["100 ms"] * 2),
        (80.0, ["0 ms", "100 ms"]),
        (200.0, ["0 ms", "100 ms"]),
        (600.0, ["0 ms", "100 ms"]),
    ],
)
def test_the_numbers_at_the_ends_of_an_axis_are_shown_whole(
    qtbot: QtBot, stats: StatsPanel, size_px: float, ends: list[str]
) -> None:
    from gui.widgets.stats_plots import HistogramPlot

    plot = HistogramPlot(DARK)
    qtbot.addWidget(plot)
    plot.show_histogram(histogram(np.linspace(1.0, 90.0, 500), 100.0))
    plot.resize(round(size_px) + 40, 160)
    plot.show()
    qtbot.waitExposed(plot)
    axis = plot.getPlotItem().getAxis("bottom")
    image = QImage(800, 200, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    _, _, texts = axis.generateDrawSpecs(painter)
    painter.end()
    assert [text for *_, text in (texts[0], texts[-1])] == ends
    bounds = axis.mapRectFromParent(axis.geometry())
    for place, _, _ in texts:
        assert bounds.left() <= place.left() and place.right() <= bounds.right() + 0.01
    for (one, _, _), (other, _, _) in itertools.pairwise(texts):
        assert one.right() < other.left()


def test_frames_far_apart_are_not_joined(stats: StatsPanel) -> None:
    assert stats.plots is not None
    curve = stats.plots.curve
    curve.show_series(np.array([-20.0, -19.5, -5.0, -4.5]), np.ones(4), 10.0)
    assert list(curve.curve.opts["connect"]) == [1, 0, 1, 0]
    curve.show_series(np.array([-1.0, -0.5]), np.ones(2), 10.0)
    assert curve.curve.opts["connect"] == "all"
