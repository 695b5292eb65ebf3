"""Real values to integers and back; ``engine.reference.conversion`` in blocks that stay in the cache."""

from collections.abc import Callable
from functools import partial

import numpy as np

from engine.ir.graph import Array

_BLOCK = 1 << 15
# Elements of a map from which on looking its bytes up is faster than dividing them.
_FEW = 1 << 12


def quantize(x: Array, scale: float, out: Array) -> None:
    """out = clamp(round(x * scale)) for C-contiguous arrays of one shape."""
    limits, signed = np.iinfo(out.dtype), out.dtype.kind == "i"
    flat, target = x.reshape(-1), out.reshape(-1)
    size = min(_BLOCK, flat.size)
    products, integers = np.empty(size), np.empty(size, np.int32)
    for start in range(0, flat.size, _BLOCK):
        part = flat[start : start + _BLOCK]
        scaled, whole = products[: part.size], integers[: part.size]
        np.multiply(part, scale, out=scaled, dtype=np.float64)
        # What is negative becomes 0 in an unsigned type, whichever way its half is rounded.
        scaled += np.copysign(0.5, scaled) if signed else 0.5
        # Of NaN and a limit these take the limit.
        np.fmin(np.fmax(scaled, limits.min, out=scaled), limits.max, out=scaled)
        # The conversion drops the fraction: behind the half added, this rounds halves away from zero.
        np.copyto(whole, scaled, casting="unsafe")
        target[start : start + _BLOCK] = whole


def dequantizer(q: Array, scale: float, out: Array) -> Callable[[], object]:
    """Return what does out = q / scale for C-contiguous arrays of one shape, ``out`` float32."""
    if q.itemsize > 1 or q.size < _FEW:
        return partial(np.divide, q, np.float64(scale), out=out, dtype=np.float64, casting="same_kind")
    import cv2  # here, because the self-test of the native set, which gets no further, should not wait for it

    table = (np.arange(256).astype(np.uint8).view(q.dtype) / np.float64(scale)).astype(np.float32)
    return partial(cv2.LUT, q.view(np.uint8).reshape(1, -1), table, dst=out.reshape(1, -1))
