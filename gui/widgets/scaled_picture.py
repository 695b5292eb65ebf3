"""The picture of a frame at the size in which the screen shows it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QImage, QPainter

from gui.widgets.bands import bands, is_large


class ScaledPicture:
    """Scales each picture once, and then paints it as often as it is asked for, pixel for pixel.

    Bilinear without anti-aliasing, as Qt paints scaled pictures too. OpenCV takes half of Qt's processor time for it, reads RGB
    as it comes from the source, and a second painting (a bar moves, a card is hidden) costs no scaling at all.
    """

    def __init__(self) -> None:
        self._source: NDArray[np.uint8] | None = None
        self._pixels = np.empty((0, 0, 3), np.uint8)
        self._size = QSize()
        self._image = QImage()

    def paint(self, painter: QPainter, rgb: NDArray[np.uint8], place: QRect, ratio: float) -> None:
        """Paint ``rgb`` (uint8 HWC, C-contiguous) into ``place``, in device pixels of which ``ratio`` make a logical one."""
        if place.isEmpty():
            return
        if rgb is not self._source or place.size() != self._size:
            self._source, self._size = rgb, place.size()
            self._image = self._made_for(rgb, place)
        painter.save()
        painter.scale(1.0 / ratio, 1.0 / ratio)
        if self._image.size() == place.size():
            for band in bands(place, 1.0):
                painter.drawImage(band, self._image, band.translated(-place.topLeft()))
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(place, self._image)
        painter.restore()

    def clear(self) -> None:
        """Let the picture go."""
        self._source, self._image = None, QImage()

    def _made_for(self, rgb: NDArray[np.uint8], place: QRect) -> QImage:
        """Return the picture in its size on the screen, or for Qt's threads to scale where that is large."""
        if is_large(place, 1.0):
            height, width = rgb.shape[:2]
            self._keep(height, width, 4)  # Qt scales this format in a third of the time
            cv2.cvtColor(rgb, cv2.COLOR_RGB2BGRA, self._pixels)
            return QImage(self._pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32)
        return _image(self._scale(rgb, place.width(), place.height()))

    def _scale(self, rgb: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
        if rgb.shape[:2] == (height, width):
            return rgb
        self._keep(height, width, 3)
        # Halves the time on x86, and may be one of 255 levels off. It holds for the calling thread, and only for this call:
        # what the network sees is never scaled so.
        cv2.ipp.setUseIPP_NotExact(True)
        try:
            cv2.resize(rgb, (width, height), self._pixels, interpolation=cv2.INTER_LINEAR)
        finally:
            cv2.ipp.setUseIPP_NotExact(False)
        return self._pixels

    def _keep(self, *shape: int) -> None:
        """Have memory of this shape, the same for every picture."""
        if self._pixels.shape != shape:
            self._pixels = np.empty(shape, np.uint8)


def _image(rgb: NDArray[np.uint8]) -> QImage:
    """Return an image that reads the array in place."""
    height, width = rgb.shape[:2]
    return QImage(rgb.data, width, height, rgb.strides[0], QImage.Format.Format_RGB888)
