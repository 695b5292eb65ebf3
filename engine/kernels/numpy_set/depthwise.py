"""Depthwise convolution as shifted multiply-adds over bands of rows; every tap is one long contiguous row operation."""

from collections.abc import Callable

import numpy as np

from engine.ir.graph import Array
from engine.kernels.numpy_set.requantize import Requantizer
from engine.kernels.numpy_set.windows import PaddedMap
from engine.kernels.numpy_set.workspace import Workspace, bands
from engine.program.descriptors import Conv2d


def bind(
    d: Conv2d, x: Array, y: Array, weight: Array, requantizer: Requantizer, workspace: Workspace
) -> Callable[[], None]:
    """Return a function that executes ``d``, whose groups have one input channel each (and one or more outputs)."""
    out_channels, kh, kw, _ = weight.shape
    (sh, sw), (dh, dw) = d.stride, d.dilation
    n, ho, wo, _ = y.shape
    padded = PaddedMap(x, d.pads)
    channels = padded.array.shape[3]
    repeat = out_channels // channels
    # Columns are split by phase (column mod stride), so that the columns one tap meets are neighbours.
    phase_columns = -(-padded.array.shape[2] // sw)
    taps = [(ki * dh, kj * dw % sw, kj * dw // sw * out_channels) for ki in range(kh) for kj in range(kw)]
    scaled = weight.reshape(out_channels, kh * kw).T * requantizer.weight_scale
    rows_of_weights = np.tile(scaled, (1, wo)).astype(requantizer.acc_dtype)
    width = wo * out_channels
    spans = bands(ho, width)

    def step() -> None:
        padded.refresh()
        for image in range(n):
            for start, stop in spans:
                source = padded.array[image, start * sh : (stop - 1) * sh + (kh - 1) * dh + 1]
                phases = _split_phases(source, sw, phase_columns, repeat, requantizer, workspace)
                acc = requantizer.accumulators((stop - start) * wo)
                total = acc[: (stop - start) * wo].reshape(stop - start, width)
                product = workspace.array("product", total.shape, requantizer.acc_dtype)
                for index, (row, phase, offset) in enumerate(taps):
                    seen = phases[
                        phase, row : row + (stop - start - 1) * sh + 1 : sh, offset : offset + width
                    ]
                    np.multiply(seen, rows_of_weights[index], out=product if index else total)
                    if index:
                        np.add(total, product, out=total)
                requantizer.finish(acc, y[image, start:stop].reshape(-1, out_channels))

    return step


def _split_phases(
    source: Array, stride: int, columns: int, repeat: int, requantizer: Requantizer, workspace: Workspace
) -> Array:
    """Return [stride, rows, columns * C * repeat]: float copies of every ``stride``-th column, channels repeated."""
    rows, _, channels = source.shape
    phases = workspace.array("patches", (stride, rows, columns, channels, repeat), requantizer.acc_dtype)
    for phase in range(stride):
        part = source[:, phase::stride]
        np.copyto(phases[phase, :, : part.shape[1]], part[..., None])
    return phases.reshape(stride, rows, columns * channels * repeat)
