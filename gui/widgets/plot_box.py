"""A place for a plot that is imported and built beside the window when there is something to draw."""

from __future__ import annotations

import csv
import importlib
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from engine.files import write_whole
from gui.core.state import Severity
from gui.core.theme import SPACE_PX, Palette
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.file_asking import ask_where_to_save
from gui.widgets.icons import icon
from gui.workers.background import Background

if TYPE_CHECKING:
    from gui.widgets.trend_plots import Floats, TrendPlot

_READING_PX = 16
_ICONS = ("undo-2", "copy", "download")


class PlotBox(QWidget):
    """Title, what the pointer reads, tools, and the plot that ``make(palette)`` builds."""

    told = Signal(Severity, str)
    built = Signal()

    def __init__(
        self,
        title: str,
        columns: Sequence[str],
        make: Callable[[Palette], TrendPlot],
        empty: str,
        palette: Palette,
        background: Background,
        parent: QWidget | None = None,
    ) -> None:
        """``columns`` head the exported table: time first, then one for each curve; ``empty`` stands where nothing is drawn."""
        super().__init__(parent)
        self._title, self._columns, self._make = title, tuple(columns), make
        self._palette, self._background = palette, background
        self._importing = False
        self.plot: TrendPlot | None = None
        self.heading = QLabel(title)
        self.heading.setProperty("role", "section")
        self._reading = ElidedLabel("caption")
        # On a line of its own, with or without words: nothing jumps.
        self._reading.setFixedHeight(_READING_PX)
        self._reading.hide()
        self._empty = QLabel(empty)
        self._empty.setProperty("role", "secondary")
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.reset = self._tool(self.tr("Leave the zoom"), self._leave_zoom)
        self.copy = self._tool(self.tr("Copy as picture"), self._copy_picture)
        self.export = self._tool(self.tr("Export as CSV…"), self._ask_for_csv)
        self._tools = (self.reset, self.copy, self.export)
        self._layout = QVBoxLayout(self)
        self._build()
        self.set_theme(palette)

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(SPACE_PX // 2)
        head.addWidget(self.heading, 1)
        for tool in self._tools:
            tool.hide()
            head.addWidget(tool)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(SPACE_PX // 2)
        self._layout.addLayout(head)
        self._layout.addWidget(self._reading)
        self._layout.addWidget(self._empty, 1)

    def _tool(self, text: str, use: Callable[[], object]) -> QToolButton:
        button = QToolButton()
        button.setAccessibleName(f"{text}: {self._title}")
        button.setToolTip(text)
        button.clicked.connect(use)
        return button

    @property
    def reading(self) -> str:
        """What the pointer reads, as shown."""
        return self._reading.text()

    def draw(self, x: Floats, values: Sequence[Floats], x_range: tuple[float, float], top: float) -> None:
        """Draw curves; the first that there are let the plot be built, which takes a moment."""
        if not x.size and self.plot is None:
            return
        if self.plot is None:
            self._import_plot()
            return
        self.plot.show_curves(x, values, x_range, top)

    def _import_plot(self) -> None:
        if not self._importing:
            self._importing = True
            self._background.run(
                lambda: importlib.import_module("gui.widgets.trend_plots"), lambda _: self._build_plot()
            )

    def _build_plot(self) -> None:
        self.plot = self._make(self._palette)
        self.plot.read.connect(self._reading.setText)
        self._layout.replaceWidget(self._empty, self.plot)
        self._layout.setStretchFactor(self.plot, 1)
        self._empty.hide()
        for part in (*self._tools, self._reading):
            part.show()
        self.built.emit()

    # --- tools ---

    def _leave_zoom(self) -> None:
        if self.plot is not None:
            self.plot.reset()

    def _copy_picture(self) -> None:
        QApplication.clipboard().setPixmap((self.plot or self).grab())
        self.told.emit(Severity.INFO, self.tr("The curves are in the clipboard."))

    def _ask_for_csv(self) -> None:
        ask_where_to_save(self, self.tr("Export as CSV"), "lens7.csv", self.save_csv)

    def save_csv(self, path: Path) -> None:
        """Write what is drawn to ``path`` and tell so."""
        try:
            write_whole(path, self._csv())
        except OSError as error:
            self.told.emit(Severity.BAD, f"{path}: {error.strerror}")
        else:
            self.told.emit(Severity.INFO, self.tr("{path} is written.").format(path=path))

    def _csv(self) -> str:
        assert self.plot is not None
        x, values = self.plot.series
        text = io.StringIO()
        table = csv.writer(text, lineterminator="\n")
        table.writerow(self._columns)
        table.writerows(zip(x.tolist(), *(line.tolist() for line in values), strict=True))
        return text.getvalue()

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self._palette = palette
        for tool, name in zip(self._tools, _ICONS, strict=True):
            tool.setIcon(icon(name, palette))
        if self.plot is not None:
            self.plot.set_theme(palette)
