"""Scratch memory that all steps of one executable share, so that it stays in the cache."""

from math import prod
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

# Elements that one pass over a layer handles: two or three float buffers of this size fit a 1 MB L2 cache.
BAND_ELEMENTS = 32768


class Workspace:
    """Named, growing buffers. An array is valid until the next request for the same slot."""

    def __init__(self) -> None:
        self._slots: dict[str, NDArray[np.uint8]] = {}

    def array(self, slot: str, shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
        """Return an uninitialised C-contiguous array of ``shape`` in the buffer called ``slot``."""
        nbytes = prod(shape) * np.dtype(dtype).itemsize
        buffer = self._slots.get(slot)
        if buffer is None or buffer.nbytes < nbytes:
            buffer = self._slots[slot] = np.zeros(nbytes, np.uint8)
        array: NDArray[Any] = buffer[:nbytes].view(dtype).reshape(shape)
        return array


def bands(total: int, elements_each: int, at_least: int = 1) -> list[tuple[int, int]]:
    """Return (start, stop) pairs covering ``range(total)`` such that a band holds about ``BAND_ELEMENTS``."""
    step = max(at_least, BAND_ELEMENTS // max(1, elements_each))
    return [(start, min(start + step, total)) for start in range(0, total, step)]
