"""What was dropped on the window, or chosen in its file dialog: models, and things to look at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QMimeData

_MODEL_SUFFIXES = (".onnx", ".tflite")
_LABEL_SUFFIXES = (".txt", ".names", ".labels")
_MODEL_FOLDER_FILES = ("artifact.json", "param.yaml")


@dataclass(frozen=True, slots=True)
class Dropped:
    """Local paths, told apart: ``models`` and ``labels`` are checked, ``files`` are looked at. Order is kept."""

    models: tuple[Path, ...]
    files: tuple[Path, ...]
    labels: tuple[Path, ...] = ()


def local_paths(mime: QMimeData) -> list[Path]:
    """Return the local files of a drop; addresses of the network are left out."""
    return [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]


def sort_out(paths: list[Path]) -> Dropped:
    """Tell models from things to look at; what is neither is for the pipeline to refuse with its reason."""
    models = tuple(path for path in paths if is_model(path))
    labels = tuple(path for path in paths if path.suffix.lower() in _LABEL_SUFFIXES)
    rest = tuple(path for path in paths if path not in (*models, *labels))
    return Dropped(models, rest, labels)


def is_model(path: Path) -> bool:
    """Return whether ``path`` is a model file, an artifact folder or a model-zoo folder."""
    if path.suffix.lower() in _MODEL_SUFFIXES or path.name in _MODEL_FOLDER_FILES:
        return True
    return any((path / name).is_file() for name in _MODEL_FOLDER_FILES)
