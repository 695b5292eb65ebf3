"""Real values to integers and back (SPEC (1)): what passes between A72 and C7x."""

import numpy as np

from engine.ir.graph import Array


def quantize(x: Array, scale: float, out: Array) -> None:
    """out = clamp(round(x * scale)) for ``x`` of real numbers, computed in float64; halves away from zero.

    What is no number becomes the smallest integer (SPEC (14)).
    """
    limits = np.iinfo(out.dtype)
    scaled = x.astype(np.float64) * scale
    rounded = np.copysign(np.floor(np.abs(scaled) + 0.5), scaled)
    out[...] = np.fmin(np.fmax(rounded, limits.min), limits.max)  # of NaN and a limit the limit


def dequantize(q: Array, scale: float, out: Array) -> None:
    """out = q / scale, rounded from float64 to ``out``'s float32."""
    out[...] = q / np.float64(scale)
