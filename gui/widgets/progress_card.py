"""Progress of a compilation, over the live picture and never in its way."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QProgressBar, QPushButton, QWidget

from gui.core.state import Progress
from gui.core.theme import SPACE_PX, TypeSize
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.sized_card import SizedCard
from gui.widgets.style import font
from gui.widgets.wording import percent
from gui.widgets.words import word

_STEPS = 1000
_WIDTH_PX = 640


class ProgressCard(SizedCard):
    """Title, running stage, bar and a button to give up; hidden while nothing runs."""

    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_WIDTH_PX, parent)
        self._title = ElidedLabel("title")
        self._stage = ElidedLabel("secondary")
        self._percent = QLabel()
        self._percent.setFont(font(TypeSize.BODY, tabular=True))
        self.bar = QProgressBar()
        self.bar.setRange(0, _STEPS)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Compilation progress"))
        self.cancel = QPushButton(self.tr("Cancel"))
        self.cancel.setAccessibleName(self.tr("Cancel compilation"))
        self.cancel.clicked.connect(self.cancelled)
        layout = QGridLayout(self)
        layout.setContentsMargins(2 * SPACE_PX, 2 * SPACE_PX, 2 * SPACE_PX, 2 * SPACE_PX)
        layout.setSpacing(SPACE_PX)
        layout.addWidget(self._title, 0, 0, 1, 2)
        layout.addWidget(self.cancel, 0, 2, 2, 1)
        layout.addWidget(self._stage, 1, 0)
        layout.addWidget(self._percent, 1, 1)
        layout.addWidget(self.bar, 2, 0, 1, 3)
        self.hide()

    def set_progress(self, progress: Progress | None, title: str) -> None:
        """Show how far the job ``title`` is; None hides the card."""
        if progress is not None:
            self._title.setText(title)
            self._stage.setText(word(progress.stage))
            self._percent.setText(percent(progress.fraction))
            self.bar.setValue(round(progress.fraction * _STEPS))
        self.setVisible(progress is not None)
