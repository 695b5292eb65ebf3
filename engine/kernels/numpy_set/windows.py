"""Padded maps and the windows that convolution and pooling see in them, without copying."""

import numpy as np
from numpy.lib.stride_tricks import as_strided

from engine.ir.graph import Array
from engine.program.descriptors import Pads, Pair


class PaddedMap:
    """``x`` [N,H,W,C] with a border of ``value``; the border is written once, the inside at every ``refresh``."""

    def __init__(self, x: Array, pads: Pads, value: int = 0) -> None:
        top, left, bottom, right = pads
        n, h, w, c = x.shape
        self._x = x
        self._inside: Array | None = None
        self.array = x
        if any(pads):
            self.array = np.full((n, h + top + bottom, w + left + right, c), value, x.dtype)
            self._inside = self.array[:, top : top + h, left : left + w]

    def refresh(self) -> None:
        """Copy the map's present contents into the padded one, if there are pads."""
        if self._inside is not None:
            self._inside[...] = self._x


def windows(padded: Array, out_hw: Pair, kernel: Pair, stride: Pair, dilation: Pair = (1, 1)) -> Array:
    """Return a view [N,Ho,Wo,kh,kw,C] of ``padded`` [N,H,W,C]."""
    n, h, w, c = padded.shape
    for size, out, k, s, d in zip((h, w), out_hw, kernel, stride, dilation, strict=True):
        assert (out - 1) * s + (k - 1) * d < size, "windows reach past the padded map"
    sn, sh, sw, sc = padded.strides
    strides = (sn, sh * stride[0], sw * stride[1], sh * dilation[0], sw * dilation[1], sc)
    return as_strided(padded, (n, *out_hw, *kernel, c), strides, writeable=False)
