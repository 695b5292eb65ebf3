"""The dropped picture that is shown: its name, its first label, how many are done, and the way back."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from gui.core.batch import Batch, BatchItem
from gui.core.theme import SPACE_PX, Palette
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.icons import icon
from gui.widgets.sized_card import SizedCard
from gui.widgets.wording import batch_line, item_line

_WIDTH_PX = 560


class ResultCard(SizedCard):
    """One batch of files; hidden while a live source is open."""

    stepped = Signal(int)
    left = Signal()

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(_WIDTH_PX, parent)
        self._name = ElidedLabel("secondary")
        self._result = ElidedLabel("title")
        self._count = QLabel()
        self._count.setProperty("role", "secondary")
        self.previous = self._arrow(self.tr("Previous picture"), -1)
        self.next = self._arrow(self.tr("Next picture"), 1)
        self.back = QPushButton(self.tr("Back to live  (L)"))
        self.back.setAccessibleName(self.tr("Back to live"))
        self.back.clicked.connect(self.left)
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(self._name)
        texts.addWidget(self._result)
        texts.addWidget(self._count)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2 * SPACE_PX, SPACE_PX, 2 * SPACE_PX, SPACE_PX)
        layout.setSpacing(SPACE_PX)
        layout.addLayout(texts, 1)
        for button in (self.previous, self.next, self.back):
            layout.addWidget(button)
        self.set_theme(palette)
        self.hide()

    def _arrow(self, name: str, delta: int) -> QToolButton:
        button = QToolButton()
        button.setAccessibleName(name)
        button.setToolTip(name)
        button.clicked.connect(lambda: self.stepped.emit(delta))
        return button

    @property
    def texts(self) -> tuple[str, str, str]:
        """File name, first label or error, and how many are done, as shown."""
        return self._name.text(), self._result.text(), self._count.text()

    def set_batch(self, batch: Batch | None, item: BatchItem | None) -> None:
        """Show ``item``, the file in the view (None: not done yet), of ``batch``; None hides the card."""
        if batch is not None:
            self._name.setText(item.path.name if item else "")
            self._result.setText(item_line(item) if item else self.tr("looking at it"))
            self._count.setText(batch_line(batch))
            for button in (self.previous, self.next):
                button.setVisible(batch.total > 1)
        self.setVisible(batch is not None)

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self.previous.setIcon(icon("arrow-left", palette))
        self.next.setIcon(icon("arrow-right", palette))
