"""Recognises hard-sigmoid, hard-swish and SiLU in the arithmetic that exporters write them as."""

from dataclasses import replace

import numpy as np

from engine.ir import ops
from engine.ir.activations import Activation, Fn
from engine.ir.graph import Graph, Node

_HARD_SIGMOID = Activation(Fn.HARD_SIGMOID, alpha=1.0 / 6.0, beta=0.5)
_TOLERANCE = 1e-4


def run(graph: Graph) -> Graph:
    """Return ``graph`` with the activations as one node each; unread nodes are left to remove_dead."""
    nodes: list[Node] = []
    producers: dict[str, Node] = {}
    for node in graph.nodes:
        fused = _fused(node, producers, graph)
        nodes.append(fused)
        producers.update(dict.fromkeys(fused.outputs, fused))
    return replace(graph, nodes=tuple(nodes))


def _fused(node: Node, producers: dict[str, Node], graph: Graph) -> Node:
    """Return ``node``, or the activation that it completes."""
    if not isinstance(node.op, ops.Mul) or node.op.activation is not None:
        return node
    for a, b in (node.inputs, reversed(node.inputs)):
        source, activation = _completed(a, b, producers, graph)
        if activation is not None and graph.tensors[node.output] == graph.tensors.get(source):
            return replace(node, op=ops.Unary(activation), inputs=(source,))
    return node


def _completed(a: str, b: str, producers: dict[str, Node], graph: Graph) -> tuple[str, Activation | None]:
    """Return (x, f) if a * b = f(x): a gate by a sixth, or x by its gate."""
    if _number(b, graph) is not None:
        if not _close(_number(b, graph), 1.0 / 6.0):
            return a, None
        clipped = _clipped(a, producers, graph)
        if clipped is not None:
            return clipped, _HARD_SIGMOID
        product = producers.get(a)
        if product is not None and isinstance(product.op, ops.Mul) and product.op.activation is None:
            for x, gate in (product.inputs, reversed(product.inputs)):
                if _clipped(gate, producers, graph) == x:
                    return x, Activation(Fn.HARD_SWISH)
        return a, None
    gate_node = producers.get(b)
    if gate_node is None or not isinstance(gate_node.op, ops.Unary) or gate_node.inputs[0] != a:
        return a, None
    return a, _gated(gate_node.op.activation)


def _gated(gate: Activation) -> Activation | None:
    """Return x * gate(x) as one activation."""
    if gate.fn is Fn.SIGMOID:
        return Activation(Fn.SILU)
    is_sixth = abs(gate.alpha - 1.0 / 6.0) < _TOLERANCE and gate.beta == 0.5
    return Activation(Fn.HARD_SWISH) if gate.fn is Fn.HARD_SIGMOID and is_sixth else None


def _clipped(name: str, producers: dict[str, Node], graph: Graph) -> str | None:
    """Return x if ``name`` is clip(x + 3, 0, 6)."""
    clip = producers.get(name)
    if (
        clip is None
        or not isinstance(clip.op, ops.Unary)
        or clip.op.activation != Activation(Fn.CLIP, 0.0, 6.0)
    ):
        return None
    add = producers.get(clip.inputs[0])
    if add is None or not isinstance(add.op, ops.Add) or add.op.activation is not None:
        return None
    for x, three in (add.inputs, reversed(add.inputs)):
        if _close(_number(three, graph), 3.0):
            return str(x)
    return None


def _number(name: str, graph: Graph) -> float | None:
    """Return a constant that is one number; None for anything else."""
    values = graph.constants.get(name)
    if values is None or values.size != 1:
        return None
    return float(np.asarray(values).reshape(()))


def _close(value: float | None, wanted: float) -> bool:
    return value is not None and abs(value - wanted) < _TOLERANCE
