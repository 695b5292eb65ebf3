"""Softmax at the network's end is the host's work (SPEC (12)): the device ends in logits."""

from collections.abc import Mapping
from dataclasses import replace

from engine.ir import ops
from engine.ir.graph import Graph, Node


def without_softmax(graph: Graph) -> Graph:
    """Return ``graph`` ending in the logits before its final softmax, if it ends in one.

    Reshapes and transposes behind the softmax stay; they then arrange the logits.
    """
    producers, readers = graph.producers(), graph.consumers()
    renamed: dict[str, str] = {}
    for name in graph.outputs:
        node = _final_softmax(name, producers, readers)
        if node is not None:
            renamed[node.output] = node.inputs[0]
    nodes = tuple(
        replace(node, inputs=tuple(renamed.get(name, name) for name in node.inputs))
        for node in graph.nodes
        if not set(node.outputs) & renamed.keys()
    )
    return replace(graph, nodes=nodes, outputs=tuple(renamed.get(name, name) for name in graph.outputs))


def _final_softmax(
    name: str, producers: Mapping[str, Node], readers: Mapping[str, list[Node]]
) -> Node | None:
    """Return the softmax that output ``name`` is, or is only rearranged from, if nothing else reads it."""
    if name in readers:
        return None
    node = producers.get(name)
    while node is not None and isinstance(node.op, ops.Reshape | ops.Transpose):
        source = node.inputs[0]
        node = producers.get(source) if len(readers[source]) == 1 else None
    return node if node is not None and isinstance(node.op, ops.Softmax) else None
