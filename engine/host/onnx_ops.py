"""How each operator is said in ONNX; the meaning is that of the operator's docstring in ``engine.ir.ops``."""

from functools import singledispatch
from math import inf
from typing import Any

import numpy as np
import onnx

from engine.host.local_response import attributes_of
from engine.host.onnx_writer import OnnxWriter
from engine.ir import ops
from engine.ir.activations import GELU_TANH_FACTORS, Activation, Fn
from engine.ir.graph import Node
from engine.ir.verify import type_of

_AXES_ARE_INPUTS = 18  # the opset from which reductions take their axes as an input


@singledispatch
def emit(op: object, node: Node, writer: OnnxWriter) -> None:
    """Append the ONNX form of ``node``, whose operator is ``op``, to ``writer``."""
    raise TypeError(f"operator {type(op).__name__} has no ONNX form")


def _activated(
    kind: str,
    inputs: list[str],
    node: Node,
    writer: OnnxWriter,
    layout: str,
    activation: Activation | None,
    **attributes: Any,
) -> None:
    """Append ``kind`` and behind it the fused activation; the node's output is what the last one writes."""
    target = writer.writes(node.output, layout)
    if activation is None:
        writer.add(kind, inputs, target, **attributes)
    else:
        _activate(activation, writer.add(kind, inputs, f"{node.output}@linear", **attributes), target, writer)


def _activate(activation: Activation, source: str, target: str, writer: OnnxWriter) -> None:
    a = activation
    match a.fn:
        case Fn.CLIP:
            low = writer.initializer(f"{target}@low", np.array(a.low, np.float32)) if a.low != -inf else ""
            high = writer.initializer(f"{target}@high", np.array(a.high, np.float32)) if a.high != inf else ""
            writer.add("Clip", [source, low, high], target)
        case Fn.LEAKY_RELU:
            writer.add("LeakyRelu", [source], target, alpha=a.alpha)
        case Fn.SIGMOID:
            writer.add("Sigmoid", [source], target)
        case Fn.TANH:
            writer.add("Tanh", [source], target)
        case Fn.HARD_SIGMOID:
            writer.add("HardSigmoid", [source], target, alpha=a.alpha, beta=a.beta)
        case Fn.ELU:
            writer.add("Elu", [source], target, alpha=a.alpha)
        case _:
            writer.add("Mul", [source, _gate(a.fn, source, target, writer)], target)


def _gate(fn: Fn, source: str, target: str, writer: OnnxWriter) -> str:
    """Append what ``fn`` multiplies ``source`` by, and return its name."""

    def by(kind: str, x: str, number: float, what: str) -> str:
        constant = writer.initializer(f"{target}@{what}:number", np.array(number, np.float32))
        return writer.add(kind, [x, constant], f"{target}@{what}")

    match fn:
        case Fn.HARD_SWISH:
            return writer.add("HardSigmoid", [source], f"{target}@gate", alpha=1.0 / 6.0, beta=0.5)
        case Fn.SILU:
            return writer.add("Sigmoid", [source], f"{target}@gate")
        case Fn.MISH:
            return writer.add(
                "Tanh", [writer.add("Softplus", [source], f"{target}@softplus")], f"{target}@gate"
            )
        case Fn.GELU:
            step = writer.add("Erf", [by("Mul", source, 0.5**0.5, "scaled")], f"{target}@step")
        case _:
            linear, cubic = GELU_TANH_FACTORS
            square = writer.add("Mul", [source, source], f"{target}@square")
            slope = by("Add", by("Mul", square, cubic, "cubic"), linear, "slope")
            step = writer.add(
                "Tanh", [writer.add("Mul", [source, slope], f"{target}@bent")], f"{target}@step"
            )
    return by("Mul", by("Add", step, 1.0, "raised"), 0.5, "gate")


def _weight(name: str, kind: str, group: int, writer: OnnxWriter) -> str:
    """Add OHWI weights in the order ONNX wants: OIHW, or [C, O/group, kh, kw] for a transposed convolution."""
    weight = writer.graph.constants[name]
    if kind == "Conv":
        return writer.initializer(f"{name}@oihw", weight.transpose(0, 3, 1, 2))
    channels, kh, kw, inputs = weight.shape
    grouped = weight.reshape(group, channels // group, kh, kw, inputs).transpose(0, 4, 1, 2, 3)
    return writer.initializer(f"{name}@iohw", grouped.reshape(group * inputs, channels // group, kh, kw))


@emit.register(ops.Conv2d)
@emit.register(ops.ConvTranspose2d)
def _convolution(op: ops.Conv2d | ops.ConvTranspose2d, node: Node, writer: OnnxWriter) -> None:
    kind = "Conv" if isinstance(op, ops.Conv2d) else "ConvTranspose"
    x, weight, *bias = node.inputs
    inputs = [writer.nchw(x), _weight(weight, kind, op.group, writer), *map(writer.nhwc, bias)]
    more = {"output_padding": op.output_pads} if isinstance(op, ops.ConvTranspose2d) else {}
    _activated(
        kind, inputs, node, writer, "nchw", op.activation,
        strides=op.stride, dilations=op.dilation, pads=op.pads, group=op.group, **more,
    )  # fmt: skip


@emit.register
def _fully_connected(op: ops.FullyConnected, node: Node, writer: OnnxWriter) -> None:
    x, weight, *bias = node.inputs
    transposed = writer.initializer(f"{weight}@ko", writer.graph.constants[weight].T)
    inputs = [writer.nhwc(x), transposed]
    if not bias:
        _activated("MatMul", inputs, node, writer, "nhwc", op.activation)
        return
    product = writer.add("MatMul", inputs, f"{node.output}@product")
    _activated("Add", [product, writer.nhwc(bias[0])], node, writer, "nhwc", op.activation)


@emit.register
def _batch_norm(op: ops.BatchNorm, node: Node, writer: OnnxWriter) -> None:
    gamma, beta, mean, variance = (
        writer.graph.constants[name].astype(np.float64) for name in node.inputs[1:]
    )
    factor = gamma / np.sqrt(variance + op.epsilon)
    layout = writer.layout_of(node.inputs[:1], node.output)
    shape = (-1, 1, 1) if layout == "nchw" else (-1,)
    values = {"factor": factor, "offset": beta - mean * factor}
    added = {
        key: writer.initializer(f"{node.output}@{key}", each.astype(np.float32).reshape(shape))
        for key, each in values.items()
    }
    scaled = writer.add(
        "Mul", [writer.read(node.inputs[0], layout), added["factor"]], f"{node.output}@scaled"
    )
    writer.add("Add", [scaled, added["offset"]], writer.writes(node.output, layout))


@emit.register(ops.Add)
@emit.register(ops.Sub)
@emit.register(ops.Mul)
def _binary(op: ops.Add | ops.Sub | ops.Mul, node: Node, writer: OnnxWriter) -> None:
    layout = writer.layout_of(node.inputs, node.output)
    inputs = [writer.read(name, layout) for name in node.inputs]
    _activated(type(op).__name__, inputs, node, writer, layout, op.activation)


@emit.register
def _unary(op: ops.Unary, node: Node, writer: OnnxWriter) -> None:
    layout = writer.layout_of(node.inputs, node.output)
    source = writer.read(node.inputs[0], layout)
    _activate(op.activation, source, writer.writes(node.output, layout), writer)


@emit.register
def _prelu(op: ops.Prelu, node: Node, writer: OnnxWriter) -> None:
    layout = writer.layout_of(node.inputs[:1], node.output)
    inputs = [writer.read(name, layout) for name in node.inputs]
    writer.add("PRelu", inputs, writer.writes(node.output, layout))


@emit.register
def _max_pool(op: ops.MaxPool, node: Node, writer: OnnxWriter) -> None:
    source, pads = writer.nchw(node.inputs[0]), op.pads
    if op.dilation != (1, 1) and any(pad >= size for pad, size in zip(pads, op.kernel * 2, strict=True)):
        # ONNX Runtime allows less padding than kernel, however far that reaches; ceil mode may need more.
        widths = writer.initializer(
            f"{node.output}@pads", np.array([0, 0, *pads[:2], 0, 0, *pads[2:]], np.int64)
        )
        lowest = writer.initializer(f"{node.output}@lowest", np.array(-inf, np.float32))
        source, pads = writer.add("Pad", [source, widths, lowest], f"{node.output}@padded"), (0, 0, 0, 0)
    writer.add(
        "MaxPool", [source], writer.writes_nchw(node.output),
        kernel_shape=op.kernel, strides=op.stride, pads=pads, dilations=op.dilation,
    )  # fmt: skip


@emit.register
def _avg_pool(op: ops.AvgPool, node: Node, writer: OnnxWriter) -> None:
    source = writer.nchw(node.inputs[0])
    writer.add(
        "AveragePool", [source], writer.writes_nchw(node.output),
        kernel_shape=op.kernel, strides=op.stride, pads=op.pads, count_include_pad=int(op.count_include_pad),
    )  # fmt: skip


@emit.register(ops.ReduceMean)
@emit.register(ops.ReduceMax)
def _reduce(op: ops.ReduceMean | ops.ReduceMax, node: Node, writer: OnnxWriter) -> None:
    layout = writer.layout_of(node.inputs, node.output) if op.keepdims else "nhwc"
    axes = sorted({0: 0, 1: 2, 2: 3, 3: 1}[axis] if layout == "nchw" else axis for axis in op.axes)
    inputs, target = [writer.read(node.inputs[0], layout)], writer.writes(node.output, layout)
    attributes: dict[str, Any] = {"keepdims": int(op.keepdims)}
    if writer.opset >= _AXES_ARE_INPUTS:
        inputs.append(writer.initializer(f"{target}@axes", np.array(axes, np.int64)))
    else:
        attributes["axes"] = axes
    writer.add(type(op).__name__, inputs, target, **attributes)


@emit.register
def _concat(op: ops.Concat, node: Node, writer: OnnxWriter) -> None:
    layout = writer.layout_of(node.inputs, node.output)
    axis = {0: 0, 1: 2, 2: 3, 3: 1}[op.axis] if layout == "nchw" else op.axis
    inputs = [writer.read(name, layout) for name in node.inputs]
    writer.add("Concat", inputs, writer.writes(node.output, layout), axis=axis)


@emit.register
def _slice(op: ops.Slice, node: Node, writer: OnnxWriter) -> None:
    axes = range(len(op.begins))
    parameters = {"begins": op.begins, "ends": op.ends, "axes": axes, "steps": op.steps}
    added = [
        writer.initializer(f"{node.output}@{key}", np.array(list(values), np.int64))
        for key, values in parameters.items()
    ]
    writer.add("Slice", [writer.nhwc(node.inputs[0]), *added], writer.writes_nhwc(node.output))


@emit.register
def _pad(op: ops.Pad, node: Node, writer: OnnxWriter) -> None:
    source = writer.nhwc(node.inputs[0])
    dtype = type_of(writer.graph, node.inputs[0]).dtype
    pads = writer.initializer(f"{node.output}@pads", np.array([*op.before, *op.after], np.int64))
    value = writer.initializer(f"{node.output}@value", np.array(op.value, dtype))
    writer.add("Pad", [source, pads, value], writer.writes_nhwc(node.output), mode="constant")


@emit.register
def _transpose(op: ops.Transpose, node: Node, writer: OnnxWriter) -> None:
    writer.add("Transpose", [writer.nhwc(node.inputs[0])], writer.writes_nhwc(node.output), perm=op.perm)


@emit.register
def _reshape(op: ops.Reshape, node: Node, writer: OnnxWriter) -> None:
    shape = writer.initializer(f"{node.output}@shape", np.array(op.shape, np.int64))
    writer.add("Reshape", [writer.nhwc(node.inputs[0]), shape], writer.writes_nhwc(node.output))


@emit.register
def _channel_shuffle(op: ops.ChannelShuffle, node: Node, writer: OnnxWriter) -> None:
    shape = type_of(writer.graph, node.output).shape
    split = (*shape[:-1], op.group, shape[-1] // op.group)
    swap = (*range(len(shape) - 1), len(shape), len(shape) - 1)
    name = node.output
    first = writer.initializer(f"{name}@split", np.array(split, np.int64))
    last = writer.initializer(f"{name}@shape", np.array(shape, np.int64))
    grouped = writer.add("Reshape", [writer.nhwc(node.inputs[0]), first], f"{name}@grouped")
    swapped = writer.add("Transpose", [grouped], f"{name}@swapped", perm=swap)
    writer.add("Reshape", [swapped, last], writer.writes_nhwc(name))


@emit.register
def _resize(op: ops.Resize, node: Node, writer: OnnxWriter) -> None:
    n, h, w, c = type_of(writer.graph, node.output).shape
    sizes = writer.initializer(f"{node.output}@sizes", np.array([n, c, h, w], np.int64))
    writer.add(
        "Resize", [writer.nchw(node.inputs[0]), "", "", sizes], writer.writes_nchw(node.output),
        mode="linear" if op.mode is ops.ResizeMode.BILINEAR else "nearest",
        coordinate_transformation_mode=op.coordinates.value, nearest_mode=op.rounding.value,
    )  # fmt: skip


@emit.register
def _softmax(op: ops.Softmax, node: Node, writer: OnnxWriter) -> None:
    writer.add("Softmax", [writer.nhwc(node.inputs[0])], writer.writes_nhwc(node.output), axis=op.axis)


@emit.register
def _arg_max(op: ops.ArgMax, node: Node, writer: OnnxWriter) -> None:
    source, target = writer.nhwc(node.inputs[0]), writer.writes_nhwc(node.output)
    writer.add("ArgMax", [source], target, axis=op.axis, keepdims=int(op.keepdims), select_last_index=0)


@emit.register
def _onnx_node(op: ops.OnnxNode, node: Node, writer: OnnxWriter) -> None:
    proto = onnx.NodeProto.FromString(op.proto)
    if op.op_type == "LRN" and not writer.as_standard:
        _normalise(proto, node, writer)
        return
    del proto.input[:], proto.output[:]
    proto.input.extend(writer.nhwc(name) if name else "" for name in node.inputs)
    proto.output.extend(writer.writes_nhwc(name) if name else "" for name in node.outputs)
    proto.name = node.name
    writer.nodes.append(proto)


def _normalise(proto: onnx.NodeProto, node: Node, writer: OnnxWriter) -> None:
    """Say LRN of an NCHW tensor as pooling along the channels of its squares; ONNX Runtime's own takes ten times as long.

    y = x / base ** beta, base = bias + alpha * mean of x * x over ``size`` neighbouring channels, zeros beyond the first and last
    """
    size, alpha, beta, bias = attributes_of(proto)
    name = node.output
    n, c, h, w = type_of(writer.graph, node.inputs[0]).shape
    x = writer.add("Transpose", [writer.nhwc(node.inputs[0])], f"{name}@nhwc", perm=(0, 2, 3, 1))

    def number(what: str, value: float) -> str:
        return writer.initializer(f"{name}@{what}", np.array(value, np.float32))

    def shape(what: str, sizes: tuple[int, ...]) -> str:
        return writer.initializer(f"{name}@{what}", np.array(sizes, np.int64))

    squares = writer.add("Mul", [x, x], f"{name}@squares")
    lines = writer.add("Reshape", [squares, shape("line_shape", (n, 1, h * w, c))], f"{name}@lines")
    before, behind = (size - 1) // 2, size // 2
    means = writer.add(
        "AveragePool",
        [lines],
        f"{name}@means",
        kernel_shape=(1, size),
        pads=(0, before, 0, behind),
        count_include_pad=1,
    )
    maps = writer.add("Reshape", [means, shape("map_shape", (n, h, w, c))], f"{name}@maps")
    scaled = writer.add("Mul", [maps, number("alpha", alpha)], f"{name}@scaled")
    base = writer.add("Add", [scaled, number("bias", bias)], f"{name}@base")
    if beta == 0.75:  # nearly always; roots are much cheaper than powers
        root = writer.add("Sqrt", [base], f"{name}@root")
        power = writer.add("Mul", [root, writer.add("Sqrt", [root], f"{name}@fourth")], f"{name}@power")
    else:
        power = writer.add("Pow", [base, number("beta", beta)], f"{name}@power")
    quotient = writer.add("Div", [x, power], f"{name}@quotient")
    writer.add("Transpose", [quotient], writer.writes_nhwc(name), perm=(0, 3, 1, 2))
