"""Operators that only move integers: every view is built once, a step is a copy."""

from collections.abc import Callable
from functools import partial

import numpy as np

from engine.kernels.numpy_set.workspace import Workspace
from engine.program.descriptors import Pad, Reshape, Slice, Transpose
from engine.program.operands import Operands


def bind_pad(d: Pad, operands: Operands, workspace: Workspace) -> Callable[[], None]:
    """Return a function that executes ``d``."""
    x, y = operands.tensor(d.input), operands.tensor(d.output)
    inside = y[tuple(slice(b, b + size) for b, size in zip(d.before, x.shape, strict=True))]

    def step() -> None:
        y.fill(d.value)
        np.copyto(inside, x)

    return step


def bind_slice(d: Slice, operands: Operands, workspace: Workspace) -> Callable[[], None]:
    """Return a function that executes ``d``."""
    index = tuple(slice(b, e, s) for b, e, s in zip(d.begins, d.ends, d.steps, strict=True))
    return partial(np.copyto, operands.tensor(d.output), operands.tensor(d.input)[index])


def bind_transpose(d: Transpose, operands: Operands, workspace: Workspace) -> Callable[[], None]:
    """Return a function that executes ``d``."""
    permuted = operands.tensor(d.input).reshape(d.view).transpose(d.perm)
    return partial(np.copyto, operands.tensor(d.output).reshape(permuted.shape), permuted)


def bind_reshape(d: Reshape, operands: Operands, workspace: Workspace) -> Callable[[], None]:
    """Return a function that executes ``d``."""
    y = operands.tensor(d.output)
    return partial(np.copyto, y, operands.tensor(d.input).reshape(y.shape))
