"""Data convert and table look-up: one gather from a flat table."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.ir.graph import Array
from engine.kernels.numpy_set.workspace import Workspace
from engine.program.descriptors import DataConvert, Table
from engine.program.operands import Operands


def bind_data_convert(d: DataConvert, operands: Operands, workspace: Workspace) -> Callable[[], None]:
    """Return a function that executes ``d``."""
    return _gather(operands.tensor(d.input), operands.tensor(d.output), operands.constant(d.table), workspace)


def bind_table(d: Table, operands: Operands, workspace: Workspace) -> Callable[[], None]:
    """Return a function that executes ``d``."""
    return _gather(operands.tensor(d.input), operands.tensor(d.output), operands.constant(d.table), workspace)


def _gather(x: Array, y: Array, table: Array, workspace: Workspace) -> Callable[[], None]:
    """``table`` [n] for all channels, or [C, n] for the last axis of ``x``."""
    flat = np.ascontiguousarray(table, y.dtype).reshape(-1)
    starts = np.arange(x.shape[-1]) * table.shape[-1] if table.ndim == 2 else np.zeros(1, np.intp)
    starts = (starts - np.iinfo(x.dtype).min).astype(np.intp)

    def step() -> None:
        index: NDArray[np.intp] = workspace.array("accumulators", x.shape, np.intp)
        np.add(x, starts, out=index)
        # "clip" writes to y without a buffer; nothing is out of range
        flat.take(index, out=y, mode="clip")

    return step
