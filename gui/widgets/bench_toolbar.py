"""The toolbar of Bench: what is looked at, with which model, SoC and kernels; and the picture's controls."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import SIGNAL, QObject, QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QSizePolicy, QToolBar, QToolButton, QWidget

from gui.core.state import Choice
from gui.core.theme import ICON_PX, Palette
from gui.widgets.actions import COMMANDS, Command
from gui.widgets.command_menu import CommandMenu
from gui.widgets.icons import icon
from gui.widgets.picker import Picker

_LEFT = (Command.PAUSE, Command.LIVE, Command.OPEN_FILES, Command.RECORD)
_MORE_PX = 12  # as wide as Qt makes the button
_RIGHT = (Command.PALETTE, Command.THEME, Command.FULL_SCREEN, Command.FACE)
RECIPE_CHOICES = (Choice("lens7", "Lens7"), Choice("ti", "TI"))
KERNEL_CHOICES = tuple(Choice(name, name) for name in ("auto", "native", "numpy", "reference"))


class BenchToolbar(QToolBar):
    """Pickers forward what people choose; buttons trigger the window's actions."""

    source_chosen = Signal(str)
    model_chosen = Signal(str)
    soc_chosen = Signal(str)
    recipe_chosen = Signal(str)
    kernels_chosen = Signal(str)

    def __init__(
        self, actions: Mapping[Command, QAction], palette: Palette, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("toolbar")
        self.setWindowTitle(self.tr("Toolbar"))
        self.setMovable(False)
        self.setIconSize(QSize(ICON_PX, ICON_PX))
        self._actions = actions
        self._palette = palette
        self._worn: dict[Command, tuple[str, str, Palette]] = {}
        self.source = Picker(self.tr("Source"), 192, palette)
        self.model = Picker(self.tr("Model"), 192, palette)
        self.soc = Picker(self.tr("SoC"), 176, palette)
        self.recipe = Picker(self.tr("Recipe"), 96, palette)
        self.kernels = Picker(self.tr("Kernels"), 104, palette)
        self._more = self._more_button()
        self.menu = self._menu_button()
        self.addWidget(self.menu)
        for picker, signal in (
            (self.source, self.source_chosen),
            (self.model, self.model_chosen),
            (self.soc, self.soc_chosen),
            (self.recipe, self.recipe_chosen),
            (self.kernels, self.kernels_chosen),
        ):
            picker.chosen.connect(signal)
            self.addWidget(picker)
        for command in _LEFT:
            self._add_button(command)
        spring = QWidget()
        spring.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(spring)
        for command in _RIGHT:
            self._add_button(command)
        self.set_theme(palette)

    def _add_button(self, command: Command) -> None:
        self.addAction(self._actions[command])
        button = self.button(command)
        button.setAccessibleName(self._actions[command].text())
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # a toolbar's own buttons take no focus

    def _more_button(self) -> QToolButton:
        """Return Qt's own button of a narrow toolbar, told and reached as the others are."""
        button = self.findChild(QToolButton, "qt_toolbar_ext_button")
        assert isinstance(button, QToolButton)
        button.setAccessibleName(self.tr("More"))
        button.setToolTip(self.tr("More"))
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setIconSize(QSize(_MORE_PX, _MORE_PX))
        return button

    def _menu_button(self) -> QToolButton:
        button = QToolButton()
        button.setAccessibleName(self.tr("Menu"))
        button.setToolTip(self.tr("Menu"))
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setMenu(CommandMenu(self._actions, button))
        return button

    def button(self, command: Command) -> QToolButton:
        """Return the button of a command."""
        button = self.widgetForAction(self._actions[command])
        assert isinstance(button, QToolButton)
        return button

    def set_paused(self, paused: bool) -> None:
        """Let the pause button offer the other state."""
        if paused:
            self._dress(Command.PAUSE, "play", self.tr("Start"))
        else:
            self._dress(Command.PAUSE, "pause", self.tr("Pause"))

    def set_recording(self, recording: bool) -> None:
        """Let the button for recording offer the other thing."""
        if recording:
            self._dress(Command.RECORD, "square", self.tr("Stop recording"))
        else:
            self._dress(
                Command.RECORD, COMMANDS[Command.RECORD].icon, self.tr("Record what the network sees")
            )

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self._palette = palette
        for picker in (self.source, self.model, self.soc, self.recipe, self.kernels):
            picker.set_theme(palette)
        self.menu.setIcon(icon("menu", palette))
        self._more.setIcon(icon("chevron-right", palette))
        for command in (*_LEFT, *_RIGHT):
            worn = self._worn.get(command)
            symbol, text = worn[:2] if worn else (COMMANDS[command].icon, self._actions[command].text())
            self._dress(command, symbol, text)

    def _dress(self, command: Command, symbol: str, text: str) -> None:
        """Let the button of a command show ``symbol`` and say ``text``; nothing happens where it does already."""
        worn = (symbol, text, self._palette)
        if self._worn.get(command) == worn:
            return
        self._worn[command] = worn
        action, button = self._actions[command], self.button(command)
        # At every change of its action a button of Qt connects to it once more, and never disconnects.
        QObject.disconnect(action, SIGNAL("changed()"), button, None)  # type: ignore[call-overload]
        action.setIcon(icon(symbol, self._palette))
        action.setText(text)
        action.setToolTip(f"{text}  ({COMMANDS[command].key_text})")
        button.setAccessibleName(text)
