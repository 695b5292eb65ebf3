"""The forms in which COMBINE takes its operands and their coefficients."""

from dataclasses import dataclass

import numpy as np

from engine.ir.graph import Array
from engine.kernels.native.inputs import input_form
from engine.kernels.native.isa import Isa
from engine.kernels.native.records import Combination
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


def byte_sums_fit(isa: Isa, types: Types, coefficients: Pair) -> bool:
    """Whether dot products of bytes can compute the sum."""
    narrow = all(t.itemsize == 1 for t in types) and all(-128 <= c <= 127 for c in coefficients)
    return isa.byte_dot and narrow


def byte_operands(isa: Isa, types: Types, coefficients: Pair) -> OperandForm:
    """Return the form for sums by dot products of bytes."""
    first, second = (input_form(isa, dtype, np.dtype(np.int8)) for dtype in types)
    by_place = [(c & 0xFF) << 8 * place for c in coefficients for place in range(4)]
    added = coefficients[0] * first.added + coefficients[1] * second.added
    vectors = np.repeat(np.array(by_place, np.uint32), isa.lanes)
    return OperandForm(Combination.BYTE_SUM, (first.flip, second.flip), vectors, added)
