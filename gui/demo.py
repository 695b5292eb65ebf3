"""The real window for a set time, measured while it runs; writes what it found as JSON and a picture of itself."""

from __future__ import annotations

import json
import os
import tempfile
import time
from array import array
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import psutil
from PySide6.QtCore import QBuffer, QObject, Qt, QTimer, Slot

from engine.files import written_whole
from gui.app import Window, WindowOptions, open_window
from gui.core.errors import GuiError
from gui.core.frame import Shown
from gui.core.latency import LatencyStatistics, Percentiles, Stage
from gui.core.state import EngineState, Severity, SourceState
from gui.ending import ClosedBySignals

HEARTBEAT_MS = 5
SETTLED_AFTER_S = 10.0
WHOLE_RUN_S = 86_400.0
KEPT_FRAMES = 1 << 17
_STAGES = {
    "queue": Stage.QUEUE,
    "preprocess": Stage.PREPROCESS,
    "run": Stage.RUN,
    "postprocess": Stage.POSTPROCESS,
    "paint": Stage.PAINT,
}


class DemoError(GuiError):
    """The demo did not show what it was asked to show."""


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """How long the demo runs (None: until the window is closed) and where its findings go."""

    seconds: float | None = None
    report: Path | None = None
    grab: Path | None = None


def run_demo(window_options: WindowOptions, options: DemoOptions) -> dict[str, object]:
    """Run the window and return the report.

    Raises:
        DemoError: no frame was shown, a file cannot be written, or the source or engine failed for good.
    """
    source = "demo" if window_options.source is None else window_options.source
    # Settings of its own: what is measured does not depend on earlier runs, and changes nothing for later ones.
    with ClosedBySignals() as signals, tempfile.TemporaryDirectory(prefix="lens7-demo-") as folder:
        own = replace(
            window_options,
            source=source,
            settings=Path(folder) / "settings.json",
            history=Path(folder) / "history.sqlite",
        )
        window = open_window(own)
        signals.watch(window.main)
        demo = Demo(window, options)
        window.application.exec()
    return demo.finish()


class Demo(QObject):
    """Watches a window from its opening to its end."""

    def __init__(self, window: Window, options: DemoOptions) -> None:
        super().__init__()
        self._window = window
        self._options = options
        self._process = psutil.Process()
        self._report: dict[str, object] = {}
        self._grab_error: DemoError | None = None
        self._latency = LatencyStatistics(WHOLE_RUN_S, KEPT_FRAMES)
        self._first_ms: dict[str, float] = {"window": self._since_start_ms()}
        self._first_painted_ns = 0
        self._painted = 0
        self._last_painted_ns = 0
        self._began_ns = time.monotonic_ns()
        self._began_cpu_s = time.process_time()
        self._began_network_ns = window.pipeline.engine_run_ns
        self._rss_mb = {"start": self._rss_now_mb()}
        self._stalls_ms = array("d")
        self._last_beat_ns = time.monotonic_ns()
        window.pipeline.on_painted(self._on_painted)
        self._heartbeat = QTimer(self, interval=HEARTBEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._heartbeat.timeout.connect(self._beat)
        self._heartbeat.start()
        QTimer.singleShot(int(SETTLED_AFTER_S * 1000), self, self._note_settled)
        window.application.aboutToQuit.connect(self._end)
        if options.seconds is not None:
            QTimer.singleShot(int(options.seconds * 1000), self, self._end)

    def finish(self) -> dict[str, object]:
        """Return the report.

        Raises:
            DemoError: the demo failed.
        """
        self._write(self._options.report, lambda path: path.write_text(json.dumps(self._report, indent=1)))
        if problem := self._problem():
            raise DemoError(f"demo: {problem}")
        if self._grab_error is not None:
            raise self._grab_error
        return self._report

    # --- while it runs ---

    @Slot()
    def _beat(self) -> None:
        now_ns = time.monotonic_ns()
        self._stalls_ms.append(max(0.0, (now_ns - self._last_beat_ns) / 1e6 - HEARTBEAT_MS))
        self._last_beat_ns = now_ns

    @Slot()
    def _note_settled(self) -> None:
        self._rss_mb["after_10_s"] = self._rss_now_mb()

    def _on_painted(self, shown: Shown, painted_ns: int, paint_ns: int) -> None:
        self._latency.add(shown, painted_ns, paint_ns)
        self._painted += 1
        if not self._first_painted_ns:
            self._first_painted_ns = painted_ns
            self._first_ms["first_frame"] = self._since_start_ms()
        self._last_painted_ns = painted_ns
        if shown.top and "first_label" not in self._first_ms:
            self._first_ms["first_label"] = self._since_start_ms()

    @Slot()
    def _end(self) -> None:
        """Measure while everything still runs, then close, also where the picture cannot be written."""
        if self._report:
            return
        self._heartbeat.stop()
        self._report = self._measure()
        try:
            self._write(self._options.grab, lambda path: self._grab(path))
        except DemoError as error:
            self._grab_error = error
        self._window.main.close()

    def _grab(self, path: Path) -> None:
        # Through memory: Qt's libraries say on standard error what they think of a full disk.
        picture = QBuffer()
        picture.open(QBuffer.OpenModeFlag.WriteOnly)
        if not self._window.main.grab().save(picture, path.suffix[1:] or "no format"):
            raise DemoError(
                f"{self._options.grab}: the picture of the window cannot be written so; name a .png file"
            )
        path.write_bytes(picture.data().data())

    def _write(self, path: Path | None, write: Callable[[Path], object]) -> None:
        if path is None:
            return
        try:
            with written_whole(path) as new:
                write(new)
        except OSError as error:
            raise DemoError(f"{path}: cannot be written: {error.strerror}; choose another file") from error

    # --- what it found ---

    def _measure(self) -> dict[str, object]:
        pipeline = self._window.pipeline
        drops, session = pipeline.drops, pipeline.session_info
        return {
            "frames": {
                "captured": drops.captured,
                "shown": drops.shown,
                "inferred": drops.inferred,
                "dropped": drops.snapshot(),
                "in_flight": drops.in_flight,
            },
            "fps": self._fps(),
            "host_ms": {name: _document(self._latency.percentiles(stage)) for name, stage in _STAGES.items()},
            "frame_age_ms": _document(self._latency.percentiles(Stage.AGE)),
            "ui_stall_ms": self._stalls(),
            "start_ms": self._first_ms,
            "rss_mb": self._rss_mb | {"end": self._rss_now_mb()},
            "cpu": {
                "process_s": time.process_time() - self._began_cpu_s,
                "network_s": (pipeline.engine_run_ns - self._began_network_ns) / 1e9,
                "wall_s": (time.monotonic_ns() - self._began_ns) / 1e9,
                "window_waited_s": waited_for_a_core_s(),
            },
            "device_ms": session.device_ms if session else None,
            "source": asdict(pipeline.source_info) if pipeline.source_info else None,
            "session": asdict(session) if session else None,
            "errors": self._errors(),
        }

    def _fps(self) -> float:
        span_ns = self._last_painted_ns - self._first_painted_ns
        return (self._painted - 1) * 1e9 / span_ns if span_ns else 0.0

    def _stalls(self) -> dict[str, float]:
        stalls_ms = np.array(self._stalls_ms or [0.0])
        return {"p99": float(np.percentile(stalls_ms, 99)), "max": float(stalls_ms.max())}

    def _errors(self) -> list[str]:
        bad = [
            message.text for message in self._window.pipeline.messages() if message.severity is Severity.BAD
        ]
        return list(dict.fromkeys([*self._window.faults.lines, *reversed(bad)]))

    def _problem(self) -> str:
        """Return why the demo failed, empty if it did not."""
        pipeline = self._window.pipeline
        if pipeline.source_state is SourceState.FAILED or pipeline.engine_state is EngineState.FAILED:
            return "; ".join(self._errors())
        if pipeline.drops.shown:
            return ""
        # The newest trouble says why: a camera that is not there, pictures that cannot be read.
        why = next((m.text for m in pipeline.messages() if m.severity is not Severity.INFO), "")
        return f"no frame was shown; {why}" if why else "no frame was shown"

    def _since_start_ms(self) -> float:
        return process_age_s(self._process) * 1e3

    def _rss_now_mb(self) -> float:
        return self._process.memory_info().rss / 1e6


def process_age_s(process: psutil.Process) -> float:
    """Return the time since the command was started, in seconds."""
    if not Path("/proc/self/stat").exists():
        return time.time() - process.create_time()
    # Linux: psutil's absolute time is up to a second off, as the kernel gives the time of boot in whole seconds.
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    started_s = int(fields[19]) / os.sysconf("SC_CLK_TCK")
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started_s


def waited_for_a_core_s() -> float | None:
    """Return how long the window's thread was ready to run but other programs had the cores, None where unknown.

    It tells a busy machine from a busy program: stalls that this explains are not the program's.
    """
    try:
        return int(Path(f"/proc/self/task/{os.getpid()}/schedstat").read_text().split()[1]) / 1e9
    except OSError:
        return None


def _document(percentiles: Percentiles | None) -> dict[str, float] | None:
    if percentiles is None:
        return None
    return {
        "p50": percentiles.p50_ms,
        "p95": percentiles.p95_ms,
        "p99": percentiles.p99_ms,
        "max": percentiles.max_ms,
    }
