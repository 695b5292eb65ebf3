"""What is painted in bands covers its area once."""

import pytest
from PySide6.QtCore import QRect

from gui.widgets.bands import BAND_ROWS, LARGEST_ALONE_PX, bands, is_large


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0, 3.0])
@pytest.mark.parametrize("height", [0, 1, 89, 90, 91, 218, 900])
def test_bands_lie_below_each_other_and_are_low(height: int, ratio: float) -> None:
    area = QRect(7, -5, 240, height)
    found = list(bands(area, ratio))
    assert [(band.left(), band.width()) for band in found] == [(7, 240)] * len(found)
    assert [row for band in found for row in range(band.top(), band.top() + band.height())] == list(
        range(-5, height - 5)
    )
    assert all(band.height() * ratio <= BAND_ROWS for band in found)


def test_what_a_thread_alone_cannot_paint_in_time_stays_whole() -> None:
    area = QRect(0, 0, 1920, LARGEST_ALONE_PX // 1920)
    assert len(list(bands(area, 1.0))) > 1
    assert is_large(area, 1.25)
    assert list(bands(area, 1.25)) == [area]
