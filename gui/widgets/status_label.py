"""A state by shape, colour and word."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.core.theme import Mark, Palette, TypeSize
from gui.widgets.style import font
from gui.widgets.wording import Status


class StatusLabel(QWidget):
    """The mark in its colour, then the word in the text's."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette = palette
        self._status = Status(Mark.UNKNOWN, "")
        self.setFont(font(TypeSize.BODY))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)

    @property
    def status(self) -> Status:
        """What is shown."""
        return self._status

    def set_status(self, status: Status) -> None:
        """Show another state."""
        if status != self._status:
            self._status = status
            self.setAccessibleName(status.word)
            self.updateGeometry()
            self.update()

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self._palette = palette
        self.update()

    def sizeHint(self) -> QSize:
        """Room for mark and word."""
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self._text(self._status)) + 2, metrics.height())

    def minimumSizeHint(self) -> QSize:
        """Never less: a state that is squeezed out of a crowded panel is a state not told."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint mark and word on one baseline."""
        painter = QPainter(self)
        metrics = self.fontMetrics()
        baseline = (self.height() + metrics.ascent() - metrics.descent()) // 2
        painter.setPen(QColor(self._palette.mark(self._status.mark)))
        painter.drawText(0, baseline, self._status.mark.value)
        painter.setPen(QColor(self._palette.text))
        painter.drawText(
            metrics.horizontalAdvance(f"{self._status.mark.value} "), baseline, self._status.word
        )

    @staticmethod
    def _text(status: Status) -> str:
        return f"{status.mark.value} {status.word}"
