"""Edge against cloud on the same frames, live: two latencies, what the cloud's is made of, what left this device."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QCoreApplication, QSize, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from gui.compare.cloud_ledger import WINDOW_S, CloudLedger, Price
from gui.core.settings import Settings
from gui.core.theme import FIGURE_HEIGHT_PX, ICON_PX, SPACE_PX, Palette
from gui.widgets import monitor_wording as wording
from gui.widgets.answer_table import AnswerTable
from gui.widgets.icons import icon_before_text
from gui.widgets.latency_lane import round_scale_ms
from gui.widgets.network_controls import NetworkControls
from gui.widgets.plot_box import PlotBox
from gui.widgets.round_trip_bar import RoundTripBar
from gui.widgets.status_label import StatusLabel
from gui.widgets.style import dress
from gui.widgets.tick_box import TickBox
from gui.widgets.wording import milliseconds
from gui.workers.background import Background
from gui.workers.cloud_worker import CloudState, CloudWorker

if TYPE_CHECKING:
    from gui.widgets.trend_plots import TrendPlot

PLOT_HEIGHT_PX = 176


class CloudPanel(QWidget):
    """Draws what it is told; signals say what people ask for."""

    wanted = Signal(bool)
    plug_pulled = Signal(bool)
    cold_asked = Signal()
    network_changed = Signal()

    def __init__(
        self, settings: Settings, palette: Palette, background: Background, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("face")
        self._palette = palette
        self.switch = TickBox(self.tr("Ask a cloud function too"), palette)
        self.switch.setToolTip(
            self.tr(
                "A real function in a process of its own on this computer; the network to it is simulated."
            )
        )
        self.switch.setAccessibleName(self.switch.text())
        self.switch.clicked.connect(self.wanted)
        self.state = StatusLabel(palette)
        self.plug = QPushButton(self.tr("Pull the plug"))
        self.plug.setAccessibleName(self.plug.text())
        self.plug.setCheckable(True)
        self.plug.clicked.connect(self.plug_pulled)
        self.cold = QPushButton(self.tr("Make it cold"))
        self.cold.setAccessibleName(self.cold.text())
        self.cold.setToolTip(self.tr("The next request finds the function not running and starts it."))
        self.cold.clicked.connect(self.cold_asked)
        self.edge, self.cloud = QLabel(), QLabel()
        for figure in (self.edge, self.cloud):
            figure.setFixedHeight(FIGURE_HEIGHT_PX)
        self.bar = RoundTripBar(palette)
        self.answers = AnswerTable(self.tr("Edge, 8 bit"), self.tr("Cloud, float"))
        self.privacy, self.books, self.price = _text("published"), _text("caption"), _text("caption")
        self.plot = PlotBox(
            self.tr("Latency, last minute"), ("s", "edge_ms", "cloud_ms", "simulated_ms"), _make_plot,
            self.tr("The curves begin with the first answer."), palette, background,
        )  # fmt: skip
        self.controls = NetworkControls(settings, palette)
        self.controls.changed.connect(self.network_changed)
        self._build()
        self.set_theme(palette)
        self.refresh(None)

    def _build(self) -> None:
        head, tools, figures = QHBoxLayout(), QHBoxLayout(), QGridLayout()
        head.addWidget(self.switch)
        head.addStretch(1)
        # On a line of its own: beside the switch a longer word would need more width than the dock was given.
        state = QHBoxLayout()
        state.addWidget(self.state)
        state.addStretch(1)
        tools.setSpacing(SPACE_PX)
        tools.addWidget(self.plug)
        tools.addWidget(self.cold)
        tools.addStretch(1)
        for column, (figure, caption) in enumerate(
            ((self.edge, self.tr("edge, measured")), (self.cloud, self.tr("cloud, partly simulated")))
        ):
            note = QLabel(caption)
            note.setProperty("role", "caption")
            figures.addWidget(figure, 0, column)
            figures.addWidget(note, 1, column)
            figures.setColumnStretch(column, 1)
        self.plot.setFixedHeight(PLOT_HEIGHT_PX)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_PX, SPACE_PX, SPACE_PX, SPACE_PX)
        layout.setSpacing(SPACE_PX)
        for part in (head, state, tools, figures):
            layout.addLayout(part)
        for widget in (
            self.bar,
            self.privacy,
            self.plot,
            self.answers,
            self.books,
            self.price,
            self.controls,
        ):
            layout.addWidget(widget)
        layout.addStretch(1)

    def set_state(self, state: CloudState | None) -> None:
        """Show where the cloud stands; None while it is not asked."""
        self.switch.setChecked(state is not None)
        self.state.set_status(wording.cloud_status(state))
        for button in (self.plug, self.cold):
            button.setEnabled(state is not None)
        self.plug.setChecked(state is CloudState.UNPLUGGED)
        self.plug.setText(
            self.tr("Put the plug back") if state is CloudState.UNPLUGGED else self.tr("Pull the plug")
        )
        self.plug.setAccessibleName(self.plug.text())

    def refresh(self, worker: CloudWorker | None) -> None:
        """Show how the cloud does; None while it is not asked."""
        self.set_state(worker.state if worker is not None else None)
        ledger = worker.ledger if worker is not None else CloudLedger()
        self.privacy.setText(wording.privacy_line(ledger))
        self.books.setText(wording.ledger_line(ledger, worker.cold_starts) if worker is not None else "")
        self.price.setText(wording.price_line(ledger, Price()) if worker is not None else "")
        self._show_latest(ledger)
        self._draw(ledger)

    def _show_latest(self, ledger: CloudLedger) -> None:
        latest = ledger.latest
        # What is not known yet is said quietly: a dash as large as a figure is taken for a bar.
        dress(self.edge, "measured" if latest is not None else "lead")
        dress(self.cloud, "headline" if latest is not None else "lead")
        if latest is None:
            self.edge.setText("–")
            self.cloud.setText("–")
            self.answers.set_answers((), ())
            self.bar.set_times(0.0, {})
            return
        pair = ledger.latency()
        self.edge.setText(f"{milliseconds(float(np.median(pair.edge_ms)), 1)} ms")
        self.cloud.setText(f"{milliseconds(float(np.median(pair.cloud_ms)), 1)} ms")
        self.answers.set_answers(latest.edge_top, latest.top)
        self.bar.set_times(latest.edge_ns / 1e6, wording.round_trip_parts(latest))

    def _draw(self, ledger: CloudLedger) -> None:
        pair = ledger.latency()
        top_ms = round_scale_ms(float(np.percentile(pair.cloud_ms, 95))) if pair.t_s.size else 10.0
        curves = (pair.edge_ms, pair.cloud_ms, pair.simulated_ms)
        self.plot.draw(pair.t_s, curves, (-WINDOW_S, 0.0), top_ms)

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self._palette = palette
        for button, name in ((self.plug, "unplug"), (self.cold, "refresh-cw")):
            button.setIconSize(QSize(ICON_PX + SPACE_PX // 2, ICON_PX))
            button.setIcon(icon_before_text(name, palette))
        for part in (self.switch, self.state, self.bar, self.plot, self.controls):
            part.set_theme(palette)


def _text(role: str) -> QLabel:
    label = QLabel()
    label.setProperty("role", role)
    label.setWordWrap(True)
    return label


def _make_plot(palette: Palette) -> TrendPlot:
    from gui.widgets.trend_plots import TrendLine, TrendPlot

    lines = [
        TrendLine(_tr("edge"), "measured"),
        TrendLine(_tr("cloud"), "text"),
        TrendLine(_tr("simulated"), "secondary", 0.6),
    ]
    return TrendPlot(_tr("edge and cloud"), lines, "ms", palette)


def _tr(text: str) -> str:
    return QCoreApplication.translate("CloudPanel", text)
