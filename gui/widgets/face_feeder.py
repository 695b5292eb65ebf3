"""Tells the two faces what the pipeline says: frames at once to the visible one, figures four times a second."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Slot

from gui.core.batch import BatchItem
from gui.core.latency import Stage
from gui.core.state import Choice, Severity, SourceInfo, SourceState
from gui.widgets import wording
from gui.widgets.bench_face import BenchFace
from gui.widgets.bench_toolbar import KERNEL_CHOICES, RECIPE_CHOICES
from gui.widgets.show_face import ShowFace
from gui.widgets.stage_view import StageView
from gui.widgets.words import word
from gui.workers.pipeline import Pipeline

_NUMBERS_INTERVAL_MS = 250
_STALE = (SourceState.STALLED, SourceState.LOST, SourceState.RETRYING, SourceState.FAILED)
_LANE_INTERVAL_MS = 20  # six lanes in turn: each about eight times a second


class FaceFeeder(QObject):
    """Connects pipeline and faces. Nothing is drawn while stopped; frames then wait in the pipeline."""

    def __init__(self, pipeline: Pipeline, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pipeline = pipeline
        self._note: wording.Status | None = None
        self._soc_title = self._shown_soc_title = ""
        self._numbers = QTimer(self, interval=_NUMBERS_INTERVAL_MS)
        self._numbers.timeout.connect(self.refresh_numbers)
        self._lanes = QTimer(self, interval=_LANE_INTERVAL_MS)
        self._lanes.timeout.connect(self._refresh_lane)

    def feed(self, show: ShowFace, bench: BenchFace) -> None:
        """Begin to tell these faces; none is visible before ``set_visible``."""
        self._show, self._bench = show, bench
        self._views: tuple[StageView, ...] = (show.view, bench.view)
        self._view: StageView = show.view
        self._pipeline.frame_ready.connect(self._on_frame)
        self._pipeline.state_changed.connect(self._on_state)
        self._pipeline.message_posted.connect(self._on_message)
        self._pipeline.progress_changed.connect(self._on_progress)
        self._pipeline.batch_changed.connect(self._on_batch)
        for refresh in (self._on_state, self._on_progress, self._on_batch, self._on_message):
            refresh()

    @property
    def view(self) -> StageView:
        """The visible face's view."""
        return self._view

    @property
    def is_running(self) -> bool:
        """Whether the window is being refreshed."""
        return self._numbers.isActive()

    def start(self) -> None:
        """Refresh from now on."""
        self._numbers.start()
        self._lanes_follow_face()
        self._on_frame()
        self.refresh_numbers()

    def stop(self) -> None:
        """Refresh nothing: the window is not visible."""
        self._numbers.stop()
        self._lanes.stop()

    def set_visible(self, view: StageView) -> None:
        """Feed this face's view from now on; it begins with the picture of the other."""
        shown, self._view = self._view.shown, view
        if shown is not None and shown is not view.shown:
            view.show_frame(shown)
        self._lanes_follow_face()
        self.refresh_numbers()

    def _lanes_follow_face(self) -> None:
        if self.is_running and self._view is self._bench.view:
            self._lanes.start()
        else:
            self._lanes.stop()

    @Slot()
    def _on_frame(self) -> None:
        shown = self._pipeline.take() if self.is_running else None
        if shown is not None:
            first = self._view.shown is None
            self._view.show_frame(shown)
            if first:
                self._refresh_notice()
            if self._pipeline.batch is not None:
                self._refresh_result()

    @Slot()
    def _on_state(self) -> None:
        pipeline, toolbar = self._pipeline, self._bench.toolbar
        engine = pipeline.engine
        source = pipeline.source_info
        self._refresh_sources(source)
        toolbar.model.set_choices(engine.model_choices(), engine.model, Path(engine.model).name)
        socs = engine.soc_choices()
        titles = {soc.value: soc.title for soc in socs}
        self._soc_title = titles.get(engine.soc, engine.soc.upper())
        toolbar.soc.set_choices(socs, engine.soc)
        toolbar.recipe.set_choices(RECIPE_CHOICES, engine.recipe)
        toolbar.kernels.set_choices(KERNEL_CHOICES, engine.kernels)
        toolbar.set_paused(pipeline.paused)
        self._bench.numbers.set_source(source)
        info = pipeline.session_info
        # Another chip may have been chosen, and be prepared or refused: what is shown comes from the one in use.
        self._shown_soc_title = titles.get(info.soc, info.soc.upper()) if info else self._soc_title
        self._bench.engine.set_status(wording.bench_engine(pipeline.engine_state, info))
        self._bench.engine.setToolTip(info.kernels_note if info else "")
        for view in self._views:
            view.set_network_area((info.resize_short, info.input_hw[0]) if info else None)
        self._refresh_notice()
        self._refresh_strip()

    def _refresh_sources(self, open_source: SourceInfo | None) -> None:
        choices = self._pipeline.source_choices()
        spec, title = (open_source.spec, open_source.title) if open_source else ("", "")
        offered = [Choice(choice.spec, choice.title) for choice in choices]
        failed = self._pipeline.source_state is SourceState.FAILED
        otherwise = wording.nothing_open() if failed and not title else title
        self._bench.toolbar.source.set_choices(offered, spec, otherwise)
        self._bench.sources.set_choices(choices, spec)

    @Slot(object)
    def set_note(self, note: wording.Status | None) -> None:
        """Tell visitors something beside the states, such as that pictures are recorded; None: nothing."""
        self._note = note
        recording = self._bench.recording
        recording.setVisible(note is not None)
        if note is not None:
            recording.set_status(note)
        self._bench.toolbar.set_recording(note is not None)
        self._refresh_strip()

    @Slot()
    def _on_message(self) -> None:
        messages = self._pipeline.messages()
        self._bench.messages.set_messages(messages)
        wrong = (message for message in messages if message.severity is not Severity.INFO)
        self._show.view.message.set_newest(next(wrong, None))

    @Slot()
    def _on_progress(self) -> None:
        engine = self._pipeline.engine
        titles = (choice.title for choice in engine.model_choices() if choice.value == engine.model)
        title = wording.compile_title(next(titles, Path(engine.model).name), self._soc_title)
        for view in self._views:
            view.progress.set_progress(self._pipeline.progress, title)

    @Slot()
    def _on_batch(self) -> None:
        self._bench.sources.set_batch(self._pipeline.batch)
        self._refresh_result()

    @Slot()
    def refresh_numbers(self) -> None:
        """Show the figures of now."""
        pipeline, shown = self._pipeline, self._view.shown
        device_ms = shown.device_ms if shown else None
        if device_ms is None and pipeline.artifact is not None:
            device_ms = pipeline.artifact.device_ms  # known before any picture has come
        run = pipeline.latency.percentiles(Stage.RUN)
        measured, modelled = (
            wording.measured_clock(run.p50_ms if run else None),
            wording.modelled_clock(device_ms),
        )
        self._show.clocks.set_clocks(measured, modelled)
        self._refresh_strip()
        self._describe()
        if self._view is self._bench.view:
            self._bench.latency.refresh_figures(pipeline.latency)
            self._bench.numbers.refresh(pipeline.latency, pipeline.drops, self._is_live)
            self._bench.numbers.set_device_ms(device_ms)
            self._bench.device.set_measured(run.p50_ms if run else None)
            pipeline.source_choices()  # asks for a new look at the cameras; news come by state_changed

    @property
    def _is_live(self) -> bool:
        return self._pipeline.source_state is SourceState.LIVE

    def _describe(self) -> None:
        """Tell those who cannot see the picture what is painted over it."""
        clocks = ", ".join(clock.sentence for clock in self._show.clocks.clocks)
        hard = self._view.conditions.sentence
        labels, steps = wording.overlay_sentence(self._view.overlay), self._show.steps.sentence
        parts = (self._show.status.sentence, labels, hard, clocks, steps)
        self._view.setAccessibleDescription(". ".join(filter(None, parts)))

    def _refresh_lane(self) -> None:
        self._bench.latency.refresh_next_lane(self._pipeline.latency)

    def _refresh_strip(self) -> None:
        pipeline = self._pipeline
        state = wording.source_status(pipeline.source_state, pipeline.paused, pipeline.retries)
        self._bench.source.set_status(wording.bench_state(state, pipeline.stand_in, pipeline.attracting))
        states = wording.show_states(
            pipeline.source_state, pipeline.engine_state, pipeline.paused, pipeline.retries
        )
        self._show.status.set_content(
            wording.show_title(
                pipeline.source_info, self._shown_soc_title, pipeline.stand_in, pipeline.attracting
            ),
            states if self._note is None else (self._note, *states),
            wording.rate(pipeline.latency.fps() if self._is_live else None, decimals=0),
        )

    def _refresh_notice(self) -> None:
        pipeline = self._pipeline
        has_picture = self._view.shown is not None
        notice = wording.notice(pipeline.source_state, has_picture, pipeline.source_info, pipeline.retries)
        # What stands in is a live picture: title and state of the source say in the strip that it is not the source's.
        stands_in = pipeline.stand_in is not None
        for view in self._views:
            view.notice.set_notice(None if stands_in else notice)
            view.set_stale(pipeline.source_state in _STALE and not stands_in)

    def _refresh_result(self) -> None:
        batch, item = self._pipeline.batch, self._shown_item()
        for view in self._views:
            view.result.set_batch(batch, item)

    def _shown_item(self) -> BatchItem | None:
        """Return the dropped file in the view, None if it is not done yet.

        Its labels are those in the view: another engine, or under conditions, may have looked at it again.
        """
        batch, shown = self._pipeline.batch, self._view.shown
        if batch is None or shown is None:
            return None
        found = next((item for item in reversed(batch.items) if item.path == shown.frame.path), None)
        if found is None or not (shown.answer or shown.unnamed):
            return found
        return replace(found, top=shown.answer, error=word(shown.unnamed.value) if shown.unnamed else "")
