"""A day at the stand: latency by the minute, zoomed down to single frames; what happened; reports."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QCoreApplication, QSize, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from gui.core.errors import GuiError
from gui.core.latency import Stage
from gui.core.state import Choice, Severity
from gui.core.theme import SPACE_PX, Palette
from gui.monitor.history_reader import EventRow, Frames, HistoryReader, Minutes, Span, day_span, local_text
from gui.monitor.report import make_report
from gui.monitor.report_files import write_csv, write_html
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.file_asking import ask_where_to_save
from gui.widgets.latency_lane import round_scale_ms
from gui.widgets.newest_first import renew
from gui.widgets.picker import Picker
from gui.widgets.plot_box import PlotBox
from gui.widgets.text_list import TextList
from gui.widgets.words import word
from gui.workers.background import Background

if TYPE_CHECKING:
    from gui.widgets.trend_plots import Floats, TrendPlot

LONGEST_ZOOM_S = 1800.0
"""Spans up to this long are shown frame by frame."""
SETTLE_MS = 150
AGAIN_MS = 60_000
_GAP_S, _FRAME_GAP_S = 90.0, 2.0
_PLOT_HEIGHT_PX = 176
_HEIGHT_PX = 280


@dataclass(frozen=True, slots=True, eq=False)
class DayView:
    """What is known of a day."""

    days: tuple[date, ...]
    day: date | None
    minutes: Minutes | None = None
    events: tuple[EventRow, ...] = ()
    dropped: int = 0


class HistoryPanel(QWidget):
    """Reads the history beside the window, whenever it is opened or a day is chosen."""

    told = Signal(Severity, str)

    def __init__(
        self, path: Path, palette: Palette, background: Background, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("face")
        self._path = path
        self._background = background
        self._view = DayView((), None)
        self._frames: Frames | None = None
        self._asked: Span | None = None
        self._span_s = (0.0, 0.0)
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._follow_zoom)
        self._again = QTimer(self, interval=AGAIN_MS)
        self._again.timeout.connect(self._look_again)
        self.day = Picker(self.tr("Day"), 152, palette)
        self.day.chosen.connect(lambda text: self.load(date.fromisoformat(text)))
        self.stage = Picker(self.tr("Stage"), 152, palette)
        self.stage.set_choices([Choice(each.name, word(each.value)) for each in Stage], Stage.AGE.name)
        self.stage.chosen.connect(lambda _: self._draw())
        self.html = self._button(self.tr("Report…"), "lens7-report.html", self.save_html)
        self.csv = self._button(self.tr("Frames as CSV…"), "lens7-frames.csv", self.save_csv)
        self.summary = ElidedLabel("caption")
        self.plot = PlotBox(
            self.tr("Measured: p50, p95, p99 by the minute"),
            ("unix_s", "p50_ms", "p95_ms", "p99_ms", "frame_ms"), _make_plot,
            self.tr("Nothing was recorded yet. History keeps times and labels, never pictures."), palette, background,
        )  # fmt: skip
        self.plot.built.connect(self._on_built)
        self.plot.told.connect(self.told)
        self.events = TextList(self.tr("Events of the day"))
        self._build()

    def _button(self, text: str, name: str, use: Callable[[Path], object]) -> QPushButton:
        button = QPushButton(text)
        button.setAccessibleName(text)
        button.clicked.connect(lambda: ask_where_to_save(self, text, name, use))
        return button

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(SPACE_PX)
        head.addWidget(self.day)
        head.addWidget(self.stage)
        head.addStretch(1)
        head.addWidget(self.html)
        head.addWidget(self.csv)
        body = QHBoxLayout()
        body.setSpacing(2 * SPACE_PX)
        body.addWidget(self.plot, 3)
        body.addWidget(self.events, 2)
        self.plot.setMinimumHeight(_PLOT_HEIGHT_PX)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_PX, 0, 2 * SPACE_PX, SPACE_PX // 2)
        layout.addLayout(head)
        layout.addWidget(self.summary)
        layout.addLayout(body, 1)

    def sizeHint(self) -> QSize:
        """A curve that can be read; what more there is goes to the picture."""
        return QSize(super().sizeHint().width(), _HEIGHT_PX)

    # --- reading ---

    @property
    def view(self) -> DayView:
        """The day that is shown."""
        return self._view

    def showEvent(self, event: QShowEvent) -> None:
        """Look at the day as it is now."""
        super().showEvent(event)
        self._again.start()
        self.load(self._view.day)

    def hideEvent(self, event: QHideEvent) -> None:
        """Read nothing that nobody sees."""
        super().hideEvent(event)
        self._again.stop()

    def _look_again(self) -> None:
        """A minute has gone by; a reader who has zoomed in is left alone."""
        if self.plot.plot is None or not self.plot.plot.is_zoomed:
            self.load(self._view.day)

    def load(self, day: date | None) -> None:
        """Read a day, or the last one that there is."""
        self._background.run(lambda: _read_day(self._path, day), self._show, self._fail)

    def _fail(self, error: Exception) -> None:
        if not isinstance(error, GuiError):
            raise error
        self.told.emit(Severity.WARNING, str(error))

    def _show(self, view: DayView) -> None:
        self._view, self._frames, self._asked = view, None, None
        shown = view.day.isoformat() if view.day is not None else ""
        days = [Choice(day.isoformat(), day.isoformat()) for day in reversed(view.days)]
        self.day.set_choices(days, shown, self.tr("none"))
        for button in (self.html, self.csv):
            button.setEnabled(view.minutes is not None)
        self.summary.setText(self._summary(view))
        lines = [f"{local_text(row.date_us)[11:]}  {row.text}" for row in reversed(view.events)]
        lines = lines or [self.tr("No events.")]
        before = [self.events.item(row).text() for row in range(self.events.count())]
        renew(self.events, before, lines, QListWidgetItem, operator.eq)
        self._draw()

    def _summary(self, view: DayView) -> str:
        if view.minutes is None:
            return ""
        text = self.tr("frames shown: {shown}, dropped: {dropped}, minutes: {minutes}, events: {events}")
        return text.format(
            shown=int(view.minutes.frames.sum()),
            dropped=view.dropped,
            minutes=view.minutes.frames.size,
            events=len(view.events),
        )

    # --- drawing ---

    def _draw(self) -> None:
        minutes = self._view.minutes
        if minutes is None or not minutes.start_us.size:
            return
        stage = Stage[self.stage.combo.currentData()]
        values = minutes.stages_ms[stage]
        top = round_scale_ms(float(np.nanpercentile(values[:, 2], 95))) if np.isfinite(values).any() else 1.0
        x = minutes.start_us / 1e6 + 30.0
        if self._frames is not None:
            self._draw_frames(stage, (float(x[0]) - 30.0, float(x[-1]) + 30.0), top)
            return
        self.plot.heading.setText(self.tr("Measured: p50, p95, p99 by the minute"))
        broken, lines = _broken_at_gaps(x, [values[:, place] for place in range(3)], _GAP_S)
        none = np.full(broken.size, np.nan)
        self.plot.draw(broken, (*lines, none), (float(x[0]) - 30.0, float(x[-1]) + 30.0), top)

    def _draw_frames(self, stage: Stage, x_range: tuple[float, float], top: float) -> None:
        assert self._frames is not None
        self.plot.heading.setText(self.tr("Measured: every frame"))
        x, values = self._frames.date_us / 1e6, self._frames.stages_ms[stage]
        broken, (line,) = _broken_at_gaps(x, [values], _FRAME_GAP_S)
        none = np.full(broken.size, np.nan)
        self.plot.draw(broken, (none, none, none, line), x_range, top)

    @Slot()
    def _on_built(self) -> None:
        assert self.plot.plot is not None
        self.plot.plot.zoomed.connect(self._on_zoom)
        self._draw()

    def _on_zoom(self, start_s: float, end_s: float) -> None:
        self._span_s = (start_s, end_s)
        self._settle.start()

    def _follow_zoom(self) -> None:
        """Show frames where the span is short enough, minutes where it is not."""
        start_s, end_s = self._span_s
        if end_s - start_s > LONGEST_ZOOM_S:
            if self._frames is not None:
                self._frames = self._asked = None
                self._draw()
            return
        span = Span(round(start_s * 1e6), round(end_s * 1e6))
        self._asked = span
        self._background.run(
            lambda: _read_frames(self._path, span), lambda frames: self._take(span, frames), self._fail
        )

    def _take(self, span: Span, frames: Frames) -> None:
        if span == self._asked:
            self._frames = frames
            self._draw()

    # --- reports ---

    def save_html(self, path: Path) -> None:
        """Write the last session's report as a web page, beside the window."""
        self._save(path, lambda: _write_html(self._path, path))

    def save_csv(self, path: Path) -> None:
        """Write every frame of the last session, beside the window."""
        self._save(path, lambda: _write_csv(self._path, path))

    def _save(self, path: Path, write: Callable[[], None]) -> None:
        done = self.tr("{path} is written.").format(path=path)
        self._background.run(write, lambda _: self.told.emit(Severity.INFO, done), self._fail)

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        for part in (self.day, self.stage, self.plot):
            part.set_theme(palette)


def _read_day(path: Path, day: date | None) -> DayView:
    if not path.exists():
        return DayView((), None)
    with HistoryReader(path) as reader:
        days = tuple(reader.days())
        chosen = day if day in days else days[-1] if days else None
        if chosen is None:
            return DayView(days, None)
        span = day_span(chosen)
        return DayView(
            days, chosen, reader.minutes(span), tuple(reader.events(span)), sum(reader.drops(span).values())
        )


def _read_frames(path: Path, span: Span) -> Frames:
    with HistoryReader(path) as reader:
        return reader.frames(span)


def _write_html(history: Path, path: Path) -> None:
    with HistoryReader(history) as reader:
        write_html(make_report(reader), path)


def _write_csv(history: Path, path: Path) -> None:
    with HistoryReader(history) as reader:
        write_csv(reader, make_report(reader), path)


def _broken_at_gaps(x: Floats, values: Sequence[Floats], gap: float) -> tuple[Floats, list[Floats]]:
    """Return the curves with a NaN in every gap wider than ``gap``, where nothing is known."""
    gaps = np.flatnonzero(np.diff(x) > gap) + 1
    return np.insert(x, gaps, x[gaps - 1]), [np.insert(line, gaps, np.nan) for line in values]


def _make_plot(palette: Palette) -> TrendPlot:
    from gui.widgets.trend_plots import TrendLine, TrendPlot

    lines = [
        TrendLine("p50", "measured"),
        TrendLine("p95", "measured", 0.6),
        TrendLine("p99", "measured", 0.35),
        TrendLine(QCoreApplication.translate("HistoryPanel", "frame"), "measured"),
    ]
    return TrendPlot(QCoreApplication.translate("HistoryPanel", "history"), lines, "ms", palette, of_day=True)
