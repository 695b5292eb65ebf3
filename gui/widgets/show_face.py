"""Show: the visitors' face. Picture edge to edge, large labels, two clocks; nothing to operate."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.core.frame import Shown
from gui.core.theme import SHOW_SCALE, Palette
from gui.widgets.conditions_panel import ConditionsPanel
from gui.widgets.label_layer import LabelLayer
from gui.widgets.side_scroll import SideScroll
from gui.widgets.slide_panel import Side
from gui.widgets.stage_view import StageView
from gui.widgets.strip_layers import ClocksLayer, StatusLayer

_PANEL_SHARE = 0.22


class ShowFace(QWidget):
    """A stage with the status strip above and the clocks below."""

    def __init__(self, palette: Palette, on_painted: Callable[[Shown, int, int], None]) -> None:
        super().__init__()
        self.setObjectName("face")
        self.status = StatusLayer(palette, SHOW_SCALE)
        self.clocks = ClocksLayer(palette, SHOW_SCALE)
        self.labels = LabelLayer(palette, SHOW_SCALE, foot=SHOW_SCALE.clocks)
        edges = (SHOW_SCALE.status, SHOW_SCALE.clocks)
        layers = (self.status, self.clocks)
        self.view = StageView(palette, SHOW_SCALE, self.labels, layers, on_painted, edges)
        self.conditions = ConditionsPanel(palette, titled=True)
        self.conditions_panel = self.view.add_panel(SideScroll(self.conditions), Side.RIGHT, _PANEL_SHARE)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.view, 1)

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self.view.set_theme(palette)
        self.conditions.set_theme(palette)
