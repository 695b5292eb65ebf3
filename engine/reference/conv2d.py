"""SPEC (4)-(6), (13): convolution, group by group, tap by tap."""

import numpy as np

from engine.program.descriptors import Conv2d
from engine.program.operands import Operands
from engine.reference.requantize import look_up, requantize
from engine.reference.windows import pad_map, taps


def run(d: Conv2d, operands: Operands) -> None:
    """Execute ``d``: x[N,H,W,C], weight[O,kh,kw,C/group] -> y[N,Ho,Wo,O]."""
    y, weight = operands.tensor(d.output), operands.constant(d.weight).astype(np.int64)
    out_channels, kh, kw, group_channels = weight.shape
    per_group = out_channels // d.group
    padded = pad_map(operands.tensor(d.input), d.pads, 0)
    acc = np.zeros(y.shape, np.int64) + operands.constant(d.bias).astype(np.int64)
    out_hw = (y.shape[1], y.shape[2])
    for ki, kj, x in taps(padded, out_hw, (kh, kw), d.stride, d.dilation):
        for g in range(d.group):
            o = slice(g * per_group, (g + 1) * per_group)
            c = slice(g * group_channels, (g + 1) * group_channels)
            acc[..., o] += x[..., c] @ weight[o, ki, kj, :].T
    q = requantize(acc, operands.constant(d.multiplier), operands.constant(d.shift), d.qmin, d.qmax)
    y[...] = look_up(q, d.qmin, operands.constant(d.table) if d.table else None)
