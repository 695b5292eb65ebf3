"""Figures as operators know them from OBS: value, and good, warning or bad by shape, word and colour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from gui.core.theme import SPACE_PX, Palette, TypeSize
from gui.core.verdict import LIMITS, WORDS, Figure
from gui.widgets.status_label import StatusLabel
from gui.widgets.style import font
from gui.widgets.value_label import ValueLabel
from gui.widgets.wording import Status
from gui.widgets.words import figure_help, word

_VALUE_PX = 72
_STATUS_PX = 76


@dataclass(frozen=True, slots=True)
class _Row:
    value: QLabel
    status: StatusLabel


class StatsVerdicts(QWidget):
    """One row per figure; its tooltip defines it and tells its thresholds."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACE_PX)
        grid.setVerticalSpacing(0)
        grid.setColumnMinimumWidth(2, _STATUS_PX)  # nothing moves when a word changes
        self._rows = {figure: self._add_row(grid, row, figure, palette) for row, figure in enumerate(Figure)}
        self.show_figures(dict.fromkeys(Figure))

    def _add_row(self, grid: QGridLayout, row: int, figure: Figure, palette: Palette) -> _Row:
        name = QLabel(word(figure.value))
        name.setProperty("role", "secondary")
        value = ValueLabel(word(figure.value))
        value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        value.setFont(font(TypeSize.BODY, tabular=True))
        value.setMinimumWidth(_VALUE_PX)
        status = StatusLabel(palette)
        for column, part in enumerate((name, value, status)):
            part.setToolTip(figure_help(figure))
            grid.addWidget(part, row, column)
        return _Row(value, status)

    def show_figures(self, values: Mapping[Figure, float | None]) -> None:
        """Show the values of now with their verdicts."""
        for figure, row in self._rows.items():
            limits, value = LIMITS[figure], values[figure]
            mark = limits.verdict(value)
            row.value.setText(limits.text(value))
            row.status.set_status(Status(mark, word(WORDS[mark])))

    def shown(self, figure: Figure) -> tuple[str, Status]:
        """Return a figure as shown: its value, and its verdict."""
        row = self._rows[figure]
        return row.value.text(), row.status.status

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        for row in self._rows.values():
            row.status.set_theme(palette)
