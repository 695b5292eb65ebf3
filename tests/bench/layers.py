"""Where our own time goes: each layer alone, by kind, as a share of the measured peak."""

import time
from collections import defaultdict
from dataclasses import dataclass
from math import prod

import numpy as np

from engine.program import descriptors as D
from engine.program.operands import Executable
from engine.program.program import Program

TRIES = 40


@dataclass
class Kind:
    """Layers of one kind: how many, microseconds and multiply-accumulates together."""

    count: int = 0
    us: float = 0.0
    macs: int = 0


def by_kind(program: Program, executable: Executable) -> dict[str, Kind]:
    """Return the kinds of layers, each layer's least time over ``TRIES`` runs of the network."""
    best_us = np.full(len(program.descriptors), np.inf)
    for _ in range(TRIES):
        for i in range(len(program.descriptors)):
            start_ns = time.perf_counter_ns()
            executable.run(i, i + 1)
            best_us[i] = min(best_us[i], (time.perf_counter_ns() - start_ns) / 1e3)
    kinds: dict[str, Kind] = defaultdict(Kind)
    for d, us in zip(program.descriptors, best_us, strict=True):
        kind = kinds[_name(d, program)]
        kind.count, kind.us, kind.macs = kind.count + 1, kind.us + float(us), kind.macs + _macs(d, program)
    return dict(sorted(kinds.items(), key=lambda item: -item[1].us))


def _name(d: D.Descriptor, program: Program) -> str:
    if not isinstance(d, D.Conv2d):
        return type(d).__name__
    _, kh, kw, depth = program.constants[d.weight].shape
    shape = f"{kh}x{kw} stride {d.stride[0]}"
    if d.group > 1:
        return f"depthwise {shape}" if depth == 1 else f"grouped {shape}"
    if (kh, kw) != (1, 1):
        return f"dense {shape}"
    pixels = prod(program.tensors[d.output].shape[1:3])
    size = "K >= 144" if depth >= 144 else "K < 144"
    return f"1x1 {size}, {'196 pixels or more' if pixels >= 196 else 'fewer pixels'}"


def _macs(d: D.Descriptor, program: Program) -> int:
    if not isinstance(d, D.Conv2d | D.FullyConnected):
        return 0
    return prod(program.tensors[d.output].shape) * prod(program.constants[d.weight].shape[1:])
