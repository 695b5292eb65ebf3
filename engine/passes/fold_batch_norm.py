"""Folds batch normalization, and multiplying or adding one constant per channel, into the weights before it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.errors import ModelError
from engine.ir import ops
from engine.ir.graph import Array, Graph, Node
from engine.passes.rewrite import unused

_WEIGHTED = ops.Conv2d | ops.ConvTranspose2d | ops.FullyConnected


@dataclass(frozen=True, slots=True)
class _Affine:
    """y[..., c] = factor[c] * x[..., c] + offset[c], in float64."""

    factor: NDArray[np.float64]
    offset: NDArray[np.float64]


def run(graph: Graph) -> Graph:
    """Return ``graph`` with every per-channel affine node folded whose input only it reads.

    Behind a batch normalization that no weights stand before, the two become one.

    Raises:
        ModelError: a batch normalization's variance plus epsilon is not positive.
    """
    constants = dict(graph.constants)
    readers, kept = graph.consumers(), set(graph.outputs) | set(graph.ranges)
    nodes: list[Node] = []
    position: dict[str, int] = {}  # of the node that writes a tensor, in ``nodes``
    for node in graph.nodes:
        affine = _affine(node, graph)
        at = position.get(node.inputs[_data_input(node, graph)]) if affine else None
        if affine is None or at is None or not _folds_into(nodes[at], readers, kept):
            position.update({name: len(nodes) for name in node.outputs})
            nodes.append(node)
            continue
        nodes[at] = _folded(nodes[at], node, affine, constants, graph)
        position[node.output] = at
    written = {name for node in nodes for name in node.outputs}
    tensors = {name: each for name, each in graph.tensors.items() if name in written or name in graph.inputs}
    return replace(graph, nodes=tuple(nodes), tensors=tensors, constants=constants)


def _folds_into(producer: Node, readers: Mapping[str, list[Node]], kept: set[str]) -> bool:
    """Return whether ``producer``, whose output is read, takes an affine node on."""
    linear = isinstance(producer.op, _WEIGHTED) and producer.op.activation is None
    if not (linear or isinstance(producer.op, ops.BatchNorm)):
        return False
    return producer.output not in kept and len(readers[producer.output]) == 1


def _data_input(node: Node, graph: Graph) -> int:
    """Return the position of the only input of an affine node that is not a constant."""
    return next(i for i, name in enumerate(node.inputs) if name not in graph.constants)


def _affine(node: Node, graph: Graph) -> _Affine | None:
    """Return what ``node`` does to each channel, or None where it does something else."""
    if isinstance(node.op, ops.BatchNorm):
        return _batch_norm(node, node.op, graph.constants)
    if not isinstance(node.op, ops.Add | ops.Sub | ops.Mul) or node.op.activation is not None:
        return None
    shape = graph.tensors[node.output].shape
    constants = [name for name in node.inputs if name in graph.constants]
    if len(constants) != 1 or not shape:
        return None
    value = _per_channel(graph.constants[constants[0]], shape[-1])
    if value is None or graph.tensors[node.inputs[_data_input(node, graph)]].shape != shape:
        return None
    one, zero = np.ones_like(value), np.zeros_like(value)
    if isinstance(node.op, ops.Mul):
        return _Affine(value, zero)
    if isinstance(node.op, ops.Add):
        return _Affine(one, value)
    return _Affine(one, -value) if node.inputs[1] in graph.constants else _Affine(-one, value)


def _per_channel(value: Array, channels: int) -> NDArray[np.float64] | None:
    """Return ``value`` as one number per channel, or None where it differs along another axis."""
    if value.size not in (1, channels) or (value.size > 1 and value.shape[-1] != channels):
        return None
    return np.broadcast_to(value.reshape(-1).astype(np.float64), (channels,))


def _batch_norm(node: Node, op: ops.BatchNorm, constants: Mapping[str, Array]) -> _Affine:
    gamma, beta, mean, variance = (constants[name].astype(np.float64) for name in node.inputs[1:])
    spread = variance + op.epsilon
    if not np.all(spread > 0.0):
        raise ModelError(
            f"node {node.name!r} (BatchNorm): variance plus epsilon is {spread.min():g}, must be positive"
        )
    factor = gamma / np.sqrt(spread)
    return _Affine(factor, beta - mean * factor)


def _folded(producer: Node, node: Node, affine: _Affine, constants: dict[str, Array], graph: Graph) -> Node:
    """Return ``producer`` writing ``node``'s output; new weight and bias are added to ``constants``."""
    if isinstance(producer.op, ops.BatchNorm):
        return _joined(producer, producer.op, node, affine, constants, graph)
    weight = constants[producer.inputs[1]]
    factor = affine.factor.reshape((-1,) + (1,) * (weight.ndim - 1))
    bias = constants[producer.inputs[2]].astype(np.float64) if len(producer.inputs) == 3 else 0.0
    names = (
        _add(constants, graph, f"{node.output}.weight", weight * factor),
        _add(constants, graph, f"{node.output}.bias", bias * affine.factor + affine.offset),
    )
    return replace(producer, inputs=(producer.inputs[0], *names), outputs=node.outputs)


def _joined(
    producer: Node,
    op: ops.BatchNorm,
    node: Node,
    affine: _Affine,
    constants: dict[str, Array],
    graph: Graph,
) -> Node:
    """Return one batch normalization for two affine nodes that no weights stand before."""
    first = _batch_norm(producer, op, constants)
    channels = first.factor.shape
    parameters = {
        "gamma": first.factor * affine.factor,
        "beta": first.offset * affine.factor + affine.offset,
        "mean": np.zeros(channels),
        "variance": np.ones(channels),
    }
    names = [_add(constants, graph, f"{node.output}.{key}", each) for key, each in parameters.items()]
    return replace(
        producer, op=ops.BatchNorm(epsilon=0.0), inputs=(producer.inputs[0], *names), outputs=node.outputs
    )


def _add(constants: dict[str, Array], graph: Graph, name: str, values: NDArray[np.float64]) -> str:
    """Store ``values`` as float32 and return the name they got, which no other constant and no tensor has."""
    unique = unused(name, constants.keys() | graph.tensors.keys())
    constants[unique] = values.astype(np.float32)
    return unique
