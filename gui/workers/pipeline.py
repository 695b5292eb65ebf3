"""The live pipeline: the only one in the window that starts and joins threads (capture, inference, compile)."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from gui.capture.camera_setup import CameraSetups
from gui.capture.demo import DemoSource
from gui.capture.door import CameraDoor
from gui.capture.live import LiveSources
from gui.capture.maker import SourceMaker
from gui.capture.source import FrameSource
from gui.capture.spec import source_for_files
from gui.capture.still import StillSource
from gui.core.batch import Batch
from gui.core.conditions import Conditions
from gui.core.counters import DropReason, Drops
from gui.core.frame import Shown
from gui.core.healing import Repairs
from gui.core.latency import LatencyStatistics
from gui.core.state import (
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
from gui.workers.beside import Beside
from gui.workers.candidates import Candidates
from gui.workers.capture import CaptureTiming
from gui.workers.doorbell import Doorbell
from gui.workers.engine_keeper import EngineKeeper
from gui.workers.engine_selector import EngineSelector
from gui.workers.engine_threads import EngineThreads
from gui.workers.inference import InferenceLoop, LabelledListener
from gui.workers.loader import EngineLoader
from gui.workers.offers import Offers
from gui.workers.outbox import Outbox, PaintedListener
from gui.workers.relabelling import Relabelling
from gui.workers.shift import EngineTiming
from gui.workers.source_keeper import SourceKeeper

if TYPE_CHECKING:
    from engine import SessionInfo
    from engine.program.artifact import Artifact

WATCH_INTERVAL_MS = 200
JOIN_PATIENCE_S = 5.0
"""With all threads together when closing: a kiosk's guardian takes ten seconds without a heartbeat for a hang."""

_SEEKING = (SourceState.STARTING, SourceState.LOST, SourceState.RETRYING)


class Pipeline(QObject):
    """Frames in, labelled frames out; every public member belongs to the main thread."""

    frame_ready = Signal()
    state_changed = Signal()
    message_posted = Signal()
    progress_changed = Signal()
    batch_changed = Signal()
    engine_exhausted = Signal()
    """So many threads hang in the engine that only a new process can label pictures again."""

    def __init__(
        self,
        backend: Backend,
        choice: EngineChoice | None = None,
        make_source: Callable[[str], FrameSource] | None = None,
        timing: CaptureTiming | None = None,
        engine_timing: EngineTiming | None = None,
        make_stand_in: Callable[[], FrameSource] = DemoSource,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.drops = Drops()
        self.latency = LatencyStatistics()
        self.repairs = Repairs()
        self._bells = self._hang_bells()
        self.status = Status(lambda topic: self._bells[topic].ring())
        self._outbox = Outbox(self.drops, self.latency, self._bells[Topic.FRAME].ring)
        engine_timing = engine_timing or EngineTiming()
        self._inference = InferenceLoop(self.drops, self.status, self._outbox, engine_timing)
        loader = EngineLoader(backend, self.status, self._inference.use)
        self.camera_setups = CameraSetups()
        self.camera_door = CameraDoor()
        self._maker = SourceMaker(self.camera_setups)
        self._live_sources = LiveSources(make_source or self._maker, self.camera_door, self.status.post)
        self._beside = Beside()
        self.candidates = Candidates(backend, self.run_beside, self)
        self.candidates.refused.connect(self.status.post)
        choice = choice or EngineChoice()
        self.engine = EngineSelector(choice, self.status, loader, self.candidates, self)
        self._engine_threads = EngineThreads(self._inference, loader)
        self._sources = SourceKeeper(
            self._inference, self._outbox, self.drops, self.status, self.repairs, itertools.count(),
            timing or CaptureTiming(), make_stand_in,
        )  # fmt: skip
        self._engine_keeper = EngineKeeper(
            self._inference, self.status, self.repairs, engine_timing,
            self.engine.load, self._engine_threads.start_inference, self.engine_exhausted.emit,
        )  # fmt: skip
        self.engine.chosen.connect(self._engine_keeper.begin_anew)
        self._live_spec = ""
        self._aside = False
        self._paused = False
        self._closed = False
        self._relabelling = Relabelling(self.status, self._sources, choice)
        self._offers = Offers(self.run_beside, self._bells[Topic.STATE].ring)
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
        self._engine_threads.start()
        self._watch.start()
        self.engine.load()
        self.open_source(spec)

    def close(self) -> None:
        """Stop every thread and join those that end in time; may be called twice."""
        if self._closed:
            return
        self._closed = True
        self._watch.stop()
        self.candidates.close()
        self._sources.stop()
        self._engine_threads.stop()
        self._beside.stop()
        self._join()
        self._inference.clear(DropReason.SOURCE_CLOSED)
        self._outbox.clear()

    def run_beside(self, name: str, run: Callable[[], None], stop: Callable[[], None]) -> None:
        """Run something in a thread of its own; ``stop`` must end it, and ``close`` calls it."""
        self._beside.run(name, run, stop)

    def _join(self) -> None:
        """Wait for every thread, all of which were told to end; an engine that hangs on its frame is left to itself."""
        end_s = time.monotonic() + JOIN_PATIENCE_S
        self._sources.join()
        self._engine_threads.join(end_s)
        for thread in self._beside.threads():
            thread.join(max(0.0, end_s - time.monotonic()))

    @property
    def is_closed(self) -> bool:
        """Whether nothing runs any more."""
        return self._closed

    def threads(self) -> tuple[Thread, ...]:
        """Return every thread that is still running."""
        sources = (thread for thread in self._sources.threads() if thread.is_alive())
        return (*self._engine_threads.alive(), *sources, *self._beside.threads())

    # --- source ---

    @Slot(str)
    def open_source(self, spec: str) -> None:
        """Replace the open source by the one that ``spec`` names (gui.capture.spec); empty: camera, else demo."""
        self._live_spec = spec
        self._aside = self._paused = False
        self.camera_door.hold()
        self._sources.open(lambda: self._live_sources.make(spec))

    def open_files(self, paths: Sequence[Path]) -> None:
        """Process every dropped picture, folder or video in order; ``back_to_live`` returns to the source before."""
        given = tuple(paths)
        self._aside, self._paused = True, False
        self._sources.open(lambda: source_for_files(given))

    def open_still(self, path: Path, name: str) -> None:
        """Hold one picture before the engine; frames and title say ``name`` alone. ``back_to_live`` ends it."""
        self._aside, self._paused = True, False
        self._sources.open(lambda: StillSource(path, name))

    @Slot()
    def back_to_live(self) -> None:
        """Return to the source that was open before files were dropped."""
        self.open_source(self._live_spec)

    @property
    def is_aside(self) -> bool:
        """Whether files or a still are looked at, from which ``back_to_live`` returns."""
        return self._aside

    @Slot(int)
    def step(self, delta: int) -> None:
        """Show the processed picture ``delta`` places after the shown one, of the open batch or the demo pictures.

        Wraps around at the ends; does nothing while a live source is open. The picture comes by ``frame_ready``.
        """
        self._sources.step(delta)

    @Slot(int)
    def show_file(self, place: int) -> None:
        """Show the file at ``place`` (from 0) of the open batch, once all of it has been read."""
        self._sources.show(place)

    @Slot(bool)
    def set_paused(self, paused: bool) -> None:
        """Hold the picture, or go on with the present."""
        self._paused = paused
        self._sources.set_paused(paused)
        self.state_changed.emit()

    @Slot(int)
    def set_attract_after(self, seconds: int) -> None:
        """Show the demo pictures after so long without motion before a camera; 0: never."""
        self._maker.attract_after_s = float(seconds)

    @Slot(int)
    def set_stand_in_after(self, seconds: int) -> None:
        """Let the demo pictures stand in after so long without a picture; 0: never."""
        self._sources.stand_in_after_s = float(seconds)

    @Slot()
    def wake(self) -> None:
        """Somebody is there, though nothing moves before the camera: its picture is shown again."""
        self._sources.wake()

    @property
    def attracting(self) -> bool:
        """Whether the demo pictures are shown because nobody is before the camera."""
        return self._sources.attracting

    @Slot()
    def _look_after(self) -> None:
        """Notice what stands still, and mend it."""
        self._sources.look_after()
        self._engine_keeper.look_after()

    # --- engine ---

    @Slot(float)
    def set_overload(self, factor: float) -> None:
        """Slow the engine down ``factor`` times (at most 100) from the next frame on; 1 is its own speed."""
        self._inference.set_overload(factor)
        self.state_changed.emit()

    @property
    def overload(self) -> float:
        """How many times slower than itself the engine is made to be."""
        return self._inference.overload

    # --- how pictures and labels are shown ---

    def set_conditions(self, conditions: Conditions) -> None:
        """Let every picture look as under ``conditions`` from the next one on: what the engine sees is what is shown."""
        if conditions != self.conditions:
            self._inference.set_conditions(conditions)
            self._sources.again()
            self.state_changed.emit()

    @property
    def conditions(self) -> Conditions:
        """What happens to the pictures before the engine sees them."""
        return self._inference.conditions

    @Slot(bool)
    def set_smoothing(self, smoothing: bool) -> None:
        """Average the labels of live pictures over the last moments, or show each frame's own."""
        self._inference.set_smoothing(smoothing)
        self.state_changed.emit()

    @property
    def smoothing(self) -> bool:
        """Whether the labels of live pictures are averaged; those of files never are."""
        return self._inference.smoothing

    # --- frames ---

    def take(self) -> Shown | None:
        """Return the newest frame that was not taken yet, None if there is none."""
        return self._outbox.take()

    def mark_painted(self, shown: Shown, painted_ns: int, paint_ns: int) -> None:
        """The view has painted ``shown`` (first painting): end at ``painted_ns`` monotonic, took ``paint_ns``."""
        self._outbox.mark_painted(shown, painted_ns, paint_ns)

    def on_painted(self, listener: PaintedListener) -> None:
        """Call ``listener(shown, painted_ns, paint_ns)`` in the main thread for every frame painted from now on."""
        self._outbox.on_painted(listener)

    def on_labelled(self, listener: LabelledListener) -> None:
        """Call ``listener(labelled)`` in the inference thread for every frame labelled from now on; it must not wait."""
        self._inference.on_labelled(listener)

    @Slot()
    def _on_state(self) -> None:
        if self._relabelling.follow(self._paused):
            self.latency.restart()
        if self.status.source_state in _SEEKING:
            self.camera_door.hold()
        else:
            self.camera_door.release()
        self.state_changed.emit()

    # --- what the window shows ---

    def post(self, severity: Severity, text: str) -> None:
        """Add one line to the message strip."""
        self.status.post(severity, text)

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
    def live_spec(self) -> str:
        """What opens the live source again: the one that dropped files return to."""
        return self._live_spec

    @property
    def stand_in(self) -> SourceInfo | None:
        """Whose pictures are shown while the open source gives none; None while it gives its own."""
        return self.status.stand_in

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
    def artifact(self) -> Artifact | None:
        """The compiled network that labels the frames, None while nothing does."""
        return self.status.artifact

    @property
    def engine_run_ns(self) -> int:
        """Time that the engine has run in all, measured on this machine."""
        return self._inference.run_total_ns

    @property
    def batch(self) -> Batch | None:
        """The open batch of files, None while the source is a live one."""
        return self.status.batch

    def source_choices(self) -> tuple[SourceChoice, ...]:
        """Return what the source picker offers, as last enumerated, and the open source.

        A change follows by ``state_changed``.
        """
        return self._offers.sources(self.source_info)
