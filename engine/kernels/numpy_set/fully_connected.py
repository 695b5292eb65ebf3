"""Fully connected layers. Weights stay as they are and are widened a slice at a time: as floats VGG-16's would take 411 MB."""

from collections.abc import Callable

import numpy as np

from engine.kernels.numpy_set.conv2d import requantizer_for
from engine.kernels.numpy_set.workspace import Workspace, bands
from engine.program.descriptors import FullyConnected
from engine.program.operands import Operands


def bind(d: FullyConnected, operands: Operands, workspace: Workspace) -> Callable[[], None]:
    """Return a function that executes ``d``."""
    weight = operands.constant(d.weight)
    out_channels, depth = weight.shape
    x = operands.tensor(d.input).reshape(-1, depth)
    y = operands.tensor(d.output).reshape(-1, out_channels)
    requantizer = requantizer_for(d, operands, workspace, foldable=False)
    dtype = requantizer.acc_dtype
    spans = bands(out_channels, depth)

    def step() -> None:
        a = workspace.array("patches", x.shape, dtype)
        np.copyto(a, x)
        acc = requantizer.accumulators(x.shape[0])
        for start, stop in spans:
            wide = workspace.array("weights", (stop - start, depth), dtype)
            np.copyto(wide, weight[start:stop])
            np.matmul(a, wide.T, out=acc[: x.shape[0], start:stop])
        requantizer.finish(acc, y)

    return step
