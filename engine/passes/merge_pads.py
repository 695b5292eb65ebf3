"""Lets a convolution, or a pooling that padding cannot win, do the zero padding that stands before it."""

from dataclasses import replace
from math import inf

from engine.ir import ops
from engine.ir.graph import Graph, Node


def run(graph: Graph) -> Graph:
    """Return ``graph`` with pads merged into their readers; unread pads are left to remove_dead."""
    producers = graph.producers()
    return replace(graph, nodes=tuple(_merged(node, producers) for node in graph.nodes))


def _merged(node: Node, producers: dict[str, Node]) -> Node:
    pad = producers.get(node.inputs[0]) if isinstance(node.op, ops.Conv2d | ops.MaxPool) else None
    if pad is None or not isinstance(pad.op, ops.Pad):
        return node
    before, after = pad.op.before, pad.op.after
    neutral = 0.0 if isinstance(node.op, ops.Conv2d) else -inf
    if pad.op.value != neutral or before[0] or after[0] or before[3] or after[3]:
        return node
    assert isinstance(node.op, ops.Conv2d | ops.MaxPool)
    top, left, bottom, right = node.op.pads
    pads = (top + before[1], left + before[2], bottom + after[1], right + after[2])
    return replace(node, op=replace(node.op, pads=pads), inputs=(pad.inputs[0], *node.inputs[1:]))
