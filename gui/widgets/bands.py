"""Painting in bands so low that Qt paints each at once.

What is higher than 95 rows of pixels, and no plain copy, Qt cuts into pieces that it gives to threads of its own. At the size
of a window, waking these for every picture costs more processor time than the work that they take over.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QRect

BAND_ROWS = 90
LARGEST_ALONE_PX = 1920 * 1200
"""Device pixels of an area up to which it is cut: on a larger screen one thread alone cannot paint 60 pictures a second."""


def is_large(area: QRect, ratio: float) -> bool:
    """Return whether ``area`` is better shared among threads."""
    return area.width() * area.height() * ratio * ratio > LARGEST_ALONE_PX


def bands(area: QRect, ratio: float) -> Iterator[QRect]:
    """Yield ``area`` (logical pixels, ``ratio`` device pixels each) in bands from top to bottom; whole where ``is_large``."""
    height = area.height() if is_large(area, ratio) else max(1, int(BAND_ROWS / ratio))
    for top in range(area.top(), area.top() + area.height(), height):
        yield QRect(area.left(), top, area.width(), min(height, area.top() + area.height() - top))
