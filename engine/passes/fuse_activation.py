"""Fuses an activation into the convolution, matrix multiply or element-wise node whose output only it reads."""

from dataclasses import replace

from engine.ir import ops
from engine.ir.graph import Graph, Node

_FUSING = ops.Conv2d | ops.ConvTranspose2d | ops.FullyConnected | ops.Add | ops.Sub | ops.Mul


def run(graph: Graph) -> Graph:
    """Return ``graph`` with activations fused; the fused node keeps its name and writes the activation's output."""
    readers, kept = graph.consumers(), set(graph.outputs) | set(graph.ranges)
    nodes: list[Node] = []
    position: dict[str, int] = {}  # of the node that writes a tensor, in ``nodes``
    for node in graph.nodes:
        source = node.inputs[0] if isinstance(node.op, ops.Unary) else ""
        at = position.get(source)
        if at is not None and len(readers[source]) == 1 and source not in kept:
            producer = nodes[at]
            if (
                isinstance(node.op, ops.Unary)
                and isinstance(producer.op, _FUSING)
                and not producer.op.activation
            ):
                nodes[at] = replace(
                    producer, op=replace(producer.op, activation=node.op.activation), outputs=node.outputs
                )
                position[node.output] = at
                continue
        position.update({name: len(nodes) for name in node.outputs})
        nodes.append(node)
    written = {name for node in nodes for name in node.outputs}
    tensors = {name: each for name, each in graph.tensors.items() if name in written or name in graph.inputs}
    return replace(graph, nodes=tuple(nodes), tensors=tensors)
