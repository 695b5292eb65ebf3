"""Files let go anywhere on the window, or chosen in its dialogs: models and labels are checked, the rest is looked at."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QWidget

from gui.core.theme import Palette
from gui.widgets.drop_veil import DropVeil
from gui.widgets.drops import local_paths, sort_out
from gui.widgets.file_asking import ask_for_several
from gui.workers.pipeline import Pipeline


class DropTarget(QObject):
    """Makes ``window`` take files; a veil over it says so while they hover."""

    def __init__(self, pipeline: Pipeline, palette: Palette, window: QWidget) -> None:
        super().__init__(window)
        self._pipeline = pipeline
        self._window = window
        self._veil = DropVeil(palette, window)
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take what is dragged over the window; addresses of the network are left out."""
        if isinstance(event, QDropEvent) and event.type() == QEvent.Type.Drop:
            self._veil.hide()
            event.acceptProposedAction()
            self.open_paths(local_paths(event.mimeData()))
        elif isinstance(event, QDragEnterEvent):
            if not local_paths(event.mimeData()):
                return False
            event.acceptProposedAction()
            self._veil.cover()
        elif event.type() == QEvent.Type.DragLeave:
            self._veil.hide()
        else:
            return False
        return True

    def open_paths(self, paths: list[Path]) -> None:
        """Use dropped or chosen files: the last model or label file is checked, everything else is looked at."""
        dropped = sort_out(paths)
        if dropped.models:
            self._pipeline.engine.check_model(str(dropped.models[-1]))
        elif dropped.labels:
            self._pipeline.engine.check_labels(str(dropped.labels[-1]))
        if dropped.files:
            self._pipeline.open_files(list(dropped.files))

    def ask_for_files(self) -> None:
        """Ask for files beside the running picture."""
        ask_for_several(self._window, QFileDialog.FileMode.ExistingFiles, self.open_paths)

    def ask_for_folder(self) -> None:
        """Ask for a folder beside the running picture."""
        ask_for_several(self._window, QFileDialog.FileMode.Directory, self.open_paths)

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self._veil.set_theme(palette)
