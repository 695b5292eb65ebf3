"""Joins reshapes of reshapes, and drops those that change nothing."""

from dataclasses import replace

from engine.ir import ops
from engine.ir.graph import Graph
from engine.passes.rewrite import Rewriter


def run(graph: Graph) -> Graph:
    """Return ``graph`` where every reshape reads what the first of its chain read; unread ones are left to remove_dead."""
    out = Rewriter(graph)
    origin: dict[str, str] = {}  # what a reshaped tensor was reshaped from
    same: dict[str, str] = {}  # the tensor that an idle reshape copies
    for node in graph.nodes:
        inputs = tuple(same.get(name, name) for name in node.inputs)
        if not isinstance(node.op, ops.Reshape):
            out.keep(replace(node, inputs=inputs))
            continue
        source = origin.get(inputs[0], inputs[0])
        prescribed = graph.ranges.get(node.output) != graph.ranges.get(source)
        if out.type_of(source).shape == node.op.shape and not prescribed:
            same[node.output] = source
            continue
        origin[node.output] = source
        out.keep(replace(node, inputs=(source,)))
    return out.finish({name: same.get(name, name) for name in graph.outputs})
