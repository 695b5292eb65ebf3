"""File dialogs that stand beside the running picture: never modal, gone when answered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget


def ask_where_to_save(owner: QWidget, title: str, name: str, use: Callable[[Path], object]) -> QFileDialog:
    """Ask for a file to write, offering ``name``; ``use(path)`` follows if one is chosen."""
    dialog = _dialog(owner, title, use)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(Path(name).suffix.lstrip("."))
    dialog.selectFile(name)
    dialog.show()
    return dialog


def ask_what_to_open(owner: QWidget, title: str, pattern: str, use: Callable[[Path], object]) -> QFileDialog:
    """Ask for a file to read that matches ``pattern``; ``use(path)`` follows if one is chosen."""
    dialog = _dialog(owner, title, use)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilter(pattern)
    dialog.show()
    return dialog


def ask_for_several(
    owner: QWidget, mode: QFileDialog.FileMode, use: Callable[[list[Path]], object]
) -> QFileDialog:
    """Ask for files or a folder to look at; ``use(paths)`` follows if any is chosen."""
    dialog = QFileDialog(owner)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setFileMode(mode)
    dialog.filesSelected.connect(lambda names: use([Path(name) for name in names]))
    dialog.show()
    return dialog


def _dialog(owner: QWidget, title: str, use: Callable[[Path], object]) -> QFileDialog:
    dialog = QFileDialog(owner, title)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(lambda name: use(Path(name)))
    return dialog
