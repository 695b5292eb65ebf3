"""Keeps an ONNX operator for ONNX Runtime, in an opset that the host's exporter can mix with its own operators."""

import numpy as np
import onnx
from onnx import helper, numpy_helper, version_converter

from engine.errors import UnsupportedError
from engine.host.onnx_runtime import ort
from engine.importers.onnx_context import Context, node_name
from engine.importers.onnx_static import describe
from engine.ir.graph import TensorType
from engine.ir.ops import OnnxNode

_OLDEST_HOST_OPSET = 13
_IR_VERSION = 8
_SMALL = 1 << 12
"""Elements; larger constants are declared as inputs, their values do not decide whether a node runs."""


def host_node(ctx: Context, node: onnx.NodeProto, reason: str) -> None:
    """Emit ``node`` as it is; ``reason`` says why the device does not take it.

    Raises:
        UnsupportedError: an operator of an old opset has no newer form, or ONNX Runtime does not have it.
    """
    opset, extra = ctx.opset, dict[str, str]()
    if ctx.opset < _OLDEST_HOST_OPSET:
        graph, opset = _modernised(ctx, node), _OLDEST_HOST_OPSET
        for each in graph.initializer:
            if each.name not in node.input:
                values = numpy_helper.to_array(each)
                extra[each.name] = ctx.builder.add_constant(f"{node_name(node)}:{each.name}", values)
        node = graph.node[0]
    _check_runs(ctx, node, opset, extra)
    _emit(ctx, node, opset, reason, extra)


def _check_runs(ctx: Context, node: onnx.NodeProto, opset: int, extra: dict[str, str]) -> None:
    """Let ONNX Runtime prepare the node alone, so that what it lacks is refused here, by name."""
    initializers, inputs = [], []
    for name in dict.fromkeys(each for each in node.input if each):
        values = ctx.builder.constant(extra[name]) if name in extra else ctx.value(name)
        if values is not None and values.size <= _SMALL:
            initializers.append(numpy_helper.from_array(np.asarray(values, order="C"), name))
        else:
            inputs.append(_value_info(name, ctx.type_of(name)))
    outputs = [_value_info(name, ctx.type_of(name)) for name in node.output if name]
    model = helper.make_model(
        helper.make_graph([node], "node", inputs, outputs, initializers),
        opset_imports=[helper.make_opsetid("", opset)],
        ir_version=_IR_VERSION,
    )
    options = ort.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    try:
        ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # noqa: BLE001 - ONNX Runtime's exceptions have no public common class below Exception
        text = (str(error).splitlines() or ["unknown reason"])[0]
        raise UnsupportedError(
            f"{describe(node)}: neither the device nor ONNX Runtime computes it: {text}"
        ) from None


def _emit(ctx: Context, node: onnx.NodeProto, opset: int, reason: str, extra: dict[str, str]) -> None:
    op = OnnxNode(node.op_type, node.SerializeToString(), opset, reason=reason)
    inputs = [extra.get(name) or ctx.read(name) if name else "" for name in node.input]
    types = {name: ctx.type_of(name) for name in node.output if name}
    written = ctx.builder.emit_onnx(op, inputs, types, node_name(node))
    for name, tensor in zip(types, written, strict=True):
        ctx.bind(name, tensor)


def _modernised(ctx: Context, node: onnx.NodeProto) -> onnx.GraphProto:
    """Return a graph of ``node`` alone, brought to ``_OLDEST_HOST_OPSET``, Constant nodes made initializers."""
    constants = {name: values for name in node.input if (values := ctx.value(name)) is not None}
    tensors = [name for name in dict.fromkeys(node.input) if name and name not in constants]
    graph = helper.make_graph(
        [node],
        "node",
        [_value_info(name, ctx.type_of(name)) for name in tensors],
        [_value_info(name, ctx.type_of(name)) for name in node.output if name],
        [numpy_helper.from_array(values, name) for name, values in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", ctx.opset)])
    try:
        newer = version_converter.convert_version(model, _OLDEST_HOST_OPSET).graph
    except (RuntimeError, ValueError, onnx.checker.ValidationError) as error:
        reason = (str(error).splitlines() or ["unknown"])[0]
        raise UnsupportedError(
            f"{describe(node)}: opset {ctx.opset} of this operator cannot be brought to {_OLDEST_HOST_OPSET}: {reason}"
        ) from None
    for each in [each for each in newer.node if each.op_type == "Constant"]:
        value = onnx.TensorProto()
        value.CopyFrom(each.attribute[0].t)
        value.name = each.output[0]
        newer.initializer.append(value)
        newer.node.remove(each)
    if len(newer.node) != 1:
        raise UnsupportedError(
            f"{describe(node)}: opset {ctx.opset} of this operator has no single newer form; export the model with "
            f"opset {_OLDEST_HOST_OPSET} or newer"
        )
    return newer


def _value_info(name: str, tensor: TensorType) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(
        name, helper.np_dtype_to_tensor_dtype(np.dtype(tensor.dtype)), tensor.shape
    )
