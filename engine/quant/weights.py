"""Integer weights and biases of a weighted layer, and the proof that its accumulator cannot overflow, SPEC (2)-(4)."""

import math
from dataclasses import dataclass

import numpy as np

from engine.errors import CompileError
from engine.ir.graph import Array
from engine.program.descriptors import ACC_LIMIT, WIDE_ACC_LIMIT
from engine.quant.integers import Floats, Integers, IntType, int_type, quantize, round_half_away
from engine.quant.scales import power_of_two_below

# MMA v2: the bias in accumulator units. A channel whose weights are tiny beside its bias gets a smaller weight scale, which
# loses nothing its output could show, and accumulators stay below 2^24, where float32 kernels are exact.
_BIAS_LIMIT = 2.0**22
_WIDE_BIAS_LIMIT = 2.0**30
# TI's weight clipping, as ``constrain_weight`` of its edgeai-modeloptimization has it.
_CLIP_ABOVE, _CLIP_MEDIANS, _CLIP_SHARE = 15.0, 16.0, 120.0 / 128.0


@dataclass(frozen=True, slots=True)
class LayerWeights:
    """Integers of one layer: weight [O,...], bias int64[O]; ``scale`` float64[O] is the weights' (all equal on MMA v1)."""

    weight: Array
    bias: Integers
    scale: Floats


@dataclass(frozen=True, slots=True)
class Widths:
    """Bits of a layer's weights, and of its bias before it is brought to accumulator units, SPEC (3), (8)."""

    weight: int
    bias: int

    @property
    def bias_limit(self) -> float:
        """Magnitude of the bias in accumulator units that MMA v1 holds: twice ``bias`` bits, signed."""
        return 2.0 ** (2 * self.bias - 1)


def tensor_scale(weight: Floats, bias: Floats, in_scale: float, widths: Widths, power_of_two: bool) -> float:
    """Return the one scale of all weights on MMA v1, lowered until the bias fits, SPEC (2), (3), (8)."""
    top, units = float(np.abs(weight).max()), float(np.abs(bias).max()) * in_scale
    scale = 2.0 ** (widths.weight - 1) / top if top > 0.0 else 1.0
    if units * scale > widths.bias_limit:
        scale = widths.bias_limit / units
    return power_of_two_below(scale) if power_of_two else scale


def tensor_bias(bias: Floats, in_scale: float, scale: float, widths: Widths) -> Integers:
    """Return the bias in accumulator units: ``widths.bias`` wide first, then limited to twice that, SPEC (3)."""
    max_bias = float(np.abs(bias).max())
    bias_scale = 2.0 ** (widths.bias - 1) / max_bias if max_bias > 0.0 else 1.0
    coarse = quantize(bias, bias_scale, int_type(widths.bias, signed=True)).astype(np.float64)
    units = round_half_away(coarse * in_scale * scale / bias_scale)
    return np.clip(units, -widths.bias_limit, widths.bias_limit - 1).astype(np.int64)


def channel_scales(weight: Floats, bias: Floats, in_scale: float, widths: Widths) -> Floats:
    """Return the weight scale of each output channel on MMA v2, float64[O], lowered where the bias needs it."""
    top = np.abs(weight.reshape(weight.shape[0], -1)).max(axis=1)
    scale = np.divide(2.0 ** (widths.weight - 1) - 1.0, top, out=np.ones_like(top), where=top > 0.0)
    units = np.abs(bias) * in_scale
    limit = _BIAS_LIMIT if widths.bias == 8 else _WIDE_BIAS_LIMIT
    room = np.divide(limit, units, out=np.full_like(top, np.inf), where=units > 0.0)
    lowered: Floats = np.minimum(scale, room)
    return lowered


def per_tensor(weight: Floats, bias: Floats, in_scale: float, scale: float, widths: Widths) -> LayerWeights:
    """Return the integers of a layer on MMA v1 with ``scale`` for all weights: weight [O,...], bias [O] float64."""
    integers = quantize(weight, scale, int_type(widths.weight, signed=True))
    return LayerWeights(integers, tensor_bias(bias, in_scale, scale, widths), np.full(bias.shape, scale))


def per_channel(weight: Floats, bias: Floats, in_scale: float, scale: Floats, widths: Widths) -> LayerWeights:
    """Return the integers of a layer on MMA v2 with ``scale`` [O], bias int32, SPEC (2), (3)."""
    kind = int_type(widths.weight, signed=True)
    scaled = round_half_away(weight * scale.reshape((-1,) + (1,) * (weight.ndim - 1)))
    integers = np.clip(scaled, -kind.qmax, kind.qmax).astype(kind.name)
    return LayerWeights(integers, round_half_away(bias * in_scale * scale).astype(np.int64), scale)


def clipped(weight: Floats) -> Floats:
    """Return ``weight`` with TI's ``weight_clipping``: largest weights limited to a small multiple of their median.

    Only a tensor whose largest magnitude is above 15 and above 16 medians is limited, to 120/128 of the power of two at or
    above 16 medians. Batch normalisation, once folded, makes such weights of channels that hardly vary, which lose nothing.
    """
    magnitude = np.abs(weight)
    largest = float(magnitude.max())
    if largest <= _CLIP_ABOVE:  # most layers: the median, which takes longest, is not needed
        return weight
    # Of two middle values the lower, as TI takes it. A median of zero would leave nothing of a sparse layer.
    limit = _CLIP_MEDIANS * float(np.quantile(magnitude, 0.5, method="lower"))
    if limit == 0.0 or largest <= limit:
        return weight
    top = _CLIP_SHARE * 2.0 ** math.ceil(math.log2(limit))
    return np.clip(weight, -top, top)


def accumulator_bound(weights: LayerWeights, source: IntType) -> int:
    """Return the maximum of |acc|, bias included, over every input of type ``source``, SPEC (4)."""
    rows = weights.weight.reshape(weights.weight.shape[0], -1).astype(np.int64)
    positive, negative = np.maximum(rows, 0).sum(axis=1), np.minimum(rows, 0).sum(axis=1)
    high = positive * source.qmax + negative * source.qmin + weights.bias
    low = positive * source.qmin + negative * source.qmax + weights.bias
    return int(max(np.abs(high).max(), np.abs(low).max()))


def check_bias(name: str, bias: Integers) -> None:
    """Refuse a bias beyond int32: beside 16-bit operands, whose accumulators are wider, a corrected one may get there.

    Raises:
        CompileError: it is.
    """
    if int(bias.max()) > ACC_LIMIT or int(bias.min()) < -ACC_LIMIT - 1:
        raise CompileError(
            f"layer {name!r}: its bias is {bias.min()} to {bias.max()} accumulator units, the MMA holds 32 bit"
        )


def check_bound(name: str, bound: int, shift: int, wide: bool) -> None:
    """Refuse a layer whose accumulator, with its rounding term, might overflow; ``wide``: 16-bit operands, SPEC (8).

    Raises:
        CompileError: it might.
    """
    limit, reached = WIDE_ACC_LIMIT if wide else ACC_LIMIT, bound + (1 << shift >> 1)
    if reached > limit:
        raise CompileError(
            f"layer {name!r}: the accumulator may reach {reached}, the MMA holds {limit}; split the layer's input channels"
        )
