"""Memory for the pictures of a live source, used again instead of given back. NOTE: Qt-free, safe from any thread."""

from __future__ import annotations

import sys
from threading import Lock

import numpy as np
from numpy.typing import NDArray

MOST_KEPT = 6
"""As many can be on their way: being decoded, in the slot, in work, in the outbox, on the screen, held for a pause."""
# The pool's own list and the argument of ``getrefcount``: nobody else can see the array, a view of it or a QImage over it.
_FREE = 2


class PicturePool:
    """Hands out arrays that nobody holds any more, so that a frame costs no fresh pages from the system."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: list[NDArray[np.uint8]] = []

    def take(self, shape: tuple[int, int, int]) -> NDArray[np.uint8]:
        """Return an array of uint8 with any content; it is the caller's until the last reference to it is gone."""
        with self._lock:
            if self._kept and self._kept[0].shape != shape:
                self._kept.clear()
            for index in range(len(self._kept)):
                if sys.getrefcount(self._kept[index]) == _FREE:
                    return self._kept[index]
            picture = np.empty(shape, np.uint8)
            # A picture that somebody keeps for long gives up its place.
            self._kept = [*self._kept[-MOST_KEPT + 1 :], picture]
            return picture
