"""Multiply-accumulate counts of a program."""

from math import prod

from engine.program import descriptors as D
from engine.program.program import Program


def macs_of(program: Program) -> int:
    """Return the multiply-accumulates of one frame: convolutions and fully connected layers."""
    total = 0
    for d in program.descriptors:
        if isinstance(d, D.Conv2d | D.FullyConnected):
            total += prod(program.tensors[d.output].shape) * prod(program.constants[d.weight].shape[1:])
        elif isinstance(d, D.ConvTranspose2d):
            weight = program.constants[d.weight].shape
            total += prod(program.tensors[d.input].shape[:3]) * prod(weight)
    return total
