"""A graph as an ONNX model, for the float reference and for what the A72 runs.

Feature maps are NHWC in the graph and NCHW in ONNX. The writer remembers in which of the two forms a tensor exists and
adds a transpose only where the other one is asked for, so chains of layers stay NCHW throughout.
"""

from collections.abc import Sequence

import numpy as np
import onnx
from onnx import helper

from engine.errors import ModelError
from engine.host.onnx_ops import emit
from engine.host.onnx_writer import OnnxWriter
from engine.ir.graph import Graph, TensorType
from engine.ir.ops import OnnxNode
from engine.ir.verify import type_of

_DEFAULT_OPSET = 17
_OLDEST_OPSET = 13  # before it, operators took attributes that this writer gives as inputs


def to_onnx(
    graph: Graph, outputs: Sequence[str] | None = None, *, as_standard: bool = False
) -> onnx.ModelProto:
    """Return ``graph`` as an ONNX model with the same input, output and tensor names, NHWC at both ends.

    ``outputs`` are the tensors to return instead of the graph's outputs; any tensor that a node writes may be named.
    Operators that ONNX Runtime is slow at are said in others, unless ``as_standard``: for other programs.

    Raises:
        ModelError: an output is unknown, or foreign ONNX nodes are of opsets that do not go together.
    """
    wanted = tuple(graph.outputs if outputs is None else outputs)
    written = {name for node in graph.nodes for name in node.outputs}
    for name in wanted:
        if name not in written:
            raise ModelError(f"graph {graph.name!r} has no node that writes {name!r}")
    opsets = _opsets(graph)
    writer = OnnxWriter(graph, opsets[""], as_standard)
    needed = _needed(graph, wanted)
    for node in graph.nodes:
        if node.name in needed:
            emit(node.op, node, writer)
    for name in wanted:
        writer.nhwc(name)
    body = helper.make_graph(
        writer.nodes,
        graph.name or "graph",
        [_value_info(name, graph.tensors[name]) for name in graph.inputs],
        [_value_info(name, type_of(graph, name)) for name in wanted],
        initializer=writer.initializers,
    )
    imports = [helper.make_opsetid(domain, version) for domain, version in opsets.items()]
    return helper.make_model(body, opset_imports=imports, ir_version=8)


def _needed(graph: Graph, wanted: Sequence[str]) -> set[str]:
    """Return the names of the nodes that ``wanted`` depend on."""
    alive, names = set(wanted), set()
    for node in reversed(graph.nodes):
        if alive.intersection(node.outputs):
            names.add(node.name)
            alive.update(node.inputs)
    return names


def _opsets(graph: Graph) -> dict[str, int]:
    """Return the opset of each domain; all foreign nodes of one domain come from one file and agree."""
    found: dict[str, int] = {}
    for node in graph.nodes:
        if not isinstance(node.op, OnnxNode):
            continue
        domain = "" if node.op.domain == "ai.onnx" else node.op.domain
        if found.setdefault(domain, node.op.opset) != node.op.opset:
            raise ModelError(f"node {node.name!r}: opset {node.op.opset}, but others are of {found[domain]}")
        if domain == "" and node.op.opset < _OLDEST_OPSET:
            raise ModelError(f"node {node.name!r}: opset {node.op.opset} is older than {_OLDEST_OPSET}")
    return {"": _DEFAULT_OPSET} | found


def _value_info(name: str, tensor: TensorType) -> onnx.ValueInfoProto:
    kind = helper.np_dtype_to_tensor_dtype(np.dtype(tensor.dtype))
    return helper.make_tensor_value_info(name, kind, list(tensor.shape))
