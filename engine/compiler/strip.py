"""Softmax at the network's end is the host's work (SPEC (12)): the device ends in logits."""

from dataclasses import replace

from engine.ir import ops
from engine.ir.graph import Graph


def without_softmax(graph: Graph) -> Graph:
    """Return ``graph`` ending in the tensor before its final softmax, if it ends in one."""
    producers = graph.producers()
    outputs = []
    dropped: set[str] = set()
    for name in graph.outputs:
        node = producers.get(name)
        if node is not None and isinstance(node.op, ops.Softmax) and not any(name in n.inputs for n in graph.nodes):
            dropped.add(node.name)
            name = node.inputs[0]
        outputs.append(name)
    nodes = tuple(node for node in graph.nodes if node.name not in dropped)
    return replace(graph, nodes=nodes, outputs=tuple(outputs))
