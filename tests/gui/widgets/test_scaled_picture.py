"""A picture lies where it was asked to lie, to the device pixel, at any size."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from gui.widgets.scaled_picture import ScaledPicture

GROUND = QColor(1, 2, 3)
rng = np.random.default_rng(5)


def painted(
    scaled: ScaledPicture, rgb: NDArray[np.uint8], place: QRect, ratio: float = 1.0
) -> NDArray[np.int64]:
    """A canvas of 400 x 300 device pixels, RGB."""
    canvas = QImage(400, 300, QImage.Format.Format_RGB32)
    canvas.setDevicePixelRatio(ratio)
    canvas.fill(GROUND)
    painter = QPainter(canvas)
    scaled.paint(painter, rgb, place, ratio)
    painter.end()
    return np.frombuffer(canvas.constBits(), np.uint8).reshape(300, 400, 4)[..., 2::-1].astype(np.int64)


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
@pytest.mark.parametrize("size_wh", [(120, 90), (121, 91), (240, 180), (333, 250)])
def test_every_pixel_is_that_of_a_bilinear_picture(
    qtbot: QtBot, size_wh: tuple[int, int], ratio: float
) -> None:
    rgb = rng.integers(0, 256, (90, 120, 3), np.uint8)
    place = QRect(21, 33, *size_wh)
    found = painted(ScaledPicture(), rgb, place, ratio)
    inside = found[33 : 33 + size_wh[1], 21 : 21 + size_wh[0]]
    expected = cv2.resize(rgb, size_wh, interpolation=cv2.INTER_LINEAR).astype(np.int64)
    assert np.abs(inside - expected).max() <= 1
    inside[:] = GROUND.red(), GROUND.green(), GROUND.blue()
    assert (found == (GROUND.red(), GROUND.green(), GROUND.blue())).all()


def test_another_picture_and_another_place_are_painted_anew(qtbot: QtBot) -> None:
    scaled, dark, light = (ScaledPicture(), *(np.full((9, 16, 3), grey, np.uint8) for grey in (50, 200)))
    assert painted(scaled, dark, QRect(0, 0, 320, 180))[100, 100, 0] == 50
    assert painted(scaled, light, QRect(0, 0, 320, 180))[100, 100, 0] == 200
    assert painted(scaled, light, QRect(80, 120, 320, 180))[299, 399, 0] == 200
    assert painted(scaled, light, QRect(0, 0, 160, 90))[100, 100, 0] == GROUND.red()


def test_a_large_picture_lies_in_the_same_place(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    rgb = cv2.GaussianBlur(rng.integers(0, 256, (90, 120, 3), np.uint8), (0, 0), 3.0)
    small = painted(ScaledPicture(), rgb, QRect(21, 33, 333, 250))  # type: ignore[arg-type]
    monkeypatch.setattr("gui.widgets.bands.LARGEST_ALONE_PX", 0)
    large = painted(ScaledPicture(), rgb, QRect(21, 33, 333, 250))  # type: ignore[arg-type]
    assert np.abs(large - small).max() <= 3


def test_no_room_is_no_fault(qtbot: QtBot) -> None:
    assert (painted(ScaledPicture(), np.zeros((9, 16, 3), np.uint8), QRect(5, 5, 300, 0))[..., 0] == 1).all()


def test_what_the_network_sees_is_scaled_as_before(qtbot: QtBot) -> None:
    """OpenCV's quick and inexact way is for painting alone."""
    painted(ScaledPicture(), np.zeros((90, 160, 3), np.uint8), QRect(0, 0, 320, 180))
    assert not cv2.ipp.useIPP_NotExact()
