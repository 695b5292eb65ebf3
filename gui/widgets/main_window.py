"""The main window: two faces over one pipeline. It forwards keys, drops and choices."""

from __future__ import annotations

import logging
from collections.abc import Callable
from enum import Enum

from PySide6.QtCore import QByteArray, QEvent, Qt, Slot
from PySide6.QtGui import (
    QCloseEvent,
    QGuiApplication,
    QHideEvent,
    QIcon,
    QKeyEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QApplication, QMainWindow, QStackedWidget

import assets
from gui.core.conditions import NEUTRAL
from gui.core.errors import SettingsError
from gui.core.geometry import FIRST_SIZE_WH, first_size
from gui.core.settings import Settings
from gui.core.theme import THEMES
from gui.widgets import style
from gui.widgets.actions import Command, build_actions, plain_command
from gui.widgets.around import Around
from gui.widgets.bench_face import BenchFace
from gui.widgets.camera_feeder import CameraFeeder
from gui.widgets.choices import Choices
from gui.widgets.conditions_feeder import ConditionsFeeder
from gui.widgets.device_feeder import DeviceFeeder
from gui.widgets.drop_target import DropTarget
from gui.widgets.face_feeder import FaceFeeder
from gui.widgets.guide import Guide
from gui.widgets.kiosk import Kiosk
from gui.widgets.label_letters import LabelLetters
from gui.widgets.monitor_feeder import MonitorFeeder
from gui.widgets.presence import Presence
from gui.widgets.show_face import ShowFace
from gui.widgets.side_scroll import SideScroll
from gui.widgets.stage_view import StageView
from gui.workers.monitor import Monitor
from gui.workers.pipeline import Pipeline

_LOG = logging.getLogger(__name__)
_WATCHING = (Command.COMPARE, Command.CLOUD, Command.HISTORY, Command.RECORD)


class Face(Enum):
    """What the window looks like: for visitors, or for engineers."""

    SHOW = "show"
    BENCH = "bench"


class MainWindow(QMainWindow):
    """Owns the two faces; closing it keeps the settings and joins the pipeline."""

    def __init__(
        self, pipeline: Pipeline, settings: Settings, theme_name: str, monitor: Monitor | None = None
    ) -> None:
        """``monitor`` is what watches the pipeline; without it there is no panel of what it finds."""
        super().__init__()
        self._pipeline = pipeline
        self._settings = settings
        self._kiosk: Kiosk | None = None
        self._palette = THEMES[theme_name]
        self.setWindowTitle("Lens7")
        self.setWindowIcon(QIcon(str(assets.path("icons/lens7.svg"))))
        if QGuiApplication.platformName() != "offscreen":  # whose screen is made up
            available = self.screen().availableSize()
            self.resize(*first_size((available.width(), available.height())))
        else:
            self.resize(*FIRST_SIZE_WH)
        self._dress()
        self._feeder = FaceFeeder(pipeline, self)
        self.files = DropTarget(pipeline, self._palette, self)
        self._actions = build_actions(self, self._handlers())
        self._stack = QStackedWidget()
        self.setCentralWidget(self._stack)  # while it is empty: a new parent dresses all it is given
        self.show_face = ShowFace(self._palette, pipeline.mark_painted)
        self.bench_face = BenchFace(self._palette, self._actions, pipeline.mark_painted)
        self._around = Around(pipeline, settings, self._actions, self.bench_face, self._palette, self)
        self._stack.addWidget(self.show_face)
        self._stack.addWidget(self.bench_face)
        self._feeder.feed(self.show_face, self.bench_face)
        panels = (self.show_face.conditions, self.bench_face.conditions)
        self.hard = ConditionsFeeder(pipeline, panels, self)
        self._device = DeviceFeeder(pipeline, self.show_face, self.bench_face.device, self)
        self.cameras = CameraFeeder(pipeline, settings, self.bench_face.view, self._palette, self)
        cameras = self.cameras.panel
        self.bench_face.add_dock(
            "cameras", self.tr("Cameras"), SideScroll(cameras), "sources", cameras.cameras
        )
        views = (self.show_face.view, self.bench_face.view)
        self.guide = Guide(pipeline, self.show_face, views, self.hard.trace, self)
        own = {"theme": self.set_theme, "face": self.set_face}
        self.choices = Choices(pipeline, settings, self.show_face, self.bench_face, self.guide, own, self)
        self._connect_choices()
        self._letters = LabelLetters(pipeline, self)
        self.presence = Presence(pipeline, self)
        self.presence.noticed.connect(self.guide.note_somebody)
        self._around.candidate.keep_above(self._labels_top)
        self._watching = self._watch(monitor) if monitor is not None else None
        for command in _WATCHING:
            self._actions[command].setEnabled(monitor is not None)
        self._restore()

    def _watch(self, monitor: Monitor) -> MonitorFeeder:
        """Show what ``monitor`` finds."""
        alarms = (self.show_face.view.alarm, self.bench_face.view.alarm)
        watching = MonitorFeeder(
            monitor, self._pipeline, self._settings, self.bench_face, alarms, self._palette, self
        )
        watching.noted.connect(self._feeder.set_note)
        self._around.chosen.connect(watching.use_setting)
        return watching

    def _handlers(self) -> dict[Command, Callable[[], object]]:
        pipeline = self._pipeline
        return {
            Command.OPEN_FILES: self.files.ask_for_files,
            Command.OPEN_FOLDER: self.files.ask_for_folder,
            Command.LIVE: self._go_live,
            Command.PAUSE: lambda: pipeline.set_paused(not pipeline.paused),
            Command.PREVIOUS: lambda: self._step(-1),
            Command.NEXT: lambda: self._step(1),
            Command.CAMERAS: lambda: self._toggle_panel("cameras"),
            Command.CONDITIONS: self._toggle_conditions,
            Command.SMOOTHING: self._switch_smoothing,
            Command.QUIZ: lambda: self._guide_visitors(self.guide.toggle_quiz),
            Command.TOUR: lambda: self._guide_visitors(self.guide.toggle_tour),
            Command.DEVICE: self._switch_device,
            Command.STATS: lambda: self._toggle_panel("stats"),
            Command.BATCH: lambda: self._toggle_panel("batch"),
            Command.COMPARE: lambda: self._toggle_panel("compare"),
            Command.CLOUD: lambda: self._toggle_panel("cloud"),
            Command.HISTORY: lambda: self._toggle_panel("history"),
            Command.RECORD: self._switch_recording,
            Command.PALETTE: lambda: self._around.palette.enter(),
            Command.SETTINGS: lambda: self._around.settings.enter(),
            Command.SHORTCUTS: lambda: self._around.shortcuts.enter(),
            Command.CHECKS: lambda: self._around.checks.enter(),
            Command.ABOUT: lambda: self._around.about.enter(),
            Command.FACE: self._switch_face,
            Command.FULL_SCREEN: self._switch_full_screen,
            Command.THEME: self._switch_theme,
            Command.ESCAPE: self._escape,
            Command.QUIT: self.close,
        }

    def _connect_choices(self) -> None:
        pipeline = self._pipeline
        self._around.chosen.connect(self.choices.use)
        self._around.source_chosen.connect(self.choices.open_source)
        self.cameras.source_chosen.connect(self.choices.open_source)
        self._around.batch.picked.connect(pipeline.show_file)
        self.bench_face.sources.drop_zone.open.clicked.connect(self._actions[Command.OPEN_FILES].trigger)
        self.bench_face.sources.picked.connect(pipeline.show_file)
        for face in (self.show_face, self.bench_face):
            face.view.stepped.connect(pipeline.step)
            face.view.live_asked.connect(pipeline.back_to_live)
            face.view.compile_cancelled.connect(pipeline.engine.cancel_compile)

    def _restore(self) -> None:
        """Bring back face, place and docks; what the settings do not say stays as designed."""
        self.choices.apply_looks()
        settings = self._settings
        if geometry := settings.text("window_geometry"):
            self.restoreGeometry(QByteArray.fromBase64(geometry.encode("ascii")))
        self.bench_face.restore_layout(settings.text("bench_layout"))
        self.set_face(settings.text("face"))

    # --- what the program or a test asks ------------------------------------------------------------------------

    @property
    def face(self) -> Face:
        """The visible face."""
        return Face.SHOW if self._stack.currentWidget() is self.show_face else Face.BENCH

    @property
    def view(self) -> StageView:
        """The visible face's view."""
        return self._feeder.view

    def refresh(self) -> None:
        """Show the figures and curves of now, without waiting for their timers."""
        self._feeder.refresh_numbers()
        self.bench_face.latency.refresh_lanes(self._pipeline.latency)

    def set_face(self, name: str) -> None:
        """Turn to the face ``"show"`` or ``"bench"``."""
        face = self.show_face if Face(name) is Face.SHOW else self.bench_face
        if face is self.bench_face:
            self.guide.leave()  # its panel is in Show alone
        self._stack.setCurrentWidget(face)
        self._feeder.set_visible(face.view)
        face.view.setFocus()
        self._around.candidate.place()
        self._settings.set("face", name)
        self._hide_pointer()

    def _labels_top(self) -> int:
        """Return where the labels of the visible face begin."""
        return self.view.mapTo(self, self.view.labels_rect.topLeft()).y()

    def set_kiosk(self) -> None:
        """Become the window of a stand: Show fills the screen, and only the kiosk's chord ends it."""
        self.set_face(Face.SHOW.value)
        idle_s = self._settings.number("attract_after_s")
        self._kiosk = Kiosk(self._actions, self._pipeline, idle_s, self)
        self._kiosk.left.connect(self._tidy)
        self.presence.noticed.connect(self._kiosk.note_somebody)
        if not self.isFullScreen():
            self.showFullScreen()

    @Slot()
    def _tidy(self) -> None:
        """Undo what a visitor who has left did to the picture."""
        if self._pipeline.paused:
            self._pipeline.set_paused(False)
        self._pipeline.set_conditions(NEUTRAL)
        if self.show_face.conditions_panel.is_open:
            self._toggle_conditions()

    def show_bench(self) -> None:
        """Turn to Bench, where the panels are."""
        self.set_face(Face.BENCH.value)

    @property
    def around(self) -> Around:
        """What stands around the faces: statistics and the like."""
        return self._around

    def set_theme(self, name: str) -> None:
        """Dress everything in ``"dark"`` or ``"light"``."""
        self._palette = THEMES[name]
        self._dress()
        for part in (self.show_face, self.bench_face, self.cameras, self.files, self._around):
            part.set_theme(self._palette)
        if self._watching is not None:
            self._watching.set_theme(self._palette)

    def _dress(self) -> None:
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        style.install_fonts()
        style.apply(application, self._palette)

    # --- commands -----------------------------------------------------------------------------------------------

    def _switch_face(self) -> None:
        self.set_face((Face.BENCH if self.face is Face.SHOW else Face.SHOW).value)

    def _switch_device(self) -> None:
        """Show or hide the chip's steps in Show; in Bench bring the device panel to the front, or close it."""
        if self.face is Face.BENCH:
            self.view.setFocus()  # before what had it is hidden, or Qt moves it on as Tab would
            if self.bench_face.toggle_dock("device"):
                self.bench_face.device.take_focus()
            return
        wanted = not self._settings.flag("device_steps")
        self._settings.set("device_steps", wanted)
        self.show_face.set_steps_wanted(wanted)

    def _switch_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _switch_theme(self) -> None:
        names = list(THEMES)
        name = names[(names.index(self._palette.name) + 1) % len(names)]
        self.set_theme(name)
        self._settings.set("theme", name)

    def _toggle_panel(self, name: str) -> None:
        """Turn to Bench with a panel in front, which takes the keys, or close it where it is in view."""
        shown = self.face is Face.SHOW
        if shown:
            self.show_bench()
            self.bench_face.show_dock(name)
        else:
            self.view.setFocus()  # before what had it is hidden, or Qt moves it on as Tab would
            shown = self.bench_face.toggle_dock(name)
        if shown:
            self.bench_face.give_keys(name)

    def _toggle_conditions(self) -> None:
        """Slide the panel of hard conditions in or out in Show; bring its dock to the front, or close it, in Bench."""
        self.view.setFocus()  # before what had it is hidden, or Qt moves it on as Tab would
        if self.face is Face.SHOW:
            panel, drawer = self.show_face.conditions, self.show_face.conditions_panel
            drawer.set_open(not drawer.is_open)
            is_open = drawer.is_open
        else:
            panel, is_open = self.bench_face.conditions, self.bench_face.toggle_dock("conditions")
        if is_open:
            panel.take_focus()

    def _go_live(self) -> None:
        self.guide.end()
        self._pipeline.back_to_live()

    def _step(self, offset: int) -> None:
        if self.guide.is_active:
            self.guide.step(offset)
        else:
            self._pipeline.step(offset)

    def _guide_visitors(self, toggle: Callable[[], None]) -> None:
        """Begin or end a quiz or a tour, where visitors look."""
        self.set_face(Face.SHOW.value)
        toggle()

    def _switch_recording(self) -> None:
        assert self._watching is not None
        self._watching.toggle_recording()

    def _switch_smoothing(self) -> None:
        self._settings.set("smoothing", not self._pipeline.smoothing)
        self._pipeline.set_smoothing(not self._pipeline.smoothing)

    def _escape(self) -> None:
        if self.face is Face.SHOW and self.show_face.conditions_panel.is_open:
            self._toggle_conditions()
        elif self.guide.is_active:
            self.guide.leave()
        elif self._pipeline.is_aside:
            self._pipeline.back_to_live()
        elif self.isFullScreen() and self._kiosk is None:
            self._switch_full_screen()

    # --- events -------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Act on plain keys that the focused control had no use for."""
        command = plain_command(event.key(), event.modifiers())
        if not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier and self.guide.take_key(event.key()):
            return
        if command is None:
            super().keyPressEvent(event)
        else:
            self._actions[command].trigger()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Go on by Tab or Shift+Tab, past what lies behind another tab: nobody would see where the keys are."""
        before = self.focusWidget()
        moved = super().focusNextPrevChild(forward)
        while moved and self.focusWidget() is not before and self.bench_face.hides(self.focusWidget()):
            moved = super().focusNextPrevChild(forward)
        return moved

    def showEvent(self, event: QShowEvent) -> None:
        """Refresh while visible."""
        super().showEvent(event)
        self._feeder.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Refresh nothing that nobody sees."""
        super().hideEvent(event)
        self._feeder.stop()

    def changeEvent(self, event: QEvent) -> None:
        """Follow full screen and minimizing."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self._hide_pointer()
            if self.isMinimized():
                self._feeder.stop()
            elif self.isVisible():
                self._feeder.start()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep the settings, vanish, then join every thread. On a stand the window system's own close button does nothing."""
        if self._kiosk is not None and event.spontaneous():
            event.ignore()
            return
        self._keep_settings()
        self.hide()  # an engine that hangs is waited for, and nobody shall see a window stand still meanwhile
        self._around.close()
        self._pipeline.close()
        super().closeEvent(event)

    def _keep_settings(self) -> None:
        self._settings.set("window_geometry", bytes(self.saveGeometry().toBase64().data()).decode("ascii"))
        self._settings.set("bench_layout", self.bench_face.layout_text)
        try:
            self._settings.save()
        except SettingsError as error:
            _LOG.warning("%s", error)

    def _hide_pointer(self) -> None:
        """Hide the pointer over a full-screen Show: visitors look at the picture."""
        hidden = self.isFullScreen() and self.face is Face.SHOW
        self.setCursor(Qt.CursorShape.BlankCursor if hidden else Qt.CursorShape.ArrowCursor)
