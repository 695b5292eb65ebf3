"""Everything a key or a button can ask of the window: one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget


class Menu(Enum):
    """The menu in which a command stands; the value is its title."""

    FILE = "File"
    PICTURE = "Picture"
    VIEW = "View"
    HELP = "Help"


class Command(Enum):
    """A thing people ask for."""

    OPEN_FILES = "open_files"
    OPEN_FOLDER = "open_folder"
    LIVE = "live"
    PAUSE = "pause"
    PREVIOUS = "previous"
    NEXT = "next"
    DEVICE = "device"
    CAMERAS = "cameras"
    CONDITIONS = "conditions"
    SMOOTHING = "smoothing"
    QUIZ = "quiz"
    TOUR = "tour"
    FACE = "face"
    STATS = "stats"
    BATCH = "batch"
    COMPARE = "compare"
    CLOUD = "cloud"
    HISTORY = "history"
    RECORD = "record"
    PALETTE = "palette"
    SETTINGS = "settings"
    SHORTCUTS = "shortcuts"
    CHECKS = "checks"
    ABOUT = "about"
    FULL_SCREEN = "full_screen"
    THEME = "theme"
    ESCAPE = "escape"
    QUIT = "quit"


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """Words, key and icon of a command.

    A ``plain`` key (no modifier, no function key) acts only where the focused control has no use for it: Space
    presses a focused button, arrows move in a focused list.
    """

    text: str
    key: str
    icon: str = ""
    plain: bool = False
    menu: Menu = Menu.PICTURE

    @property
    def key_text(self) -> str:
        """The key as it is called on people's keyboards."""
        return key_text(self.key)


def key_text(key: str) -> str:
    """Return a key, or several pressed together, as they are called on people's keyboards."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


COMMANDS: Mapping[Command, CommandSpec] = {
    Command.OPEN_FILES: CommandSpec("Open files…", "Ctrl+O", "folder-open", menu=Menu.FILE),
    Command.OPEN_FOLDER: CommandSpec("Open a folder…", "Ctrl+Shift+O", "folder", menu=Menu.FILE),
    Command.LIVE: CommandSpec("Back to live", "L", "radio", plain=True),
    Command.PAUSE: CommandSpec("Pause", "Space", "pause", plain=True),
    Command.PREVIOUS: CommandSpec("Previous picture", "Left", "arrow-left", plain=True),
    Command.NEXT: CommandSpec("Next picture", "Right", "arrow-right", plain=True),
    Command.DEVICE: CommandSpec("Device: steps of the chip, modelled", "D", "cpu", plain=True),
    Command.CAMERAS: CommandSpec("Cameras", "C", "camera", plain=True, menu=Menu.VIEW),
    Command.CONDITIONS: CommandSpec("Hard conditions", "H", "sliders-horizontal", plain=True),
    Command.SMOOTHING: CommandSpec("Smoothed labels", "S", "activity", plain=True),
    Command.QUIZ: CommandSpec("Quiz: beat the machine", "Q", "trophy", plain=True),
    Command.TOUR: CommandSpec("Guided tour", "T", "route", plain=True),
    Command.STATS: CommandSpec("Statistics", "F9", "gauge", menu=Menu.VIEW),
    Command.BATCH: CommandSpec("Batch", "Ctrl+B", "layout-grid", menu=Menu.VIEW),
    Command.COMPARE: CommandSpec("Float against 8 bit", "F5", "microscope", menu=Menu.VIEW),
    Command.CLOUD: CommandSpec("Edge against cloud", "F6", "cloud", menu=Menu.VIEW),
    Command.HISTORY: CommandSpec("History", "F7", "history", menu=Menu.VIEW),
    Command.RECORD: CommandSpec("Record what the network sees", "Ctrl+R", "circle-dot"),
    Command.PALETTE: CommandSpec("Find a command…", "Ctrl+K", "search", menu=Menu.HELP),
    Command.SETTINGS: CommandSpec("Settings", "Ctrl+,", "settings", menu=Menu.FILE),
    Command.SHORTCUTS: CommandSpec("Keys", "F1", "keyboard", menu=Menu.HELP),
    Command.CHECKS: CommandSpec("Check this machine", "F8", "badge-check", menu=Menu.HELP),
    Command.ABOUT: CommandSpec("About Lens7", "Shift+F1", "info", menu=Menu.HELP),
    Command.FACE: CommandSpec("Show or Bench", "F2", "presentation", menu=Menu.VIEW),
    Command.FULL_SCREEN: CommandSpec("Full screen", "F11", "maximize", menu=Menu.VIEW),
    Command.THEME: CommandSpec("Light or dark", "F4", "contrast", menu=Menu.VIEW),
    Command.ESCAPE: CommandSpec("Back", "Esc", plain=True),
    Command.QUIT: CommandSpec("Quit", "Ctrl+Q", "power", menu=Menu.FILE),
}


def build_actions(owner: QWidget, handlers: Mapping[Command, Callable[[], object]]) -> dict[Command, QAction]:
    """Return an action for every command, added to ``owner``; plain keys are left to ``plain_command``."""
    actions = {}
    for command, spec in COMMANDS.items():
        text = QCoreApplication.translate("Commands", spec.text)
        action = QAction(text, owner)
        action.setToolTip(f"{text}  ({spec.key_text})")
        action.setData(spec.key_text)
        action.setIconVisibleInMenu(False)  # those of the toolbar alone would have one
        if not spec.plain:
            action.setShortcut(QKeySequence(spec.key))
        action.triggered.connect(lambda _checked=False, handler=handlers[command]: handler())
        owner.addAction(action)
        actions[command] = action
    return actions


def plain_command(key: int, modifiers: Qt.KeyboardModifier) -> Command | None:
    """Return the command of a plain key press, None if it has none."""
    if modifiers & ~Qt.KeyboardModifier.KeypadModifier:
        return None
    pressed = QKeySequence(key).toString()
    return next((command for command, spec in COMMANDS.items() if spec.plain and spec.key == pressed), None)
