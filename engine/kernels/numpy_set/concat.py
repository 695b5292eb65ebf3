"""Concatenation; inputs that already have the output's scale are copied."""

from collections.abc import Callable
from functools import partial

import numpy as np

from engine.ir.graph import Array
from engine.kernels.numpy_set.elementwise import largest
from engine.kernels.numpy_set.requantize import Requantizer
from engine.kernels.numpy_set.workspace import Workspace
from engine.program.descriptors import Concat
from engine.program.operands import Operands


def bind(d: Concat, operands: Operands, workspace: Workspace) -> Callable[[], None]:
    """Return a function that executes ``d``."""
    y = operands.tensor(d.output)
    steps: list[Callable[[], None]] = []
    start = 0
    for name, m, s in zip(d.inputs, d.multipliers, d.shifts, strict=True):
        x = operands.tensor(name)
        stop = start + x.shape[d.axis]
        out = y[(slice(None),) * d.axis + (slice(start, stop),)]
        if (
            (m, s) == (1, 0)
            and x.dtype == y.dtype
            and d.qmin <= np.iinfo(y.dtype).min
            and d.qmax >= np.iinfo(y.dtype).max
        ):
            steps.append(partial(np.copyto, out, x))
        else:
            steps.append(_requantized(x, out, (m, s), (d.qmin, d.qmax), workspace))
        start = stop

    def step() -> None:
        for part in steps:
            part()

    return step


def _requantized(
    x: Array, out: Array, scaling: tuple[int, int], clamp: tuple[int, int], workspace: Workspace
) -> Callable[[], None]:
    parameters = (np.zeros(1, np.int64), np.array([scaling[0]]), np.array([scaling[1]]))
    requantizer = Requantizer(parameters, clamp, largest(x), None, workspace)
    scale = requantizer.weight_scale[0]

    def step() -> None:
        acc = requantizer.accumulators(x.size)
        np.multiply(
            x, scale, out=acc[: x.size, 0].reshape(x.shape), dtype=requantizer.acc_dtype, casting="unsafe"
        )
        q = workspace.array("product", (x.size, 1), out.dtype)
        requantizer.finish(acc, q)
        np.copyto(out, q.reshape(x.shape))

    return step
