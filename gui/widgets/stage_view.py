"""The picture with the cards that may lie over it: alarms, message, result of a drop, notice, progress."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLayout, QVBoxLayout, QWidget

from gui.core.frame import Shown
from gui.core.theme import SPACE_PX, OverlayScale, Palette
from gui.widgets.alarm_card import AlarmCard
from gui.widgets.conditions_layer import ConditionsLayer
from gui.widgets.label_layer import LabelLayer
from gui.widgets.layer import Layer
from gui.widgets.message_card import MessageCard
from gui.widgets.notice_card import NoticeCard
from gui.widgets.progress_card import ProgressCard
from gui.widgets.result_card import ResultCard
from gui.widgets.slide_panel import Side, SlidePanel
from gui.widgets.video_view import VideoView

_READ_AT_HAND_PX = 640  # height of a view whose notice is as large as any card


class StageView(VideoView):
    """A video view whose cards keep clear of the strips: ``head`` and ``foot`` are shares of its height."""

    stepped = Signal(int)
    live_asked = Signal()
    compile_cancelled = Signal()
    height_changed = Signal(int)

    def __init__(
        self,
        palette: Palette,
        scale: OverlayScale,
        labels: LabelLayer,
        layers: Sequence[Layer],
        on_painted: Callable[[Shown, int, int], None],
        head_foot: tuple[float, float] = (0.0, 0.0),
        parent: QWidget | None = None,
    ) -> None:
        conditions = ConditionsLayer(palette, scale, labels)
        super().__init__(palette, labels, (conditions, *layers), on_painted, parent)
        self.conditions = conditions
        self._panels: list[SlidePanel] = []
        self._head, self._foot = head_foot
        self.alarm = AlarmCard(palette)
        self.message = MessageCard(palette)
        self.result = ResultCard(palette)
        self.notice = NoticeCard(palette)
        self.progress = ProgressCard()
        self.result.stepped.connect(self.stepped)
        self.result.left.connect(self.live_asked)
        self.progress.cancelled.connect(self.compile_cancelled)
        self._cards = QVBoxLayout(self)
        self._cards.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        centre = Qt.AlignmentFlag.AlignHCenter
        self._cards.addWidget(self.alarm, 0, centre)
        self._cards.addWidget(self.message, 0, centre)
        self._cards.addWidget(self.result, 0, centre)
        self._cards.addWidget(self.progress, 0, centre)  # at the foot are the labels of the engine in use
        self._cards.addStretch(1)
        self._cards.addWidget(self.notice, 0, centre)
        self._cards.addStretch(1)

    def add_panel(self, content: QWidget, side: Side, share: float) -> SlidePanel:
        """Return a closed panel with ``content`` at a side of the picture; ``share`` is what it takes of the width."""
        panel = SlidePanel(content, side, share, self)
        panel.slid.connect(self._make_room)
        self._panels.append(panel)
        self._make_room()
        return panel

    @property
    def picture_room(self) -> QRect:
        """Beside a panel the picture is smaller, so it is seen whole: between the strip at the head and the labels."""
        opened = max((panel.opened for panel in self._panels), default=0.0)
        head = round(opened * self._head * self.height())
        foot = round(opened * (self.height() - self.conditions.rect.top()))
        return self.stage.adjusted(0, head, 0, -foot)

    def set_motion(self, moves: bool) -> None:
        """Let panels slide, or appear at once."""
        for panel in self._panels:
            panel.motion = moves

    def set_foot(self, foot: float) -> None:
        """Give the strips at the foot another share of the height."""
        self._foot = foot
        self.place_layers()
        self._make_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep panels and cards between the strips."""
        super().resizeEvent(event)
        self.height_changed.emit(self.height())
        self._make_room()

    def _make_room(self) -> None:
        """Place the panels between the strips at head and foot, and the cards between the panels."""
        head, foot = round(self._head * self.height()), round(self._foot * self.height())
        room = self.rect().adjusted(0, head, 0, -foot)
        for panel in self._panels:
            panel.place(room)
        left, right = (
            max((panel.shown_px for panel in self._panels if panel.side is side), default=0) for side in Side
        )
        self.set_insets(left, right)
        margin = 2 * SPACE_PX
        room_px = max(0, self.stage.width() - 2 * margin)
        for card in (self.alarm, self.message, self.result, self.progress):
            card.set_room(room_px)
        # Visitors read the notice too, at three metres; what operators read keeps its size.
        self.notice.set_room(room_px, max(1.0, self.height() / _READ_AT_HAND_PX) if self._head else 1.0)
        self._cards.setContentsMargins(left + margin, head + margin, right + margin, foot + margin)

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        super().set_theme(palette)
        self.alarm.set_theme(palette)
        self.message.set_theme(palette)
        self.result.set_theme(palette)
        self.notice.set_theme(palette)
