"""Painting in bands so low that Qt paints each at once.

What is higher than 95 rows of pixels, and translucent, Qt cuts into pieces that it gives to threads of its own. Waking these
for every picture costs more processor time than the work that they take over.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QRect

BAND_ROWS = 90


def bands(area: QRect, ratio: float) -> Iterator[QRect]:
    """Yield ``area`` (logical pixels, ``ratio`` device pixels each) from top to bottom in bands that Qt paints at once."""
    height = max(1, int(BAND_ROWS / ratio))
    for top in range(area.top(), area.top() + area.height(), height):
        yield QRect(area.left(), top, area.width(), min(height, area.top() + area.height() - top))
