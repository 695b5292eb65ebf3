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
    rearranged: set[str] = set()
    for name in graph.outputs:
        chain = _from_softmax(name, producers, readers)
        if chain:
            renamed[chain[0].output] = chain[0].inputs[0]
            rearranged.update(node.output for node in chain)
    nodes = tuple(
        replace(node, inputs=tuple(renamed.get(name, name) for name in node.inputs))
        for node in graph.nodes
        if not set(node.outputs) & renamed.keys()
    )
    return replace(
        graph,
        nodes=nodes,
        outputs=tuple(dict.fromkeys(renamed.get(name, name) for name in graph.outputs)),
        tensors={name: tensor for name, tensor in graph.tensors.items() if name not in renamed},
        ranges={name: limits for name, limits in graph.ranges.items() if name not in rearranged},
    )


def _from_softmax(name: str, producers: Mapping[str, Node], readers: Mapping[str, list[Node]]) -> list[Node]:
    """Return the softmax that output ``name`` is rearranged from, and the nodes behind it; empty if others read them."""
    if name in readers:
        return []
    chain: list[Node] = []
    node = producers.get(name)
    while node is not None and isinstance(node.op, ops.Reshape | ops.Transpose):
        chain.append(node)
        source = node.inputs[0]
        node = producers.get(source) if len(readers[source]) == 1 else None
    return [node, *reversed(chain)] if node is not None and _is_softmax(node.op) else []


def _is_softmax(op: ops.Op) -> bool:
    """Whether ``op`` is a softmax or its logarithm, of which the host's softmax makes the same probabilities."""
    return isinstance(op, ops.Softmax) or (isinstance(op, ops.OnnxNode) and op.op_type == "LogSoftmax")
