"""The stats dock: verdicts, one stage's curve and histogram, warm-up apart, drops by reason; all measured here.

pyqtgraph is imported beside the window when the dock is first seen with a picture, not at the start.
"""

from __future__ import annotations

import importlib
import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.files import write_whole
from gui.core.counters import Drops
from gui.core.latency import LatencyStatistics, Percentiles, Stage
from gui.core.machine import MachineLoad, MachineMeter
from gui.core.state import Choice, Severity
from gui.core.stats import RecentDrops, figures, histogram, stage_csv
from gui.core.theme import SPACE_PX, Palette, TypeSize
from gui.widgets.clock_mark import Clock, ClockMark
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.file_asking import ask_where_to_save
from gui.widgets.icons import icon
from gui.widgets.latency_lane import round_scale_ms
from gui.widgets.picker import Picker
from gui.widgets.stats_verdicts import StatsVerdicts
from gui.widgets.style import font
from gui.widgets.wording import milliseconds, stage_help
from gui.widgets.words import word
from gui.workers.background import Background

if TYPE_CHECKING:
    from gui.widgets.stats_plots import StatsPlots

CURVE_INTERVAL_MS = 100
FIGURES_EVERY = 3  # curves: the figures beside them change too seldom to jump
LOAD_INTERVAL_MS = 1000
_HEIGHT_PX = 232
_STAGE_PX = 136


class StatsPanel(QWidget):
    """Looks at latency and drops by itself while it is seen, and does nothing while it is not."""

    told = Signal(Severity, str)

    def __init__(self, palette: Palette, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("face")
        self._palette = palette
        self._background = background
        self._latency, self._drops = LatencyStatistics(), Drops()
        self._live = False
        self._recent = RecentDrops()
        self._meter: MachineMeter | None = None
        self._load: MachineLoad | None = None
        self._turn = 0
        self._importing = False
        self.plots: StatsPlots | None = None
        self.verdicts = StatsVerdicts(palette)
        self._stage = Stage.AGE
        self._mark = ClockMark(Clock.MEASURED, palette)
        self._summary, self._warm_up = _figures_label(), _figures_label()
        self._reading, self._lost = ElidedLabel("caption"), ElidedLabel("caption")
        self._empty = QLabel(self.tr("Curves come with the first picture."))
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setProperty("role", "lead")
        self.stages = self._build_stages()
        self.reset, self.copy, self.export = self._build_tools()
        self._build()
        self._curves = QTimer(self, interval=CURVE_INTERVAL_MS)
        self._curves.timeout.connect(self.refresh)
        self._loads = QTimer(self, interval=LOAD_INTERVAL_MS)
        self._loads.timeout.connect(self._ask_machine)
        self.set_theme(palette)

    # --- parts ---

    def _build_stages(self) -> Picker:
        picker = Picker("", _STAGE_PX, self._palette)
        picker.combo.setAccessibleName(self.tr("Stage"))
        picker.set_choices([Choice(stage.name, word(stage.value)) for stage in Stage], self._stage.name)
        picker.chosen.connect(lambda name: self.choose(Stage[name]))
        return picker

    def _build_tools(self) -> tuple[QToolButton, QToolButton, QToolButton]:
        tools = []
        for text, use in (
            (self.tr("Leave the zoom"), self._reset_zoom),
            (self.tr("Copy as picture"), self._copy_picture),
            (self.tr("Export as CSV…"), self._ask_for_csv),
        ):
            button = QToolButton()
            button.setAccessibleName(text)
            button.setToolTip(text)
            button.clicked.connect(use)
            tools.append(button)
        return tools[0], tools[1], tools[2]

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(SPACE_PX // 2)
        head.addWidget(self.stages)
        head.addStretch(1)
        for tool in (self.reset, self.copy, self.export):
            head.addWidget(tool)
        figures_row = QHBoxLayout()
        figures_row.setSpacing(2 * SPACE_PX)
        figures_row.addWidget(self._mark)
        figures_row.addWidget(self._summary, 1)
        figures_row.addWidget(self._reading, 1)
        self._reading.hide()
        right = QVBoxLayout()
        right.setSpacing(SPACE_PX // 2)
        right.addLayout(head)
        right.addLayout(figures_row)
        self._plot_place = right
        right.addWidget(self._empty, 1)
        grid = QGridLayout(self)
        grid.setContentsMargins(SPACE_PX, 0, 2 * SPACE_PX, SPACE_PX // 2)
        grid.setHorizontalSpacing(3 * SPACE_PX)
        grid.setVerticalSpacing(SPACE_PX // 2)
        grid.addWidget(self.verdicts, 0, 0, Qt.AlignmentFlag.AlignTop)
        grid.addLayout(right, 0, 1)
        foot = QHBoxLayout()
        foot.setSpacing(3 * SPACE_PX)
        foot.addWidget(self._lost, 1)
        foot.addWidget(self._warm_up)
        grid.addLayout(foot, 1, 0, 1, 2)
        grid.setColumnStretch(1, 1)
        self._warm_up.setToolTip(
            self.tr("The first frames after a start are slower; they are in no other figure.")
        )

    # --- what the window tells ---

    def watch(self, latency: LatencyStatistics, drops: Drops) -> None:
        """Look at these from now on."""
        self._latency, self._drops = latency, drops

    def set_live(self, live: bool) -> None:
        """Tell whether the picture is a live one: only then its rate and age mean something."""
        self._live = live

    def choose(self, stage: Stage) -> None:
        """Draw another stage."""
        self._stage = stage
        self.stages.combo.setCurrentIndex(self.stages.combo.findData(stage.name))
        self.stages.combo.setToolTip(stage_help(stage))
        if self.plots is not None:
            self.plots.reset()
        self._show_figures()
        self._draw()

    @property
    def stage(self) -> Stage:
        """The stage that is drawn."""
        return self._stage

    @property
    def texts(self) -> tuple[str, str, str, str]:
        """The stage's figures, those of its warm-up, what the pointer reads, drops by reason; as shown."""
        return self._summary.text(), self._warm_up.text(), self._reading.text(), self._lost.text()

    @Slot()
    def refresh(self) -> None:
        """Draw the curves of now, and every few times the figures."""
        if self._turn == 0:
            self._show_figures()
        self._turn = (self._turn + 1) % FIGURES_EVERY
        self._draw()

    # --- drawing ---

    def _draw(self) -> None:
        times_s, values_ms = self._latency.series(self._stage)
        if not values_ms.size:
            return
        if self.plots is None:
            self._import_plots()
            return
        summary = self._latency.percentiles(self._stage)
        top_ms = round_scale_ms(summary.p99_ms if summary else 0.0)
        self.plots.curve.show_series(times_s, values_ms, top_ms)
        if self._turn == 0:
            self.plots.histogram.show_histogram(histogram(values_ms, top_ms))

    def _import_plots(self) -> None:
        """Import beside the window (half a second of work), then build."""
        if not self._importing:
            self._importing = True
            self._background.run(
                lambda: importlib.import_module("gui.widgets.stats_plots"), lambda _: self._build_plots()
            )

    def _build_plots(self) -> None:
        from gui.widgets.stats_plots import StatsPlots

        self.plots = StatsPlots(self._palette)
        self.plots.read.connect(self._show_reading)
        self._plot_place.replaceWidget(self._empty, self.plots)
        self._plot_place.setStretchFactor(self.plots, 1)
        self._empty.hide()
        self._turn = 0
        self._draw()

    @Slot(str)
    def _show_reading(self, reading: str) -> None:
        """Show what the pointer reads in the place of the stage's figures: beside them it would be cut."""
        self._reading.setText(reading)
        self._reading.setVisible(bool(reading))
        self._summary.setVisible(not reading)

    def _show_figures(self) -> None:
        dropped = self._recent.percent(time.monotonic(), self._drops)
        self.verdicts.show_figures(figures(self._latency, dropped, self._load, self._live))
        self._summary.setText(_summary_text(self._latency.percentiles(self._stage)))
        warm = self._latency.warm_up(self._stage)
        self._warm_up.setText(
            self.tr("warm-up  {figures}").format(figures=_summary_text(warm)) if warm else ""
        )
        lost = "  ·  ".join(f"{word(reason)} {count}" for reason, count in self._drops.snapshot().items())
        self._lost.setText(
            self.tr("Dropped: {reasons}").format(reasons=lost) if lost else self.tr("No frame was dropped.")
        )

    @Slot()
    def _ask_machine(self) -> None:
        self._background.run(self._sample_machine, self._take_load)

    def _sample_machine(self) -> MachineLoad | None:
        """Return the load since the look before, None at the first: it would be of no time at all."""
        if self._meter is None:
            self._meter = MachineMeter()
            return None
        return self._meter.sample()

    def _take_load(self, load: MachineLoad | None) -> None:
        self._load = load

    # --- tools ---

    def _reset_zoom(self) -> None:
        if self.plots is not None:
            self.plots.reset()

    def _copy_picture(self) -> None:
        QApplication.clipboard().setPixmap((self.plots or self).grab())
        self.told.emit(Severity.INFO, self.tr("The curves are in the clipboard."))

    def _ask_for_csv(self) -> None:
        name = f"lens7-{self._stage.name.lower()}.csv"
        ask_where_to_save(self, self.tr("Export as CSV"), name, self.save_csv)

    def save_csv(self, path: Path) -> None:
        """Write the stage's last minute to ``path`` and tell so."""
        try:
            write_whole(path, stage_csv(self._latency, self._stage))
        except OSError as error:
            self.told.emit(Severity.BAD, f"{path}: {error.strerror}")
        else:
            self.told.emit(Severity.INFO, self.tr("{path} is written.").format(path=path))

    # --- events ---

    def sizeHint(self) -> QSize:
        """Curves that can be read; what more there is goes to the picture."""
        return QSize(super().sizeHint().width(), _HEIGHT_PX)

    def minimumSizeHint(self) -> QSize:
        """The figures; the curves may be narrow."""
        return QSize(super().minimumSizeHint().width(), _HEIGHT_PX)

    def showEvent(self, event: QShowEvent) -> None:
        """Look while seen."""
        super().showEvent(event)
        self._turn = 0
        self._curves.start()
        self._loads.start()
        self._ask_machine()
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """Do nothing that nobody sees."""
        super().hideEvent(event)
        self._curves.stop()
        self._loads.stop()

    @property
    def is_looking(self) -> bool:
        """Whether it refreshes itself."""
        return self._curves.isActive()

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self._palette = palette
        self._mark.set_theme(palette)
        self.stages.set_theme(palette)
        self.verdicts.set_theme(palette)
        for button, name in ((self.reset, "undo-2"), (self.copy, "copy"), (self.export, "download")):
            button.setIcon(icon(name, palette))
        if self.plots is not None:
            self.plots.set_theme(palette)


def _figures_label() -> QLabel:
    label = QLabel()
    label.setFont(font(TypeSize.CAPTION, tabular=True))
    return label


def _summary_text(summary: Percentiles | None) -> str:
    if summary is None:
        return "–"
    parts = (
        ("p50", summary.p50_ms),
        ("p95", summary.p95_ms),
        ("p99", summary.p99_ms),
        ("max", summary.max_ms),
    )
    return "  ".join(f"{name} {milliseconds(value)}" for name, value in parts) + " ms"
