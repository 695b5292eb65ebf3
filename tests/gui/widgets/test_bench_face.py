"""The docks of Bench: they come, go, float, are kept, and are reached by Tab."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QTabBar, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from gui.core.settings import Settings
from gui.widgets.actions import Command
from gui.widgets.main_window import Face, MainWindow
from tests.gui.widgets.fake_pipeline import FakePipeline


@pytest.mark.parametrize("key", [Qt.Key.Key_Tab, Qt.Key.Key_Backtab])
def test_tab_passes_over_what_lies_behind_another_dock(qtbot: QtBot, window: MainWindow, key: Qt.Key) -> None:
    window.set_face("bench")
    bench = window.bench_face
    bench.toggle_dock("conditions")
    qtbot.waitUntil(lambda: not bench.hides(bench.conditions))
    assert bench.hides(bench.device)
    been = []
    for _ in range(100):
        qtbot.keyClick(window.focusWidget(), key)
        been.append(window.focusWidget())
    assert not any(bench.hides(control) for control in been)
    assert any(bench.conditions.isAncestorOf(control) for control in been)
    assert window.view in been


def test_tab_goes_round_the_controls_of_bench(qtbot: QtBot, window: MainWindow) -> None:
    window.set_face("bench")
    seen = []
    for _ in range(40):
        qtbot.keyClick(QApplication.focusWidget() or window.view, Qt.Key.Key_Tab)
        seen.append(QApplication.focusWidget())
    toolbar = window.bench_face.toolbar
    expected = {
        toolbar.source.combo,
        toolbar.kernels.combo,
        toolbar.button(Command.PAUSE),
        window.bench_face.sources.sources,
    }
    assert expected <= set(seen)


def test_a_toolbar_in_a_narrow_window_tells_that_there_is_more(window: MainWindow) -> None:
    window.set_face("bench")
    window.resize(683, 384)
    for name in ("sources", "numbers", "device", "latency"):
        window.bench_face.dock(name).hide()
    QApplication.processEvents()
    more = window.bench_face.toolbar.findChild(QAbstractButton, "qt_toolbar_ext_button")
    assert more.isVisible()
    assert more.accessibleName() and not more.icon().isNull()
    assert more.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_the_docks_come_back_as_they_were(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline, settings: Settings
) -> None:
    window.set_face("bench")
    window.bench_face.dock("latency").close()
    window.close()
    again = MainWindow(FakePipeline(), settings, "dark")
    qtbot.addWidget(again)
    again.show()
    assert again.face is Face.BENCH
    assert again.bench_face.dock("latency").isHidden()
    assert not again.bench_face.dock("sources").isHidden()


@pytest.mark.parametrize(
    ("command", "name"), [(Command.STATS, "stats"), (Command.BATCH, "batch"), (Command.CAMERAS, "cameras")]
)
def test_a_panel_asked_for_in_show_is_in_view_though_it_was_open_before(
    window: MainWindow, command: Command, name: str
) -> None:
    bench = window.bench_face
    window.set_face("bench")
    assert bench.toggle_dock(name)
    window.set_face("show")
    window._actions[command].trigger()
    QApplication.processEvents()
    assert window.face is Face.BENCH
    assert bench.dock(name).isVisible() and not bench.dock(name).visibleRegion().isEmpty()
    window._actions[command].trigger()
    assert not bench.dock(name).isVisible()


def test_a_run_in_show_alone_leaves_the_docks_as_they_were(
    qtbot: QtBot, window: MainWindow, settings: Settings
) -> None:
    window.set_face("bench")
    QApplication.processEvents()
    width = window.bench_face.dock("sources").width()
    for face in ("show", "bench"):
        window.set_face("show")
        window.close()
        window = MainWindow(FakePipeline(), settings, "dark")
        qtbot.addWidget(window)
        window.resize(1600, 900)  # whatever the screen of these tests has room for
        window.set_face(face)
        window.show()
        QApplication.processEvents()
    assert window.bench_face.dock("sources").width() == width
    window.close()


def test_a_dock_that_floats_is_not_over_show_and_comes_back_with_bench(
    qtbot: QtBot, window: MainWindow, settings: Settings
) -> None:
    window.set_face("bench")
    floating = window.bench_face.dock("latency")
    floating.setFloating(True)
    window.set_face("show")
    assert not floating.isVisible()
    window.close()
    again = MainWindow(FakePipeline(), settings, "dark")
    qtbot.addWidget(again)
    again.show()
    floating = again.bench_face.dock("latency")
    assert not floating.isVisible()
    again.set_face("bench")
    assert floating.isVisible() and floating.isFloating()
    again.close()


@pytest.mark.parametrize("face", ["show", "bench"])
def test_docks_arranged_on_a_large_screen_leave_the_window_fit_for_a_small_one(
    qtbot: QtBot, window: MainWindow, face: str
) -> None:
    window.set_face("bench")
    window.resize(1920, 1080)
    for name in ("cameras", "stats", "conditions", "device"):
        window.bench_face.dock(name).hide()
        window.bench_face.toggle_dock(name)
    window.set_face(face)
    window.resize(683, 384)  # 1366 x 768 pixels, two of them to one
    qtbot.waitUntil(lambda: window.size() == QSize(683, 384))
    if face == "bench":
        for name in ("cameras", "stats", "device"):
            assert not window.bench_face.toggle_dock(name), f"{name} is in front, though scrolled out of view"
            assert window.bench_face.toggle_dock(name)


def test_a_dock_that_a_small_window_has_no_room_for_is_scrolled_to(qtbot: QtBot, window: MainWindow) -> None:
    window.set_face("bench")
    window.resize(800, 700)
    bench = window.bench_face
    bench.set_motion(False)
    for name in ("numbers", "device"):
        bench.dock(name).hide()
    QApplication.processEvents()
    bench.show_dock("numbers")
    bar = bench._room.horizontalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    qtbot.waitUntil(lambda: bar.value() == bar.maximum())


def test_titles_of_many_tabs_are_read_whole_and_scrolled_to(qtbot: QtBot, window: MainWindow) -> None:
    window.resize(1366, 768)
    window.set_face("bench")
    bench = window.bench_face
    for title in ("Float and 8 bit", "Edge and cloud"):
        bench.add_dock(title, title, QWidget(), "numbers").show()
    bench.show_dock("conditions")
    bars = [bar for bar in bench.findChildren(QTabBar) if bar.count() == 5]
    qtbot.waitUntil(lambda: any(bar.isVisible() for bar in bars))
    (bar,) = bars
    for place in range(bar.count()):
        bar.setCurrentIndex(place)
        written = bar.fontMetrics().horizontalAdvance(bar.tabText(place))
        assert bar.elideMode() is Qt.TextElideMode.ElideNone
        assert bar.rect().contains(bar.tabRect(place))
        assert bar.tabRect(place).width() > written
    arrows = [button for button in bar.findChildren(QToolButton) if button.isVisible()]
    assert [button.width() for button in arrows] == [24, 24]
