"""Weights and requantizer constants in the order in which the tiles read them; NumPy, once per program.

A panel of ``nr`` vectors holds, for every group of K (four bytes, or two int16), nr * lanes * taps weights:

    weights[panel][group][n][e][t] = matrix[group * taps + t, channel(n, e)]
    channel(n, e) = 4 * nr * (e // 4) + 4 * n + e % 4      (plain order lanes * n + e where accumulators are stored raw)
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.ir.graph import Array
from engine.kernels.bounds import LayerNumbers
from engine.kernels.native.isa import Isa
from engine.kernels.native.records import Finish

FLOAT_EXACT = 1 << 24
INT32_LIMIT = 1 << 31


def channel_order(nr: int, lanes: int, plain: bool) -> NDArray[np.int64]:
    """Return channel(n, e) of a panel as [nr, lanes]."""
    n, e = np.arange(nr)[:, None], np.arange(lanes)[None, :]
    return lanes * n + e if plain else 4 * nr * (e // 4) + 4 * n + e % 4


@dataclass(frozen=True, slots=True)
class Requant:
    """How a layer's accumulators become q. Arrays are int64 [N]; ``offset`` is subtracted from q before saturation.

    8-bit results are saturated as int8 whatever their type: for uint8, q - 128 is computed and the sign bit flipped back.
    """

    finish: Finish
    bias: NDArray[np.int64]
    multiplier: NDArray[np.int64]
    shift: NDArray[np.int64]
    qmin: int
    qmax: int
    offset: int

    @property
    def raw(self) -> bool:
        """Whether accumulators pass through a buffer."""
        return self.finish > Finish.FLOAT

    @property
    def unsigned(self) -> bool:
        """Whether results are bytes that must be saturated as uint8."""
        return self.offset == 0 and self.qmin == 0 and 127 < self.qmax <= 255

    def without_offset(self) -> "Requant":
        """Return the same for results that are saturated as what they are; only where q may be as small as 0."""
        if not self.offset or self.qmin:
            return self
        bias = self.bias + (self.offset << self.shift) if self.finish is Finish.SHIFT else self.bias
        return replace(self, bias=bias, offset=0)

    def of(self, channels: slice | NDArray[np.intp]) -> "Requant":
        """Return the same for some of the channels."""
        return replace(
            self, bias=self.bias[channels], multiplier=self.multiplier[channels], shift=self.shift[channels]
        )


def choose_requant(numbers: LayerNumbers, clamp: tuple[int, int], element_bytes: int) -> Requant:
    """Return the cheapest finish that is exact for ``numbers`` and results of ``element_bytes``."""
    bias, m, s, acc_bound = numbers.bias, numbers.multiplier, numbers.shift, numbers.acc_bound
    qmin, qmax = clamp
    in_tile = element_bytes == 1
    offset = 128 if in_tile and qmax > 127 else 0
    half = (np.int64(1) << s) >> np.int64(1)
    if (m == 1).all() and s.max() < 31 and acc_bound + int((half + (offset << s)).max()) < INT32_LIMIT:
        finish = Finish.SHIFT if in_tile else Finish.RAW_SHIFT
        return Requant(finish, bias + half - (offset << s), m, s, qmin, qmax, offset)
    if _float_is_exact(m, s, acc_bound, max(qmax, -qmin)):
        return Requant(Finish.FLOAT if in_tile else Finish.RAW_FLOAT, bias, m, s, qmin, qmax, offset)
    return Requant(Finish.RAW_WIDE, bias, m, s, qmin, qmax, 0)


def _float_is_exact(m: NDArray[np.int64], s: NDArray[np.int64], acc_bound: int, largest: int) -> bool:
    """Whether float32 with one directed rounding gives every q.

    The factor m * 2^-s must be a float32, the result must fit int32, and the accumulator must be a float32: it is up to
    2^24. A larger one is rounded, but if 2^24 already saturates, so do it and what it is rounded to.
    """
    if int(np.abs(m).max()) > FLOAT_EXACT or s.max() > 100:
        return False
    scale = np.ldexp(np.abs(m).astype(np.float64), -s)
    if acc_bound * float(scale.max()) + 256 >= INT32_LIMIT:
        return False
    return acc_bound <= FLOAT_EXACT or bool((scale * FLOAT_EXACT >= largest + 2).all())


def common_block(requant: Requant, lanes: int) -> NDArray[np.uint8]:
    """Return what all panels share: addend, low, high, flip as bytes, low and high as int32; one vector each."""
    low, high = requant.qmin - requant.offset, requant.qmax - requant.offset
    narrow = low >= -128 and high <= 255
    as_bytes = [np.full(4 * lanes, limit & 0xFF if narrow else 0, np.uint8) for limit in (low, high)]
    flip = np.full(4 * lanes, 0x80 if requant.offset else 0, np.uint8)
    parts: list[Array] = [np.full(lanes, 0.5 - requant.offset, np.float32), *as_bytes, flip]
    parts += [np.full(lanes, requant.qmin, np.int32), np.full(lanes, requant.qmax, np.int32)]
    return np.concatenate([part.view(np.uint8) for part in parts])


def merged_groups(group: int, count: int) -> list[tuple[int, int]]:
    """Return (first, count) of the groups to treat as one, with zeros between them: up to ``count`` of ``group``."""
    return [(first, min(count, group - first)) for first in range(0, group, count)]


def block_diagonal(weight: Array, merged: int) -> Array:
    """Return weights [O,kh,kw,C] of ``merged`` groups as those of one group, [O,kh,kw,C * merged]."""
    if merged == 1:
        return weight
    outputs, kh, kw, channels = weight.shape
    each = outputs // merged
    wide = np.zeros((merged, each, kh, kw, merged, channels), weight.dtype)
    for g in range(merged):
        wide[g, :, :, :, g] = weight[g * each : (g + 1) * each]
    return wide.reshape(outputs, kh, kw, merged * channels)


def pack_weights(matrix: Array, nr: int, isa: Isa, plain: bool) -> NDArray[np.uint8]:
    """Return ``matrix`` [K, N] (K a multiple of the taps, zero-filled) as panels [ceil(N / (nr * lanes)), bytes]."""
    taps = 4 if matrix.dtype == np.int8 else 2
    depth, channels = matrix.shape
    width = nr * isa.lanes
    count = -(-channels // width)
    wide = np.zeros((depth, count * width), matrix.dtype)
    wide[:, :channels] = matrix
    by_panel = wide.reshape(depth // taps, taps, count, width)[..., channel_order(nr, isa.lanes, plain)]
    packed = np.ascontiguousarray(by_panel.transpose(2, 0, 3, 4, 1))  # panel, group, n, e, tap
    return packed.reshape(count, -1).view(np.uint8)


def pack_parameters(requant: Requant, nr: int, lanes: int, plain: bool = False) -> NDArray[np.uint8]:
    """Return bias and requantizer constants as panels [ceil(N / (nr * lanes)), bytes]; in plain order also if raw."""
    order = channel_order(nr, lanes, plain or requant.raw).reshape(-1)
    count = -(-requant.bias.size // order.size)

    def by_panel(values: Array, dtype: type[np.generic]) -> NDArray[np.uint8]:
        padded: Array = np.zeros(count * order.size, dtype)
        padded[: values.size] = values
        return np.ascontiguousarray(padded.reshape(count, -1)[:, order]).view(np.uint8)

    if requant.finish in (Finish.SHIFT, Finish.RAW_SHIFT):
        parts = [by_panel(requant.bias, np.int32), by_panel(requant.shift, np.int32)]
    elif requant.finish in (Finish.FLOAT, Finish.RAW_FLOAT):
        scale = np.ldexp(requant.multiplier.astype(np.float64), -requant.shift)
        parts = [by_panel(requant.bias, np.int32), by_panel(scale, np.float32)]
    else:
        half = (np.int64(1) << requant.shift) >> np.int64(1)
        parts = [by_panel(requant.bias, np.int32), by_panel(requant.multiplier, np.int32)]
        parts += [by_panel(requant.shift, np.int64), by_panel(half, np.int64)]
    return np.concatenate(parts, axis=1)


def end_to_end(parts: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Return the bytes of all parts, one behind another."""
    return np.concatenate([part.reshape(-1) for part in parts])
