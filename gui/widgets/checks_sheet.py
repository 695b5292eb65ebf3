"""The first-run page: what the program needs, whether this machine has it, and what to do where it has not."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QWidget

from gui.core.theme import SPACE_PX, Mark, Palette
from gui.doctor import Check
from gui.widgets.sheet import Sheet, scrolled
from gui.widgets.status_label import StatusLabel
from gui.widgets.wording import Status
from gui.workers.background import Background

_WIDTH_PX, _HEIGHT_PX = 880, 640


class ChecksSheet(Sheet):
    """Runs the checks beside the window when it opens, and again when asked."""

    def __init__(
        self,
        examine: Callable[[], Sequence[Check]],
        background: Background,
        palette: Palette,
        window: QWidget,
    ) -> None:
        self._marks: list[StatusLabel] = []  # dressed by the constructor below
        self._lines: tuple[str, ...] = ()
        super().__init__(_tr("Check this machine"), palette, window, _WIDTH_PX, _HEIGHT_PX)
        self._examine = examine
        self._background = background
        self.again = QPushButton(_tr("Check again"))
        self.again.setAccessibleName(_tr("Check again"))
        self.again.clicked.connect(self.run)
        self.head.insertWidget(1, self.again)
        self.summary = QLabel()
        self.summary.setProperty("role", "lead")
        content = QWidget()
        self._grid = QGridLayout(content)
        self._grid.setContentsMargins(0, 0, 2 * SPACE_PX, 0)
        self._grid.setHorizontalSpacing(2 * SPACE_PX)
        self._grid.setVerticalSpacing(SPACE_PX)
        self._grid.setColumnStretch(2, 1)
        self.body.addWidget(self.summary)
        self.body.addWidget(scrolled(content, _tr("Check this machine")), 1)

    def enter(self) -> None:
        """Open and check."""
        super().enter()
        self.run()

    def run(self) -> None:
        """Check now."""
        self.again.setEnabled(False)
        self.summary.setText(_tr("Checking…"))
        self._background.run(self._examine, self._fill)

    @property
    def lines(self) -> tuple[str, ...]:
        """What was found, as shown."""
        return self._lines

    def _fill(self, checks: Sequence[Check]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        self._marks = [self._add(row, check) for row, check in enumerate(checks)]
        self._grid.setRowStretch(len(checks), 1)
        self._lines = tuple(f"{check.name}: {check.detail} {check.fix}".strip() for check in checks)
        wrong = sum(not check.ok for check in checks)
        self.summary.setText(
            _tr("Things that need a look: {n}.").format(n=wrong) if wrong else _tr("Everything is there.")
        )
        self.again.setEnabled(True)

    def _add(self, row: int, check: Check) -> StatusLabel:
        mark = StatusLabel(self._palette)
        mark.set_status(Status(Mark.GOOD, _tr("ok")) if check.ok else Status(Mark.BAD, _tr("missing")))
        name = QLabel(check.name)
        detail = QLabel(f"{check.detail}\n→ {check.fix}" if check.fix else check.detail)
        detail.setProperty("role", "secondary" if check.ok else "")
        detail.setWordWrap(True)
        detail.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for column, part in enumerate((mark, name, detail)):
            self._grid.addWidget(
                part, row, column, Qt.AlignmentFlag.AlignTop if column < 2 else Qt.AlignmentFlag(0)
            )
        return mark

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        super().set_theme(palette)
        self._palette = palette
        for mark in self._marks:
            mark.set_theme(palette)


def _tr(text: str) -> str:
    return QCoreApplication.translate("ChecksSheet", text)
