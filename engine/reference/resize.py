"""SPEC (17): nearest and bilinear resize from precomputed index and weight tables."""

import numpy as np

from engine.program.descriptors import Resize
from engine.program.operands import Operands


def run(d: Resize, operands: Operands) -> None:
    """Execute ``d``: y = (sum of four pixels times their weights + 8192) >> 14."""
    x, y = operands.tensor(d.input).astype(np.int64), operands.tensor(d.output)
    rows, columns = (operands.constant(name).astype(np.int64) for name in (d.rows, d.columns))
    acc = np.zeros(y.shape, np.int64)
    for row_index, row_weight in ((rows[:, 0], 128 - rows[:, 2]), (rows[:, 1], rows[:, 2])):
        for column_index, column_weight in (
            (columns[:, 0], 128 - columns[:, 2]),
            (columns[:, 1], columns[:, 2]),
        ):
            pixels = x[:, row_index][:, :, column_index]
            acc += pixels * row_weight[None, :, None, None] * column_weight[None, None, :, None]
    y[...] = (acc + 8192) >> 14
