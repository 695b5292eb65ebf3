"""The live pipeline: owns the capture, inference and compile threads and speaks to the window.

INTERFACE ONLY for now; behaviour follows.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from gui.core.batch import Batch
from gui.core.counters import Drops
from gui.core.frame import Shown
from gui.core.latency import LatencyStatistics
from gui.core.state import Choice, EngineState, Message, Progress, SourceChoice, SourceInfo, SourceState

if TYPE_CHECKING:
    from engine import SessionInfo


class Pipeline(QObject):
    """Frames in, labelled frames out; every public member belongs to the main thread."""

    frame_ready = Signal()
    state_changed = Signal()
    message_posted = Signal()
    progress_changed = Signal()
    batch_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.drops = Drops()
        self.latency = LatencyStatistics()

    @Slot(str)
    def open_source(self, spec: str) -> None:
        """Replace the open source by the one that ``spec`` names (grammar: gui.capture.spec)."""

    def open_files(self, paths: list[Path]) -> None:
        """Process every dropped image, folder or video in order; ``back_to_live`` returns to the source before."""

    @Slot()
    def back_to_live(self) -> None:
        """Return to the live source that was open before files were."""

    @Slot(int)
    def step(self, delta: int) -> None:
        """Show the processed picture ``delta`` places after the shown one, of the open batch or the demo pictures.

        Wraps around at the ends; does nothing while a live source is open. The picture comes by ``frame_ready``.
        """

    @Slot(bool)
    def set_paused(self, paused: bool) -> None:
        """Stop or resume the picture."""

    @Slot(str)
    def set_model(self, model: str) -> None:
        """Use another model: a built-in name or a path. Compiles in the background if needed."""

    @Slot(str)
    def set_soc(self, soc: str) -> None:
        """Emulate another SoC."""

    @Slot(str)
    def set_kernels(self, kernels: str) -> None:
        """Use another kernel set: auto, native, numpy, reference."""

    @Slot()
    def cancel_compile(self) -> None:
        """Give up the running compilation; the model in use stays."""

    def take(self) -> Shown | None:
        """Return the newest frame that was not taken yet, None if there is none."""
        return None

    def mark_painted(self, shown: Shown, painted_ns: int, paint_ns: int) -> None:
        """The view has painted ``shown`` (first painting): end at ``painted_ns`` monotonic, took ``paint_ns``."""

    def messages(self) -> tuple[Message, ...]:
        """Return the latest messages, newest first."""
        return ()

    @property
    def progress(self) -> Progress | None:
        """The running compilation's progress, None while nothing compiles."""
        return None

    @property
    def source_state(self) -> SourceState:
        """Where the open source stands."""
        return SourceState.STARTING

    @property
    def retries(self) -> int:
        """How often the source was opened again since it last delivered a frame (for RETRYING n)."""
        return 0

    @property
    def paused(self) -> bool:
        """Whether the picture is paused."""
        return False

    @property
    def engine_state(self) -> EngineState:
        """Where the engine stands."""
        return EngineState.NONE

    @property
    def source_info(self) -> SourceInfo | None:
        """What the open source is, None before the first one opened."""
        return None

    @property
    def session_info(self) -> SessionInfo | None:
        """What labels the frames, None while nothing does."""
        return None

    @property
    def model(self) -> str:
        """The chosen model; ``session_info.model`` is the one in use."""
        return "efficientnet_lite0"

    @property
    def soc(self) -> str:
        """The chosen SoC."""
        return "tda4vm"

    @property
    def kernels(self) -> str:
        """The chosen kernel set."""
        return "auto"

    @property
    def batch(self) -> Batch | None:
        """The open batch of files, None while the source is a live one."""
        return None

    def source_choices(self) -> tuple[SourceChoice, ...]:
        """Return what the source picker offers, as last enumerated (never blocks)."""
        return ()

    def model_choices(self) -> tuple[Choice, ...]:
        """Return what the model picker offers."""
        return ()

    def soc_choices(self) -> tuple[Choice, ...]:
        """Return what the SoC picker offers."""
        return ()

    def close(self) -> None:
        """Stop and join every thread; may be called twice."""
