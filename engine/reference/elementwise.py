"""SPEC (7), (16): element-wise sum and product, with NumPy broadcasting."""

import numpy as np

from engine.program.descriptors import Add, Mul
from engine.program.operands import Operands
from engine.reference.requantize import look_up, requantize


def run_add(d: Add, operands: Operands) -> None:
    """Execute ``d``: requantize(a * ca + b * cb)."""
    a, b = (operands.tensor(name).astype(np.int64) for name in d.inputs)
    q = requantize(a * d.coefficients[0] + b * d.coefficients[1], d.multiplier, d.shift, d.qmin, d.qmax)
    operands.tensor(d.output)[...] = look_up(q, d.qmin, operands.constant(d.table) if d.table else None)


def run_mul(d: Mul, operands: Operands) -> None:
    """Execute ``d``: requantize(a * b)."""
    a, b = (operands.tensor(name).astype(np.int64) for name in d.inputs)
    q = requantize(a * b, d.multiplier, d.shift, d.qmin, d.qmax)
    operands.tensor(d.output)[...] = look_up(q, d.qmin, operands.constant(d.table) if d.table else None)
