"""Bench: the engineers' face. Toolbar, sources, picture, latency by stage, figures, messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QByteArray, Qt, QTimer
from PySide6.QtGui import QAction, QHideEvent, QShowEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabWidget, QVBoxLayout, QWidget

from gui.core.frame import Shown
from gui.core.theme import BENCH_SCALE, SIDE_PX, Palette
from gui.widgets.actions import Command
from gui.widgets.bench_toolbar import BenchToolbar
from gui.widgets.conditions_panel import ConditionsPanel
from gui.widgets.device_panel import DevicePanel
from gui.widgets.dock_room import DockRoom
from gui.widgets.dock_title import DockTitle
from gui.widgets.label_layer import LabelLayer
from gui.widgets.latency_panel import LatencyPanel
from gui.widgets.message_strip import MessageStrip
from gui.widgets.numbers_panel import NumbersPanel
from gui.widgets.side_scroll import SideScroll
from gui.widgets.sources_panel import SourcesPanel
from gui.widgets.stage_view import StageView
from gui.widgets.status_label import StatusLabel
from gui.widgets.wording import conditions_title

_FOUR_COLUMNS_PX = 1800
_DEVICE_COLUMN_PX = 416


class BenchFace(QWidget):
    """Panels are docks around the picture: they move, close, and come back as they were."""

    def __init__(
        self,
        palette: Palette,
        actions: Mapping[Command, QAction],
        on_painted: Callable[[Shown, int, int], None],
    ) -> None:
        super().__init__()
        self.setObjectName("face")
        self.toolbar = BenchToolbar(actions, palette)
        self.labels = LabelLayer(palette, BENCH_SCALE)
        self.view = StageView(palette, BENCH_SCALE, self.labels, (), on_painted)
        self.sources = SourcesPanel(palette)
        self.latency = LatencyPanel(palette)
        self.numbers = NumbersPanel(palette)
        self.conditions = ConditionsPanel(palette)
        self.device = DevicePanel(palette)
        self.engine = StatusLabel(palette)
        self.source = StatusLabel(palette)
        self.recording = StatusLabel(palette)
        self.recording.hide()
        self._palette = palette
        self.messages = MessageStrip(palette, (self.recording, self.source, self.engine))
        self._docks = self._build_docks()
        self._room = DockRoom(self._docks)
        self._is_new = True
        self._kept_layout: str | None = ""
        self._put_away: list[QDockWidget] = []
        self._asked: list[str] = []
        self._firsts: dict[str, QWidget] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._room, 1)
        layout.addWidget(self.messages)

    def _build_docks(self) -> QMainWindow:
        docks = QMainWindow()
        docks.setWindowFlags(Qt.WindowType.Widget)
        docks.setDockNestingEnabled(True)
        docks.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        docks.addToolBar(self.toolbar)
        docks.setCentralWidget(self.view)
        area = Qt.DockWidgetArea
        for name, title, widget, side in (
            ("sources", self.tr("Sources"), self.sources, area.LeftDockWidgetArea),
            ("numbers", self.tr("Numbers"), SideScroll(self.numbers), area.RightDockWidgetArea),
            ("device", self.tr("Device, modelled"), SideScroll(self.device), area.RightDockWidgetArea),
            ("conditions", conditions_title(), SideScroll(self.conditions), area.RightDockWidgetArea),
            ("latency", self.tr("Latency by stage"), self.latency, area.BottomDockWidgetArea),
        ):
            docks.addDockWidget(side, self._make_dock(name, title, widget))
        docks.tabifyDockWidget(self._found(docks, "numbers"), self._found(docks, "conditions"))
        self._found(docks, "conditions").hide()
        docks.setCorner(Qt.Corner.BottomLeftCorner, area.LeftDockWidgetArea)
        docks.setCorner(Qt.Corner.BottomRightCorner, area.RightDockWidgetArea)
        docks.setTabPosition(area.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        docks.tabifyDockWidget(self._found(docks, "numbers"), self._found(docks, "device"))
        self._found(docks, "numbers").raise_()
        return docks

    def _make_dock(self, name: str, title: str, widget: QWidget) -> QDockWidget:
        dock = QDockWidget(title)
        dock.setObjectName(name)
        dock.setAccessibleName(title)
        dock.setTitleBarWidget(DockTitle(dock, self._palette))
        dock.setWidget(widget)
        return dock

    def dock(self, name: str) -> QDockWidget:
        """Return the dock ``"sources"``, ``"numbers"``, ``"device"``, ``"conditions"`` or ``"latency"``."""
        return self._found(self._docks, name)

    @staticmethod
    def _found(docks: QMainWindow, name: str) -> QDockWidget:
        found = docks.findChild(QDockWidget, name)
        assert isinstance(found, QDockWidget), name
        return found

    def set_motion(self, moves: bool) -> None:
        """Let docks slide to their place, or be there at once."""
        self._docks.setAnimated(moves)
        self.view.set_motion(moves)

    def toggle_dock(self, name: str) -> bool:
        """Show a dock before the others of its place, or close it where it is in view; return whether it is shown."""
        dock = self.dock(name)
        if dock.isVisible() and not _is_behind(dock):
            dock.hide()
            return False
        self.show_dock(name)
        return True

    def show_dock(self, name: str) -> None:
        """Show a dock before the others of its place."""
        if self._is_new:
            self._asked.append(name)  # once more after the layout that is kept
        dock = self.dock(name)
        dock.show()
        dock.raise_()
        # Once the dock has its place:
        QTimer.singleShot(0, self, lambda: self._room.ensureWidgetVisible(dock, 0, 0))

    def hides(self, control: QWidget | None) -> bool:
        """Return whether a control stands in a dock behind another: Qt takes it for visible all the same."""
        while control is not None and not isinstance(control, QDockWidget):
            control = control.parentWidget()
        return control is not None and _is_behind(control)

    def give_keys(self, name: str) -> None:
        """Let the keys go to the first control of a dock, where it has one."""
        if (first := self._firsts.get(name)) is not None:
            first.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def add_dock(
        self, name: str, title: str, panel: QWidget, beside: str, first: QWidget | None = None
    ) -> QDockWidget:
        """Add a panel as a tab of the dock ``beside``; it is closed until someone asks for it.

        ``first`` is the control that takes the keys then.
        """
        if first is not None:
            self._firsts[name] = first
        dock = self._make_dock(name, title, panel)
        self._docks.tabifyDockWidget(self.dock(beside), dock)
        dock.hide()
        self.dock(beside).raise_()  # or another tab of the place would come to the front
        return dock

    @property
    def layout_text(self) -> str:
        """Where the docks are, as text for the settings; nothing while they are as designed."""
        if self._kept_layout is not None:
            return self._kept_layout
        return bytes(self._docks.saveState().toBase64().data()).decode("ascii")

    def restore_layout(self, text: str) -> None:
        """Put the docks where ``layout_text`` says, once they have their room; text that says nothing leaves them."""
        self._kept_layout = text

    def hideEvent(self, event: QHideEvent) -> None:
        """Take along the docks that float: they are windows of their own, and would lie over Show."""
        super().hideEvent(event)
        if event.spontaneous():  # minimized: the window system takes them along
            return
        self._kept_layout = self.layout_text
        docks = self._docks.findChildren(QDockWidget)
        self._put_away = [dock for dock in docks if dock.isFloating() and not dock.isHidden()]
        for dock in self._put_away:
            dock.hide()

    def showEvent(self, event: QShowEvent) -> None:
        """Arrange the docks the first time, and bring back those that float."""
        super().showEvent(event)
        if self._is_new:
            self._arrange(self._kept_layout)
        for dock in self._put_away:
            dock.show()
        self._put_away, self._kept_layout = [], None

    def _arrange(self, kept_layout: str | None) -> None:
        """Put the docks where they were; if people never did, give the device a column of its own in a wide window."""
        self._is_new = False
        if kept_layout:
            self._docks.restoreState(QByteArray.fromBase64(kept_layout.encode("ascii")))
        elif self.width() >= _FOUR_COLUMNS_PX:
            side, beside = Qt.DockWidgetArea.RightDockWidgetArea, Qt.Orientation.Horizontal
            columns = [self.dock("numbers"), self.dock("device")]
            self._docks.addDockWidget(side, columns[1], beside)
            self._docks.resizeDocks(columns, [SIDE_PX, _DEVICE_COLUMN_PX], beside)
        for name in self._asked:
            self.show_dock(name)

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self._palette = palette
        for title in self._docks.findChildren(DockTitle):
            title.set_theme(palette)
        for part in (
            self.toolbar, self.view, self.sources, self.latency, self.numbers, self.device, self.conditions,
            self.messages, self.recording, self.source, self.engine,
        ):  # fmt: skip
            part.set_theme(palette)


def _is_behind(dock: QDockWidget) -> bool:
    """Return whether another tab is in front: Qt lays such a dock out beside the place of all docks."""
    place = dock.parentWidget()
    return place is not None and not dock.isFloating() and not place.rect().intersects(dock.geometry())
