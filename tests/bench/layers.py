"""Where our own time goes: each layer alone, by kind, as a share of the measured peak."""

import time
from collections import defaultdict
from collections.abc import Sequence
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
    (each_us,) = least_us([executable], len(program.descriptors), TRIES)
    kinds: dict[str, Kind] = defaultdict(Kind)
    for d, us in zip(program.descriptors, each_us, strict=True):
        kind = kinds[kind_of(d, program)]
        kind.count, kind.us, kind.macs = kind.count + 1, kind.us + us, kind.macs + macs_of(d, program)
    return dict(sorted(kinds.items(), key=lambda item: -item[1].us))


def least_us(executables: Sequence[Executable], layers: int, tries: int) -> list[list[float]]:
    """Return for each executable of one program the least microseconds of every layer; they take turns, network by network.

    What a call costs that executes nothing is taken off.
    """
    best_us = np.full((len(executables), layers + 1), np.inf)
    for _ in range(tries):
        for best, executable in zip(best_us, executables, strict=True):
            for i in range(layers + 1):
                start_ns = time.perf_counter_ns()
                executable.run(i, min(i + 1, layers))
                best[i] = min(best[i], (time.perf_counter_ns() - start_ns) / 1e3)
    return (best_us[:, :-1] - best_us[:, -1:]).tolist()


def kind_of(d: D.Descriptor, program: Program) -> str:
    """Return the name of a layer's kind."""
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


def macs_of(d: D.Descriptor, program: Program) -> int:
    """Return a layer's multiply-accumulates, 0 where it has no weights."""
    if not isinstance(d, D.Conv2d | D.FullyConnected):
        return 0
    return prod(program.tensors[d.output].shape) * prod(program.constants[d.weight].shape[1:])
