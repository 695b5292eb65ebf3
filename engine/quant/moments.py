"""Second moments of what a weighted layer multiplies, over positions of the calibration frames."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.ir import ops
from engine.ir.graph import Array
from engine.quant.integers import Floats

# Positions per layer; more add cost and, beyond this, no accuracy (EXPERIMENTS.md).
_POSITIONS = 6000
# Floats that the patches of one layer may take (64 MB): wide depthwise layers have few weights per channel to tell apart.
_PATCH_ELEMENTS = 1 << 24


@dataclass(frozen=True, slots=True)
class Moments:
    """Of the patches p of each group, in real units and the order of the weights [kh, kw, C/group].

    ``second`` float64[G, K+1, K+1] is the mean of (1, p) times its transpose: the leading 1 multiplies the bias.
    """

    second: Floats
    positions: int


def patch_moments(
    values: Sequence[Array], scale: float, op: ops.Conv2d | ops.FullyConnected, kernel: tuple[int, int]
) -> Moments:
    """Return the moments of the integer layer inputs ``values`` (one array per frame, ``real = q / scale``)."""
    group = op.group if isinstance(op, ops.Conv2d) else 1
    depth = kernel[0] * kernel[1] * values[0].shape[-1] // group
    limit = min(_POSITIONS, max(1, _PATCH_ELEMENTS // (depth * group)))
    per_frame = max(1, limit // len(values))
    parts = [_patches(value, op, kernel, group, per_frame) for value in values]
    positions = sum(part.shape[1] for part in parts)
    patches = np.ones((group, positions, depth + 1), np.float32)  # each (1, p)
    np.concatenate(parts, axis=1, out=patches[:, :, 1:])
    units = np.append(1.0, np.full(depth, 1 / scale))
    second = (patches.transpose(0, 2, 1) @ patches).astype(np.float64) * (np.outer(units, units) / positions)
    return Moments(second, positions)


def _patches(
    value: Array, op: ops.Conv2d | ops.FullyConnected, kernel: tuple[int, int], group: int, limit: int
) -> NDArray[Any]:
    """Return about ``limit`` evenly spread patches of one frame, integers [G, P, K]."""
    if isinstance(op, ops.FullyConnected):
        rows = value.reshape(-1, value.shape[-1])
        return rows[None, :: -(-rows.shape[0] // limit)]
    top, left, bottom, right = op.pads
    padded = np.pad(value, ((0, 0), (top, bottom), (left, right), (0, 0)))
    reach = [op.dilation[i] * (kernel[i] - 1) + 1 for i in range(2)]
    views = np.lib.stride_tricks.sliding_window_view(padded, reach, axis=(1, 2))
    views = views[:, :: op.stride[0], :: op.stride[1], :, :: op.dilation[0], :: op.dilation[1]]
    n, rows, columns, channels = views.shape[:4]
    total = n * rows * columns
    picks = np.unravel_index(np.arange(0, total, -(-total // limit)), (n, rows, columns))
    chosen = views[picks].reshape(-1, group, channels // group, *kernel).transpose(1, 0, 3, 4, 2)
    return chosen.reshape(group, chosen.shape[1], -1)
