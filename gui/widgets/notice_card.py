"""What stands in the middle of the view while there is no live picture: the state, and what to do."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from gui.core.theme import SPACE_PX, Palette, TypeSize
from gui.widgets.status_label import StatusLabel
from gui.widgets.style import font
from gui.widgets.wording import Notice

_WIDTH_PX = 640


class NoticeCard(QFrame):
    """A state, one line of what happened, one line of what to do; hidden without a notice."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._room_px, self._enlarged = _WIDTH_PX, 1.0
        self._status = StatusLabel(palette)
        self._title = _line("headline")
        self._hint = _line("lead")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4 * SPACE_PX, 3 * SPACE_PX, 4 * SPACE_PX, 4 * SPACE_PX)
        layout.setSpacing(SPACE_PX)
        layout.addWidget(self._status, alignment=Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(self._title)
        layout.addWidget(self._hint)
        self.hide()

    @property
    def text(self) -> str:
        """The notice as one text."""
        return self.accessibleName()

    def set_notice(self, notice: Notice | None) -> None:
        """Show another notice, or none."""
        if notice is not None:
            self._status.set_status(notice.status)
            self._title.setText(notice.title)
            self._hint.setText(notice.hint)
            self.setAccessibleName(f"{notice.status.word}: {notice.title}. {notice.hint}")
            self._fit()
        self.setVisible(notice is not None)

    def set_room(self, width_px: int, enlarged: float = 1.0) -> None:
        """Keep within ``width_px``; ``enlarged`` times as large as usual, so that it is read from afar."""
        self._room_px = width_px
        if enlarged != self._enlarged:
            self._enlarged = enlarged
            self._title.setStyleSheet(f"font-size: {round(enlarged * TypeSize.FIGURE)}px")
            self._hint.setStyleSheet(f"font-size: {round(enlarged * TypeSize.EMPHASIS)}px")
            self._status.setFont(font(round(enlarged * TypeSize.BODY)))
        self._fit()

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self._status.set_theme(palette)

    def _fit(self) -> None:
        """Fix the size: wrapped lines need a height that depends on the width."""
        self.ensurePolished()
        width = min(round(self._enlarged * _WIDTH_PX), self._room_px)
        layout = self.layout()
        assert layout is not None
        self.setFixedSize(width, layout.totalHeightForWidth(width))


def _line(role: str) -> QLabel:
    label = QLabel()
    label.setProperty("role", role)
    label.setWordWrap(True)
    label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    return label
