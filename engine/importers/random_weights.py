"""Gives weightless topologies weights of a sane scale, the same for the same seed."""

from dataclasses import replace
from zlib import crc32

import numpy as np

from engine.ir import ops
from engine.ir.graph import Array, Graph, Node

_WEIGHTED = (ops.Conv2d, ops.ConvTranspose2d, ops.FullyConnected)
_BIAS_SCALE = 0.05


def randomize(graph: Graph, seed: int) -> Graph:
    """Return ``graph`` with every weight that is one repeated value drawn at random; others stay.

    Kernels are normal with variance 2 / fan-in (He et al. 2015, arXiv 1502.01852), so that signals keep their scale
    through ReLU layers; biases are small; batch normalization and per-channel factors lie around 1.
    """
    constants = dict(graph.constants)
    for node in graph.nodes:
        for position, name in enumerate(node.inputs):
            if name not in constants or not _is_repeated(constants[name]):
                continue
            random = np.random.default_rng([seed, crc32(name.encode())])
            drawn = _draw(node, position, constants[name].shape, random)
            if drawn is not None:
                constants[name] = drawn.astype(np.float32)
    return replace(graph, constants=constants)


def _is_repeated(values: Array) -> bool:
    """Whether ``values`` are weights (more than one, float32) of one value, as topologies without weights have them."""
    return values.dtype == np.float32 and values.size > 1 and bool((values == values.flat[0]).all())


def _draw(node: Node, position: int, shape: tuple[int, ...], random: np.random.Generator) -> Array | None:
    """Return new values for input ``position`` of ``node``; None where it holds no weights."""
    if isinstance(node.op, _WEIGHTED):
        if position == 1:
            fan_in = int(np.prod(shape[1:]))
            return random.standard_normal(shape, np.float32) * np.float32(np.sqrt(2.0 / fan_in))
        return _BIAS_SCALE * random.standard_normal(shape, np.float32)
    match node.op, position:
        case (ops.BatchNorm(), 1 | 4) | (ops.Mul(), _):
            return random.uniform(0.7, 1.3, shape)
        case (ops.BatchNorm(), _) | (ops.Add() | ops.Sub(), _):
            return 2 * _BIAS_SCALE * random.standard_normal(shape, np.float32)
        case ops.Prelu(), 1:
            return random.uniform(0.1, 0.3, shape)
    return None
