"""Lets sums, differences and products read a tensor before it is repeated to their shape: they broadcast by themselves."""

from dataclasses import replace

from engine.ir import ops
from engine.ir.graph import Graph, Node
from engine.ir.shapes import broadcast
from engine.ir.verify import type_of


def run(graph: Graph) -> Graph:
    """Return ``graph`` without the detours over ONNX's Expand; unread nodes are left to remove_dead."""
    narrow: dict[str, str] = {}  # what a repeated tensor was repeated from
    nodes = []
    for node in graph.nodes:
        if isinstance(node.op, ops.OnnxNode) and node.op.op_type == "Expand":
            narrow[node.output] = narrow.get(node.inputs[0], node.inputs[0])
        elif isinstance(node.op, ops.Add | ops.Sub | ops.Mul):
            node = _narrowed(node, narrow, graph)
        nodes.append(node)
    return replace(graph, nodes=tuple(nodes))


def _narrowed(node: Node, narrow: dict[str, str], graph: Graph) -> Node:
    """Return ``node`` with each input as it was before it was repeated, where the other one gives the full shape."""
    inputs = list(node.inputs)
    for position, name in enumerate(inputs):
        source, other = narrow.get(name), inputs[1 - position]
        if source is not None:
            shapes = type_of(graph, source).shape, type_of(graph, other).shape
            if broadcast(*shapes) == graph.tensors[node.output].shape:
                inputs[position] = source
    return replace(node, inputs=tuple(inputs))
