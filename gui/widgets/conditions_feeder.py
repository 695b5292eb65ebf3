"""Connects the pipeline and the two panels of hard conditions, one in each face."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from gui.core.confidence import ConfidenceTrace
from gui.core.frame import Shown
from gui.widgets.conditions_panel import ConditionsPanel
from gui.workers.pipeline import Pipeline


class ConditionsFeeder(QObject):
    """What one panel changes, the pipeline does and the other panel shows."""

    def __init__(
        self, pipeline: Pipeline, panels: tuple[ConditionsPanel, ...], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._pipeline = pipeline
        self._panels = panels
        self.trace = ConfidenceTrace()
        for panel in panels:
            panel.watch(self.trace)
            panel.changed.connect(pipeline.set_conditions)
        pipeline.on_painted(self._note)
        pipeline.state_changed.connect(self._on_state)
        self._on_state()

    def _note(self, shown: Shown, painted_ns: int, paint_ns: int) -> None:
        self.trace.add(shown, painted_ns / 1e9)

    @Slot()
    def _on_state(self) -> None:
        for panel in self._panels:
            panel.set_conditions(self._pipeline.conditions)
