"""The alarms that stand, over the picture of both faces: shape, word, what is wrong, what to do."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from gui.core.theme import SPACE_PX, Mark, Palette
from gui.monitor.alarms import Alarm
from gui.widgets.monitor_wording import alarm_lines
from gui.widgets.status_label import StatusLabel
from gui.widgets.wording import Status

_WIDEST_PX = 960


class AlarmCard(QFrame):
    """Appears with the first alarm and leaves with the last; asks for nothing."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setMaximumWidth(_WIDEST_PX)
        self._mark = StatusLabel(palette)
        self._mark.set_status(Status(Mark.BAD, self.tr("alarm")))
        self._text = QLabel()
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2 * SPACE_PX, SPACE_PX, 2 * SPACE_PX, SPACE_PX)
        layout.setSpacing(2 * SPACE_PX)
        layout.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._text, 1)
        self.hide()

    @property
    def text(self) -> str:
        """The alarms as shown, one a line."""
        return self._text.text()

    def set_alarms(self, alarms: tuple[Alarm, ...]) -> None:
        """Show these alarms, or nothing."""
        text = alarm_lines(alarms)
        if text != self._text.text():
            self._text.setText(text)
            self.setAccessibleName(text)
        self.setVisible(bool(alarms))

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self._mark.set_theme(palette)
