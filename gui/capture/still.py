"""One shipped picture, held before the engine like a thing before a camera. NOTE: Qt-free."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gui.capture.image_file import read_picture
from gui.capture.source import Picture
from gui.core.state import SourceInfo

PICTURES_PER_S = 10


class StillSource:
    """A live source: its picture comes again and again under ``name``, which does not tell what it shows."""

    is_live = True
    reconnects = False
    total = None
    period_ns: int | None = round(1e9 / PICTURES_PER_S)

    def __init__(self, path: Path, name: str) -> None:
        self._path = path
        self._name = name
        self._image: NDArray[np.uint8] = np.empty((0, 0, 3), np.uint8)

    @property
    def info(self) -> SourceInfo:
        """Title is the name given; nothing opens it again."""
        return SourceInfo("", self._name, "")

    def open(self) -> None:
        """Read the file.

        Raises:
            CaptureError: it is no picture.
        """
        self._image = read_picture(self._path)

    def read(self) -> Picture | None:
        """Return the picture."""
        return Picture(self._image, time.monotonic_ns(), self._name)

    def step(self, offset: int) -> None:
        """There is only one."""

    def close(self) -> None:
        """Nothing stays open between reads."""
