"""Sums of bytes: coefficients and shifts at the borders of what 16-bit sums and one-byte coefficients can hold."""

from itertools import product

import pytest

from engine.kernels.trials.builder import Builder, Dice
from engine.kernels.trials.judge import complaint
from engine.program import descriptors as D
from engine.program.program import Program
from tests.engine.kernels.sets import NATIVE_NAMES, kernel_set

COEFFICIENTS = (
    (64, 64),
    (64, -64),
    (-64, -64),
    (127, 1),
    (128, 0),
    (-128, 0),
    (65, 64),
    (127, 127),
    (0, -129),
)
SHIFTS = (0, 6, 7, 8, 15, 16)
LIMITS = {"uint8": (0, 255), "int8": (-128, 127)}


def _sum(types: tuple[str, str, str], coefficients: tuple[int, int], shift: int, multiplier: int) -> Program:
    b = Builder(Dice(0), 1)
    first, second, out = (b.tensor((3, 97), dtype) for dtype in types)
    b.add(D.Add("sum", (first, second), out, coefficients, multiplier, shift, *LIMITS[types[2]]))
    return b.build()


@pytest.mark.parametrize("name", NATIVE_NAMES)
@pytest.mark.parametrize("multiplier", [1, 3])
def test_sums_at_the_borders_of_the_fast_forms(name: str, multiplier: int) -> None:
    kernels = kernel_set(name)
    for types in product(LIMITS, repeat=3):
        for coefficients, shift in product(COEFFICIENTS, SHIFTS):
            program = _sum(types, coefficients, shift, multiplier)
            for extreme in (False, True):
                assert complaint(kernels, program, shift, extreme) is None, (types, coefficients, shift)
