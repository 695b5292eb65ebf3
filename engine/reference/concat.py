"""SPEC (7): concatenation, each input brought to the output's scale."""

import numpy as np

from engine.program.descriptors import Concat
from engine.program.operands import Operands
from engine.reference.requantize import requantize


def run(d: Concat, operands: Operands) -> None:
    """Execute ``d``: y = concatenation of requantize(x_i, m_i, s_i)."""
    parts = [
        requantize(operands.tensor(name).astype(np.int64), m, s, d.qmin, d.qmax)
        for name, m, s in zip(d.inputs, d.multipliers, d.shifts, strict=True)
    ]
    operands.tensor(d.output)[...] = np.concatenate(parts, axis=d.axis)
