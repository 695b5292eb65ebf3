"""Softmax by table, and arg-max."""

from collections.abc import Callable

import numpy as np

from engine.kernels.numpy_set.pooling import divide_round
from engine.kernels.numpy_set.workspace import Workspace
from engine.program.descriptors import ArgMax, Softmax
from engine.program.operands import Operands


def bind_softmax(d: Softmax, operands: Operands, workspace: Workspace) -> Callable[[], None]:
    """Return a function that executes ``d``."""
    x, y = operands.tensor(d.input), operands.tensor(d.output)
    table = operands.constant(d.table).astype(np.int64)

    def step() -> None:
        wide = x.astype(np.int64)
        e = table[wide.max(axis=d.axis, keepdims=True) - wide]
        np.copyto(y, divide_round(255 * e, e.sum(axis=d.axis, keepdims=True)), casting="unsafe")

    return step


def bind_arg_max(d: ArgMax, operands: Operands, workspace: Workspace) -> Callable[[], None]:
    """Return a function that executes ``d``; NumPy's argmax takes the first of equals."""
    x, y = operands.tensor(d.input), operands.tensor(d.output)

    def step() -> None:
        np.copyto(y, np.argmax(x, axis=d.axis).reshape(y.shape), casting="unsafe")

    return step
