"""The live pipeline: the only one in the window that starts and joins threads (capture, inference, compile)."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from engine.soc import load_soc, soc_names
from gui.capture.camera import CameraSource
from gui.capture.cameras import cameras
from gui.capture.demo import DemoSource
from gui.capture.source import FrameSource
from gui.capture.spec import BUILT_IN_CHOICES, kind_of, source_choices, source_for, source_for_files
from gui.core.batch import Batch
from gui.core.counters import DropReason, Drops
from gui.core.frame import Shown
from gui.core.latency import LatencyStatistics
from gui.core.state import (
    Choice,
    EngineChoice,
    EngineState,
    Message,
    Progress,
    Severity,
    SourceChoice,
    SourceInfo,
    SourceState,
)
from gui.core.status import Status, Topic
from gui.workers.backend import Backend
from gui.workers.capture import CaptureLoop, CaptureTiming
from gui.workers.doorbell import Doorbell
from gui.workers.inference import InferenceLoop
from gui.workers.loader import EngineLoader
from gui.workers.outbox import Outbox

if TYPE_CHECKING:
    from engine import SessionInfo

WATCH_INTERVAL_MS = 200
CHOICES_FRESH_S = 2.0
JOIN_PATIENCE_S = 10.0
CAPTURE_JOIN_PATIENCE_S = 3.0  # a camera's read gives up after two
ABANDONED_JOIN_PATIENCE_S = 0.1
MOST_ABANDONED = 4

PaintedListener = Callable[[Shown, int, int], None]


class Pipeline(QObject):
    """Frames in, labelled frames out; every public member belongs to the main thread."""

    frame_ready = Signal()
    state_changed = Signal()
    message_posted = Signal()
    progress_changed = Signal()
    batch_changed = Signal()

    def __init__(
        self,
        backend: Backend,
        choice: EngineChoice | None = None,
        make_source: Callable[[str], FrameSource] = source_for,
        timing: CaptureTiming | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.drops = Drops()
        self.latency = LatencyStatistics()
        self._bells = self._hang_bells()
        self.status = Status(lambda topic: self._bells[topic].ring())
        self._outbox = Outbox(self.drops, self._bells[Topic.FRAME].ring)
        self._inference = InferenceLoop(self.drops, self.status, self._outbox)
        self._loader = EngineLoader(backend, self.status, self._inference.use)
        self._make_source = make_source
        self._timing = timing or CaptureTiming()
        self._choice = choice or EngineChoice()
        self._seqs = itertools.count()
        self._workers: list[Thread] = []
        self._capture: CaptureLoop | None = None
        self._capture_maker: Callable[[], FrameSource] | None = None
        self._capture_threads: list[tuple[CaptureLoop, Thread]] = []
        self._live_spec = ""
        self._paused = False
        self._closed = False
        self._last_painted: Shown | None = None
        self._painted_listeners: list[PaintedListener] = []
        self._timed_session: SessionInfo | None = None
        self._choices: tuple[SourceChoice, ...] = BUILT_IN_CHOICES
        self._soc_choices = tuple(Choice(name, load_soc(name).title) for name in soc_names())
        self._choices_thread: Thread | None = None
        self._choices_at_s = 0.0
        self._watch = QTimer(self, interval=WATCH_INTERVAL_MS)
        self._watch.timeout.connect(self._look_after)

    def _hang_bells(self) -> dict[Topic, Doorbell]:
        bells = {topic: Doorbell(self) for topic in Topic}
        bells[Topic.FRAME].rung.connect(self.frame_ready)
        bells[Topic.STATE].rung.connect(self._on_state)
        bells[Topic.MESSAGE].rung.connect(self.message_posted)
        bells[Topic.PROGRESS].rung.connect(self.progress_changed)
        bells[Topic.BATCH].rung.connect(self.batch_changed)
        return bells

    # --- life ---

    def start(self, spec: str) -> None:
        """Start the threads, open the source and prepare the engine; the picture does not wait for the engine."""
        self._start_worker("inference", self._inference.run)
        self._start_worker("compile", self._loader.run)
        self._watch.start()
        self._loader.request(self._choice)
        self.open_source(spec)

    def _start_worker(self, name: str, run: Callable[[], None]) -> None:
        worker = Thread(target=run, name=name, daemon=True)  # daemon: a hung driver must not keep the process
        worker.start()
        self._workers.append(worker)

    def close(self) -> None:
        """Stop and join every thread; may be called twice."""
        if self._closed:
            return
        self._closed = True
        self._watch.stop()
        for loop, _ in self._capture_threads:
            loop.request_stop()
        self._loader.stop()
        self._inference.stop()
        for loop, thread in self._capture_threads:
            thread.join(CAPTURE_JOIN_PATIENCE_S if loop is self._capture else ABANDONED_JOIN_PATIENCE_S)
        for worker in self._workers:
            worker.join(JOIN_PATIENCE_S)
        if self._choices_thread is not None:
            self._choices_thread.join(JOIN_PATIENCE_S)
        self._inference.clear(DropReason.SOURCE_CLOSED)
        self._outbox.clear()

    def threads(self) -> tuple[Thread, ...]:
        """Return every thread that is still running."""
        started = (*self._workers, *(thread for _, thread in self._capture_threads))
        return tuple(thread for thread in started if thread.is_alive())

    # --- source ---

    @Slot(str)
    def open_source(self, spec: str) -> None:
        """Replace the open source by the one that ``spec`` names (gui.capture.spec); empty: camera, else demo."""
        self._live_spec = spec
        self._open(lambda: self._make_source(spec) if spec else self._default_source())

    def open_files(self, paths: Sequence[Path]) -> None:
        """Process every dropped picture, folder or video in order; ``back_to_live`` returns to the source before."""
        given = tuple(paths)
        self._open(lambda: source_for_files(given))

    @Slot()
    def back_to_live(self) -> None:
        """Return to the source that was open before files were dropped."""
        self.open_source(self._live_spec)

    @Slot(int)
    def step(self, delta: int) -> None:
        """Show the processed picture ``delta`` places after the shown one, of the open batch or the demo pictures.

        Wraps around at the ends; does nothing while a live source is open. The picture comes by ``frame_ready``.
        """
        if self._capture is not None:
            self._capture.step(delta)

    @Slot(bool)
    def set_paused(self, paused: bool) -> None:
        """Hold the picture, or go on with the present."""
        self._paused = paused
        if self._capture is not None:
            self._capture.set_paused(paused)
        self.state_changed.emit()

    def _default_source(self) -> FrameSource:
        if cameras():
            return CameraSource()
        self.status.post(
            Severity.INFO, "no camera found, so these are demo pictures; plug one in and choose it"
        )
        return DemoSource()

    def _open(self, maker: Callable[[], FrameSource], attempt: int = 0) -> None:
        """Start a capture thread for a new source; the one before ends in its own time."""
        if self._closed:
            return
        before = self._capture
        if before is not None:
            before.request_stop()
            self._inference.clear(DropReason.SOURCE_CLOSED)
            self._outbox.clear()
        self._paused = False
        loop = CaptureLoop(maker, self._inference, self.drops, self.status, self._seqs, self._timing, attempt)
        self._capture, self._capture_maker = loop, maker
        self.status.own_source(loop.stop)
        self.status.set_source(
            loop.stop, SourceState.LOST if attempt else SourceState.STARTING, retries=attempt
        )
        # A source that is given up may never let go of its thread: nobody waits for that.
        predecessor = before.done if before is not None and not attempt else None
        thread = Thread(target=loop.run, args=(predecessor,), name="capture", daemon=True)
        self._capture_threads.append((loop, thread))
        thread.start()

    @Slot()
    def _look_after(self) -> None:
        """Notice a source or an engine that stands still; a source that never comes back is opened anew."""
        self._capture_threads = [pair for pair in self._capture_threads if pair[1].is_alive()]
        loop = self._capture
        may_abandon = len(self._capture_threads) <= MOST_ABANDONED
        if loop is not None and self._capture_maker is not None and loop.is_hopeless() and may_abandon:
            self.status.post(Severity.WARNING, f"{self._source_title()}: does not answer; opening it again")
            self._open(self._capture_maker, loop.attempt + 1)
        elif loop is not None and loop.is_stalled():
            self.status.set_source(loop.stop, SourceState.STALLED, retries=loop.attempt)
        if self._inference.is_stalled():
            self.status.change_engine(EngineState.READY, EngineState.STALLED)
        else:
            self.status.change_engine(EngineState.STALLED, EngineState.READY)

    def _source_title(self) -> str:
        return self.source_info.title if self.source_info else "source"

    # --- engine ---

    @Slot(str)
    def set_model(self, model: str) -> None:
        """Use another model: a built-in name or a path. Compiles in the background if needed."""
        self._choose(replace(self._choice, model=model))

    @Slot(str)
    def set_soc(self, soc: str) -> None:
        """Emulate another SoC."""
        self._choose(replace(self._choice, soc=soc))

    @Slot(str)
    def set_kernels(self, kernels: str) -> None:
        """Use another kernel set: auto, native, numpy, reference."""
        self._choose(replace(self._choice, kernels=kernels))

    @Slot()
    def cancel_compile(self) -> None:
        """Give up the running compilation; the engine in use stays."""
        self._loader.cancel()

    def _choose(self, choice: EngineChoice) -> None:
        # The same choice again is a second try where the first failed.
        if choice != self._choice or self.engine_state is EngineState.FAILED:
            self._choice = choice
            self._loader.request(choice)

    # --- frames ---

    def take(self) -> Shown | None:
        """Return the newest frame that was not taken yet, None if there is none."""
        return self._outbox.take()

    def mark_painted(self, shown: Shown, painted_ns: int, paint_ns: int) -> None:
        """The view has painted ``shown`` (first painting): end at ``painted_ns`` monotonic, took ``paint_ns``."""
        if shown is not self._last_painted:
            self._last_painted = shown
            self._outbox.mark_painted(shown)
            self.latency.add(shown, painted_ns, paint_ns)
            for listener in self._painted_listeners:
                listener(shown, painted_ns, paint_ns)

    def on_painted(self, listener: PaintedListener) -> None:
        """Call ``listener(shown, painted_ns, paint_ns)`` in the main thread for every frame painted from now on."""
        self._painted_listeners.append(listener)

    @Slot()
    def _on_state(self) -> None:
        session = self.status.session_info
        if session is not self._timed_session:
            self._timed_session = session
            self.latency.restart()
        self.state_changed.emit()

    # --- what the window shows ---

    def messages(self) -> tuple[Message, ...]:
        """Return the latest messages, newest first."""
        return self.status.messages()

    @property
    def progress(self) -> Progress | None:
        """The running compilation's progress, None while nothing compiles."""
        return self.status.progress

    @property
    def source_state(self) -> SourceState:
        """Where the open source stands."""
        state = self.status.source_state
        return SourceState.PAUSED if self._paused and state is SourceState.LIVE else state

    @property
    def retries(self) -> int:
        """How often the source was opened again since it last delivered a frame (for RETRYING n)."""
        return self.status.retries

    @property
    def paused(self) -> bool:
        """Whether the picture is held."""
        return self._paused

    @property
    def engine_state(self) -> EngineState:
        """Where the engine stands."""
        return self.status.engine_state

    @property
    def source_info(self) -> SourceInfo | None:
        """What the open source is, None before the first one opened."""
        return self.status.source_info

    @property
    def session_info(self) -> SessionInfo | None:
        """What labels the frames, None while nothing does."""
        return self.status.session_info

    @property
    def engine_run_ns(self) -> int:
        """Time that the engine has run in all, measured on this machine."""
        return self._inference.run_total_ns

    @property
    def model(self) -> str:
        """The chosen model; ``session_info.model`` is the one in use."""
        return self._choice.model

    @property
    def soc(self) -> str:
        """The chosen SoC."""
        return self._choice.soc

    @property
    def kernels(self) -> str:
        """The chosen kernel set."""
        return self._choice.kernels

    @property
    def batch(self) -> Batch | None:
        """The open batch of files, None while the source is a live one."""
        return self.status.batch

    def source_choices(self) -> tuple[SourceChoice, ...]:
        """Return what the source picker offers, as last enumerated, and the open source.

        A change follows by ``state_changed``.
        """
        running = self._choices_thread is not None and self._choices_thread.is_alive()
        if not (running or self._closed) and time.monotonic() - self._choices_at_s > CHOICES_FRESH_S:
            self._choices_at_s = time.monotonic()
            self._choices_thread = Thread(target=self._enumerate_sources, name="cameras", daemon=True)
            self._choices_thread.start()
        info = self.source_info
        if info is None or not info.spec or any(choice.spec == info.spec for choice in self._choices):
            return self._choices
        return (*self._choices, SourceChoice(info.spec, info.title, kind_of(info.spec)))

    def _enumerate_sources(self) -> None:
        choices = source_choices()
        if choices != self._choices:
            self._choices = choices
            self._bells[Topic.STATE].ring()

    def model_choices(self) -> tuple[Choice, ...]:
        """Return what the model picker offers."""
        built_in = Choice("efficientnet_lite0", "EfficientNet-Lite0")
        chosen = Choice(self.model, Path(self.model).name)
        return (built_in,) if self.model == built_in.value else (built_in, chosen)

    def soc_choices(self) -> tuple[Choice, ...]:
        """Return what the SoC picker offers."""
        return self._soc_choices
