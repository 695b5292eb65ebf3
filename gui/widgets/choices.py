"""What people choose in toolbar, lists and sheets: kept in the settings, and used at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from gui.core.settings import Settings
from gui.widgets import style
from gui.widgets.bench_face import BenchFace
from gui.widgets.guide import Guide
from gui.widgets.show_face import ShowFace
from gui.workers.pipeline import Pipeline


class Choices(QObject):
    """Stands between settings, pipeline and the two faces."""

    def __init__(
        self,
        pipeline: Pipeline,
        settings: Settings,
        show: ShowFace,
        bench: BenchFace,
        guide: Guide,
        own: Mapping[str, Callable[[Any], object]],
        parent: QObject | None = None,
    ) -> None:
        """``own`` says by the name of a setting what else uses its value."""
        super().__init__(parent)
        self._pipeline, self._settings, self._guide = pipeline, settings, guide
        self._show, self._bench = show, bench
        self._double_click = QTimer(self, singleShot=True, interval=QApplication.doubleClickInterval())
        engine = pipeline.engine
        self._uses: dict[str, Callable[[Any], object]] = {
            "model": engine.set_model,
            "soc": engine.set_soc,
            "recipe": engine.set_recipe,
            "kernels": engine.set_kernels,
            "threads": engine.set_threads,
            "stand_in_s": pipeline.set_stand_in_after,
            **own,
        }
        toolbar = bench.toolbar
        toolbar.source_chosen.connect(self.open_source)
        toolbar.model_chosen.connect(lambda model: self.choose("model", model))
        toolbar.soc_chosen.connect(lambda soc: self.choose("soc", soc))
        toolbar.recipe_chosen.connect(lambda recipe: self.choose("recipe", recipe))
        toolbar.kernels_chosen.connect(lambda kernels: self.choose("kernels", kernels))
        bench.sources.opened.connect(self.open_source)

    def choose(self, setting: str, value: str) -> None:
        """Keep ``value`` and use it."""
        self._settings.set(setting, value)
        self.use(setting)

    def use(self, name: str) -> None:
        """Let a setting that was changed act now, where it can."""
        if name in self._uses:
            self._uses[name](self._settings.value(name))
        else:
            self.apply_looks()

    def open_source(self, spec: str) -> None:
        """Open a source, once for a double click, too: a camera would be closed and opened again."""
        if self._double_click.isActive() and spec == self._settings.text("source"):
            return
        self._double_click.start()
        self._guide.end()
        self._settings.set("source", spec)
        self._pipeline.open_source(spec)

    def apply_looks(self) -> None:
        """Let the faces look as the settings say."""
        settings = self._settings
        moves = settings.flag("motion") and style.desktop_moves()
        for face in (self._show, self._bench):
            face.labels.motion = moves
            face.set_motion(moves)
            face.view.set_network_frame(settings.flag("network_frame"))
        self._pipeline.set_smoothing(settings.flag("smoothing"))
        self._pipeline.set_attract_after(settings.number("attract_after_s"))
        self._guide.set_idle(settings.number("attract_after_s"))
        self._show.set_steps_wanted(settings.flag("device_steps"))
