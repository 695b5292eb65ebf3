"""Folds the transpose of a flattened feature map into the matrix that multiplies it.

A network written for NCHW flattens in that order; its device form is NHWC. Reordering the matrix's columns once, here,
saves the transpose of every picture.
"""

from dataclasses import replace

from engine.ir import ops
from engine.ir.graph import Array, Graph, Node
from engine.passes.rewrite import Rewriter


def run(graph: Graph) -> Graph:
    """Return ``graph`` where fully connected layers read flattened NHWC maps; unread nodes are left to remove_dead."""
    out, producers = Rewriter(graph), graph.producers()
    for node in graph.nodes:
        moved = _transpose_before(node, producers, graph)
        if moved is None:
            out.keep(node)
            continue
        source, perm = moved.inputs[0], moved.op
        assert isinstance(perm, ops.Transpose)
        x = graph.tensors[node.inputs[0]]
        flat = out.emit(
            out.fresh(f"{node.name}:flatten"), ops.Reshape(x.shape), [source],
            out.fresh(f"{node.inputs[0]}:nhwc"), like=node.inputs[0],
        )  # fmt: skip
        weight = _columns(graph.constants[node.inputs[1]], graph.tensors[moved.output].shape, perm.perm)
        name = out.add_constant(f"{node.inputs[1]}:nhwc", weight)
        out.keep(replace(node, inputs=(flat, name, *node.inputs[2:])))
    return out.finish({name: name for name in graph.outputs})


def _transpose_before(node: Node, producers: dict[str, Node], graph: Graph) -> Node | None:
    """Return the transpose whose flattened output [N,K] the fully connected ``node`` multiplies."""
    if not isinstance(node.op, ops.FullyConnected):
        return None
    flat = producers.get(node.inputs[0])
    if flat is None or not isinstance(flat.op, ops.Reshape) or len(flat.op.shape) != 2:
        return None
    moved = producers.get(flat.inputs[0])
    if moved is None or not isinstance(moved.op, ops.Transpose) or moved.op.perm[0] != 0:
        return None
    return moved if graph.tensors[moved.output].shape[0] == flat.op.shape[0] else None


def _columns(weight: Array, shape: tuple[int, ...], perm: tuple[int, ...]) -> Array:
    """Return ``weight`` [O,K] with its columns in the order of the tensor before the transpose ``perm``."""
    rows = weight.shape[0]
    back = [perm.index(axis) for axis in range(len(perm))]
    return weight.reshape(rows, *shape[1:]).transpose(back).reshape(rows, -1)
