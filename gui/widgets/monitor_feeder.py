"""Between the monitor and what shows it: the panels of both comparisons and of history, alarms, the recording mark."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QApplication, QWidget

from gui.core.settings import Settings
from gui.core.theme import Mark, Palette
from gui.widgets.alarm_card import AlarmCard
from gui.widgets.bench_face import BenchFace
from gui.widgets.cloud_panel import CloudPanel
from gui.widgets.compare_panel import ComparePanel
from gui.widgets.history_panel import HistoryPanel
from gui.widgets.monitor_wording import recording_line
from gui.widgets.side_scroll import SideScroll
from gui.widgets.wording import Status
from gui.workers.background import Background
from gui.workers.monitor import Monitor, default_recording_path
from gui.workers.pipeline import Pipeline


class MonitorFeeder(QObject):
    """Builds the panels as docks of Bench and feeds those that are seen."""

    noted = Signal(object)
    """What Show must tell beside its states: a ``Status``, or None."""

    def __init__(
        self,
        monitor: Monitor,
        pipeline: Pipeline,
        settings: Settings,
        bench: BenchFace,
        alarms: tuple[AlarmCard, ...],
        palette: Palette,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._monitor, self._settings, self._bench, self._alarms = monitor, settings, bench, alarms
        self._background = Background("monitor", pipeline.run_beside, self)
        self._rung = 0
        self.compare = ComparePanel(palette, self._background)
        self.cloud = CloudPanel(settings, palette, self._background)
        self.history = HistoryPanel(monitor.history_path, palette, self._background)
        self._add_docks()
        self._connect()
        for plot in (self.compare.plot, self.cloud.plot, self.history):
            plot.told.connect(pipeline.post)

    def _add_docks(self) -> None:
        add = self._bench.add_dock
        compare, cloud, history = self.compare, self.cloud, self.history
        add("compare", self.tr("Float and 8 bit"), SideScroll(compare), "numbers", compare.switch)
        add("cloud", self.tr("Edge and cloud"), SideScroll(cloud), "numbers", cloud.switch)
        add("history", self.tr("History, measured"), history, "latency", history.day.combo)

    def _connect(self) -> None:
        monitor = self._monitor
        self.compare.wanted.connect(monitor.set_compare)
        self.cloud.wanted.connect(monitor.set_cloud)
        self.cloud.plug_pulled.connect(self._pull_plug)
        self.cloud.cold_asked.connect(self._make_cold)
        self.cloud.network_changed.connect(monitor.set_cloud_network)
        monitor.refreshed.connect(self.refresh)
        monitor.compare_changed.connect(self._on_switch)
        monitor.cloud_changed.connect(self._on_switch)
        monitor.alarms_changed.connect(self._on_alarms)
        monitor.recording_changed.connect(self._on_recording)

    # --- commands ---

    def toggle_recording(self) -> None:
        """Begin to record what the network sees, or stop."""
        status = self._monitor.recording
        if status is not None and status.running:
            self._monitor.stop_recording()
        else:
            self._monitor.start_recording(default_recording_path(datetime.now()))

    def use_setting(self, name: str) -> None:
        """A setting has another value: let it act now."""
        self._monitor.use_setting(name)
        if name.startswith("cloud_"):
            self.cloud.controls.refresh()

    def _pull_plug(self, pulled: bool) -> None:
        cloud = self._monitor.comparisons.cloud
        if cloud is not None and pulled:
            cloud.unplug()
        elif cloud is not None:
            cloud.plug_in()

    def _make_cold(self) -> None:
        if self._monitor.comparisons.cloud is not None:
            self._monitor.comparisons.cloud.make_cold()

    # --- news ---

    @Slot()
    def refresh(self) -> None:
        """Show what is new in the panels that are seen."""
        comparisons = self._monitor.comparisons
        if _is_seen(self.compare):
            self._show_compare()
        if _is_seen(self.cloud):
            self.cloud.refresh(comparisons.cloud)
        self._on_recording()

    @Slot()
    def _on_switch(self) -> None:
        """A comparison was switched on or off, or its state changed: that is shown at once, figures come by the clock."""
        comparisons = self._monitor.comparisons
        self.compare.set_state(comparisons.compare.state if comparisons.compare is not None else None)
        self.cloud.set_state(comparisons.cloud.state if comparisons.cloud is not None else None)

    def _show_compare(self) -> None:
        comparisons = self._monitor.comparisons
        state = comparisons.compare.state if comparisons.compare is not None else None
        self.compare.refresh(state, comparisons.agreement)

    @Slot()
    def _on_alarms(self) -> None:
        active = self._monitor.board.active
        for card in self._alarms:
            card.set_alarms(active)
        if len(active) > self._rung and self._settings.flag("alarm_sound"):
            QApplication.beep()
        self._rung = len(active)

    @Slot()
    def _on_recording(self) -> None:
        line = recording_line(self._monitor.recording)
        self.noted.emit(Status(Mark.BAD, line) if line else None)

    # --- life ---

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        for panel in (self.compare, self.cloud, self.history):
            panel.set_theme(palette)
        for card in self._alarms:
            card.set_theme(palette)


def _is_seen(panel: QWidget) -> bool:
    """Return whether any of a panel is in view: one behind another tab is not."""
    return panel.isVisible() and not panel.visibleRegion().isEmpty()
