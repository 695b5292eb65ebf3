"""Element-wise sum and product, in bands where the shapes agree and at once where they are broadcast."""

from collections.abc import Callable

import numpy as np

from engine.ir.graph import Array
from engine.kernels.numpy_set.requantize import Requantizer
from engine.kernels.numpy_set.workspace import Workspace, bands
from engine.program.descriptors import Add, Mul
from engine.program.operands import Operands

Combine = Callable[[Array, Array, Array], None]


def bind_add(d: Add, operands: Operands, workspace: Workspace) -> Callable[[], None]:
    """Return a function that executes ``d``."""
    a, b = (operands.tensor(name) for name in d.inputs)
    limit = sum(abs(c) * largest(x) for c, x in zip(d.coefficients, (a, b), strict=True))
    requantizer = _requantizer(d, limit, operands, workspace)
    dtype = requantizer.acc_dtype
    ca, cb = (np.float64(c) * requantizer.weight_scale[0] for c in d.coefficients)

    def combine(x: Array, z: Array, acc: Array) -> None:
        second = workspace.array("product", acc.shape, dtype)
        np.multiply(z, cb, out=second, dtype=dtype, casting="unsafe")
        np.multiply(x, ca, out=acc, dtype=dtype, casting="unsafe")
        np.add(acc, second, out=acc)

    return _over_bands(a, b, operands.tensor(d.output), combine, requantizer)


def bind_mul(d: Mul, operands: Operands, workspace: Workspace) -> Callable[[], None]:
    """Return a function that executes ``d``."""
    a, b = (operands.tensor(name) for name in d.inputs)
    requantizer = _requantizer(d, largest(a) * largest(b), operands, workspace)
    scale = requantizer.weight_scale[0]

    def combine(x: Array, z: Array, acc: Array) -> None:
        np.multiply(x, z, out=acc, dtype=requantizer.acc_dtype, casting="unsafe")
        if scale != 1:
            np.multiply(acc, scale, out=acc, dtype=requantizer.acc_dtype, casting="unsafe")

    return _over_bands(a, b, operands.tensor(d.output), combine, requantizer)


def largest(x: Array) -> int:
    """Return the largest magnitude that ``x``'s integer type holds."""
    info = np.iinfo(x.dtype)
    return max(-int(info.min), int(info.max))


def _requantizer(d: Add | Mul, limit: int, operands: Operands, workspace: Workspace) -> Requantizer:
    table = operands.constant(d.table) if d.table else None
    parameters = (np.zeros(1, np.int64), np.array([d.multiplier]), np.array([d.shift]))
    return Requantizer(parameters, (d.qmin, d.qmax), limit, table, workspace)


def _over_bands(
    a: Array, b: Array, y: Array, combine: Combine, requantizer: Requantizer
) -> Callable[[], None]:
    if a.shape == b.shape:
        flat_a, flat_b, flat_y = a.reshape(-1), b.reshape(-1), y.reshape(-1)
        spans = bands(flat_y.size, 1)
    else:
        flat_a, flat_b, flat_y = a, b, y
        spans = [(0, y.shape[0])]

    def step() -> None:
        for start, stop in spans:
            out = flat_y[start:stop]
            acc = requantizer.accumulators(out.size)
            parts = (flat_a, flat_b) if flat_y is y else (flat_a[start:stop], flat_b[start:stop])
            combine(*parts, acc[: out.size, 0].reshape(out.shape))
            requantizer.finish(acc, out.reshape(-1, 1))

    return step
