"""SPEC (11): maximum and average pooling, mean and maximum over axes."""

from math import prod

import numpy as np

from engine.program.descriptors import AvgPool, MaxPool, ReduceMax, ReduceMean
from engine.program.operands import Operands
from engine.reference.requantize import divide_round
from engine.reference.windows import pad_map, taps


def run_max_pool(d: MaxPool, operands: Operands) -> None:
    """Execute ``d``; positions outside x hold the type's minimum."""
    x, y = operands.tensor(d.input), operands.tensor(d.output)
    lowest = np.iinfo(x.dtype).min
    best = np.full(y.shape, lowest, np.int64)
    for _, _, window in taps(
        pad_map(x, d.pads, lowest), (y.shape[1], y.shape[2]), d.kernel, d.stride, d.dilation
    ):
        best = np.maximum(best, window)
    y[...] = best


def run_avg_pool(d: AvgPool, operands: Operands) -> None:
    """Execute ``d``; the divisor counts the pixels really covered unless ``count_include_pad``."""
    x, y = operands.tensor(d.input), operands.tensor(d.output)
    out_hw = (y.shape[1], y.shape[2])
    covered = np.ones((1, *x.shape[1:3], 1), np.int64)
    total, count = np.zeros(y.shape, np.int64), np.zeros((1, *out_hw, 1), np.int64)
    for _, _, window in taps(pad_map(x, d.pads, 0), out_hw, d.kernel, d.stride, (1, 1)):
        total += window
    for _, _, window in taps(
        pad_map(covered, d.pads, int(d.count_include_pad)), out_hw, d.kernel, d.stride, (1, 1)
    ):
        count += window
    y[...] = divide_round(total, count)


def run_reduce_mean(d: ReduceMean, operands: Operands) -> None:
    """Execute ``d``: rounded mean over the axes."""
    x, y = operands.tensor(d.input).astype(np.int64), operands.tensor(d.output)
    count = prod(x.shape[axis] for axis in d.axes)
    y[...] = divide_round(x.sum(axis=d.axes), count).reshape(y.shape)


def run_reduce_max(d: ReduceMax, operands: Operands) -> None:
    """Execute ``d``: maximum over the axes."""
    y = operands.tensor(d.output)
    y[...] = operands.tensor(d.input).max(axis=d.axes).reshape(y.shape)
