"""The alarms that stand, over the picture of both faces: shape, word, what is wrong, what to do."""

from __future__ import annotations

from gui.core.theme import Mark
from gui.monitor.alarms import Alarm
from gui.widgets.monitor_wording import alarm_lines
from gui.widgets.news_card import NewsCard
from gui.widgets.wording import Status


class AlarmCard(NewsCard):
    """Appears with the first alarm and leaves with the last; asks for nothing."""

    def set_alarms(self, alarms: tuple[Alarm, ...]) -> None:
        """Show these alarms, one a line, or nothing."""
        self.tell(Status(Mark.BAD, self.tr("alarm")), alarm_lines(alarms))
        self.setVisible(bool(alarms))
