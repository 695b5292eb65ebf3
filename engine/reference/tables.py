"""SPEC (9), (13): data convert and table look-up."""

import numpy as np

from engine.program.descriptors import DataConvert, Table
from engine.program.operands import Operands


def run_data_convert(d: DataConvert, operands: Operands) -> None:
    """Execute ``d``: x uint8 [N,H,W,C], table [C,256]."""
    x, table = operands.tensor(d.input), operands.constant(d.table)
    operands.tensor(d.output)[...] = table[np.arange(x.shape[-1]), x]


def run_table(d: Table, operands: Operands) -> None:
    """Execute ``d``: one table for all, or one per channel (last axis)."""
    x, table = operands.tensor(d.input), operands.constant(d.table)
    index = x.astype(np.int64) - np.iinfo(x.dtype).min
    found = table[index] if table.ndim == 1 else table[np.arange(x.shape[-1]), index]
    operands.tensor(d.output)[...] = found
