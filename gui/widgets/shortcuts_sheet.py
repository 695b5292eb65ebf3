"""Every command with its key, from the one table."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from gui.core.theme import SPACE_PX, Palette, TypeSize
from gui.widgets.actions import COMMANDS, Command
from gui.widgets.sheet import Sheet, scrolled
from gui.widgets.style import font

_WIDTH_PX, _HEIGHT_PX = 640, 640


class ShortcutsSheet(Sheet):
    """Keys at the left, what they do at the right."""

    def __init__(self, actions: Mapping[Command, QAction], palette: Palette, window: QWidget) -> None:
        title = QCoreApplication.translate("ShortcutsSheet", "Keys")
        super().__init__(title, palette, window, _WIDTH_PX, _HEIGHT_PX)
        content = QWidget()
        grid = QGridLayout(content)
        grid.setContentsMargins(0, 0, 2 * SPACE_PX, 0)
        grid.setHorizontalSpacing(3 * SPACE_PX)
        grid.setVerticalSpacing(SPACE_PX)
        grid.setColumnStretch(1, 1)
        self.lines: list[tuple[str, str]] = []
        for row, (command, spec) in enumerate(COMMANDS.items()):
            line = (spec.key_text, actions[command].text())
            self.lines.append(line)
            for column, text in enumerate(line):
                label = QLabel(text)
                label.setFont(font(TypeSize.BODY))
                label.setProperty("role", "secondary" if column else "")
                grid.addWidget(label, row, column)
        grid.setRowStretch(len(COMMANDS), 1)
        self.body.addWidget(scrolled(content, title), 1)
