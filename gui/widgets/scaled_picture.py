"""The picture of a frame at the size in which the screen shows it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage, QPainter

from gui.widgets.bands import bands


class ScaledPicture:
    """Scales each picture once, and then paints it as often as it is asked for, pixel for pixel.

    Bilinear without anti-aliasing, as Qt paints scaled pictures too. OpenCV takes half of Qt's processor time for it, reads RGB
    as it comes from the source, and a second painting (a bar moves, a card is hidden) costs no scaling at all.
    """

    def __init__(self) -> None:
        self._source: NDArray[np.uint8] | None = None
        self._pixels = np.empty((0, 0, 3), np.uint8)
        self._image = QImage()

    def paint(self, painter: QPainter, rgb: NDArray[np.uint8], place: QRect, ratio: float) -> None:
        """Paint ``rgb`` (uint8 HWC, C-contiguous) into ``place``, in device pixels of which ``ratio`` make a logical one."""
        if place.isEmpty():
            return
        if rgb is not self._source or place.size() != self._image.size():
            self._source = rgb
            self._image = _image(self._scale(rgb, place.width(), place.height()))
        painter.save()
        painter.scale(1.0 / ratio, 1.0 / ratio)
        for band in bands(place, 1.0):
            painter.drawImage(band, self._image, band.translated(-place.topLeft()))
        painter.restore()

    def clear(self) -> None:
        """Let the picture go."""
        self._source, self._image = None, QImage()

    def _scale(self, rgb: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
        if rgb.shape[:2] == (height, width):
            return rgb
        if self._pixels.shape[:2] != (height, width):
            self._pixels = np.empty((height, width, 3), np.uint8)
        # Halves the time on x86, and may be one of 255 levels off. It holds for the calling thread, and only for this call:
        # what the network sees is never scaled so.
        cv2.ipp.setUseIPP_NotExact(True)
        try:
            cv2.resize(rgb, (width, height), self._pixels, interpolation=cv2.INTER_LINEAR)
        finally:
            cv2.ipp.setUseIPP_NotExact(False)
        return self._pixels


def _image(rgb: NDArray[np.uint8]) -> QImage:
    """Return an image that reads the array in place."""
    height, width = rgb.shape[:2]
    return QImage(rgb.data, width, height, rgb.strides[0], QImage.Format.Format_RGB888)
