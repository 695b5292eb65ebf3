"""From accumulators to an output type: multiplier, shift, clip and table, SPEC (5), (6), (13)."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.ir.activations import Activation, apply
from engine.ir.graph import Array
from engine.program.descriptors import ACC_LIMIT
from engine.quant.integers import Floats, Integers, IntType, int_type, quantize, round_half_away
from engine.quant.scales import full_range_scale, multiplier_bits, multipliers, smallest_shift

_LONGEST_SHIFT_OF_ZERO = 30  # of an accumulator of 32 bit


@dataclass(frozen=True, slots=True)
class Target:
    """The real output that a requantizer serves.

    ``max_abs`` is the largest magnitude after the activation, ``linear_max`` before it (used where a table follows).
    """

    bits: int
    signed: bool
    max_abs: float
    linear_max: float
    activation: Activation | None = None

    @property
    def needs_table(self) -> bool:
        """Whether saturation alone does not compute the activation."""
        return self.activation is not None and not self.activation.is_clip


@dataclass(frozen=True, slots=True)
class Requantization:
    """``multiplier`` and ``shift`` int64[n] (n = 1 or output channels), clip before the table, type and scale after it."""

    multiplier: Integers
    shift: Integers
    qmin: int
    qmax: int
    kind: IntType
    scale: float
    table: Array | None


def requantization(
    acc_scale: Floats, target: Target, shift_only: bool, acc_bound: int = ACC_LIMIT
) -> Requantization:
    """Return how accumulators of ``acc_scale`` units per real unit (float64[n]) become the output.

    With ``shift_only`` all of ``acc_scale`` must be equal: one shift serves the tensor. ``acc_bound`` is the largest
    accumulator, which limits the multipliers.

    Raises:
        CompileError: a scale is not positive and finite.
    """
    first = int_type(target.bits, target.signed or target.needs_table)
    max_abs = target.linear_max if target.needs_table else target.max_abs
    if shift_only:
        units = float(acc_scale[0])
        shift = np.full(acc_scale.shape, _shift(units, max_abs, first.qmax, acc_bound), np.int64)
        m, scale = np.ones_like(shift), units / 2.0 ** float(shift[0])
    else:
        scale = full_range_scale(max_abs, first.qmax)
        m, shift = multipliers(scale / acc_scale, multiplier_bits(acc_bound))
    if target.needs_table:
        activation = target.activation
        assert activation is not None
        kind, out_scale, table = make_table(
            first, scale, lambda x: apply(activation, x), target.max_abs, target.bits, signed=target.signed
        )
        return Requantization(m, shift, first.qmin, first.qmax, kind, out_scale, table)
    qmin, qmax = clip_limits(target.activation, scale, first)
    return Requantization(m, shift, qmin, qmax, first, scale, None)


def _shift(acc_scale: float, max_abs: float, q_max: int, acc_bound: int) -> int:
    if max_abs > 0.0:
        return smallest_shift(acc_scale, max_abs, q_max)
    # A range of zero takes scale 1 or the nearest below it, SPEC (14), unless its units are so small that no accumulator
    # is left after less: then as far as its rounding term leaves the accumulator room.
    longest = max(_LONGEST_SHIFT_OF_ZERO, acc_bound.bit_length() - 1)
    return min(smallest_shift(acc_scale, float(q_max), q_max), longest)


def clip_limits(activation: Activation | None, scale: float, kind: IntType) -> tuple[int, int]:
    """Return the saturation limits of a clip in units of ``scale``, SPEC (6)."""
    if activation is None:
        return kind.qmin, kind.qmax
    high = kind.qmax
    if np.isfinite(activation.high):
        high = min(high, int(round_half_away(activation.high * scale)))
    return 0, high


def make_table(
    source: IntType,
    scale: float,
    function: Callable[[Floats], Floats],
    max_abs: float,
    bits: int,
    signed: bool | None = None,
) -> tuple[IntType, float, Array]:
    """Return type, scale and table of ``function`` over every value of an integer tensor.

    Args:
        source: type of the tensor that indexes the table.
        scale: its scale.
        function: real function; maps float64[n] to float64[n] or [C,n].
        max_abs: largest real magnitude of the output that calibration saw.
        bits: width of the output.
        signed: whether the output is signed; None: exactly when an entry is negative (SPEC (10)).
    """
    reals = np.arange(source.qmin, source.qmax + 1, dtype=np.float64) / scale
    values: NDArray[np.float64] = function(reals)
    kind = int_type(bits, bool((values < 0.0).any()) if signed is None else signed)
    out_scale = full_range_scale(max_abs, kind.qmax)
    return kind, out_scale, quantize(values, out_scale, kind)
