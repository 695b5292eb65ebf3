"""Resize: blend columns, then rows; the sums are those of the law in another order, hence equal."""

from collections.abc import Callable
from typing import Any

import numpy as np

from engine.ir.graph import Array
from engine.kernels.numpy_set.elementwise import largest
from engine.kernels.numpy_set.workspace import Workspace
from engine.program.descriptors import Resize
from engine.program.operands import Operands


def bind(d: Resize, operands: Operands, workspace: Workspace) -> Callable[[], None]:
    """Return a function that executes ``d``."""
    x, y = operands.tensor(d.input), operands.tensor(d.output)
    rows, columns = (operands.constant(name).astype(np.int64) for name in (d.rows, d.columns))
    if not rows[:, 2].any() and not columns[:, 2].any():
        return _nearest(x, y, rows[:, 0], columns[:, 0])
    dtype: np.dtype[Any] = np.dtype(np.int32 if largest(x) << 14 < 2**30 else np.int64)
    row_weights, column_weights = (_weights(part[:, 2], dtype) for part in (rows, columns))

    def step() -> None:
        wide = x.astype(dtype)
        across = wide[:, :, columns[:, 0]] * column_weights[0] + wide[:, :, columns[:, 1]] * column_weights[1]
        acc = (
            across[:, rows[:, 0]] * row_weights[0][:, None] + across[:, rows[:, 1]] * row_weights[1][:, None]
        )
        np.copyto(y, (acc + dtype.type(8192)) >> dtype.type(14), casting="unsafe")

    return step


def _weights(second: Array, dtype: np.dtype[Any]) -> tuple[Array, Array]:
    """Return the weights of the first and the second pixel, each [n, 1]."""
    w = second.astype(dtype)[:, None]
    return 128 - w, w


def _nearest(x: Array, y: Array, rows: Array, columns: Array) -> Callable[[], None]:
    def step() -> None:
        y[...] = x[:, rows][:, :, columns]

    return step
