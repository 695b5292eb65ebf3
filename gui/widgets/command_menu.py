"""The menu of Bench, from the one table of commands."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from gui.widgets.actions import COMMANDS, Command, Menu


class CommandMenu(QMenu):
    """One sub-menu per group; every command is in exactly one."""

    def __init__(self, actions: Mapping[Command, QAction], parent: QWidget) -> None:
        super().__init__(parent)
        self._actions = actions
        self.groups = {
            menu: self.addMenu(QCoreApplication.translate("Commands", menu.value)) for menu in Menu
        }
        self.aboutToShow.connect(self._fill)

    def _fill(self) -> None:
        """Write the words of now: a command may change its own, as Pause does."""
        for menu, group in self.groups.items():
            group.clear()
            for command, spec in COMMANDS.items():
                if spec.menu is menu:
                    self._add(group, self._actions[command], spec.key_text if spec.plain else "")

    def _add(self, group: QMenu, action: QAction, plain_key: str) -> None:
        if not plain_key:
            group.addAction(action)
            return
        # A plain key is no shortcut of Qt's, so that it stays with a focused control; the menu only tells it.
        entry = group.addAction(f"{action.text()}\t{plain_key}")
        entry.setEnabled(action.isEnabled())
        entry.triggered.connect(lambda: action.trigger())
