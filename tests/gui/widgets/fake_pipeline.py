"""A pipeline without frames of its own: tests put in what the window is to show, and read what it asked for."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from engine.program.artifact import Artifact
from engine.runtime.postprocess import Label
from gui.capture.camera_setup import CameraSetups
from gui.capture.door import CameraDoor
from gui.core.batch import Batch, BatchItem
from gui.core.conditions import NEUTRAL, Conditions
from gui.core.counters import Drops
from gui.core.frame import Frame, Shown, StageTimes
from gui.core.latency import LatencyStatistics
from gui.core.state import (
    Choice,
    EngineState,
    Message,
    Progress,
    Severity,
    SourceChoice,
    SourceInfo,
    SourceKind,
    SourceState,
)
from gui.workers.beside import Beside
from gui.workers.candidates import Candidates
from gui.workers.outbox import PaintedListener
from tests.gui.fakes import FakeBackend

MUG = (("coffee mug", 0.93), ("cup", 0.04), ("espresso", 0.02), ("coffeepot", 0.006), ("pitcher", 0.001))

JOBS = ("around", "candidate", "device model", "monitor", "thumbnails")
"""The window's own threads, which do run; those that watch frames or cameras do not."""


@dataclass(frozen=True)
class FakeSessionInfo:
    """What the window reads of an engine's SessionInfo."""

    model: str = "efficientnet_lite0"
    soc: str = "tda4vm"
    recipe: str = "lens7"
    kernels: str = "numpy"
    kernels_note: str = "native kernels are not built"
    threads: int = 1
    input_hw: tuple[int, int] = (224, 224)
    resize_short: int = 256
    labels_count: int = 1000


@dataclass
class Calls:
    """What the window asked of the pipeline, in order."""

    made: list[tuple[str, object]] = field(default_factory=list)

    def names(self) -> list[str]:
        return [name for name, _ in self.made]


def picture(width: int = 640, height: int = 360, value: int = 90) -> NDArray[np.uint8]:
    """A plain RGB picture with a brighter middle."""
    image = np.full((height, width, 3), value, np.uint8)
    image[height // 4 : -height // 4, width // 4 : -width // 4] = min(255, value + 100)
    return image


def shown(
    seq: int = 1,
    labels: tuple[tuple[str, float], ...] = MUG,
    image: NDArray[np.uint8] | None = None,
    device_ms: float | None = None,
    path: Path | None = None,
    run_ms: float = 1.3,
) -> Shown:
    """A frame as the pipeline hands it over."""
    rgb = picture() if image is None else image
    top = tuple(Label(index, name, probability) for index, (name, probability) in enumerate(labels))
    times = StageTimes(200_000, 700_000, round(run_ms * 1e6), 60_000) if labels else None
    name = path.name if path else ""
    frame = Frame(rgb, seq, time.monotonic_ns() - 20_000_000, name, path)
    return Shown(frame, rgb, top, times, device_ms)


class FakeEngineSelector:
    """The public face of ``gui.workers.engine_selector.EngineSelector``: notes what is chosen and changes nothing."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self.model, self.soc, self.recipe, self.kernels = "efficientnet_lite0", "tda4vm", "lens7", "auto"

    def set_model(self, model: str) -> None:
        self._calls.made.append(("set_model", model))

    def set_soc(self, soc: str) -> None:
        self._calls.made.append(("set_soc", soc))

    def set_recipe(self, recipe: str) -> None:
        self._calls.made.append(("set_recipe", recipe))

    def set_kernels(self, kernels: str) -> None:
        self._calls.made.append(("set_kernels", kernels))

    def set_threads(self, threads: int) -> None:
        self._calls.made.append(("set_threads", threads))

    def check_model(self, model: str) -> None:
        self._calls.made.append(("check_model", model))

    def check_labels(self, path: str) -> None:
        self._calls.made.append(("check_labels", path))

    def use_candidate(self) -> None:
        self._calls.made.append(("use_candidate", None))

    def cancel_compile(self) -> None:
        self._calls.made.append(("cancel_compile", None))

    def model_choices(self) -> tuple[Choice, ...]:
        return (
            Choice("efficientnet_lite0", "EfficientNet-Lite0"),
            Choice("/models/other.onnx", "other.onnx"),
        )

    def soc_choices(self) -> tuple[Choice, ...]:
        return (Choice("tda4vm", "TDA4VM"), Choice("am68a", "AM68A"), Choice("am62a", "AM62A"))


class FakePipeline(QObject):
    """The public face of ``gui.workers.pipeline.Pipeline`` with plain attributes behind it."""

    frame_ready = Signal()
    state_changed = Signal()
    message_posted = Signal()
    progress_changed = Signal()
    batch_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.drops = Drops()
        self.calls = Calls()
        self._beside = Beside()
        self.candidates = Candidates(FakeBackend(), self.run_beside, self)
        self.latency = LatencyStatistics()
        self.painted: list[Shown] = []
        self.closed = 0
        self.source_state = SourceState.LIVE
        self.engine_state = EngineState.READY
        self.source_info: SourceInfo | None = SourceInfo("camera:desk", "Desk camera", "1280 × 720, 60 fps")
        self.session_info: FakeSessionInfo | None = FakeSessionInfo()
        self.artifact: Artifact | None = None
        self.progress: Progress | None = None
        self.batch: Batch | None = None
        self.paused = False
        self.retries = 0
        self.stand_in: SourceInfo | None = None
        self.conditions = NEUTRAL
        self.smoothing = False
        self.attracting = self.is_aside = False
        self.attract_after_s = 0
        self.woken = 0
        self.camera_setups = CameraSetups()
        self.camera_door = CameraDoor()
        self._listeners: list[PaintedListener] = []
        self.engine = FakeEngineSelector(self.calls)
        self._slot: Shown | None = None
        self._messages: list[Message] = []

    # --- what tests do ---

    def put(self, frame: Shown) -> None:
        """A labelled frame has come."""
        self._slot = frame
        self.drops.count_captured(frame.frame.seq)
        self.frame_ready.emit()

    def post(self, severity: Severity, text: str) -> None:
        """A message has come."""
        self._messages.insert(0, Message(severity, text, time.monotonic_ns()))
        self.message_posted.emit()

    def set_state(self, source: SourceState, engine: EngineState | None = None, retries: int = 0) -> None:
        """Source or engine have changed."""
        self.source_state, self.retries = source, retries
        self.engine_state = engine or self.engine_state
        self.state_changed.emit()

    def set_progress(self, progress: Progress | None) -> None:
        """A compilation goes on, or is over."""
        self.progress = progress
        self.progress_changed.emit()

    def set_batch(self, items: tuple[BatchItem, ...], total: int) -> None:
        """A batch of files goes on."""
        self.batch = Batch(items, total)
        self.batch_changed.emit()

    # --- what the window calls ---

    def open_source(self, spec: str) -> None:
        self.calls.made.append(("open_source", spec))

    def open_files(self, paths: list[Path]) -> None:
        self.calls.made.append(("open_files", paths))

    def open_still(self, path: Path, name: str) -> None:
        self.calls.made.append(("open_still", (path, name)))
        self.source_info = SourceInfo("", name, "")
        self.state_changed.emit()

    def back_to_live(self) -> None:
        self.calls.made.append(("back_to_live", None))

    def step(self, delta: int) -> None:
        self.calls.made.append(("step", delta))

    def show_file(self, place: int) -> None:
        self.calls.made.append(("show_file", place))

    def set_paused(self, paused: bool) -> None:
        self.calls.made.append(("set_paused", paused))
        self.paused = paused
        self.state_changed.emit()

    def set_stand_in_after(self, seconds: int) -> None:
        self.calls.made.append(("set_stand_in_after", seconds))

    def set_conditions(self, conditions: Conditions) -> None:
        self.calls.made.append(("set_conditions", conditions))
        self.conditions = conditions
        self.state_changed.emit()

    def set_smoothing(self, smoothing: bool) -> None:
        self.smoothing = smoothing
        self.state_changed.emit()

    def set_attract_after(self, seconds: int) -> None:
        self.attract_after_s = seconds

    def wake(self) -> None:
        self.woken += 1
        self.attracting = False

    def run_beside(self, name: str, run: Callable[[], None], stop: Callable[[], None]) -> None:
        if name in JOBS:
            self._beside.run(name, run, stop)
        else:
            self.calls.made.append(("run_beside", name))

    def threads(self) -> tuple[Thread, ...]:
        return self._beside.threads()

    def on_painted(self, listener: PaintedListener) -> None:
        self._listeners.append(listener)

    def take(self) -> Shown | None:
        frame, self._slot = self._slot, None
        return frame

    def mark_painted(self, frame: Shown, painted_ns: int, paint_ns: int) -> None:
        if frame not in self.painted:
            self.painted.append(frame)
            self.drops.count_shown(frame.frame.seq)
            self.latency.add(frame, painted_ns, paint_ns)
            for listener in self._listeners:
                listener(frame, painted_ns, paint_ns)

    def messages(self) -> tuple[Message, ...]:
        return tuple(self._messages)

    def source_choices(self) -> tuple[SourceChoice, ...]:
        return (
            SourceChoice("camera:desk", "Desk camera", SourceKind.CAMERA),
            SourceChoice("synthetic", "Synthetic", SourceKind.SYNTHETIC),
            SourceChoice("demo", "Demo pictures", SourceKind.DEMO),
        )

    def close(self) -> None:
        self.closed += 1
        self.candidates.close()
        self._beside.stop()
        for thread in self.threads():
            thread.join(10)
