"""Drops nodes, tensors and constants that no output depends on."""

from dataclasses import replace

from engine.ir.graph import Graph


def run(graph: Graph) -> Graph:
    """Return ``graph`` without what nothing reads; graph inputs stay."""
    alive = set(graph.outputs)
    kept = []
    for node in reversed(graph.nodes):
        if alive.intersection(node.outputs):
            kept.append(node)
            alive.update(node.inputs)
    written = {name for node in kept for name in node.outputs} | set(graph.inputs)
    return replace(
        graph,
        nodes=tuple(reversed(kept)),
        tensors={name: tensor for name, tensor in graph.tensors.items() if name in written},
        constants={name: values for name, values in graph.constants.items() if name in alive},
        ranges={name: limits for name, limits in graph.ranges.items() if name in written},
    )
