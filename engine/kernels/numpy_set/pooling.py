"""Pooling over windows and reductions over axes."""

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.ir.graph import Array
from engine.kernels.numpy_set.elementwise import largest
from engine.kernels.numpy_set.windows import PaddedMap, windows
from engine.kernels.numpy_set.workspace import Workspace
from engine.program.descriptors import AvgPool, MaxPool, ReduceMax, ReduceMean
from engine.program.operands import Operands


def bind_max_pool(d: MaxPool, operands: Operands, workspace: Workspace) -> Callable[[], None]:
    """Return a function that executes ``d``; the border holds the type's minimum."""
    x, y = operands.tensor(d.input), operands.tensor(d.output)
    padded = PaddedMap(x, d.pads, int(np.iinfo(x.dtype).min))
    taps = _taps(windows(padded.array, y.shape[1:3], d.kernel, d.stride, d.dilation))

    def step() -> None:
        padded.refresh()
        np.copyto(y, taps[0])
        for tap in taps[1:]:
            np.maximum(y, tap, out=y)

    return step


def bind_avg_pool(d: AvgPool, operands: Operands, workspace: Workspace) -> Callable[[], None]:
    """Return a function that executes ``d``."""
    x, y = operands.tensor(d.input), operands.tensor(d.output)
    padded = PaddedMap(x, d.pads)
    taps = _taps(windows(padded.array, y.shape[1:3], d.kernel, d.stride))
    covered = PaddedMap(np.ones((1, *x.shape[1:3], 1), np.int64), d.pads, int(d.count_include_pad))
    covered.refresh()
    count = windows(covered.array, y.shape[1:3], d.kernel, d.stride).sum(axis=(3, 4))
    dtype = sum_dtype(x, prod(d.kernel))
    uniform = bool((count == count[0, 0, 0, 0]).all())
    divisor = dtype.type(count[0, 0, 0, 0]) if uniform else count.astype(dtype)

    def step() -> None:
        padded.refresh()
        total = workspace.array("accumulators", y.shape, dtype)
        np.copyto(total, taps[0])
        for tap in taps[1:]:
            np.add(total, tap, out=total)
        np.copyto(y, divide_round(total, divisor), casting="unsafe")

    return step


def bind_reduce_mean(d: ReduceMean, operands: Operands, workspace: Workspace) -> Callable[[], None]:
    """Return a function that executes ``d``."""
    x, y = operands.tensor(d.input), operands.tensor(d.output)
    count = prod(x.shape[axis] for axis in d.axes)
    dtype = sum_dtype(x, count)

    def step() -> None:
        total = x.sum(axis=d.axes, dtype=dtype)
        np.copyto(y, divide_round(total, dtype.type(count)).reshape(y.shape), casting="unsafe")

    return step


def bind_reduce_max(d: ReduceMax, operands: Operands, workspace: Workspace) -> Callable[[], None]:
    """Return a function that executes ``d``."""
    x, y = operands.tensor(d.input), operands.tensor(d.output)

    def step() -> None:
        y[...] = x.max(axis=d.axes).reshape(y.shape)

    return step


def sum_dtype(x: Array, count: int) -> np.dtype[Any]:
    """Return the narrowest integer type that holds ``2 * sum + n`` for ``count`` elements of ``x``."""
    return np.dtype(np.int32 if count * (2 * largest(x) + 1) < 2**31 else np.int64)


def divide_round(total: NDArray[Any], count: Any) -> NDArray[Any]:
    """Return ``floor((2 * total + n) / (2 * n))``. SPEC (11)."""
    quotient: NDArray[Any] = (2 * total + count) // (2 * count)
    return quotient


def _taps(view: Array) -> list[Array]:
    """Return the maps [N,Ho,Wo,C] that the taps of a kernel meet, row by row."""
    return [view[:, :, :, ki, kj] for ki in range(view.shape[3]) for kj in range(view.shape[4])]
