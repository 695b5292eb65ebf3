"""What can be looked at: cameras, files, streams; below them the files that were dropped."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtWidgets import QLabel, QListView, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from gui.core.batch import Batch
from gui.core.state import SourceChoice, SourceKind
from gui.core.theme import ICON_PX, SIDE_PX, SPACE_PX, Palette
from gui.widgets.batch_model import BatchModel
from gui.widgets.drop_zone import DropZone
from gui.widgets.icons import icon
from gui.widgets.wording import batch_line
from gui.widgets.words import word

_ICONS = {
    SourceKind.CAMERA: "camera",
    SourceKind.VIDEO: "film",
    SourceKind.IMAGES: "images",
    SourceKind.STREAM: "wifi",
    SourceKind.SYNTHETIC: "activity",
    SourceKind.DEMO: "image",
}
_SPEC = Qt.ItemDataRole.UserRole


class SourcesPanel(QWidget):
    """Lists sources and dropped files; ``opened`` asks for a source, ``picked`` for the nth dropped file."""

    opened = Signal(str)
    picked = Signal(int)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("face")
        self._palette = palette
        self._choices: tuple[SourceChoice, ...] = ()
        self._sources = QListWidget()
        self._sources.setAccessibleName(self.tr("Sources"))
        self._sources.setIconSize(QSize(ICON_PX, ICON_PX))
        self._sources.itemActivated.connect(self._open)
        self._sources.itemClicked.connect(self._open)
        self._heading = QLabel()
        self._heading.setProperty("role", "section")
        self._model = BatchModel(self)
        self._files = QListView()
        self._files.setAccessibleName(self.tr("Dropped files"))
        self._files.setModel(self._model)
        self._files.setUniformItemSizes(True)
        for names in (self._sources, self._files):  # cut with an ellipsis; whole in the tooltip
            names.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            names.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.drop_zone = DropZone(palette)
        self._files.clicked.connect(self._pick)
        self._files.activated.connect(self._pick)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_PX, 0, 0, SPACE_PX)
        layout.setSpacing(SPACE_PX)
        layout.addWidget(self._sources, 1)
        layout.addWidget(self._heading)
        layout.addWidget(self._files, 1)
        layout.addWidget(self.drop_zone, 1)
        self.set_batch(None)

    @property
    def sources(self) -> QListWidget:
        """The list of sources."""
        return self._sources

    @property
    def files(self) -> QListView:
        """The list of dropped files."""
        return self._files

    def set_choices(self, choices: Sequence[SourceChoice], current: str) -> None:
        """Offer ``choices`` and mark the open one."""
        if tuple(choices) != self._choices:
            self._choices = tuple(choices)
            self._sources.clear()
            for choice in self._choices:
                item = QListWidgetItem(icon(_ICONS[choice.kind], self._palette), choice.title)
                item.setData(_SPEC, choice.spec)
                item.setToolTip(f"{word(choice.kind.word)}: {choice.title}")
                self._sources.addItem(item)
        specs = [choice.spec for choice in self._choices]
        self._sources.setCurrentRow(specs.index(current) if current in specs else -1)

    def set_batch(self, batch: Batch | None) -> None:
        """Show the dropped files, or the invitation to drop some."""
        self._model.set_batch(batch)
        if batch is not None:
            self._heading.setText(f"{self.tr('Dropped files')}: {batch_line(batch)}")
        for part in (self._heading, self._files):
            part.setVisible(batch is not None)
        self.drop_zone.setVisible(batch is None)

    def sizeHint(self) -> QSize:
        """As wide as the other side."""
        return QSize(SIDE_PX, super().sizeHint().height())

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self._palette = palette
        self.drop_zone.set_theme(palette)
        for row, choice in enumerate(self._choices):
            self._sources.item(row).setIcon(icon(_ICONS[choice.kind], palette))

    def _open(self, item: QListWidgetItem) -> None:
        self.opened.emit(item.data(_SPEC))

    def _pick(self, index: QModelIndex) -> None:
        self.picked.emit(index.row())
