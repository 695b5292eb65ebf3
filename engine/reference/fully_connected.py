"""SPEC (12): fully connected layer of any size."""

import numpy as np

from engine.program.descriptors import FullyConnected
from engine.program.operands import Operands
from engine.reference.requantize import look_up, requantize


def run(d: FullyConnected, operands: Operands) -> None:
    """Execute ``d``: x read as [rows, K], weight[O,K] -> y read as [rows, O]."""
    weight = operands.constant(d.weight).astype(np.int64)
    x = operands.tensor(d.input).astype(np.int64).reshape(-1, weight.shape[1])
    acc = x @ weight.T + operands.constant(d.bias).astype(np.int64)
    q = requantize(acc, operands.constant(d.multiplier), operands.constant(d.shift), d.qmin, d.qmax)
    y = operands.tensor(d.output)
    y[...] = look_up(q, d.qmin, operands.constant(d.table) if d.table else None).reshape(y.shape)
