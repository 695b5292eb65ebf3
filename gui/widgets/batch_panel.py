"""A batch at a glance: grid, accuracy, order, export, and the whole card of the chosen file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.errors import EngineError
from engine.files import write_whole
from gui.core.batch import Batch, BatchItem
from gui.core.batch_book import Order, Verdict, class_name, read_truth
from gui.core.errors import told
from gui.core.state import Choice, Severity
from gui.core.text import Written
from gui.core.theme import SPACE_PX, Mark, Palette
from gui.widgets.batch_grid import CELL_PX, BatchGrid, BatchGridModel
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.file_asking import ask_where_to_save
from gui.widgets.icons import icon
from gui.widgets.picker import Picker
from gui.widgets.status_label import StatusLabel
from gui.widgets.tick_box import TickBox
from gui.widgets.wording import Status, batch_line, percent
from gui.widgets.words import word
from gui.workers.background import Background
from gui.workers.thumbnails import Thumbnails

_CARD_PX = 240
_CARD_LABELS = 5
_MARKS = {
    Verdict.RIGHT: Mark.GOOD,
    Verdict.WRONG: Mark.BAD,
    Verdict.FAILED: Mark.BAD,
    Verdict.UNKNOWN: Mark.UNKNOWN,
    Verdict.WAITING: Mark.UNKNOWN,
}


class BatchPanel(QWidget):
    """``picked`` asks for the nth file in the view; ``told`` is for the message strip."""

    picked = Signal(int)
    told = Signal(Severity, str)

    def __init__(
        self, thumbnails: Thumbnails, background: Background, palette: Palette, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("face")
        self._background = background
        self._names: tuple[str, ...] = ()
        self._folder: Path | None = None
        self._batch: Batch | None = None
        self._chosen: tuple[int, Path | None] = 0, None
        self.model = BatchGridModel(thumbnails, self)
        self.grid = BatchGrid(self.model, palette)
        self.grid.setAccessibleName(self.tr("Files of the batch"))
        self.grid.clicked.connect(self._choose)
        self.grid.activated.connect(self._choose)
        self.summary = ElidedLabel()
        self.order = Picker("", 160, palette)
        self.order.combo.setAccessibleName(self.tr("Order"))
        self.order.set_choices([Choice(one.name, word(one.value)) for one in Order], Order.GIVEN.name)
        self.order.chosen.connect(lambda name: self.model.set_order(Order[name]))
        self.with_truth = TickBox(self.tr("Truth from names"), palette)
        self.with_truth.setAccessibleName(self.with_truth.text())
        self.with_truth.setChecked(True)
        self.with_truth.setToolTip(
            self.tr(
                "What a picture shows, by the leading digits of its name (0504_cup.jpg) or by its sub-folder: "
                "digits, the class's name, or its place among as many folders as classes."
            )
        )
        self.with_truth.toggled.connect(lambda _: self._ask_truth())
        self.export = QToolButton()
        self.export.setAccessibleName(self.tr("Export as CSV or JSON…"))
        self.export.setToolTip(self.export.accessibleName())
        self.export.clicked.connect(self._ask_where)
        self.card = _Card(palette)
        self._build()
        self.set_theme(palette)
        self.set_batch(None)

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(SPACE_PX)
        head.addWidget(self.summary, 1)
        for part in (self.with_truth, self.order, self.export):
            head.addWidget(part)
        body = QHBoxLayout()
        body.setSpacing(SPACE_PX)
        body.addWidget(self.grid, 1)
        body.addWidget(self.card)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_PX, 0, 2 * SPACE_PX, SPACE_PX)
        layout.setSpacing(SPACE_PX // 2)
        layout.addLayout(head)
        layout.addLayout(body, 1)

    # --- what the window tells ---

    def set_batch(self, batch: Batch | None) -> None:
        """Show how far ``batch`` is."""
        self._batch = batch
        self.model.set_batch(batch)
        self._sum_up()

    def set_source(self, folder: Path | None, names: Sequence[str]) -> None:
        """Tell the batch's folder (None: single files, which have no ground truth) and the network's classes."""
        if (folder, tuple(names)) != (self._folder, self._names):
            self._folder, self._names = folder, tuple(names)
            self._ask_truth()

    # --- ground truth ---

    def _ask_truth(self) -> None:
        self.model.book.set_truth({})
        self.model.judged_anew()
        self._sum_up()
        folder, names = self._folder, self._names
        if folder is not None and names and self.with_truth.isChecked():
            self._background.run(
                lambda: read_truth(folder, names),
                lambda truth: self._take_truth(folder, truth),
                self._no_truth,
            )

    def _take_truth(self, folder: Path, truth: dict[Path, int]) -> None:
        if folder == self._folder and self.with_truth.isChecked():
            self.model.book.set_truth(truth)
            self.model.judged_anew()
            self._sum_up()

    def _no_truth(self, error: Exception) -> None:
        if not isinstance(error, EngineError | OSError):
            raise error
        self.told.emit(Severity.INFO, self.tr("no ground truth: {reason}").format(reason=told(error)))

    # --- what is shown ---

    def _sum_up(self) -> None:
        book, parts = self.model.book, []
        accuracy = book.accuracy()
        if accuracy is not None:
            judged = book.count(Verdict.RIGHT) + book.count(Verdict.WRONG)
            parts.append(
                self.tr("{right} of {judged} right, {share:.1f} %").format(
                    right=book.count(Verdict.RIGHT), judged=judged, share=Written(100 * accuracy)
                )
            )
        if self._batch is not None:  # after the accuracy: in a narrow panel the end is cut
            parts.append(batch_line(self._batch))
        self.summary.setText("  ·  ".join(parts) or self.tr("Drop a folder of pictures."))
        self.export.setEnabled(book.done > 0)
        self._show_card()

    def _choose(self, index: QModelIndex) -> None:
        place = self.model.place(index.row())
        item = self.model.book.item(place)
        if item is not None:
            self._chosen = place, item.path
            self._show_card()
            self.picked.emit(place)

    def _show_card(self) -> None:
        """Tell of the chosen file what is known now: nothing while it waits for another engine's answer."""
        place, path = self._chosen
        item = self.model.book.item(place)
        if item is None or item.path != path:
            self.card.hide()
            return
        truth = class_name(self.model.book.truth(place), self._names)
        self.card.show_item(item, self.model.book.verdict(place), truth)

    # --- export ---

    def _ask_where(self) -> None:
        ask_where_to_save(self, self.tr("Export as CSV or JSON"), "lens7-batch.csv", self.save)

    def save(self, path: Path) -> None:
        """Write the results to ``path``: JSON where it ends so, else CSV."""
        book = self.model.book
        text = book.json(self._names) if path.suffix.lower() == ".json" else book.csv(self._names)
        try:
            write_whole(path, text)
        except OSError as error:
            self.told.emit(Severity.BAD, f"{path}: {error.strerror}")
        else:
            self.told.emit(Severity.INFO, self.tr("{path} is written.").format(path=path))

    def sizeHint(self) -> QSize:
        """One row of cells and a bit: people see that there are more."""
        return QSize(super().sizeHint().width(), round(1.7 * CELL_PX[1]))

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self.grid.set_theme(palette)
        self.order.set_theme(palette)
        self.with_truth.set_theme(palette)
        self.card.set_theme(palette)
        self.export.setIcon(icon("download", palette))


class _Card(QFrame):
    """Everything about one file: name, verdict, ground truth, five labels or why it has none."""

    def __init__(self, palette: Palette) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self.setFixedWidth(_CARD_PX)
        self._name, self._truth = ElidedLabel("secondary"), ElidedLabel()
        self._verdict = StatusLabel(palette)
        self._why = QLabel()
        self._why.setProperty("role", "caption")
        self._why.setTextFormat(Qt.TextFormat.PlainText)
        self._why.setWordWrap(True)
        self._rows = tuple((ElidedLabel(), QLabel()) for _ in range(_CARD_LABELS))
        grid = QGridLayout(self)
        grid.setContentsMargins(SPACE_PX, SPACE_PX, SPACE_PX, SPACE_PX)
        grid.setVerticalSpacing(2)
        grid.addWidget(self._name, 0, 0, 1, 2)
        grid.addWidget(self._verdict, 1, 0, 1, 2)
        grid.addWidget(self._truth, 2, 0, 1, 2)
        for row, (name, share) in enumerate(self._rows):
            grid.addWidget(name, 3 + row, 0)
            grid.addWidget(share, 3 + row, 1, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(self._why, 3 + _CARD_LABELS, 0, 1, 2, Qt.AlignmentFlag.AlignTop)
        grid.setColumnStretch(0, 1)
        grid.setRowStretch(3 + _CARD_LABELS, 1)
        self.hide()

    @property
    def texts(self) -> tuple[str, ...]:
        """What is shown, line by line."""
        lines = (f"{name.text()} {share.text()}".strip() for name, share in self._rows)
        heads = (self._name.text(), self._verdict.status.word, self._truth.text())
        return tuple(filter(None, (*heads, *lines, self._why.text())))

    def show_item(self, item: BatchItem, verdict: Verdict, truth: str) -> None:
        """Show a file."""
        self._name.setText(item.path.name)
        self._verdict.set_status(Status(_MARKS[verdict], word(verdict.value)))
        self._truth.setText(self.tr("shows: {truth}").format(truth=truth) if truth else "")
        self._truth.setVisible(bool(truth))
        self._why.setText(item.error)
        for place, (name, share) in enumerate(self._rows):
            label = item.top[place] if place < len(item.top) else None
            name.setText(label.name if label else "")
            share.setText(percent(label.probability) if label else "")
            for part in (name, share):
                part.setVisible(label is not None)
        self.show()

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self._verdict.set_theme(palette)
