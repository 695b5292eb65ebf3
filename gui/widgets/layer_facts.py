"""What is told of the chosen layer: shape, time, bound, tile, utilization, bytes. All of it modelled."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from gui.core.device_figures import LayerFigures
from gui.core.theme import SPACE_PX, TypeSize
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.style import font

FACTS = 6
_NAME_PX = 76


class LayerFacts(QWidget):
    """A heading and rows of caption and text; always as high, so that nothing below it jumps."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = ElidedLabel(name=self.tr("Chosen layer"))
        self._rows = tuple((QLabel(), ElidedLabel()) for _ in range(FACTS))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACE_PX)
        grid.setVerticalSpacing(SPACE_PX // 4)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self._title, 0, 0, 1, 2)
        for place, (caption, text) in enumerate(self._rows, start=1):
            caption.setProperty("role", "caption")
            caption.setFixedWidth(_NAME_PX)
            text.setFont(font(TypeSize.CAPTION, tabular=True))
            text.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
            grid.addWidget(caption, place, 0)
            grid.addWidget(text, place, 1)
        self.show_layer(None, "")

    @property
    def texts(self) -> tuple[str, ...]:
        """What is told, line by line."""
        rows = (f"{caption.text()} {text.text()}".strip() for caption, text in self._rows)
        return (self._title.text(), *filter(None, rows))

    def show_layer(self, layer: LayerFigures | None, why: str) -> None:
        """Tell about ``layer``, and ``why`` it is this one; nothing while there are none."""
        self._title.setText(f"{why}{layer.name} ({layer.op})" if layer else "")
        facts = layer.facts if layer else ()
        for place, (caption, text) in enumerate(self._rows):
            caption.setText(facts[place].caption if place < len(facts) else "")
            text.setText(facts[place].text if place < len(facts) else "")
