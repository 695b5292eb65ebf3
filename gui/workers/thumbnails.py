"""Small pictures of files, decoded beside the window; the newest wish first, memory bounded."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from threading import Lock

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from gui.capture.image_file import read_picture
from gui.core.errors import CaptureError
from gui.workers.background import Background
from gui.workers.beside import RunBeside

KEPT = 512
WISHES = 128
AT_ONCE = 4

Decoded = list[tuple[Path, NDArray[np.uint8] | None]]


class Thumbnails(QObject):
    """``image`` gives what is there and wishes for the rest; ``arrived`` tells the paths that came."""

    arrived = Signal(object)

    def __init__(self, side_px: int, run_beside: RunBeside, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._side_px = side_px
        self._kept: OrderedDict[Path, QImage] = OrderedDict()
        self._wishes: OrderedDict[Path, None] = OrderedDict()
        self._lock = Lock()
        self._busy = False
        self._background = Background("thumbnails", run_beside, self)

    def image(self, path: Path) -> QImage | None:
        """Return the small picture of ``path``, null where the file is none; None while it is not decoded."""
        found = self._kept.get(path)
        if found is not None:
            self._kept.move_to_end(path)
            return found
        with self._lock:
            self._wishes[path] = None
            self._wishes.move_to_end(path)
            if len(self._wishes) > WISHES:  # scrolled past long ago
                self._wishes.popitem(last=False)
        self._go_on()
        return None

    @property
    def kept(self) -> int:
        """How many pictures are in memory."""
        return len(self._kept)

    def _go_on(self) -> None:
        if not self._busy and self._wishes:
            self._busy = True
            self._background.run(self._decode_newest, self._take)

    def _decode_newest(self) -> Decoded:
        with self._lock:
            paths = [self._wishes.popitem()[0] for _ in range(min(AT_ONCE, len(self._wishes)))]
        return [(path, _small(path, self._side_px)) for path in paths]

    def _take(self, decoded: Decoded) -> None:
        self._busy = False
        for path, pixels in decoded:
            self._kept[path] = QImage() if pixels is None else _image(pixels)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self.arrived.emit([path for path, _ in decoded])
        self._go_on()


def _small(path: Path, side_px: int) -> NDArray[np.uint8] | None:
    """Return the picture within ``side_px`` squared, RGB uint8 HWC; None where the file is no picture."""
    try:
        image = read_picture(path)
    except CaptureError:
        return None  # the batch itself says why, on the file's own line
    height, width = image.shape[:2]
    scale = side_px / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.ascontiguousarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _image(pixels: NDArray[np.uint8]) -> QImage:
    height, width = pixels.shape[:2]
    return QImage(pixels.data, width, height, pixels.strides[0], QImage.Format.Format_RGB888).copy()
