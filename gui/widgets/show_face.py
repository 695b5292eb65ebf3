"""Show: the visitors' face. Picture edge to edge, large labels, two clocks, the chip's six steps; nothing to operate."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.core.device_figures import DeviceFigures
from gui.core.frame import Shown
from gui.core.theme import SHOW_SCALE, Palette
from gui.widgets.conditions_panel import ConditionsPanel
from gui.widgets.guide_panel import GuidePanel
from gui.widgets.label_layer import LabelLayer
from gui.widgets.side_scroll import SideScroll
from gui.widgets.slide_panel import Side
from gui.widgets.stage_view import StageView
from gui.widgets.step_strip import StepsLayer
from gui.widgets.strip_layers import ClocksLayer, StatusLayer

_PANEL_SHARE = 0.22
_GUIDE_SHARE = 0.32


class ShowFace(QWidget):
    """A stage with the status strip above, the clocks and the steps below."""

    def __init__(self, palette: Palette, on_painted: Callable[[Shown, int, int], None]) -> None:
        super().__init__()
        self.setObjectName("face")
        self.status = StatusLayer(palette, SHOW_SCALE)
        self.clocks = ClocksLayer(palette, SHOW_SCALE)
        self.labels = LabelLayer(palette, SHOW_SCALE, foot=SHOW_SCALE.clocks)
        edges = (SHOW_SCALE.status, SHOW_SCALE.clocks)
        self.steps = StepsLayer(palette, SHOW_SCALE)
        layers = (self.status, self.clocks, self.steps)
        self.view = StageView(palette, SHOW_SCALE, self.labels, layers, on_painted, edges)
        self.conditions = ConditionsPanel(palette, titled=True)
        self.conditions_panel = self.view.add_panel(SideScroll(self.conditions), Side.RIGHT, _PANEL_SHARE)
        self.guide = GuidePanel(palette)
        self.guide_panel = self.view.add_panel(SideScroll(self.guide), Side.LEFT, _GUIDE_SHARE)
        self.view.height_changed.connect(self.guide.set_unit)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.view, 1)

    def set_steps(self, figures: DeviceFigures | None) -> None:
        """Light the steps of the chip by their shares; None while nothing is modelled."""
        self.steps.set_figures(figures)
        self._stand_on_steps()

    def set_steps_wanted(self, wanted: bool) -> None:
        """Show the steps where they are known, or leave the room to the picture."""
        self.steps.set_wanted(wanted)
        self._stand_on_steps()

    def _stand_on_steps(self) -> None:
        foot = SHOW_SCALE.clocks + self.steps.height
        self.clocks.stand_on(self.steps.height)
        self.labels.stand_on(foot)
        self.view.set_foot(foot)

    def set_motion(self, moves: bool) -> None:
        """Let panels slide, or be there at once."""
        self.view.set_motion(moves)

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self.view.set_theme(palette)
        self.conditions.set_theme(palette)
        self.guide.set_theme(palette)
