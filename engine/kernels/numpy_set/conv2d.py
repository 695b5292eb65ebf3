"""Convolution as matrix multiply: 1x1 directly, others through bands of im2col; depthwise has its own file."""

from collections.abc import Callable

import numpy as np

from engine.ir.graph import Array
from engine.kernels.bounds import layer_numbers, tightened
from engine.kernels.numpy_set import depthwise
from engine.kernels.numpy_set.requantize import FLOAT32_EXACT, Requantizer
from engine.kernels.numpy_set.windows import PaddedMap, windows
from engine.kernels.numpy_set.workspace import Workspace, bands
from engine.program.descriptors import Conv2d, ConvTranspose2d, FullyConnected
from engine.program.operands import Operands

# Fewer rows than this per matrix multiply and BLAS spends its time packing the weights.
MIN_ROWS = 96


def requantizer_for(
    d: Conv2d | ConvTranspose2d | FullyConnected,
    operands: Operands,
    workspace: Workspace,
    foldable: bool = True,
) -> Requantizer:
    """Return the requantizer of ``d``.

    Any partial sum, in whatever order BLAS adds, is an accumulator of some other input minus the bias, because every
    input type contains 0; so |partial| <= bound + max|bias|.
    """
    get = operands.constant
    weight, clamp = get(d.weight), (d.qmin, d.qmax)
    numbers = layer_numbers(weight, (get(d.bias), get(d.multiplier), get(d.shift)), clamp, d.acc_bound)
    if d.acc_bound > FLOAT32_EXACT:
        numbers = tightened(numbers, weight, operands.tensor(d.input).dtype)
    limit = numbers.acc_bound + int(np.abs(numbers.bias).max())
    parameters = (numbers.bias, numbers.multiplier, numbers.shift)
    return Requantizer(parameters, clamp, limit, get(d.table) if d.table else None, workspace, foldable)


def bind(d: Conv2d, operands: Operands, workspace: Workspace) -> Callable[[], None]:
    """Return a function that executes ``d``."""
    x, y, weight = operands.tensor(d.input), operands.tensor(d.output), operands.constant(d.weight)
    requantizer = requantizer_for(d, operands, workspace)
    if d.group > 1 and weight.shape[3] == 1:
        return depthwise.bind(d, x, y, weight, requantizer, workspace)
    out_channels, kh, kw, group_channels = weight.shape
    matrix = (
        weight.reshape(d.group, out_channels // d.group, -1).transpose(0, 2, 1).astype(requantizer.acc_dtype)
    )
    matrix *= requantizer.weight_scale.reshape(d.group, 1, -1).astype(requantizer.acc_dtype)
    if d.group == 1 and (kh, kw) == (1, 1) == d.stride and not any(d.pads):
        return _pointwise(
            x.reshape(-1, group_channels), y.reshape(-1, out_channels), matrix[0], requantizer, workspace
        )
    return _im2col(d, x, y, matrix, (kh, kw), requantizer, workspace)


def _pointwise(
    x: Array, y: Array, matrix: Array, requantizer: Requantizer, workspace: Workspace
) -> Callable[[], None]:
    """1x1 convolution: x [P,K] and y [P,O] as they lie in memory."""
    spans = bands(x.shape[0], max(matrix.shape), MIN_ROWS)

    def step() -> None:
        for start, stop in spans:
            a = workspace.array("patches", (stop - start, x.shape[1]), requantizer.acc_dtype)
            np.copyto(a, x[start:stop])
            acc = requantizer.accumulators(stop - start)
            np.matmul(a, matrix, out=acc[: stop - start])
            requantizer.finish(acc, y[start:stop])

    return step


def _im2col(
    d: Conv2d,
    x: Array,
    y: Array,
    matrix: Array,
    kernel: tuple[int, int],
    requantizer: Requantizer,
    workspace: Workspace,
) -> Callable[[], None]:
    """General convolution: patches [G, rows * Wo, kh * kw * C/G] times ``matrix`` [G, kh * kw * C/G, O/G]."""
    padded = PaddedMap(x, d.pads)
    n, ho, wo, out_channels = y.shape
    groups, depth, per_group = matrix.shape
    view = windows(padded.array, (ho, wo), kernel, d.stride, d.dilation)
    grouped = _split_channels(view, groups)
    source = grouped.transpose(0, 5, 1, 2, 3, 4, 6)  # N, G, Ho, Wo, kh, kw, C/G
    spans = bands(ho, wo * max(depth * groups, out_channels), -(-MIN_ROWS // wo))

    def step() -> None:
        padded.refresh()
        for image in range(n):
            for start, stop in spans:
                pixels = (stop - start) * wo
                patches = workspace.array(
                    "patches", (groups, stop - start, *source.shape[3:]), requantizer.acc_dtype
                )
                np.copyto(patches, source[image, :, start:stop])
                acc = requantizer.accumulators(pixels)
                by_group = acc[:pixels].reshape(pixels, groups, per_group).transpose(1, 0, 2)
                np.matmul(patches.reshape(groups, pixels, depth), matrix, out=by_group)
                requantizer.finish(acc, y[image, start:stop].reshape(pixels, out_channels))

    return step


def _split_channels(view: Array, groups: int) -> Array:
    """Return [N,Ho,Wo,kh,kw,C] as [N,Ho,Wo,kh,kw,G,C/G], still a view."""
    per_group = view.shape[-1] // groups
    strides = (*view.strides[:-1], view.strides[-1] * per_group, view.strides[-1])
    return np.lib.stride_tricks.as_strided(
        view, (*view.shape[:-1], groups, per_group), strides, writeable=False
    )
