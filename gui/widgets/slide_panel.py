"""A panel at a side of the picture that slides in and out; the picture makes room for it."""

from __future__ import annotations

from enum import Enum, auto

from PySide6.QtCore import QEasingCurve, QRect, QVariantAnimation, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from gui.core.theme import SLIDE_MS


class Side(Enum):
    """Where a panel lies."""

    LEFT = auto()
    RIGHT = auto()


class SlidePanel(QFrame):
    """Holds ``content``, at least as wide as it needs; ``slid`` tells that the parent must call ``place``."""

    slid = Signal()

    def __init__(self, content: QWidget, side: Side, width_share: float, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "drawer")
        self.motion = True
        self.side = side
        self._width_share = width_share
        self.opened = 0.0
        """How far it is in, 0 to 1."""
        self._is_open = False
        self._width_px = 0
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(content)
        self._slide = QVariantAnimation(self, duration=SLIDE_MS)
        self._slide.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._slide.valueChanged.connect(self._move)
        self.hide()

    @property
    def is_open(self) -> bool:
        """Whether the panel is there, or on its way."""
        return self._is_open

    @property
    def shown_px(self) -> int:
        """How much of the width is in the view now."""
        return round(self.opened * self._width_px)

    def set_open(self, is_open: bool) -> None:
        """Slide in or out; at once without motion."""
        if is_open == self._is_open:
            return
        self._is_open = is_open
        self._slide.stop()
        if not self.motion:
            self._move(float(is_open))
            return
        self._slide.setStartValue(self.opened)
        self._slide.setEndValue(float(is_open))
        self._slide.start()

    def place(self, room: QRect) -> None:
        """Lie at the side of ``room``, as far in as it is."""
        self._width_px = max(self.minimumSizeHint().width(), round(self._width_share * room.width()))
        left = room.right() + 1 - self.shown_px
        if self.side is Side.LEFT:
            left = room.left() + self.shown_px - self._width_px
        self.setGeometry(left, room.top(), self._width_px, room.height())

    def _move(self, share: float) -> None:
        self.opened = share
        self.setVisible(share > 0.0)
        self.slid.emit()
