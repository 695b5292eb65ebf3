"""Between the pipeline, the model of the device, and the two faces that show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from gui.core.state import EngineState
from gui.core.what_if import WhatIf
from gui.widgets.device_panel import DevicePanel
from gui.widgets.show_face import ShowFace
from gui.workers.device_model import DeviceModel
from gui.workers.pipeline import Pipeline

if TYPE_CHECKING:
    from engine.program.artifact import Artifact


class DeviceFeeder(QObject):
    """Show tells of the chip that is emulated; the panel of Bench of the chip that is asked about."""

    def __init__(
        self, pipeline: Pipeline, show: ShowFace, panel: DevicePanel, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._pipeline = pipeline
        self._show = show
        self._panel = panel
        self._artifact: Artifact | None = None
        self.model = DeviceModel(pipeline.run_beside, parent=self)
        self.model.answered.connect(self._on_answer)
        panel.asked.connect(self._ask)
        pipeline.state_changed.connect(self._on_state)
        self._on_state()

    @Slot()
    def _on_state(self) -> None:
        artifact = self._pipeline.artifact
        restarting = artifact is None and self._pipeline.engine_state is EngineState.RESTARTING
        if artifact is self._artifact or restarting:  # a restart changes nothing of the chip's time
            return
        self._artifact = artifact
        if artifact is None:
            self._panel.set_answer(None)
            self._show.set_steps(None)
        else:
            self.model.ask(artifact)

    @Slot(object)
    def _ask(self, what_if: WhatIf | None) -> None:
        if self._artifact is not None:
            self.model.ask(self._artifact, what_if)

    @Slot()
    def _on_answer(self) -> None:
        answer = self.model.answer
        if answer is None or answer.artifact is not self._artifact:
            return
        compiled = answer.compiled
        self._panel.set_answer(answer)
        self._show.set_steps(compiled if compiled is not None and compiled.device_ms is not None else None)
