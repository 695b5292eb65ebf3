"""ONNX operators that are activations: functions of one tensor, element by element."""

from math import inf

import numpy as np
import onnx

from engine.errors import ModelError
from engine.importers.onnx_context import (
    Context,
    Converter,
    HostOnly,
    attribute,
    input_name,
    need_floats,
    node_name,
)
from engine.importers.onnx_static import describe
from engine.ir import ops
from engine.ir.activations import Activation, Fn


def _activate(ctx: Context, node: onnx.NodeProto, activation: Activation) -> None:
    need_floats(ctx, node.input[0])
    ctx.put(node, ops.Unary(activation), ctx.read(node.input[0]))


def relu(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert Relu."""
    _activate(ctx, node, Activation(Fn.CLIP, low=0.0))


def clip(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert Clip with constant limits (attributes before opset 11)."""
    limits = []
    for position, (name, default) in enumerate((("min", -inf), ("max", inf)), start=1):
        given = input_name(node, position)
        values = (
            ctx.floats(given, "limits") if given else np.array(attribute(node, name, default), np.float32)
        )
        if values.size != 1:
            raise HostOnly("its limits are not single numbers")
        limits.append(float(values.reshape(())))
    low, high = limits
    _activate(ctx, node, Activation(Fn.CLIP, low=min(low, high), high=high))


def _limit(ctx: Context, node: onnx.NodeProto, *, lower: bool) -> None:
    """Convert Max or Min of one tensor and one constant number."""
    if len(node.input) == 1:
        ctx.bind(node.output[0], ctx.read(node.input[0]))
        return
    numbers = [name for name in node.input if (v := ctx.value(name)) is not None and v.size == 1]
    tensors = [name for name in node.input if ctx.value(name) is None]
    if len(node.input) != 2 or len(numbers) != 1 or len(tensors) != 1:
        raise HostOnly("it compares tensors, the device only limits by a constant number")
    need_floats(ctx, *node.input)
    if len(ctx.shape(numbers[0])) > len(ctx.shape(tensors[0])):
        raise HostOnly("its constant has more dimensions than the tensor")
    limit = float(ctx.constant(numbers[0], "limit").reshape(()))
    activation = Activation(Fn.CLIP, low=limit) if lower else Activation(Fn.CLIP, high=limit)
    ctx.put(node, ops.Unary(activation), ctx.read(tensors[0]))


def maximum(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert Max with a constant number."""
    _limit(ctx, node, lower=True)


def minimum(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert Min with a constant number."""
    _limit(ctx, node, lower=False)


def leaky_relu(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert LeakyRelu."""
    _activate(ctx, node, Activation(Fn.LEAKY_RELU, alpha=attribute(node, "alpha", 0.01)))


def prelu(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert PRelu with one slope, or one per channel."""
    need_floats(ctx, node.input[0])
    slope, shape = ctx.floats(node.input[1], "slopes"), ctx.shape(node.input[0])
    if slope.size == 1:
        _activate(ctx, node, Activation(Fn.LEAKY_RELU, alpha=float(slope.reshape(()))))
        return
    wide = (1,) * (len(shape) - slope.ndim) + slope.shape
    if len(wide) != len(shape) or any(a not in (1, b) for a, b in zip(wide, shape, strict=True)):
        raise ModelError(f"{describe(node)}: slopes {list(slope.shape)} do not broadcast to {list(shape)}")
    if len(shape) < 2 or any(dim != 1 for axis, dim in enumerate(wide) if axis != 1):
        raise HostOnly(f"its slopes have shape {list(slope.shape)}, the device takes one per channel")
    x, back = ctx.channels_last(node.input[0])
    name = ctx.builder.add_constant(f"{node.input[1]}:channels", slope.reshape(-1))
    output = ctx.builder.emit(ops.Prelu(), [x, name], node_name(node), node.output[0])
    ctx.bind(node.output[0], ctx.move(output, ops.Transpose(back), f"{node_name(node)}:back"))


def sigmoid(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert Sigmoid."""
    _activate(ctx, node, Activation(Fn.SIGMOID))


def tanh(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert Tanh."""
    _activate(ctx, node, Activation(Fn.TANH))


def hard_sigmoid(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert HardSigmoid."""
    alpha, beta = attribute(node, "alpha", 0.2), attribute(node, "beta", 0.5)
    _activate(ctx, node, Activation(Fn.HARD_SIGMOID, alpha=alpha, beta=beta))


def hard_swish(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert HardSwish."""
    _activate(ctx, node, Activation(Fn.HARD_SWISH))


def swish(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert Swish: x * sigmoid(alpha * x)."""
    alpha = attribute(node, "alpha", 1.0)
    if alpha == 1.0:
        _activate(ctx, node, Activation(Fn.SILU))
        return
    need_floats(ctx, node.input[0])
    x, name = ctx.read(node.input[0]), node_name(node)
    factor = ctx.builder.add_constant(f"{name}:alpha", np.array(alpha, np.float32))
    scaled = ctx.builder.emit(ops.Mul(), [x, factor], f"{name}:scaled")
    gate = ctx.builder.emit(ops.Unary(Activation(Fn.SIGMOID)), [scaled], f"{name}:gate")
    ctx.put(node, ops.Mul(), x, gate)


def elu(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert Elu."""
    _activate(ctx, node, Activation(Fn.ELU, alpha=attribute(node, "alpha", 1.0)))


def gelu(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert Gelu, exact or by tanh."""
    by_tanh = attribute(node, "approximate", "none") == "tanh"
    _activate(ctx, node, Activation(Fn.GELU_TANH if by_tanh else Fn.GELU))


def mish(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert Mish."""
    _activate(ctx, node, Activation(Fn.MISH))


CONVERTERS: dict[str, Converter] = {
    "Max": maximum,
    "Min": minimum,
    "Relu": relu,
    "Clip": clip,
    "LeakyRelu": leaky_relu,
    "PRelu": prelu,
    "Sigmoid": sigmoid,
    "Tanh": tanh,
    "HardSigmoid": hard_sigmoid,
    "HardSwish": hard_swish,
    "Swish": swish,
    "Elu": elu,
    "Gelu": gelu,
    "Mish": mish,
}
