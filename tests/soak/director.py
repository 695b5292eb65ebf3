"""Drives the real window in fast motion: one run of one seed, its invariants checked while it goes on."""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import os
import random
import tempfile
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil
from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtGui import QPixmapCache
from PySide6.QtWidgets import QApplication

from engine.soc import soc_names
from gui.allocator import keep_memory_flat
from gui.capture.opencv import prepare_opencv
from gui.capture.source import FrameSource
from gui.capture.spec import source_for
from gui.core.frame import Shown
from gui.core.latency import Stage
from gui.core.settings import Settings
from gui.core.state import EngineState, SourceState
from gui.faults import FaultLog
from gui.garbage import MainThreadCollector
from gui.widgets.main_window import MainWindow
from gui.workers import pipeline as pipeline_module
from gui.workers.capture import CaptureTiming
from gui.workers.monitor import Monitor
from gui.workers.pipeline import Pipeline
from gui.workers.shift import EngineTiming
from tests.soak import camera, engine
from tests.soak.memory import in_use_bytes
from tests.soak.script import ACTIONS, FAULTS, Step, Wait, make_files, pause, quiet_moment

TICK_MS = 5
SAMPLE_EVERY_S = 2.0
QUIET_EVERY_S = 15.0
FROZEN_LIMIT_S = 2.0
MOST_IN_FLIGHT = 8
MOST_VIOLATIONS = 50
MOST_HISTORY_BYTES = 120_000_000
MOST_SETTINGS_BYTES = 1 << 16
MOST_AGE_MS = 2000.0
HANGS_AFTER_S = 120.0
"""After so long without a sample the main thread hangs: the run ends with a trace of every thread."""
STARVATION_WINDOW_S = 10.0
STARVED_FRACTION = 0.3
TAKEN_FRACTION = 0.2
# What takes seconds at a stand takes tens of milliseconds here.
CAPTURE_TIMING = CaptureTiming(
    stalled_after_s=0.1, stalled_at_latest_s=0.17, abandoned_after_s=0.25, opening_abandoned_after_s=0.25,
    first_retry_s=0.01, hurried_retry_s=0.04, longest_retry_s=0.1, stand_in_after_s=0.4,
)  # fmt: skip
ENGINE_TIMING = EngineTiming(
    stalled_after_s=0.1, hung_after_s=0.25, hung_after_runs=4.0, first_restart_s=0.01, longest_restart_s=0.05,
    healthy_runs=50,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sample:
    """The state of the process at one moment of a run."""

    frames: int
    seconds: float
    rss_mb: float
    threads: int
    handles: int
    age_p95_ms: float
    settings_bytes: int
    history_bytes: int = 0
    in_use_mb: float | None = None
    """What was allocated and not given back; None where the C library does not tell."""
    quiet: bool = False
    """Whether the window was as at every other quiet moment, garbage collected: what is in use can be compared."""


@dataclass(slots=True)
class Findings:
    """What one run did and found; JSON by ``asdict``."""

    seed: int
    seconds: float = 0.0
    captured: int = 0
    shown: int = 0
    inferred: int = 0
    in_flight: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    repairs: dict[str, int] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=dict)
    actions: dict[str, int] = field(default_factory=dict)
    longest_frozen_s: float = 0.0
    violations: list[str] = field(default_factory=list)
    excused: list[str] = field(default_factory=list)
    """What took too long while other programs had the cores; wrong counts and leaks are never excused."""
    samples: list[Sample] = field(default_factory=list)
    finished: bool = False

    def document(self) -> dict[str, object]:
        return asdict(self)


class Rig(QObject):
    """Window, pipeline, camera and engine of a run, and the timer that plays the script."""

    def __init__(
        self,
        application: QApplication,
        seed: int,
        goal_frames: int,
        camera_fps: float,
        save: Callable[[Findings], None],
    ) -> None:
        super().__init__()
        self._save = save
        self.findings = Findings(seed)
        self.device = camera.Device(1.0 / camera_fps)
        self.faults = engine.Faults()
        self.socs = list(soc_names())
        self._application = application
        self._goal_frames = goal_frames
        self._folder = tempfile.TemporaryDirectory(prefix="lens7-soak-")
        folder = Path(self._folder.name)
        self.files = make_files(folder)
        self._settings_path = folder / "settings.json"
        pipeline_module.WATCH_INTERVAL_MS = 20
        self._threads_before = threading.active_count()
        self.pipeline = Pipeline(
            engine.TinyBackend(self.faults),
            make_source=self._source,
            timing=CAPTURE_TIMING,
            engine_timing=ENGINE_TIMING,
        )
        collector = MainThreadCollector(self.pipeline)
        settings = Settings(self._settings_path)
        settings.set("history_mb", 50)
        self.folder = folder
        self.monitor = Monitor(self.pipeline, settings, folder / "history.sqlite", self.pipeline)
        self.window = MainWindow(self.pipeline, settings, "dark", self.monitor)
        self.monitor.watch_while(self.window.isVisible)
        collector.spare_what_lives()
        self._unexpected: deque[str] = deque()
        faults = FaultLog()
        faults.install()
        faults.tell = self._unexpected.append  # from any thread
        self.pipeline.on_painted(self._on_painted)
        self.last_captured_ns = 0
        self._began_ns = self._painted_ns = self._frozen_from_ns = time.monotonic_ns()
        self._process = psutil.Process()
        self._random = random.Random(seed)
        self._step: Step = iter(())
        self._wait: Wait | None = None
        self._wait_until_s = 0.0
        self._doing = "start"
        self._next_sample_s = self._next_note_s = self._next_quiet_s = 0.0
        self._ticked_s = 0.0
        self._waited: deque[tuple[float, float, float]] = deque(maxlen=120)
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self._tick)

    def _source(self, spec: str) -> FrameSource:
        return camera.DeviceSource(self.device) if spec == "camera:soak" else source_for(spec)

    def now_s(self) -> float:
        """Seconds since the run began."""
        return (time.monotonic_ns() - self._began_ns) / 1e9

    def now_ns(self) -> int:
        return time.monotonic_ns()

    def run(self) -> Findings:
        """Play until the goal is reached; return what was found."""
        self.window.show()
        self.monitor.start()
        self.pipeline.start("camera:soak")
        self._timer.start()
        self._application.exec()
        self._timer.stop()
        self._end()
        return self.findings

    # --- the script ---

    @Slot()
    def _tick(self) -> None:
        self._note_starvation()
        self._check_window()
        self._check_frozen()
        if self.now_s() >= self._next_sample_s:
            self._sample()
        if self._wait is not None:
            if self._wait.until():
                self._wait = None
            elif self.now_s() > self._wait_until_s:
                self._too_late(f"{self._doing}: waited {self._wait.limit_s:.0f} s for {self._wait.what}")
                self._wait = None
                self._step = iter(())
                self._reset()
        if self._wait is None:
            self._advance()

    def _advance(self) -> None:
        if (
            self.pipeline.drops.captured >= self._goal_frames
            or len(self.findings.violations) > MOST_VIOLATIONS
        ):
            self._application.exit()  # ``quit`` would close the window, before ``_end`` has ended the fault in progress
            return
        wait = next(self._step, None)
        if wait is None:
            self._choose()
            wait = next(self._step)
        self._wait, self._wait_until_s = wait, self.now_s() + wait.limit_s

    def _choose(self) -> None:
        """Begin the next fault or action; every other step lets the pipeline run undisturbed."""
        if self._doing != "calm" and self.now_s() >= self._next_quiet_s:
            self._next_quiet_s = self.now_s() + QUIET_EVERY_S
            self._doing = "calm"
            self._step = quiet_moment(self)
            return
        if self._doing != "calm":
            self._doing = "calm"
            self._step = iter((pause(self, self._random.uniform(0.0, 0.08)),))
            return
        is_fault = self._random.random() < 0.75
        table, counts = (FAULTS, self.findings.faults) if is_fault else (ACTIONS, self.findings.actions)
        self._doing = self._random.choice(list(table))
        counts[self._doing] = counts.get(self._doing, 0) + 1
        self._step = table[self._doing](self, self._random)

    def _reset(self) -> None:
        """After a violation: everything healthy, so that the next step is judged by itself."""
        self.device.set(camera.Mode.FINE)
        self.faults.set(engine.Mode.FINE)
        self.pipeline.set_overload(1.0)
        self.window.show()
        self.pipeline.open_source("camera:soak")
        self.pipeline.engine.set_model(self.pipeline.engine.model)

    # --- the invariants ---

    def _on_painted(self, shown: Shown, painted_ns: int, _paint_ns: int) -> None:
        self.last_captured_ns = max(self.last_captured_ns, shown.frame.captured_ns)
        self._painted_ns = painted_ns

    def _check_window(self) -> None:
        """The main thread never stands still, whatever the state says; and nothing raises where nobody expects it."""
        still_s, self._ticked_s = self.now_s() - self._ticked_s, self.now_s()
        if still_s > FROZEN_LIMIT_S and self.findings.samples:
            self._too_late(f"{self._doing}: the window stood still for {still_s:.1f} s")
        while self._unexpected:
            self._violate(self._unexpected.popleft())

    def _check_frozen(self) -> None:
        """A picture that stands still for longer than the limit must say so."""
        states = (SourceState.LIVE, SourceState.STARTING)
        says_so = (
            self.pipeline.source_state not in states
            or self.pipeline.paused
            or self.pipeline.engine_state is EngineState.STALLED
            or not self.window.isVisible()
        )
        now_ns = time.monotonic_ns()
        if says_so:
            self._frozen_from_ns = now_ns
        frozen_s = (now_ns - max(self._frozen_from_ns, self._painted_ns)) / 1e9
        self.findings.longest_frozen_s = max(self.findings.longest_frozen_s, frozen_s)
        if frozen_s > FROZEN_LIMIT_S:
            self._too_late(f"{self._doing}: a frozen picture for {frozen_s:.1f} s, and the state says live")
            self._frozen_from_ns = now_ns

    def _check_books(self) -> None:
        drops = self.pipeline.drops
        with drops._lock:
            captured, shown, in_flight = drops._captured, drops._shown, len(drops._in_flight)
            dropped = sum(drops._dropped.values())
        if captured != shown + dropped + in_flight:
            self._violate(f"{captured} captured, {shown} shown, {dropped} dropped, {in_flight} in flight")
        if in_flight > MOST_IN_FLIGHT:
            self._violate(f"{in_flight} frames in flight at once")

    def weigh(self) -> None:
        """Sample with nothing in use that the next collection or the window's last sizes would account for."""
        gc.collect()
        QPixmapCache.clear()  # it has a limit of its own
        self._sample(quiet=True)

    def _sample(self, quiet: bool = False) -> None:
        faulthandler.dump_traceback_later(HANGS_AFTER_S, exit=True)
        self._next_sample_s = self.now_s() + SAMPLE_EVERY_S
        self._check_books()
        age = self.pipeline.latency.percentiles(Stage.AGE)
        in_use = in_use_bytes()
        sample = Sample(
            self.pipeline.drops.captured, self.now_s(), self._process.memory_info().rss / 1e6,
            threading.active_count(), self._process.num_fds(), age.p95_ms if age else 0.0,
            size_of(self._settings_path), sum(size_of(path) for path in self.folder.glob("history.sqlite*")),
            None if in_use is None else in_use / 1e6, quiet,
        )  # fmt: skip
        self.findings.samples.append(sample)
        self._check_bounds(sample)
        self._copy_counts()
        self._save(self.findings)

    def _check_bounds(self, sample: Sample) -> None:
        history = self.monitor.history
        if sample.settings_bytes > MOST_SETTINGS_BYTES:
            self._violate(f"the settings have {sample.settings_bytes} bytes")
        if sample.history_bytes > MOST_HISTORY_BYTES:
            self._violate(f"the history has {sample.history_bytes} bytes")
        if history is not None and history.lost:
            self._violate(f"the history lost {history.lost} records")
        if sample.age_p95_ms > MOST_AGE_MS:
            self._too_late(
                f"{self._doing}: frames of the last minute were {sample.age_p95_ms:.0f} ms old (p95)"
            )

    def _copy_counts(self) -> None:
        drops, findings = self.pipeline.drops, self.findings
        findings.seconds = self.now_s()
        findings.captured, findings.shown, findings.inferred = drops.captured, drops.shown, drops.inferred
        findings.in_flight = drops.in_flight
        findings.dropped, findings.repairs = drops.snapshot(), self.pipeline.repairs.snapshot()

    def _note_starvation(self) -> None:
        """Remember how long the threads have waited for a core, twice a second for the last minute."""
        now_s = self.now_s()
        if now_s >= self._next_note_s:
            self._next_note_s = now_s + 0.5
            self._waited.append((now_s, waited_for_a_core_s(), used_by_others_s()))

    def _was_starved(self) -> bool:
        """Whether a thread waited for a core for much of the last seconds, and other programs had the cores meanwhile.

        A thread also waits where this program's own threads are too many or spin: that is a fault, and not excused.
        """
        if len(self._waited) < 2:
            return False
        then_s, waited_then_s, others_then_s = next(
            (each for each in self._waited if each[0] >= self.now_s() - STARVATION_WINDOW_S), self._waited[-1]
        )
        span_s = self.now_s() - then_s
        if span_s <= 0.0:
            return False
        waited, taken = waited_for_a_core_s() - waited_then_s, used_by_others_s() - others_then_s
        cores = psutil.cpu_count() or 1
        return waited / span_s > STARVED_FRACTION and taken / (span_s * cores) > TAKEN_FRACTION

    def _violate(self, text: str) -> None:
        self.findings.violations.append(f"{text} ({self._where()})")

    def _too_late(self, text: str) -> None:
        """Something took too long: a violation, unless other programs had the cores."""
        kept = self.findings.excused if self._was_starved() else self.findings.violations
        kept.append(f"{text} ({self._where()})")

    def _where(self) -> str:
        pipeline = self.pipeline
        return f"frame {pipeline.drops.captured}, source {pipeline.source_state.word}, {pipeline.engine_state.word}"

    def _end(self) -> None:
        """Close the window as a user would; every thread ends and every frame is accounted for."""
        self.device.set(camera.Mode.FINE)
        self.faults.set(engine.Mode.FINE)
        history = self.monitor.history
        self.window.close()
        self._copy_counts()
        self._check_books()
        self._check_window()
        if history is not None and history.problem:
            self._violate(f"the history was not written to its end: {history.problem}")
        if self.findings.in_flight:
            self._violate(f"{self.findings.in_flight} frames were lost")
        deadline_s = time.monotonic() + 10.0
        while threading.active_count() > self._threads_before and time.monotonic() < deadline_s:
            time.sleep(0.05)
        if threading.active_count() > self._threads_before:
            names = Counter(thread.name for thread in threading.enumerate())
            self._violate(f"threads were left: {dict(names)}")
        if self.faults.sessions_open:
            self._violate(f"{self.faults.sessions_open} sessions were left open")
        faulthandler.cancel_dump_traceback_later()
        self.findings.finished = True
        self._save(self.findings)
        self._folder.cleanup()


def size_of(path: Path) -> int:
    """Return the size of a file, 0 where there is none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def used_by_others_s() -> float:
    """Return how long the cores together have worked for other programs; 0 where the system does not say."""
    try:
        times = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:9]
    except OSError:
        return 0.0
    user, nice, system, _, _, interrupts, soft, stolen = (int(each) for each in times)
    busy_s = (user + nice + system + interrupts + soft + stolen) / os.sysconf("SC_CLK_TCK")
    return busy_s - time.process_time()


def waited_for_a_core_s() -> float:
    """Return how long the most neglected thread was ready to run while other programs had the cores."""
    waits_ns = []
    for path in Path("/proc/self/task").glob("*/schedstat"):
        with contextlib.suppress(OSError):  # the thread has just ended
            waits_ns.append(int(path.read_text().split()[1]))
    return max(waits_ns, default=0) / 1e9


def run(seed: int, goal_frames: int, camera_fps: float, save: Callable[[Findings], None]) -> Findings:
    """Run one seed in this process; ``save`` is called every few seconds and at the end."""
    keep_memory_flat()
    prepare_opencv()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication.instance() or QApplication(["lens7-soak"])
    assert isinstance(application, QApplication)
    application.setQuitOnLastWindowClosed(False)
    return Rig(application, seed, goal_frames, camera_fps, save).run()
