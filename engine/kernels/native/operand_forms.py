"""The forms in which COMBINE takes its operands and their coefficients."""

from dataclasses import dataclass

import numpy as np

from engine.ir.graph import Array
from engine.kernels.native.isa import Isa
from engine.kernels.native.panels import Requant
from engine.kernels.native.records import Combination, Finish
from engine.program.descriptors import Pair

Types = tuple[np.dtype[np.generic], np.dtype[np.generic]]


@dataclass(frozen=True, slots=True)
class OperandForm:
    """How a COMBINE record reads its operands; every sum comes out ``added`` too large."""

    combination: Combination
    flips: Pair
    coefficients: Array
    added: int


def word_operands(isa: Isa, flips: Pair, coefficients: Pair, product: bool) -> OperandForm:
    """Return the form that serves any operands: each made unsigned by its flip and widened to int32."""
    words = [*(c & 0xFFFF for c in coefficients), *flips]
    combination = Combination.PRODUCT if product else Combination.SUM
    return OperandForm(combination, flips, np.repeat(np.array(words, np.int32), isa.lanes), 0)


def byte_operands(isa: Isa, types: Types, coefficients: Pair, requant: Requant) -> OperandForm | None:
    """Return the form for sums by products of bytes, or None where they do not serve."""
    if any(t.itemsize > 1 for t in types) or any(not -128 <= c <= 127 for c in coefficients):
        return None
    added_to_each = [_added(isa, dtype) for dtype in types]
    first, second = (0x80 if added else 0 for added in added_to_each)
    added = sum(c * each for c, each in zip(coefficients, added_to_each, strict=True))
    if requant.finish is Finish.SHIFT and _sums_fit_int16(types, coefficients, requant):
        pairs = np.tile(np.array(coefficients, np.int8), 2 * isa.lanes)
        return OperandForm(Combination.PAIR_SUM, (first, second), pairs, added)
    if requant.finish is Finish.FLOAT and isa.byte_dot:
        by_place = [(c & 0xFF) << 8 * place for c in coefficients for place in range(4)]
        vectors = np.repeat(np.array(by_place, np.uint32), isa.lanes)
        return OperandForm(Combination.BYTE_SUM, (first, second), vectors, added)
    return None


def _added(isa: Isa, dtype: np.dtype[np.generic]) -> int:
    """Return by how much an element changes when its sign bit is flipped to make it of the sign that products take."""
    signed = dtype == np.int8
    if signed == isa.signed_bytes:
        return 0
    return 128 if signed else -128


def _sums_fit_int16(types: Types, coefficients: Pair, requant: Requant) -> bool:
    """Whether the sum of the products, as they are taken, and the number to be shifted fit int16."""
    ends = [
        [c * int(end) for end in (np.iinfo(t).min, np.iinfo(t).max)]  # type: ignore[type-var]
        for c, t in zip(coefficients, types, strict=True)
    ]
    least, greatest = sum(min(e) for e in ends), sum(max(e) for e in ends)
    bias, shift = int(requant.bias[0]), int(requant.shift[0])
    fits = least + bias >= -(1 << 15) and greatest + bias < 1 << 15
    return fits and shift < 16 and 255 * sum(map(abs, coefficients)) < 1 << 15
