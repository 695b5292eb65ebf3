"""Does anything move before the camera? NOTE: Qt-free."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

GRID_WH = (32, 18)
MOVED_LEVELS = 12.0
MOVED_CELLS = 0.02


class MotionDetector:
    """Compares coarse grey pictures: a camera's noise averages out in each cell, a visitor does not."""

    def __init__(self) -> None:
        self._before: NDArray[np.float32] | None = None

    def update(self, image: NDArray[np.uint8]) -> bool:
        """Return whether more than 2 % of the cells of RGB ``image`` changed by more than 12 grey levels.

        The mean change of the whole picture is taken out first: lamps and exposure are nobody.
        """
        small = cv2.resize(image, GRID_WH, interpolation=cv2.INTER_AREA)
        now = small.astype(np.float32).mean(axis=2)
        before, self._before = self._before, now
        if before is None:
            return True
        change = now - before
        change -= np.median(change)
        return bool((np.abs(change) > MOVED_LEVELS).mean() > MOVED_CELLS)
