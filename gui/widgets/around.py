"""What stands around the two faces and belongs to neither: statistics, batch, palette, settings, help."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from gui.core.settings import Settings
from gui.core.state import SourceState
from gui.core.theme import Palette
from gui.doctor import examine
from gui.widgets.about_sheet import AboutSheet
from gui.widgets.actions import Command
from gui.widgets.batch_grid import THUMB_PX
from gui.widgets.batch_panel import BatchPanel
from gui.widgets.bench_face import BenchFace
from gui.widgets.candidate_card import CandidateCard
from gui.widgets.checks_sheet import ChecksSheet
from gui.widgets.command_palette import CommandPalette, Entry
from gui.widgets.settings_sheet import SettingsSheet
from gui.widgets.sheet import Sheet
from gui.widgets.shortcuts_sheet import ShortcutsSheet
from gui.widgets.stats_panel import StatsPanel
from gui.workers.background import Background
from gui.workers.pipeline import Pipeline
from gui.workers.thumbnails import Thumbnails

BATCH_INTERVAL_MS = 200


class Around(QObject):
    """Builds these parts and feeds them; a sheet is built when it is first asked for."""

    chosen = Signal(str)
    """A setting of this name has another value."""
    source_chosen = Signal(str)

    def __init__(
        self,
        pipeline: Pipeline,
        settings: Settings,
        actions: Mapping[Command, QAction],
        bench: BenchFace,
        palette: Palette,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._pipeline, self._settings, self._actions = pipeline, settings, actions
        self._bench, self._window, self._palette = bench, window, palette
        self._background = Background("around", pipeline.run_beside, self)
        self._sheets: dict[type[Sheet], Sheet] = {}
        self.stats = StatsPanel(palette, self._background)
        self.stats.watch(pipeline.latency, pipeline.drops)
        self.stats.told.connect(pipeline.post)
        bench.add_dock("stats", self.tr("Statistics"), self.stats, beside="latency")
        self._thumbnails = Thumbnails(THUMB_PX, pipeline.run_beside, self)
        self.batch = BatchPanel(self._thumbnails, self._background, palette)
        self.batch.told.connect(pipeline.post)
        bench.add_dock("batch", self.tr("Batch"), self.batch, beside="latency")
        self.candidate = CandidateCard(window)
        self.candidate.used.connect(self._use_candidate)
        self.candidate.dropped.connect(pipeline.candidates.drop)
        pipeline.candidates.changed.connect(self._show_candidate)
        self._batches = QTimer(self, singleShot=True, interval=BATCH_INTERVAL_MS)
        self._batches.timeout.connect(self._show_batch_now)
        pipeline.batch_changed.connect(self._on_batch)
        pipeline.state_changed.connect(self._on_state)
        self._on_state()

    @Slot()
    def _on_state(self) -> None:
        self.stats.set_live(self._pipeline.source_state is SourceState.LIVE)

        self._tell_batch_source()

    @Slot()
    def _on_batch(self) -> None:
        """Follow the batch a few times a second, however fast it goes."""
        if not self._batches.isActive():
            self._batches.start()

    @Slot()
    def _show_batch_now(self) -> None:
        batch = self._pipeline.batch
        begins = batch is not None and batch.total > 1 and self.batch.model.book.total == 0
        self.batch.set_batch(batch)
        self._tell_batch_source()
        if begins and not self.batch.isVisible():
            self._bench.toggle_dock("batch")

    @Slot()
    def _show_candidate(self) -> None:
        self.candidate.show_candidate(self._pipeline.candidates.current)

    @Slot()
    def _use_candidate(self) -> None:
        candidate = self._pipeline.candidates.current
        if candidate is not None and not candidate.choice.labels:
            self._settings.set("model", candidate.choice.model)
        self._pipeline.engine.use_candidate()

    def _tell_batch_source(self) -> None:
        """Tell the batch's folder and the network's classes, once both are known."""
        info, artifact = self._pipeline.source_info, self._pipeline.artifact
        batch = self._pipeline.batch
        if batch is None or info is None:
            return
        folder = Path(info.spec) if info.spec and batch.total > 1 else None
        self.batch.set_source(folder, artifact.labels if artifact else ())

    # --- sheets ---

    @property
    def palette(self) -> CommandPalette:
        """Every command, source, model and SoC by a few letters."""
        if CommandPalette not in self._sheets:
            made = CommandPalette(list(self._actions.values()), self._palette, self._window)
            made.also_offer(self._choices)
            self._add(made)
        found = self._sheets[CommandPalette]
        assert isinstance(found, CommandPalette)
        return found

    @property
    def settings(self) -> SettingsSheet:
        """The settings."""
        if SettingsSheet not in self._sheets:
            made = SettingsSheet(self._settings, self._palette, self._window)
            made.changed.connect(self.chosen)
            made.told.connect(self._pipeline.post)
            self._add(made)
        found = self._sheets[SettingsSheet]
        assert isinstance(found, SettingsSheet)
        return found

    @property
    def shortcuts(self) -> ShortcutsSheet:
        """The keys."""
        if ShortcutsSheet not in self._sheets:
            self._add(ShortcutsSheet(self._actions, self._palette, self._window))
        found = self._sheets[ShortcutsSheet]
        assert isinstance(found, ShortcutsSheet)
        return found

    @property
    def checks(self) -> ChecksSheet:
        """What this machine has and lacks."""
        if ChecksSheet not in self._sheets:
            self._add(ChecksSheet(examine, self._background, self._palette, self._window))
        found = self._sheets[ChecksSheet]
        assert isinstance(found, ChecksSheet)
        return found

    @property
    def about(self) -> AboutSheet:
        """Versions and licences."""
        if AboutSheet not in self._sheets:
            self._add(AboutSheet(self._background, self._palette, self._window))
        found = self._sheets[AboutSheet]
        assert isinstance(found, AboutSheet)
        return found

    def _add(self, sheet: Sheet) -> None:
        self._sheets[type(sheet)] = sheet
        sheet.entered.connect(lambda: self._leave_others(sheet))

    def _leave_others(self, entered: Sheet) -> None:
        for sheet in self._sheets.values():
            if sheet is not entered:
                sheet.leave()

    def _choices(self) -> tuple[Entry, ...]:
        """Return what else the palette offers: sources, models, SoCs."""
        pipeline = self._pipeline
        sources = (
            Entry(one.title, self.tr("source"), partial(self.source_chosen.emit, one.spec))
            for one in pipeline.source_choices()
        )
        models = (
            Entry(one.title, self.tr("model"), partial(self._choose, "model", one.value))
            for one in pipeline.engine.model_choices()
        )
        socs = (
            Entry(one.title, "SoC", partial(self._choose, "soc", one.value))
            for one in pipeline.engine.soc_choices()
        )
        return (*sources, *models, *socs)

    def _choose(self, setting: str, value: str) -> None:
        self._settings.set(setting, value)
        self.chosen.emit(setting)

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self._palette = palette
        self.stats.set_theme(palette)
        self.batch.set_theme(palette)
        for sheet in self._sheets.values():
            sheet.set_theme(palette)

    def close(self) -> None:
        """Follow the batch no more."""
        self._batches.stop()
