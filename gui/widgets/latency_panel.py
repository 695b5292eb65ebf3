"""Measured latency by stage: a lane of the last minute each, percentiles beside it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QWidget

from gui.core.latency import LatencyStatistics, Percentiles, Stage
from gui.core.text import Written
from gui.core.theme import SPACE_PX, Palette, TypeSize
from gui.widgets.clock_mark import Clock, ClockMark
from gui.widgets.latency_lane import LatencyLane
from gui.widgets.style import font
from gui.widgets.value_label import ValueLabel
from gui.widgets.wording import milliseconds, stage_help
from gui.widgets.words import word

_HEIGHT_PX = 216
_FIGURE_PX = 68  # 99999.99
_SCALE_PX = 72  # 0–5000 ms
_COLUMNS = ("p50", "p95", "p99", "max")


@dataclass(frozen=True, slots=True)
class _Row:
    lane: LatencyLane
    scale: QLabel
    figures: tuple[QLabel, ...]


class LatencyPanel(QWidget):
    """Rows of stage name, scale, lane, p50, p95, p99 and largest; every figure in milliseconds, measured."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("face")
        self._mark = ClockMark(Clock.MEASURED, palette)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(SPACE_PX, 0, 2 * SPACE_PX, SPACE_PX)
        self._grid.setHorizontalSpacing(SPACE_PX)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(2, 1)
        self._add_head()
        self._rows = {stage: self._add_row(place + 1, stage, palette) for place, stage in enumerate(Stage)}
        self._add_foot(len(Stage) + 1)
        self._turn = 0

    def _add_head(self) -> None:
        subject = QLabel(self.tr("measured on this laptop, last 60 s"))
        subject.setProperty("role", "caption")
        head = QHBoxLayout()
        head.setSpacing(SPACE_PX)
        head.addWidget(self._mark)
        head.addWidget(subject, 1)
        self._grid.addLayout(head, 0, 0, 1, 3)
        for column, title in enumerate(_COLUMNS):
            self._grid.addWidget(_caption(f"{title} ms", _FIGURE_PX), 0, 3 + column)

    def _add_row(self, row: int, stage: Stage, palette: Palette) -> _Row:
        name = QLabel(word(stage.value))
        name.setToolTip(stage_help(stage))
        lane = LatencyLane(self.tr("{stage}, measured, last 60 s").format(stage=word(stage.value)), palette)
        scale = _caption("", _SCALE_PX)
        figures = tuple(_figure(f"{word(stage.value)} {column} ms") for column in _COLUMNS)
        self._grid.addWidget(name, row, 0)
        self._grid.addWidget(scale, row, 1)
        self._grid.addWidget(lane, row, 2)
        for place, label in enumerate(figures):
            self._grid.addWidget(label, row, 3 + place)
        self._grid.setRowStretch(row, 1)
        return _Row(lane, scale, figures)

    def _add_foot(self, row: int) -> None:
        foot = QHBoxLayout()
        foot.setSpacing(SPACE_PX)
        words = (self.tr("60 s ago"), self.tr("30 s ago"), self.tr("now"))
        sides = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight)
        for text, side in zip(words, sides, strict=True):
            label = QLabel(text, alignment=side)
            label.setProperty("role", "caption")
            foot.addWidget(label, 1)
            if side is Qt.AlignmentFlag.AlignHCenter:
                label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
                self._halfway, self._halfway_text = label, text
        self._grid.addLayout(foot, row, 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the time halfway out where it would run into the others."""
        super().resizeEvent(event)
        needed_px = self._halfway.fontMetrics().horizontalAdvance(self._halfway_text)
        self._halfway.setText(self._halfway_text if self._halfway.width() >= needed_px else "")

    def sizeHint(self) -> QSize:
        """Six lanes that can be read; what more there is goes to the picture."""
        return QSize(super().sizeHint().width(), _HEIGHT_PX)

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages shown, top to bottom."""
        return tuple(self._rows)

    def lane(self, stage: Stage) -> LatencyLane:
        """Return the stage's lane."""
        return self._rows[stage].lane

    def figures(self, stage: Stage) -> tuple[str, ...]:
        """Return the stage's p50, p95, p99 and largest as shown."""
        return tuple(label.text() for label in self._rows[stage].figures)

    def refresh_figures(self, latency: LatencyStatistics) -> None:
        """Show the percentiles of now."""
        for stage, row in self._rows.items():
            summary = latency.percentiles(stage)
            for label, value in zip(row.figures, _values(summary), strict=True):
                label.setText(milliseconds(value))
            if summary is not None:
                row.lane.fit(summary.p99_ms)
            row.scale.setText(f"0–{Written(row.lane.scale_ms):g} ms")

    def refresh_next_lane(self, latency: LatencyStatistics) -> None:
        """Draw one lane anew, each in its turn: six at once would hold up the picture."""
        stage = self.stages[self._turn]
        self._turn = (self._turn + 1) % len(self._rows)
        self._rows[stage].lane.set_series(*latency.series(stage))

    def refresh_lanes(self, latency: LatencyStatistics) -> None:
        """Draw every lane anew."""
        for _ in self._rows:
            self.refresh_next_lane(latency)

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self._mark.set_theme(palette)
        for row in self._rows.values():
            row.lane.set_theme(palette)


_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def _caption(text: str, width_px: int) -> QLabel:
    label = QLabel(text, alignment=_RIGHT)
    label.setProperty("role", "caption")
    label.setFixedWidth(width_px)
    return label


def _figure(name: str) -> ValueLabel:
    label = ValueLabel(name, "–")
    label.setAlignment(_RIGHT)
    label.setFont(font(TypeSize.BODY, tabular=True))
    return label


def _values(summary: Percentiles | None) -> tuple[float | None, ...]:
    if summary is None:
        return (None,) * len(_COLUMNS)
    return summary.p50_ms, summary.p95_ms, summary.p99_ms, summary.max_ms
