"""Hard conditions: how sure the network is, presets, and a slider for each thing that can go wrong."""

from __future__ import annotations

import time
from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from gui.core.conditions import CONDITIONS, NEUTRAL, PRESETS, Conditions
from gui.core.confidence import ConfidenceTrace
from gui.core.theme import SPACE_PX, Palette, TypeSize
from gui.widgets.condition_slider import NeutralSlider
from gui.widgets.confidence_plot import ConfidencePlot
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.style import font
from gui.widgets.wording import (
    condition_help,
    condition_title,
    condition_value,
    conditions_title,
    percent,
    preset_title,
)

_REFRESH_INTERVAL_MS = 100
_VALUE_PX = 56
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ConditionsPanel(QWidget):
    """Asks for conditions with ``changed``; draws what it is told to ``watch`` while it is visible."""

    changed = Signal(object)

    def __init__(self, palette: Palette, titled: bool = False, parent: QWidget | None = None) -> None:
        """``titled`` where nothing above the panel says what it is."""
        super().__init__(parent)
        self.setObjectName("face")
        self._trace = ConfidenceTrace()
        self._conditions = NEUTRAL
        self.name = ElidedLabel("title")
        self.percent = QLabel()
        self.percent.setFont(font(TypeSize.TITLE, tabular=True))
        self.plot = ConfidencePlot(palette)
        self.presets = {name: self._preset(name) for name in PRESETS}
        self.reset = QPushButton(self.tr("Reset"))
        self.reset.setAccessibleName(self.tr("Reset hard conditions"))
        self.reset.clicked.connect(lambda: self._ask(NEUTRAL))
        self.sliders: dict[str, NeutralSlider] = {}
        self._values: dict[str, QLabel] = {}
        layout = QVBoxLayout(self)
        left = 2 * SPACE_PX if titled else SPACE_PX  # in a dock in line with its title
        layout.setContentsMargins(left, 2 * SPACE_PX, 2 * SPACE_PX, 2 * SPACE_PX)
        layout.setSpacing(SPACE_PX)
        if titled:
            title = QLabel(conditions_title())
            title.setProperty("role", "title")
            layout.addWidget(title)
        layout.addLayout(self._confidence())
        layout.addLayout(self._preset_row())
        layout.addLayout(self._slider_grid(palette))
        layout.addWidget(self.reset, alignment=Qt.AlignmentFlag.AlignRight)
        layout.addStretch(1)
        self._timer = QTimer(self, interval=_REFRESH_INTERVAL_MS)
        self._timer.timeout.connect(self.refresh)
        self.set_conditions(NEUTRAL)
        self.refresh()

    def _preset(self, name: str) -> QToolButton:
        button = QToolButton()
        button.setText(preset_title(name))
        button.setAccessibleName(preset_title(name))
        button.setCheckable(True)
        button.clicked.connect(lambda: self._ask(PRESETS[name]))
        return button

    def _confidence(self) -> QVBoxLayout:
        row = QHBoxLayout()
        row.addWidget(self.name, 1)
        row.addWidget(self.percent)
        words = QLabel(self.tr("probability of the first label, last 30 s"))
        words.setProperty("role", "caption")
        column = QVBoxLayout()
        column.setSpacing(SPACE_PX // 2)
        column.addLayout(row)
        column.addWidget(self.plot)
        column.addWidget(words)
        return column

    def _preset_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(SPACE_PX)
        for button in self.presets.values():
            row.addWidget(button)
        row.addStretch(1)
        return row

    def _slider_grid(self, palette: Palette) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE_PX)
        grid.setVerticalSpacing(SPACE_PX // 2)
        grid.setColumnStretch(1, 1)
        for row, condition in enumerate(CONDITIONS):
            slider = NeutralSlider(condition.low, condition.high, condition.neutral, palette)
            slider.setAccessibleName(condition_title(condition))
            slider.setToolTip(condition_help(condition))
            slider.valueChanged.connect(lambda value, name=condition.name: self._move(name, value))
            name, value = QLabel(condition_title(condition)), QLabel(alignment=_RIGHT)
            name.setProperty("role", "secondary")
            value.setFont(font(TypeSize.BODY, tabular=True))
            value.setMinimumWidth(_VALUE_PX)
            self.sliders[condition.name], self._values[condition.name] = slider, value
            for column, part in enumerate((name, slider, value)):
                grid.addWidget(part, row, column)
        return grid

    def watch(self, trace: ConfidenceTrace) -> None:
        """Draw the confidence that ``trace`` keeps."""
        self._trace = trace
        self.refresh()

    def set_conditions(self, conditions: Conditions) -> None:
        """Show the conditions in force."""
        self._conditions = conditions
        for condition in CONDITIONS:
            slider, value = self.sliders[condition.name], getattr(conditions, condition.name)
            with QSignalBlocker(slider):
                slider.setValue(value)
            slider.update()
            self._values[condition.name].setText(condition_value(condition, value))
            slider.setAccessibleDescription(condition_value(condition, value))
        for name, button in self.presets.items():
            button.setChecked(PRESETS[name] == conditions)
        self.reset.setEnabled(not conditions.neutral)

    def take_focus(self) -> None:
        """Let the arrow keys move the first slider."""
        self.sliders[CONDITIONS[0].name].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def value_text(self, name: str) -> str:
        """Return a slider's value as shown."""
        return self._values[name].text()

    def refresh(self) -> None:
        """Draw the confidence of now."""
        now_s, trace = time.monotonic(), self._trace
        self.plot.set_series(*trace.series(now_s), trace.changes(now_s))
        hidden = trace.secret or trace.probability is None
        self.name.setText("" if hidden else trace.name)
        self.percent.setText("–" if hidden else percent(trace.probability or 0.0))

    def showEvent(self, event: QShowEvent) -> None:
        """Draw while visible."""
        super().showEvent(event)
        self.refresh()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Draw nothing that nobody sees."""
        super().hideEvent(event)
        self._timer.stop()

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self.plot.set_theme(palette)
        for slider in self.sliders.values():
            slider.set_theme(palette)

    def _move(self, name: str, value: int) -> None:
        self._ask(replace(self._conditions, **{name: value}))

    def _ask(self, conditions: Conditions) -> None:
        self.set_conditions(conditions)
        self.changed.emit(conditions)
