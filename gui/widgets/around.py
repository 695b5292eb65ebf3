"""What stands around the two faces and belongs to neither: the statistics."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QDockWidget, QWidget

from gui.core.state import SourceState
from gui.core.theme import Palette
from gui.widgets.bench_face import BenchFace
from gui.widgets.stats_panel import StatsPanel
from gui.workers.background import Background
from gui.workers.pipeline import Pipeline


class Around(QObject):
    """Builds these parts, feeds them from the pipeline, and shows them when asked."""

    def __init__(
        self,
        pipeline: Pipeline,
        show_bench: Callable[[], None],
        bench: BenchFace,
        palette: Palette,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._pipeline = pipeline
        self._show_bench = show_bench
        self._background = Background("around", self)
        self.stats = StatsPanel(palette, self._background)
        self.stats.watch(pipeline.latency, pipeline.drops)
        self.stats.told.connect(pipeline.post)
        self._stats_dock = bench.add_dock("stats", self.tr("Statistics"), self.stats, beside="latency")
        pipeline.state_changed.connect(self._on_state)
        self._on_state()

    @Slot()
    def _on_state(self) -> None:
        self.stats.set_live(self._pipeline.source_state is SourceState.LIVE)

    def show_stats(self) -> None:
        """Open the statistics, or close them where they are already seen."""
        self._switch(self._stats_dock, self.stats)

    def _switch(self, dock: QDockWidget, panel: QWidget) -> None:
        if panel.isVisible() and not panel.visibleRegion().isEmpty():
            dock.hide()
            return
        self._show_bench()
        dock.show()
        dock.raise_()

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self.stats.set_theme(palette)

    def close(self) -> None:
        """Join the thread of the background jobs."""
        self._background.close()
