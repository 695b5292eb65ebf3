"""A dropped model or label file: how far its check is, then one click to use it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QPoint, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QProgressBar, QPushButton, QWidget

from gui.core.theme import SPACE_PX
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.words import word
from gui.workers.candidates import Candidate, CandidateState

_STEPS = 1000
_WIDTH_PX = 560


class CandidateCard(QFrame):
    """Lies over the picture, above its labels; hidden while nothing was dropped."""

    used = Signal()
    dropped = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setProperty("role", "card")
        self.setFixedWidth(_WIDTH_PX)
        self._window = window
        self._foot: Callable[[], int] = window.height
        self._title, self._stage = ElidedLabel("title"), ElidedLabel("secondary")
        self.bar = QProgressBar()
        self.bar.setRange(0, _STEPS)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress of the check"))
        self.use = QPushButton(self.tr("Use it"))
        self.use.setAccessibleName(self.tr("Use it"))
        self.use.clicked.connect(self.used)
        self.leave = QPushButton(self.tr("Cancel"))
        self.leave.setAccessibleName(self.tr("Cancel"))
        self.leave.clicked.connect(self.dropped)
        layout = QGridLayout(self)
        layout.setContentsMargins(2 * SPACE_PX, 2 * SPACE_PX, 2 * SPACE_PX, 2 * SPACE_PX)
        layout.setSpacing(SPACE_PX)
        layout.addWidget(self._title, 0, 0)
        layout.addWidget(self._stage, 1, 0)
        layout.addWidget(self.use, 0, 1, 2, 1)
        layout.addWidget(self.leave, 0, 2, 2, 1)
        layout.addWidget(self.bar, 2, 0, 1, 3)
        self.hide()
        window.installEventFilter(self)

    @property
    def texts(self) -> tuple[str, str]:
        """Title and stage as shown."""
        return self._title.text(), self._stage.text()

    def show_candidate(self, candidate: Candidate | None) -> None:
        """Show how far the check is; None hides the card."""
        if candidate is not None:
            choice, ready = candidate.choice, candidate.state is CandidateState.READY
            name = Path(choice.labels or choice.model).name
            progress = candidate.progress
            self._title.setText(name)
            self._stage.setText(self._ready(bool(choice.labels)) if ready else self._checking(candidate))
            self.bar.setValue(_STEPS if ready else round(progress.fraction * _STEPS) if progress else 0)
            self.use.setEnabled(ready)
            self.place()
            self.raise_()
        self.setVisible(candidate is not None)

    def _ready(self, is_labels: bool) -> str:
        return self.tr("One name for every class.") if is_labels else self.tr("Checked and compiled.")

    def _checking(self, candidate: Candidate) -> str:
        stage = word(candidate.progress.stage) if candidate.progress else ""
        return self.tr("Checking: {stage}").format(stage=stage) if stage else self.tr("Checking…")

    def keep_above(self, foot: Callable[[], int]) -> None:
        """Lie above what ``foot`` tells, in pixels from the window's head: what is painted below is read meanwhile."""
        self._foot = foot

    def place(self) -> None:
        """Lie where the card belongs now."""
        self.adjustSize()
        top = max(0, self._foot() - self.height() - 2 * SPACE_PX)
        self.move(QPoint((self._window.width() - self.width()) // 2, top))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the window's size."""
        if watched is self._window and event.type() == QEvent.Type.Resize and self.isVisible():
            self.place()
        return False
