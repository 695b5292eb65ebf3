"""Transposed convolution: one matrix multiply, then each tap is added into a strided slice of the output."""

from collections.abc import Callable

import numpy as np

from engine.kernels.numpy_set.conv2d import requantizer_for
from engine.kernels.numpy_set.workspace import Workspace
from engine.program.descriptors import ConvTranspose2d
from engine.program.operands import Operands


def bind(d: ConvTranspose2d, operands: Operands, workspace: Workspace) -> Callable[[], None]:
    """Return a function that executes ``d``."""
    x, y, weight = operands.tensor(d.input), operands.tensor(d.output), operands.constant(d.weight)
    requantizer = requantizer_for(d, operands, workspace)
    out_channels, kh, kw, group_channels = weight.shape
    n, h, w, _ = x.shape
    (sh, sw), (dh, dw), (top, left, _, _) = d.stride, d.dilation, d.pads
    per_group = out_channels // d.group
    scaled = (weight * requantizer.weight_scale.reshape(-1, 1, 1, 1)).astype(requantizer.acc_dtype)
    by_group = scaled.reshape(d.group, per_group, kh * kw, group_channels).transpose(0, 3, 2, 1)
    matrix = np.ascontiguousarray(by_group).reshape(d.group, group_channels, -1)  # columns: tap, then channel
    full_h = max((h - 1) * sh + (kh - 1) * dh + 1, top + y.shape[1])
    full_w = max((w - 1) * sw + (kw - 1) * dw + 1, left + y.shape[2])

    def step() -> None:
        scattered = workspace.array("scattered", (full_h, full_w, d.group, per_group), requantizer.acc_dtype)
        for image in range(n):
            pixels = (
                x[image]
                .reshape(h * w, d.group, group_channels)
                .transpose(1, 0, 2)
                .astype(requantizer.acc_dtype)
            )
            products = (
                np.matmul(pixels, matrix)
                .reshape(d.group, h, w, kh, kw, per_group)
                .transpose(1, 2, 3, 4, 0, 5)
            )
            scattered[...] = 0
            for ki in range(kh):
                for kj in range(kw):
                    rows = slice(ki * dh, ki * dh + (h - 1) * sh + 1, sh)
                    columns = slice(kj * dw, kj * dw + (w - 1) * sw + 1, sw)
                    scattered[rows, columns] += products[:, :, ki, kj]
            acc = requantizer.accumulators(y.shape[1] * y.shape[2])
            kept = scattered[top : top + y.shape[1], left : left + y.shape[2]]
            acc[: y.shape[1] * y.shape[2]] = kept.reshape(-1, out_channels)
            requantizer.finish(acc, y[image].reshape(-1, out_channels))

    return step
