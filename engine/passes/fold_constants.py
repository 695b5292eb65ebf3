"""Computes what depends on constants only, once, with ONNX Runtime."""

from dataclasses import replace

from engine.host.float_session import FloatSession
from engine.ir.graph import Graph


def run(graph: Graph) -> Graph:
    """Return ``graph`` with the outputs of nodes that read no input made constants; graph outputs stay nodes."""
    known = set(graph.constants)
    folded = []
    for node in graph.nodes:
        if all(name in known for name in node.inputs if name) and not set(node.outputs) & set(graph.outputs):
            folded.append(node)
            known.update(node.outputs)
    if not folded:
        return graph
    names = {node.name for node in folded}
    rest = tuple(node for node in graph.nodes if node.name not in names)
    wanted = {name for node in rest for name in node.inputs} - {""}
    outputs = tuple(name for node in folded for name in node.outputs if name in wanted)
    values = FloatSession(replace(graph, nodes=tuple(folded), inputs=(), outputs=outputs), outputs).run({})
    return replace(graph, nodes=rest, constants={**graph.constants, **values})
