"""Sliding windows over NHWC maps, as convolution and pooling walk them."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from engine.ir.graph import Array
from engine.program.descriptors import Pads, Pair


def pad_map(x: Array, pads: Pads, value: int) -> NDArray[np.int64]:
    """Return ``x`` [N,H,W,C] as int64 with ``value`` around it; pads are top, left, bottom, right."""
    top, left, bottom, right = pads
    return np.pad(x.astype(np.int64), ((0, 0), (top, bottom), (left, right), (0, 0)), constant_values=value)


def taps(
    padded: NDArray[np.int64], out_hw: Pair, kernel: Pair, stride: Pair, dilation: Pair
) -> Iterator[tuple[int, int, NDArray[np.int64]]]:
    """Yield (ki, kj, the map [N,Ho,Wo,C] that kernel tap (ki, kj) meets)."""
    (ho, wo), (sh, sw), (dh, dw) = out_hw, stride, dilation
    for ki in range(kernel[0]):
        for kj in range(kernel[1]):
            i, j = ki * dh, kj * dw
            yield ki, kj, padded[:, i : i + (ho - 1) * sh + 1 : sh, j : j + (wo - 1) * sw + 1 : sw, :]
