"""Local response normalisation as ONNX has it, and subgraphs that are nothing else: kernel sets compute those themselves."""

import onnx
from onnx import helper

from engine.host.onnx_writer import TO_NCHW, TO_NHWC
from engine.ir import ops
from engine.ir.graph import Graph
from engine.program.local_response import LocalResponse

_DEFAULTS = {"alpha": 1e-4, "beta": 0.75, "bias": 1.0}
_KERNELS_BETA = 0.75


def attributes_of(proto: onnx.NodeProto) -> tuple[int, float, float, float]:
    """Return (size, alpha, beta, bias) of an LRN node."""
    given = {each.name: helper.get_attribute_value(each) for each in proto.attribute}
    alpha, beta, bias = (float(given.get(*each)) for each in _DEFAULTS.items())
    return int(given["size"]), alpha, beta, bias


def local_response_of(graph: Graph) -> LocalResponse | None:
    """Return what ``graph`` does to its NHWC input if that is LRN alone, of the usual exponent; otherwise None."""
    if [type(node.op) for node in graph.nodes] != [ops.Transpose, ops.OnnxNode, ops.Transpose]:
        return None
    before, lrn, behind = graph.nodes
    chain = (graph.inputs, before.outputs, lrn.outputs)
    if chain != (before.inputs, lrn.inputs, behind.inputs) or graph.outputs != behind.outputs:
        return None
    assert isinstance(lrn.op, ops.OnnxNode)
    if (before.op, behind.op, lrn.op.op_type) != (ops.Transpose(TO_NCHW), ops.Transpose(TO_NHWC), "LRN"):
        return None
    size, alpha, beta, bias = attributes_of(onnx.NodeProto.FromString(lrn.op.proto))
    try:
        return LocalResponse(size, alpha, bias) if beta == _KERNELS_BETA else None
    except ValueError:  # ONNX Runtime says what it thinks of such numbers
        return None
