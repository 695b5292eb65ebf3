"""Everything a key or a button can ask of the window: one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget


class Command(Enum):
    """A thing people ask for."""

    OPEN_FILES = "open_files"
    OPEN_FOLDER = "open_folder"
    LIVE = "live"
    PAUSE = "pause"
    PREVIOUS = "previous"
    NEXT = "next"
    FACE = "face"
    STATS = "stats"
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


COMMANDS: Mapping[Command, CommandSpec] = {
    Command.OPEN_FILES: CommandSpec("Open files…", "Ctrl+O", "folder-open"),
    Command.OPEN_FOLDER: CommandSpec("Open a folder…", "Ctrl+Shift+O", "folder"),
    Command.LIVE: CommandSpec("Back to live", "L", "radio", plain=True),
    Command.PAUSE: CommandSpec("Pause", "Space", "pause", plain=True),
    Command.PREVIOUS: CommandSpec("Previous picture", "Left", "arrow-left", plain=True),
    Command.NEXT: CommandSpec("Next picture", "Right", "arrow-right", plain=True),
    Command.STATS: CommandSpec("Statistics", "F9", "gauge"),
    Command.FACE: CommandSpec("Show or Bench", "F2", "presentation"),
    Command.FULL_SCREEN: CommandSpec("Full screen", "F11", "maximize"),
    Command.THEME: CommandSpec("Light or dark", "F4", "contrast"),
    Command.ESCAPE: CommandSpec("Back", "Esc", plain=True),
    Command.QUIT: CommandSpec("Quit", "Ctrl+Q", "power"),
}


def build_actions(owner: QWidget, handlers: Mapping[Command, Callable[[], object]]) -> dict[Command, QAction]:
    """Return an action for every command, added to ``owner``; plain keys are left to ``plain_command``."""
    actions = {}
    for command, spec in COMMANDS.items():
        text = QCoreApplication.translate("Commands", spec.text)
        action = QAction(text, owner)
        action.setToolTip(f"{text}  ({spec.key})")
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
