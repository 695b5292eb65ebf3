"""Watches the live pipeline from the side: history, alarms, metrics, recording, the two comparisons.

Nothing here is on a frame's way: the pipeline tells of frames it has painted or labelled, and never waits. Every public
member belongs to the main thread.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime
from itertools import chain, count
from pathlib import Path

import platformdirs
import psutil
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from gui.capture.spec import kind_of
from gui.core.counters import DropReason
from gui.core.frame import Labelled, Shown
from gui.core.latency import Stage
from gui.core.program import machine_text, program_version
from gui.core.settings import Settings
from gui.core.state import Severity, SourceKind, SourceState
from gui.core.text import say
from gui.monitor.alarms import Alarm, AlarmBoard
from gui.monitor.endpoint import Endpoint, EndpointError
from gui.monitor.figures import Figures
from gui.monitor.history_writer import HistoryWriter, Recorder
from gui.monitor.hook import Hook, HookError, parse_command
from gui.monitor.recording import SUFFIX, RecordingFacts, Taken
from gui.monitor.records import Counts, EngineRecord, EventKind, EventRecord, FrameRecord
from gui.monitor.vitals import FrameCounts, Vitals, VitalsMeter
from gui.workers.comparisons import Comparisons
from gui.workers.doorbell import Doorbell
from gui.workers.history_worker import HistoryWorker
from gui.workers.inference import PREPARING
from gui.workers.monitor_options import alarm_rules, cloud_settings, history_limits
from gui.workers.pipeline import Pipeline
from gui.workers.recording_worker import RecordingStatus, RecordingWorker

TICK_MS = 500
# Pictures that are looked at one by one have no rate and grow old on purpose.
_STILL = (SourceKind.IMAGES, SourceKind.DEMO)
# What the user asked for is no loss.
_WANTED_DROPS = (DropReason.PAUSED, DropReason.SOURCE_CLOSED)
_LOG = logging.getLogger(__name__)


class Monitor(QObject):
    """Built over a pipeline before it starts; ends with it."""

    refreshed = Signal()
    alarms_changed = Signal()
    compare_changed = Signal()
    cloud_changed = Signal()
    recording_changed = Signal()

    def __init__(
        self, pipeline: Pipeline, settings: Settings, history_path: Path, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._pipeline = pipeline
        self._settings = settings
        self.history_path = history_path
        self.board = AlarmBoard(alarm_rules(settings))
        self.vitals = Vitals()
        self._compare_bell, self._cloud_bell = Doorbell(self), Doorbell(self)
        self._compare_bell.rung.connect(self.compare_changed)
        self._cloud_bell.rung.connect(self.cloud_changed)
        self.comparisons = Comparisons(
            pipeline.run_beside, pipeline.status.post, self._compare_bell.ring, self._cloud_bell.ring
        )
        self._started_ns = time.monotonic_ns()
        self._meter = VitalsMeter(self._started_ns)
        self._watched: object = None
        self._is_painting: Callable[[], bool] = lambda: True
        self._history: HistoryWorker | None = None
        self._hook: Hook | None = None
        self._endpoint: Endpoint | None = None
        self._figures: Figures | None = None
        self._recording: RecordingWorker | None = None
        self._engine: EngineRecord | None = None
        self._messages_until_ns = -1
        self._process = psutil.Process()
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self.look)

    # --- life ---

    def start(self) -> None:
        """Begin to watch, as the settings say."""
        pipeline = self._pipeline
        pipeline.on_painted(self._on_painted)
        pipeline.on_labelled(self._on_labelled)
        pipeline.state_changed.connect(self._on_state)
        pipeline.message_posted.connect(self._on_message)
        self.set_history(self._settings.flag("history"))
        self.set_metrics(self._settings.flag("metrics"), self._settings.number("metrics_port"))
        self._try_command(self._settings.text("alarm_command"))
        self._timer.start()

    def watch_while(self, is_painting: Callable[[], bool]) -> None:
        """Judge the picture only while ``is_painting``: a window that nobody sees paints none, and that is no alarm."""
        self._is_painting = is_painting

    # --- history ---

    def set_history(self, wanted: bool) -> None:
        """Keep history from now on, or stop doing so."""
        if wanted and self._history is None:
            before = self._totals()
            worker = HistoryWorker(
                lambda: self._make_writer(before), self._totals, self._pipeline.status.post
            )
            if self._engine is not None:
                worker.add(self._engine)
            self._pipeline.run_beside("history", worker.run, worker.stop)
            self._history = worker
        elif not wanted and self._history is not None:
            self._history.stop()
            self._history = None

    @property
    def history(self) -> HistoryWorker | None:
        """The history being written, None while it is off."""
        return self._history

    def _make_writer(self, before: Counts) -> HistoryWriter:
        recorder = Recorder(program_version(), machine_text())
        return HistoryWriter(
            self.history_path,
            recorder,
            self._pipeline.status.post,
            history_limits(self._settings),
            totals=before,
        )

    def _totals(self) -> Counts:
        drops, agreement = self._pipeline.drops, self.comparisons.agreement
        return Counts(drops.captured, agreement.compared, agreement.agreed, drops.snapshot())

    # --- alarms ---

    def set_rules(self) -> None:
        """Watch by the thresholds that the settings hold now."""
        for alarm in self.board.set_rules(alarm_rules(self._settings)):
            self._announce(alarm, time.monotonic_ns())
        self.alarms_changed.emit()

    def set_command(self, text: str) -> None:
        """Run another program when alarms begin and end; empty: none.

        Raises:
            HookError: it cannot be run.
        """
        arguments = parse_command(text)
        if self._hook is not None:
            self._hook.stop()
        self._hook = None
        if arguments:
            self._hook = Hook(arguments, self._pipeline.status.post)
            self._pipeline.run_beside("alarm command", self._hook.run, self._hook.stop)

    def _try_command(self, text: str) -> None:
        try:
            self.set_command(text)
        except HookError as error:
            self._pipeline.status.post(Severity.WARNING, str(error))

    # --- metrics ---

    def set_metrics(self, wanted: bool, port: int) -> None:
        """Offer the figures on the loopback address, or stop doing so."""
        if self._endpoint is not None:
            if wanted and port == self._endpoint.port:
                return
            self._endpoint.stop()
            self._endpoint = None
        if not wanted:
            return
        try:
            self._endpoint = Endpoint(port, lambda: self._figures)
        except EndpointError as error:
            self._pipeline.status.post(Severity.WARNING, str(error))
            return
        self._pipeline.run_beside("metrics", self._endpoint.run, self._endpoint.stop)

    @property
    def metrics_url(self) -> str:
        """Where the figures are offered, empty while they are not."""
        return self._endpoint.url if self._endpoint is not None else ""

    def figures(self) -> Figures:
        """Return everything that is known of this moment."""
        pipeline = self._pipeline
        drops, session, latency = pipeline.drops, pipeline.session_info, pipeline.latency
        return Figures(
            version=program_version(),
            uptime_s=(time.monotonic_ns() - self._started_ns) / 1e9,
            source_state=pipeline.source_state.word,
            engine_state=pipeline.engine_state.word,
            engine=EngineRecord.of(session) if session is not None else None,
            captured=drops.captured,
            labelled=drops.inferred,
            shown=drops.shown,
            dropped=drops.snapshot(),
            fps=latency.fps(),
            stages={stage: latency.percentiles(stage) for stage in Stage},
            modelled_ms=session.device_ms if session is not None else None,
            memory_bytes=self._process.memory_info().rss,
            alarms=tuple(alarm.text for alarm in self.board.active),
            compare=self.comparisons.compare_figures(),
            cloud=self.comparisons.cloud_figures(),
            history_lost=self._history.lost if self._history is not None else 0,
        )

    # --- recording ---

    def start_recording(self, path: Path) -> None:
        """Record what the network sees into a new file, until the limit of the settings."""
        in_use = self._pipeline.status.in_use
        if in_use is None:
            self._pipeline.status.post(
                Severity.WARNING, say("nothing to record: no engine labels the picture yet")
            )
            return
        self.stop_recording()
        started = datetime.now().astimezone().isoformat(timespec="seconds")
        facts = RecordingFacts(program_version(), started, in_use[1].model, EngineRecord.of(in_use[0]))
        limit_bytes = self._settings.number("recording_mb") * 1_000_000
        self._recording = RecordingWorker(path, facts, limit_bytes, self._pipeline.status.post)
        self._pipeline.run_beside("recording", self._recording.run, self._recording.stop)
        self.recording_changed.emit()

    def stop_recording(self) -> None:
        """End the recording; what waits is still written."""
        if self._recording is not None and self._recording.status.running:
            self._recording.stop()
            self.recording_changed.emit()

    @property
    def recording(self) -> RecordingStatus | None:
        """How the last recording does or did, None before the first."""
        return self._recording.status if self._recording is not None else None

    # --- comparisons ---

    @Slot(bool)
    def set_compare(self, wanted: bool) -> None:
        """Compare float against 8 bit from now on, or stop doing so."""
        self.comparisons.set_compare(wanted)

    @Slot(bool)
    def set_cloud(self, wanted: bool) -> None:
        """Compare edge against cloud from now on, or stop doing so."""
        self.comparisons.set_cloud(wanted, cloud_settings(self._settings))

    def set_cloud_network(self) -> None:
        """Use the network that the settings hold now."""
        if self.comparisons.cloud is not None:
            self.comparisons.cloud.set_settings(cloud_settings(self._settings))

    def use_setting(self, name: str) -> None:
        """Let a changed setting act now; other settings than the monitor's are left alone."""
        settings = self._settings
        if name == "history":
            self.set_history(settings.flag("history"))
        elif name in ("metrics", "metrics_port"):
            self.set_metrics(settings.flag("metrics"), settings.number("metrics_port"))
        elif name == "alarm_command":
            self._try_command(settings.text("alarm_command"))
        elif name.startswith("alarm_"):
            self.set_rules()
        elif name.startswith("cloud_"):
            self.set_cloud_network()

    # --- what the pipeline tells ---

    def _on_painted(self, shown: Shown, painted_ns: int, paint_ns: int) -> None:
        record = FrameRecord.of(shown, painted_ns, paint_ns)
        self._meter.add(painted_ns, record.age_ns)
        if self._history is not None:
            self._history.add(record)

    def _on_labelled(self, labelled: Labelled) -> None:
        """Called by the inference thread."""
        in_use = self._pipeline.status.in_use
        if in_use is None or in_use[0] is not labelled.info:
            return  # another engine is taking over just now
        recording = self._recording
        if recording is not None and labelled.result.pixels is not None:
            recording.offer(Taken(labelled.frame, labelled.result, labelled.times))
        self.comparisons.offer(labelled.frame, labelled.result, in_use[1])

    @Slot()
    def _on_state(self) -> None:
        info = self._pipeline.session_info
        engine = EngineRecord.of(info) if info is not None else self._engine
        if engine is not None and engine != self._engine:
            if self._engine is not None:
                self.stop_recording()
            self._engine = engine
            if self._history is not None:
                self._history.add(engine)
        source = self._pipeline.source_info
        watched = (info, source.spec if source is not None else "", self._pipeline.paused)
        if watched != self._watched:
            self._watched = watched
            self._meter.restart(time.monotonic_ns())

    @Slot()
    def _on_message(self) -> None:
        """Keep new messages as events, oldest first."""
        if self._history is None:
            return
        for message in reversed(self._pipeline.messages()):
            if message.monotonic_ns > self._messages_until_ns:
                self._messages_until_ns = message.monotonic_ns
                self._history.add(
                    EventRecord(message.monotonic_ns, EventKind.MESSAGE, message.severity, message.text)
                )

    # --- the watch ---

    @Slot()
    def look(self) -> None:
        """Take the vitals, judge them, and look after what runs beside; the end of the pipeline is the end of it."""
        if self._pipeline.is_closed:
            self._timer.stop()
            return
        now_ns = time.monotonic_ns()
        if not self._is_watching():
            self._meter.restart(now_ns)
            self.vitals = Vitals(agreement=self.comparisons.share())
        else:
            self.vitals = self._meter.sample(now_ns, self._frame_counts(), self.comparisons.share())
        before = self.board.active
        for alarm in self.board.watch(self.vitals, now_ns):
            self._announce(alarm, now_ns)
        if before or self.board.active:
            self.alarms_changed.emit()
        self.comparisons.look_after()
        if self._endpoint is not None:
            self._figures = self.figures()
        self.refreshed.emit()

    def _is_watching(self) -> bool:
        """Return whether the picture ought to move: a source that has not ended, not held, in a window that paints."""
        pipeline, source = self._pipeline, self._pipeline.source_info
        moves = source is not None and bool(source.spec) and kind_of(source.spec) not in _STILL
        held = pipeline.paused or pipeline.batch is not None or pipeline.source_state is SourceState.ENDED
        return moves and not held and not self._waits_for_engine() and self._is_painting()

    def _waits_for_engine(self) -> bool:
        """Return whether a film, whose every frame counts, stands still until the first engine is prepared."""
        pipeline, source = self._pipeline, self._pipeline.source_info
        spec = source.spec if source is not None else ""
        waits = kind_of(spec) is SourceKind.VIDEO and not spec.startswith("live:")
        return waits and pipeline.session_info is None and pipeline.engine_state in PREPARING

    def _frame_counts(self) -> FrameCounts:
        drops = self._pipeline.drops
        return FrameCounts(
            drops.captured, drops.dropped - sum(drops.count(reason) for reason in _WANTED_DROPS)
        )

    def _announce(self, alarm: Alarm, now_ns: int) -> None:
        kind = EventKind.ALARM_ENDED if alarm.ended else EventKind.ALARM
        severity = Severity.INFO if alarm.ended else Severity.BAD
        _LOG.warning("alarm: %s", alarm.text)
        if self._history is not None:
            self._history.add(EventRecord(now_ns, kind, severity, alarm.text))
        if self._hook is not None:
            self._hook.submit(alarm)


def default_recording_path(now: datetime) -> Path:
    """Return where a recording begun at ``now`` is kept: a name that no other one of the same second has."""
    folder, name = platformdirs.user_videos_path() / "Lens7", f"{now:%Y-%m-%d %H.%M.%S}"
    names = chain((name,), (f"{name} ({n})" for n in count(2)))
    return next(path for name in names if not (path := folder / f"{name}{SUFFIX}").exists())
