"""Checks a graph once, after import and after every pass; whoever comes later trusts it."""

import numpy as np

from engine.errors import ModelError
from engine.ir import ops
from engine.ir.graph import Graph, Node, TensorType
from engine.ir.shapes import output_types

# Inputs that must be constants, by position; the others may be either.
_CONSTANT_INPUTS: dict[type[object], tuple[int, ...]] = {
    ops.Conv2d: (1, 2),
    ops.ConvTranspose2d: (1, 2),
    ops.FullyConnected: (1, 2),
    ops.BatchNorm: (1, 2, 3, 4),
    ops.Prelu: (1,),
}


def verify(graph: Graph) -> None:
    """Check names, order, constants and shapes of ``graph``.

    Raises:
        ModelError: one line naming the node or tensor that is wrong.
    """
    _check_ends(graph)
    known = set(graph.inputs) | set(graph.constants)
    names: set[str] = set()
    for node in graph.nodes:
        if node.name in names:
            raise ModelError(f"two nodes are called {node.name!r}; node names must differ")
        names.add(node.name)
        _check_reads(graph, node, known)
        _check_writes(graph, node, known)
        known.update(node.outputs)
    for name in graph.outputs:
        if name not in known:
            raise ModelError(f"graph output {name!r} is written by no node")


def type_of(graph: Graph, name: str) -> TensorType:
    """Return the type of the tensor or constant ``name``."""
    if name in graph.constants:
        constant = graph.constants[name]
        return TensorType(constant.shape, constant.dtype.name)
    return graph.tensors[name]


def _check_ends(graph: Graph) -> None:
    if not graph.inputs or not graph.outputs:
        raise ModelError(f"graph {graph.name!r} has no {'outputs' if graph.inputs else 'inputs'}")
    for name in graph.inputs:
        if name not in graph.tensors:
            raise ModelError(f"graph input {name!r} has no type")
        if name in graph.constants:
            raise ModelError(f"{name!r} is both a graph input and a constant")
    for name, tensor in graph.tensors.items():
        if min(tensor.shape, default=1) < 1:
            raise ModelError(
                f"tensor {name!r} has shape {list(tensor.shape)}; all dimensions must be positive"
            )


def _check_reads(graph: Graph, node: Node, known: set[str]) -> None:
    for name in node.inputs:
        if name not in known and not (name == "" and isinstance(node.op, ops.OnnxNode)):
            raise ModelError(f"node {node.name!r} reads {name!r}, which nothing before it writes")
        if name in graph.constants:
            _check_finite(graph, node, name)
    for position in _CONSTANT_INPUTS.get(type(node.op), ()):
        if position < len(node.inputs) and node.inputs[position] not in graph.constants:
            raise ModelError(
                f"node {node.name!r} ({type(node.op).__name__}): {node.inputs[position]!r} must be a constant"
            )


def _check_finite(graph: Graph, node: Node, name: str) -> None:
    values = graph.constants[name]
    if isinstance(node.op, ops.OnnxNode) or values.dtype.kind != "f":
        return
    bad = values.size - int(np.count_nonzero(np.isfinite(values)))
    if bad:
        raise ModelError(
            f"node {node.name!r} ({type(node.op).__name__}): constant {name!r} has {bad} values that are NaN or "
            "infinite; all weights must be finite"
        )


def _check_writes(graph: Graph, node: Node, known: set[str]) -> None:
    for name in node.outputs:
        if name in known:
            raise ModelError(f"node {node.name!r} writes {name!r}, which exists already")
        if name and name not in graph.tensors:
            raise ModelError(f"node {node.name!r} writes {name!r}, which has no type")
    types = [type_of(graph, name) for name in node.inputs if name]
    try:
        expected = output_types(node.op, types)
    except ModelError as error:
        raise ModelError(f"node {node.name!r} ({type(node.op).__name__}): {error}") from None
    if expected is None:
        return
    found = tuple(graph.tensors[name] for name in node.outputs)
    if found != expected:
        raise ModelError(
            f"node {node.name!r} ({type(node.op).__name__}): output is declared {_show(found)}, must be {_show(expected)}"
        )


def _show(types: tuple[TensorType, ...]) -> str:
    return ", ".join(f"{each.dtype}{list(each.shape)}" for each in types)
