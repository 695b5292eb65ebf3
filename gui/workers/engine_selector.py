"""Which engine shall label the pictures: what pickers, settings and drops choose, against the one in use."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from engine.soc import load_soc, soc_names
from gui.core.state import Choice, EngineChoice, EngineState
from gui.core.status import Status
from gui.workers.candidates import Candidates, CandidateState
from gui.workers.loader import EngineLoader

_BUILT_IN_MODEL = Choice("efficientnet_lite0", "EfficientNet-Lite0")


class EngineSelector(QObject):
    """Every method belongs to the main thread. The engine in use goes on until the chosen one is ready."""

    chosen = Signal()
    """Another engine is to be loaded, or the same once more."""

    def __init__(
        self,
        choice: EngineChoice,
        status: Status,
        loader: EngineLoader,
        candidates: Candidates,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._choice = choice
        self._status = status
        self._loader = loader
        self._candidates = candidates
        self._socs = tuple(Choice(name, load_soc(name).title) for name in soc_names())

    # --- what people choose ---

    @Slot(str)
    def set_model(self, model: str) -> None:
        """Use another model: a built-in name or a path. Compiles in the background if needed."""
        self._choose(self._choice.with_model(model))

    @Slot(str)
    def set_soc(self, soc: str) -> None:
        """Emulate another SoC."""
        self._choose(self._choice.with_soc(soc))

    @Slot(str)
    def set_recipe(self, recipe: str) -> None:
        """Quantize by another recipe: lens7 or ti."""
        self._choose(self._choice.with_recipe(recipe))

    @Slot(str)
    def set_kernels(self, kernels: str) -> None:
        """Use another kernel set: auto, native, numpy, reference."""
        self._choose(replace(self._choice, kernels=kernels))

    @Slot(int)
    def set_threads(self, threads: int) -> None:
        """Emulate on another number of this machine's threads."""
        self._choose(replace(self._choice, threads=threads))

    def check_model(self, model: str) -> None:
        """Check and compile a dropped model beside the one in use; the pipeline's ``candidates`` tell how far it is."""
        self._candidates.check(self._choice.with_model(model))

    def check_labels(self, path: str) -> None:
        """Check whether a file names the classes of the model in use."""
        self._candidates.check(replace(self._choice, labels=path))

    def use_candidate(self) -> None:
        """Use what was checked."""
        candidate = self._candidates.current
        if candidate is not None and candidate.state is CandidateState.READY:
            self._candidates.drop()
            self._choose(candidate.choice)

    @Slot()
    def cancel_compile(self) -> None:
        """Give up the running compilation; the engine in use stays."""
        self._loader.cancel()

    def load(self) -> None:
        """Prepare what is chosen."""
        self._loader.request(self._choice)

    def _choose(self, choice: EngineChoice) -> None:
        # The same choice again is a second try where the first failed, or was given up for the engine in use.
        state = self._status.engine_state
        if (
            choice != self._choice
            or state is EngineState.FAILED
            or (state is EngineState.READY and not self._is_in_use)
        ):
            self._choice = choice
            self.chosen.emit()

    # --- what is chosen ---

    @property
    def _is_in_use(self) -> bool:
        """Whether what labels the frames answers the choice."""
        return self._status.in_use is not None and self._status.in_use[1] == self._choice

    @property
    def model(self) -> str:
        """The chosen model; ``session_info.model`` of the pipeline is the one in use."""
        return self._choice.model

    @property
    def soc(self) -> str:
        """The chosen SoC; an artifact folder in use has its own."""
        info, chosen = self._status.session_info, self._choice.soc
        return info.soc if info is not None and self._is_in_use and not chosen.endswith(".toml") else chosen

    @property
    def recipe(self) -> str:
        """The chosen recipe of quantization; an artifact folder in use has its own."""
        info = self._status.session_info
        return info.recipe if info is not None and self._is_in_use else self._choice.recipe

    @property
    def kernels(self) -> str:
        """The chosen kernel set."""
        return self._choice.kernels

    # --- what pickers offer ---

    def model_choices(self) -> tuple[Choice, ...]:
        """Return the built-in model, and the chosen one."""
        if self.model == _BUILT_IN_MODEL.value:
            return (_BUILT_IN_MODEL,)
        return (_BUILT_IN_MODEL, Choice(self.model, Path(self.model).name))

    def soc_choices(self) -> tuple[Choice, ...]:
        """Return the chips that Lens7 knows."""
        return self._socs
