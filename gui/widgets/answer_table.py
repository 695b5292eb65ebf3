"""Two networks' five best labels of the same frame side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from gui.core.theme import SPACE_PX, TypeSize
from gui.widgets.style import font
from gui.widgets.wording import percent

if TYPE_CHECKING:
    from engine import Label

ROWS = 5


class AnswerName(QLabel):
    """A label's name, never cut: what does not fit its column in one line is written smaller, on as many as it needs."""

    def __init__(self, size_px: int) -> None:
        super().__init__()
        self._size_px = size_px
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setFont(font(size_px))

    def setText(self, text: str) -> None:
        """Show ``text``."""
        super().setText(text)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take the size that fits another width."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        whole = font(self._size_px)
        fits = QFontMetrics(whole).horizontalAdvance(self.text()) <= self.width()
        wanted = whole if fits else font(TypeSize.CAPTION)
        if wanted != self.font():
            self.setFont(wanted)


class AnswerTable(QWidget):
    """A column for each network; its first label is larger, as over the picture."""

    def __init__(self, left: str, right: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: list[list[AnswerName]] = [[], []]
        self._percents: list[list[QLabel]] = [[], []]
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACE_PX)
        grid.setVerticalSpacing(SPACE_PX // 4)
        for side, title in enumerate((left, right)):
            heading = QLabel(title)
            heading.setProperty("role", "section")
            grid.addWidget(heading, 0, 3 * side, 1, 2)
            grid.setColumnStretch(3 * side, 1)
            for row in range(ROWS):
                name, share = self._cell(row)
                self._names[side].append(name)
                self._percents[side].append(share)
                grid.addWidget(name, 1 + row, 3 * side)
                grid.addWidget(share, 1 + row, 3 * side + 1)
        grid.setColumnMinimumWidth(2, SPACE_PX)
        grid.setRowStretch(1 + ROWS, 1)
        self.set_answers((), ())

    @staticmethod
    def _cell(row: int) -> tuple[AnswerName, QLabel]:
        size = TypeSize.EMPHASIS if row == 0 else TypeSize.BODY
        name, share = AnswerName(size), QLabel()
        share.setFont(font(size, tabular=True))
        share.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return name, share

    def set_answers(self, left: Sequence[Label], right: Sequence[Label]) -> None:
        """Show both answers; empty ones leave their column empty."""
        for side, answer in enumerate((left, right)):
            for row, (name, share) in enumerate(zip(self._names[side], self._percents[side], strict=True)):
                known = row < len(answer)
                name.setText(answer[row].name if known else "–" if row == 0 else "")
                share.setText(percent(answer[row].probability) if known else "")
        self._keep_height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Be as high as the names of now need at another width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.setMinimumHeight(0)
            self._keep_height()

    def _keep_height(self) -> None:
        """Grow for names on two lines, but never shrink again: what is below would jump with every frame."""
        layout = self.layout()
        assert layout is not None
        self.setMinimumHeight(max(self.minimumHeight(), layout.totalHeightForWidth(self.width())))

    @property
    def texts(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The names of each column, as shown."""
        left, right = (tuple(name.text() for name in side if name.text()) for side in self._names)
        return left, right
