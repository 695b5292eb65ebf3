"""Gives weightless topologies weights of a sane scale, the same for the same seed."""

from dataclasses import replace
from zlib import crc32

import numpy as np

from engine.ir import ops
from engine.ir.graph import Array, Graph, Node

_WEIGHTED = (ops.Conv2d, ops.ConvTranspose2d, ops.FullyConnected)
_PASSING_ON = ops.Transpose | ops.Reshape | ops.BatchNorm
_BIAS_SCALE = 0.05


def randomize(graph: Graph, seed: int) -> Graph:
    """Return a weightless ``graph``, whose kernels are one repeated value, with all weights drawn at random.

    Topologies often keep the biases and statistics of a trained network; without its kernels they are of no sane scale,
    so they are drawn too. A network with kernels of its own is returned as it is.

    Kernels are normal with variance 2 / fan-in (He et al. 2015, arXiv 1502.01852), so that signals keep their scale
    through ReLU layers, and half as large where the result is added to a shortcut, so that it does not double from block
    to block; biases are small; batch normalization and per-channel factors lie around 1.
    """
    kernels = [graph.constants[node.inputs[1]] for node in graph.nodes if isinstance(node.op, _WEIGHTED)]
    if not any(_is_repeated(values) for values in kernels):
        return graph
    constants = dict(graph.constants)
    added = _added_tensors(graph)
    for node in graph.nodes:
        for position, name in enumerate(node.inputs):
            if name not in constants or constants[name].dtype != np.float32 or constants[name].size == 1:
                continue
            random = np.random.default_rng([seed, crc32(name.encode())])
            drawn = _draw(node, position, constants[name].shape, random)
            if drawn is not None:
                branch = isinstance(node.op, _WEIGHTED) and added.intersection(node.outputs)
                constants[name] = drawn.astype(np.float32) * np.float32(0.5 if branch else 1.0)
    return replace(graph, constants=constants)


def _added_tensors(graph: Graph) -> set[str]:
    """Return the tensors whose sum with another tensor the network takes, and those they are moved or normalized from."""
    added: set[str] = set()
    for node in reversed(graph.nodes):
        is_sum = isinstance(node.op, ops.Add) and not any(name in graph.constants for name in node.inputs)
        passes_on = isinstance(node.op, _PASSING_ON) and added.intersection(node.outputs)
        if is_sum or passes_on:
            added.update(node.inputs)
    return added


def _is_repeated(values: Array) -> bool:
    return values.size > 1 and bool((values == values.flat[0]).all())


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
