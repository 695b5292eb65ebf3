"""Scales, shifts and multipliers, SPEC (2)-(7): floats allowed, every refusal explained."""

import math

import numpy as np

from engine.errors import CompileError
from engine.quant.integers import Floats, Integers, round_half_away

MULTIPLIER_BITS = 24
# The product of accumulator and multiplier stays below 2^62, and so its sum with the rounding term below 2^63.
PRODUCT_BITS = 62
LARGEST_SHIFT = 60


def smallest_shift(acc_scale: float, max_abs: float, q_max: int) -> int:
    """Return the smallest right shift >= 0 for which ``max_abs``, after rounding, fits ``q_max`` (SPEC (5)).

    Args:
        acc_scale: accumulator units per real unit, ``in_scale * w_scale``.
        max_abs: largest real magnitude of the output, after its clip.
        q_max: 255 for uint8, 127 for int8, 32767 for int16.

    Raises:
        CompileError: ``acc_scale`` is not a positive finite number.
    """
    if not (math.isfinite(acc_scale) and acc_scale > 0.0):
        raise CompileError(f"accumulator scale is {acc_scale!r}, must be positive and finite")
    shift = max(0, math.ceil(math.log2(max(max_abs * acc_scale / (q_max + 1), 1e-300))) - 1)
    while float(round_half_away(max_abs * acc_scale / 2**shift)) > q_max:
        shift += 1
    return shift


def multiplier_bits(acc_bound: int) -> int:
    """Return how wide multipliers of accumulators up to ``acc_bound`` may be (SPEC (5), MMA v2)."""
    return min(MULTIPLIER_BITS, PRODUCT_BITS - acc_bound.bit_length())


def multipliers(ratios: Floats, bits: int = MULTIPLIER_BITS) -> tuple[Integers, Integers]:
    """Return (m, s) with ``m / 2^s`` closest to each of ``ratios`` and m of at most ``bits`` (SPEC (5), MMA v2).

    Raises:
        CompileError: a ratio is not positive and finite, or too large for ``bits``.
    """
    if not (np.isfinite(ratios).all() and (ratios > 0.0).all()):
        raise CompileError(
            f"requantizing ratios {ratios.min()} to {ratios.max()} must be positive and finite"
        )
    limit = 2**bits
    shift = np.clip(bits - np.frexp(ratios)[1], 0, LARGEST_SHIFT).astype(np.int64)
    m = round_half_away(np.ldexp(ratios, shift)).astype(np.int64)
    over = (m >= limit) & (shift > 0)  # rounded up to 2^bits
    shift = np.where(over, shift - 1, shift)
    m = np.where(over, limit // 2, m)
    if (m >= limit).any():
        raise CompileError(f"requantizing ratio {ratios.max():g} needs a multiplier of more than {bits} bit")
    return m, shift


def full_range_scale(max_abs: float, q_max: int) -> float:
    """Return the scale at which ``max_abs`` is ``q_max``; 1 for a range of zero (SPEC (14))."""
    return q_max / max_abs if max_abs > 0.0 else 1.0


def power_of_two_below(scale: float) -> float:
    """Return the largest power of two that is not above ``scale``."""
    return 2.0 ** math.floor(math.log2(scale))
