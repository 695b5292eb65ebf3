"""About Lens7: versions of everything, and the licences of every shipped file."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import (
    QApplication,
    QGridLayout,
    QLabel,
    QListWidget,
    QPushButton,
    QWidget,
)

from gui.core.about import Shipped, Version, about_text
from gui.core.theme import SPACE_PX, Palette
from gui.widgets.sheet import Sheet, scrolled
from gui.workers.background import Background

_WIDTH_PX, _HEIGHT_PX = 880, 720
_COLUMNS = 2


class AboutSheet(Sheet):
    """Looks its facts up beside the window, each time it opens."""

    def __init__(self, background: Background, palette: Palette, window: QWidget) -> None:
        super().__init__(_tr("About Lens7"), palette, window, _WIDTH_PX, _HEIGHT_PX)
        self._background = background
        lead = QLabel(_tr("Live camera object recognition on an emulated TI Jacinto 7. Apache-2.0."))
        lead.setProperty("role", "lead")
        lead.setWordWrap(True)
        self.copy = QPushButton(_tr("Copy"))
        self.copy.setAccessibleName(_tr("Copy versions and licences"))
        self.copy.clicked.connect(lambda: QApplication.clipboard().setText(about_text()))
        self.head.insertWidget(1, self.copy)
        self.versions = QWidget()
        self._grid = QGridLayout(self.versions)
        self._grid.setContentsMargins(0, 0, 2 * SPACE_PX, 0)
        self._grid.setHorizontalSpacing(2 * SPACE_PX)
        self._grid.setVerticalSpacing(SPACE_PX // 2)
        self.files = QListWidget()
        self.files.setAccessibleName(_tr("Shipped files and their licences"))
        self.files.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.files.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.body.addWidget(lead)
        self.body.addWidget(_section(_tr("Versions")))
        self._area = scrolled(self.versions, _tr("Versions"))
        self.body.addWidget(self._area, 1)
        self.body.addWidget(_section(_tr("Shipped files")))
        self.body.addWidget(self.files, 1)

    def enter(self) -> None:
        """Open, and look up what runs."""
        from gui.core.about import shipped_files, versions

        self._background.run(lambda: (versions(), shipped_files()), lambda found: self._fill(*found))
        super().enter()

    def _fill(self, versions: tuple[Version, ...], files: tuple[Shipped, ...]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for number, one in enumerate(versions):
            row, column = number // _COLUMNS, 2 * (number % _COLUMNS)
            name, version = QLabel(one.name), QLabel(one.version)
            name.setProperty("role", "secondary")
            for place, label in enumerate((name, version)):
                self._grid.addWidget(label, row, column + place)
                label.show()  # now: what is not shown yet has no height
        # No higher than its lines: the rest of the sheet belongs to the files.
        self._area.setMaximumHeight(self.versions.sizeHint().height())
        self.files.clear()
        for file in files:
            self.files.addItem(f"{file.path}  ·  {file.author}  ·  {file.licence}")
            self.files.item(self.files.count() - 1).setToolTip(f"{file.path}\n{file.origin}")


def _section(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "section")
    return label


def _tr(text: str) -> str:
    return QCoreApplication.translate("AboutSheet", text)
