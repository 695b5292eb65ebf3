"""SPEC (20): transposed convolution, by scattering each input pixel."""

import numpy as np

from engine.program.descriptors import ConvTranspose2d
from engine.program.operands import Operands
from engine.reference.requantize import look_up, requantize


def run(d: ConvTranspose2d, operands: Operands) -> None:
    """Execute ``d``: x[N,H,W,C], weight[O,kh,kw,C/group] -> y[N,Ho,Wo,O]."""
    x, y = operands.tensor(d.input).astype(np.int64), operands.tensor(d.output)
    weight = operands.constant(d.weight).astype(np.int64)
    out_channels, kh, kw, group_channels = weight.shape
    per_group = out_channels // d.group
    (sh, sw), (dh, dw), (top, left, _, _) = d.stride, d.dilation, d.pads
    acc = np.zeros(y.shape, np.int64) + operands.constant(d.bias).astype(np.int64)
    for g in range(d.group):
        o = slice(g * per_group, (g + 1) * per_group)
        c = slice(g * group_channels, (g + 1) * group_channels)
        for ki in range(kh):
            for kj in range(kw):
                product = x[..., c] @ weight[o, ki, kj, :].T
                for i in range(x.shape[1]):
                    for j in range(x.shape[2]):
                        row, column = i * sh + ki * dh - top, j * sw + kj * dw - left
                        if 0 <= row < y.shape[1] and 0 <= column < y.shape[2]:
                            acc[:, row, column, o] += product[:, i, j, :]
    q = requantize(acc, operands.constant(d.multiplier), operands.constant(d.shift), d.qmin, d.qmax)
    y[...] = look_up(q, d.qmin, operands.constant(d.table) if d.table else None)
