"""The frame around what the network sees: two sharp lines, wherever it lies."""

import pytest
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from gui.core.geometry import Rect
from gui.widgets.network_frame import NetworkFrame

AREA = Rect(20.0, 10.0, 60.0, 220.0)  # higher than a band


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_light_lies_within_dark_and_nothing_beside(qtbot: QtBot, ratio: float) -> None:
    image = QImage(round(100 * ratio), round(250 * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(QColor(100, 100, 100))
    frame = NetworkFrame()
    frame.place(AREA, ratio)
    painter = QPainter(image)
    frame.paint(painter)
    painter.end()
    thick = max(1, round(ratio))
    left, top, right, foot = (round(edge * ratio) for edge in (20, 10, 80, 230))
    middle = round(120 * ratio)
    across = [image.pixelColor(x, middle).red() for x in range(image.width())]
    dark = [left - thick, right]
    light = [left, right - thick]
    assert all(across[x + each] < 60 for x in dark for each in range(thick))
    assert all(across[x + each] > 200 for x in light for each in range(thick))
    assert across.count(100) == image.width() - 4 * thick
    down = [image.pixelColor(round(50 * ratio), y).red() for y in range(image.height())]
    assert down.count(100) == image.height() - 4 * thick
    assert down[top] > 200 > 60 > down[foot]


def test_a_frame_drawn_anew_forgets_the_old_place(qtbot: QtBot) -> None:
    image = QImage(100, 250, QImage.Format.Format_RGB32)
    image.fill(QColor(100, 100, 100))
    frame = NetworkFrame()
    frame.place(AREA, 1.0)
    frame.place(Rect(30.0, 10.0, 40.0, 100.0), 1.0)
    painter = QPainter(image)
    frame.paint(painter)
    painter.end()
    assert image.pixelColor(20, 120) == QColor(100, 100, 100)
    assert image.pixelColor(30, 50).red() > 200
