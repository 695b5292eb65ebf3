"""Float against 8 bit on the same frames, live: both answers, how often they agree, where they do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui.compare.agreement import WINDOW_S, Agreement
from gui.core.theme import FIGURE_HEIGHT_PX, SPACE_PX, Palette, TypeSize
from gui.widgets import monitor_wording as wording
from gui.widgets.answer_table import AnswerTable
from gui.widgets.clock_mark import Clock, ClockMark
from gui.widgets.disagreement_list import DisagreementList
from gui.widgets.plot_box import PlotBox
from gui.widgets.status_label import StatusLabel
from gui.widgets.style import dress, font
from gui.widgets.tick_box import TickBox
from gui.widgets.wording import milliseconds
from gui.workers.background import Background
from gui.workers.compare_worker import CompareState

if TYPE_CHECKING:
    from gui.widgets.trend_plots import TrendPlot

PLOT_HEIGHT_PX = 176


class ComparePanel(QWidget):
    """Draws what it is told; ``wanted`` says that people switch the comparison on or off."""

    wanted = Signal(bool)

    def __init__(self, palette: Palette, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("face")
        self.switch = TickBox(self.tr("Compare with the float network"), palette)
        self.switch.setToolTip(
            self.tr("Runs the network before quantization on the same frames, in a process of its own.")
        )
        self.switch.setAccessibleName(self.switch.text())
        self.switch.clicked.connect(self.wanted)
        self.state = StatusLabel(palette)
        self.answers = AnswerTable(self.tr("Float"), self.tr("8 bit"))
        self.agreement = QLabel()
        self.agreement.setFont(font(TypeSize.FIGURE, tabular=True))
        self.agreement.setFixedHeight(FIGURE_HEIGHT_PX)
        self.times, self.line = QLabel(), QLabel()
        for text in (self.times, self.line):
            text.setProperty("role", "caption")
            text.setWordWrap(True)
        self._mark = ClockMark(Clock.MEASURED, palette)
        self.plot = PlotBox(
            self.tr("Agreement, last minute"), ("s", "agreement_percent"), _make_plot,
            self.tr("The curve begins with the first compared frames."), palette, background,
        )  # fmt: skip
        self.disagreements = DisagreementList()
        self._build()
        self.refresh(None, Agreement())

    def _build(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.switch)
        head.addStretch(1)
        # On a line of its own: beside the switch a longer word would need more width than the dock was given.
        state = QHBoxLayout()
        state.addWidget(self.state)
        state.addStretch(1)
        share = QHBoxLayout()
        share.setSpacing(SPACE_PX)
        share.addWidget(self.agreement)
        caption = QLabel(self.tr("of the last minute's frames get the same first label"))
        caption.setProperty("role", "secondary")
        caption.setWordWrap(True)
        share.addWidget(caption, 1)
        times = QHBoxLayout()
        times.setSpacing(SPACE_PX)
        times.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        times.addWidget(self.times, 1)
        self.plot.setFixedHeight(PLOT_HEIGHT_PX)
        self.disagreements.setMinimumHeight(PLOT_HEIGHT_PX)
        heading = QLabel(self.tr("Frames that disagree, kept in memory only"))
        heading.setProperty("role", "section")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_PX, SPACE_PX, SPACE_PX, SPACE_PX)
        layout.setSpacing(SPACE_PX)
        layout.addLayout(head)
        layout.addLayout(state)
        layout.addWidget(self.answers)
        layout.addLayout(share)
        layout.addWidget(self.line)
        layout.addLayout(times)
        layout.addWidget(self.plot)
        layout.addWidget(heading, 0, Qt.AlignmentFlag.AlignBottom)
        layout.addWidget(self.disagreements, 1)

    def set_state(self, state: CompareState | None) -> None:
        """Show where the comparison stands; None while it is off."""
        self.switch.setChecked(state is not None)
        self.state.set_status(wording.compare_status(state))

    def refresh(self, state: CompareState | None, agreement: Agreement) -> None:
        """Show where the comparison stands (None: off) and what it has found."""
        self.set_state(state)
        latest = agreement.latest
        self.answers.set_answers(
            latest.float_top if latest is not None else (), latest.device_top if latest is not None else ()
        )
        share = agreement.share()
        dress(self.agreement, "lead" if share is None else "")
        self.agreement.setText(wording.share_text(share))
        self.line.setText(wording.agreement_line(agreement))
        self.times.setText(
            self.tr("run: float {float} ms, 8 bit {device} ms, measured here").format(
                float=milliseconds(latest.float_run_ns / 1e6), device=milliseconds(latest.device_run_ns / 1e6)
            )
            if latest is not None
            else ""
        )
        self._mark.setVisible(latest is not None)
        trend = agreement.trend()
        self.plot.draw(trend.second.astype(np.float64), (100.0 * trend.agreement,), (-WINDOW_S, 0.0), 100.0)
        self.disagreements.set_disagreements(agreement.disagreements())

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        for part in (self.switch, self.state, self._mark, self.plot):
            part.set_theme(palette)


def _make_plot(palette: Palette) -> TrendPlot:
    from gui.widgets.trend_plots import TrendLine, TrendPlot

    return TrendPlot(_tr("agreement"), [TrendLine(_tr("agree"), "text")], "%", palette)


def _tr(text: str) -> str:
    return QCoreApplication.translate("ComparePanel", text)
