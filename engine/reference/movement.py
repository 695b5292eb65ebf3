"""SPEC (21): operators that only move integers."""

import numpy as np

from engine.program.descriptors import Pad, Reshape, Slice, Transpose
from engine.program.operands import Operands


def run_pad(d: Pad, operands: Operands) -> None:
    """Execute ``d``: constant padding per axis."""
    widths = tuple(zip(d.before, d.after, strict=True))
    operands.tensor(d.output)[...] = np.pad(operands.tensor(d.input), widths, constant_values=d.value)


def run_slice(d: Slice, operands: Operands) -> None:
    """Execute ``d``: x[begin:end:step] per axis."""
    index = tuple(slice(b, e, s) for b, e, s in zip(d.begins, d.ends, d.steps, strict=True))
    operands.tensor(d.output)[...] = operands.tensor(d.input)[index]


def run_transpose(d: Transpose, operands: Operands) -> None:
    """Execute ``d``: view, permute, view."""
    y = operands.tensor(d.output)
    y[...] = operands.tensor(d.input).reshape(d.view).transpose(d.perm).reshape(y.shape)


def run_reshape(d: Reshape, operands: Operands) -> None:
    """Execute ``d``: the same bytes under another shape."""
    y = operands.tensor(d.output)
    y[...] = operands.tensor(d.input).reshape(y.shape)
