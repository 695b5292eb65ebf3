"""A published latency of the network on the chip, with its source, beside the modelled one."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from gui.core.device_figures import Comparison, DeviceFigures
from gui.core.theme import SPACE_PX
from gui.widgets import device_wording as wording
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.value_label import ValueLabel
from gui.widgets.wording import milliseconds


class ComparisonRow(QWidget):
    """Published on the left in the colour of plain text, modelled on the right in its own."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = QLabel()
        self.title.setWordWrap(True)
        self.published = ValueLabel(self.tr("published latency"))
        self.modelled = ValueLabel(self.tr("latency of the chip as it is made, modelled"))
        self.spread, self.difference, self.source = (ElidedLabel("caption") for _ in range(3))
        self.published.setProperty("role", "published")
        self.modelled.setProperty("role", "modelled-small")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(2 * SPACE_PX)
        grid.setVerticalSpacing(SPACE_PX // 4)
        grid.addWidget(self.title, 0, 0, 1, 2)
        for column, (figure, note) in enumerate(
            ((self.published, self.spread), (self.modelled, self.difference))
        ):
            grid.addWidget(figure, 1, column)
            grid.addWidget(note, 2, column)
            grid.setColumnStretch(column, 1)
        grid.addWidget(self.source, 3, 0, 1, 2)

    def set_figures(self, figures: DeviceFigures | None) -> None:
        """Show what is published of the network on the chip, or that nothing is."""
        comparison = figures.comparison if figures else None
        for part in (self.published, self.modelled, self.spread, self.difference, self.source):
            part.setVisible(comparison is not None)
        if comparison is not None:
            self._show(comparison)
        elif figures is not None:
            text = self.tr("No latency of this network on {chip} is published.")
            self.title.setText(text.format(chip=figures.what_if.title))
        else:
            self.title.setText("")

    def _show(self, comparison: Comparison) -> None:
        title = self.tr("{network} on {chip} as made, one core")
        self.title.setText(title.format(network=comparison.network, chip=comparison.chip))
        self.published.setText(self.tr("{ms} ms published").format(ms=milliseconds(comparison.published_ms)))
        self.modelled.setText(
            self.tr("not modelled")
            if comparison.modelled_ms is None
            else self.tr("{ms} ms modelled").format(ms=milliseconds(comparison.modelled_ms))
        )
        self.spread.setText(wording.published_range(comparison))
        self.difference.setText(wording.difference(comparison))
        self.source.setText(self.tr("source: {first}").format(first=comparison.sources[0]))
        self.source.setToolTip("\n".join(comparison.sources))
