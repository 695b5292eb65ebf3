"""Integer weights and biases of a weighted layer, and the proof that its accumulator cannot overflow, SPEC (2)-(4)."""

from dataclasses import dataclass

import numpy as np

from engine.errors import CompileError
from engine.ir.graph import Array
from engine.quant.integers import Floats, Integers, IntType, int_type, quantize, round_half_away
from engine.quant.scales import power_of_two_below

_INT32_LIMIT = 2**31 - 1
# 16-bit operands double the accumulator too, SPEC (8); up to here float64 kernels add exactly.
_WIDE_LIMIT = 2**53
# MMA v2: the bias in accumulator units. A channel whose weights are tiny beside its bias gets a smaller weight scale, which
# loses nothing its output could show, and accumulators stay below 2^24, where float32 kernels are exact.
_BIAS_LIMIT = 2.0**22


@dataclass(frozen=True, slots=True)
class LayerWeights:
    """Integers of one layer: weight [O,...], bias int64[O]; ``scale`` float64[O] is the weights' (all equal on MMA v1)."""

    weight: Array
    bias: Integers
    scale: Floats


def tensor_scale(
    weight: Floats, bias: Floats, in_scale: float, bits: int, power_of_two: bool = False
) -> float:
    """Return the one scale of all weights on MMA v1, lowered until the bias fits, SPEC (2), (3), (8)."""
    top, max_bias = float(np.abs(weight).max()), float(np.abs(bias).max())
    scale = 2.0 ** (bits - 1) / top if top > 0.0 else 1.0
    limit = 2.0 ** (2 * bits - 1)
    if max_bias * in_scale * scale > limit:
        scale = limit / (max_bias * in_scale)
    return power_of_two_below(scale) if power_of_two else scale


def per_tensor(weight: Floats, bias: Floats, in_scale: float, bits: int, scale: float) -> LayerWeights:
    """Return the integers of a layer on MMA v1 with ``scale`` for all weights: weight [O,...], bias [O] float64."""
    integers = quantize(weight, scale, int_type(bits, signed=True))
    return LayerWeights(integers, tensor_bias(bias, in_scale, bits, scale), np.full(bias.shape, scale))


def tensor_bias(bias: Floats, in_scale: float, bits: int, scale: float) -> Integers:
    """Return the bias in accumulator units: ``bits`` wide first, then limited to twice that, SPEC (3)."""
    max_bias = float(np.abs(bias).max())
    bias_scale = 2.0 ** (bits - 1) / max_bias if max_bias > 0.0 else 1.0
    coarse = quantize(bias, bias_scale, int_type(bits, signed=True)).astype(np.float64)
    limit = 2 ** (2 * bits - 1)
    return np.clip(round_half_away(coarse * in_scale * scale / bias_scale), -limit, limit - 1).astype(
        np.int64
    )


def channel_scales(weight: Floats, bias: Floats, in_scale: float, bits: int) -> Floats:
    """Return the weight scale of each output channel on MMA v2, float64[O], lowered where the bias needs it."""
    top = np.abs(weight.reshape(weight.shape[0], -1)).max(axis=1)
    scale = np.divide(2.0 ** (bits - 1) - 1.0, top, out=np.ones_like(top), where=top > 0.0)
    units = np.abs(bias) * in_scale
    room = np.divide(_BIAS_LIMIT, units, out=np.full_like(top, np.inf), where=units > 0.0)
    lowered: Floats = np.minimum(scale, room)
    return lowered


def per_channel(weight: Floats, bias: Floats, in_scale: float, bits: int) -> LayerWeights:
    """Return the integers of a layer on MMA v2: one scale per output channel, bias int32, SPEC (2), (3)."""
    kind, scale = int_type(bits, signed=True), channel_scales(weight, bias, in_scale, bits)
    scaled = round_half_away(weight * scale.reshape((-1,) + (1,) * (weight.ndim - 1)))
    integers = np.clip(scaled, -kind.qmax, kind.qmax).astype(kind.name)
    return LayerWeights(integers, round_half_away(bias * in_scale * scale).astype(np.int64), scale)


def accumulator_bound(weights: LayerWeights, source: IntType) -> int:
    """Return the maximum of |acc|, bias included, over every input of type ``source``, SPEC (4)."""
    rows = weights.weight.reshape(weights.weight.shape[0], -1).astype(np.int64)
    positive, negative = np.maximum(rows, 0).sum(axis=1), np.minimum(rows, 0).sum(axis=1)
    high = positive * source.qmax + negative * source.qmin + weights.bias
    low = positive * source.qmin + negative * source.qmax + weights.bias
    return int(max(np.abs(high).max(), np.abs(low).max()))


def check_bound(name: str, bound: int, shift: int, wide: bool) -> None:
    """Refuse a layer whose accumulator, with its rounding term, might overflow.

    Raises:
        CompileError: it might.
    """
    limit = _WIDE_LIMIT if wide else _INT32_LIMIT
    if bound + (1 << shift >> 1) > limit:
        raise CompileError(
            f"layer {name!r}: the accumulator may reach {bound}, the MMA holds {limit}; split the layer's input channels"
        )
