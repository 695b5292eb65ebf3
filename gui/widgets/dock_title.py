"""The title of a dock, with the family's icons to let it float and to close it. Dragging it moves the dock."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QToolButton, QWidget

from gui.core.theme import ICON_PX, SPACE_PX, Palette
from gui.widgets.icons import icon

_BUTTON_PX = 28


class DockTitle(QWidget):
    """Stands in for the style's own title bar, whose buttons are 10 px small and cannot be tinted."""

    def __init__(self, dock: QDockWidget, palette: Palette) -> None:
        super().__init__(dock)
        self.setObjectName("dock_title")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        title = QLabel(dock.windowTitle())
        title.setProperty("role", "section")
        name = dock.windowTitle()
        self.detach = self._button(self.tr("Let it float, or put it back"), name)
        self.detach.clicked.connect(lambda: dock.setFloating(not dock.isFloating()))
        self.close_button = self._button(self.tr("Close"), name)
        self.close_button.clicked.connect(dock.close)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(SPACE_PX, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(title, 1)
        layout.addWidget(self.detach)
        layout.addWidget(self.close_button)
        self.set_theme(palette)

    def _button(self, text: str, dock: str) -> QToolButton:
        button = QToolButton()
        button.setFixedSize(_BUTTON_PX, _BUTTON_PX)
        button.setIconSize(QSize(ICON_PX - 4, ICON_PX - 4))
        button.setToolTip(text)
        button.setAccessibleName(f"{dock}: {text}")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self.detach.setIcon(icon("external-link", palette))
        self.close_button.setIcon(icon("x", palette))
