"""SPEC (18), (19): softmax by table, and arg-max."""

import numpy as np

from engine.program.descriptors import ArgMax, Softmax
from engine.program.operands import Operands
from engine.reference.requantize import divide_round


def run_softmax(d: Softmax, operands: Operands) -> None:
    """Execute ``d``: y = round(255 * e / sum(e)) with e from the table over max(x) - x."""
    x = operands.tensor(d.input).astype(np.int64)
    e = operands.constant(d.table).astype(np.int64)[x.max(axis=d.axis, keepdims=True) - x]
    operands.tensor(d.output)[...] = divide_round(255 * e, e.sum(axis=d.axis, keepdims=True))


def run_arg_max(d: ArgMax, operands: Operands) -> None:
    """Execute ``d``: the lowest index of the maximum (NumPy's argmax takes the first)."""
    y = operands.tensor(d.output)
    y[...] = np.argmax(operands.tensor(d.input), axis=d.axis).reshape(y.shape)
