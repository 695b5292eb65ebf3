"""TFLite operators that compute: convolutions, pooling, arithmetic, activations, reductions."""

from math import prod

import numpy as np

from engine.errors import ModelError, UnsupportedError
from engine.importers.tflite_context import Context, Converter
from engine.importers.tflite_file import TflOperator
from engine.ir import ops
from engine.ir.activations import RELU, RELU6, Activation, Fn
from engine.ir.graph import Array
from engine.ir.shapes import broadcast


def _parameters(ctx: Context, node: TflOperator, weight: Array, bias_position: int) -> list[str]:
    name = ctx.name_of(node)
    names = [ctx.builder.add_constant(f"{name}.weight", weight)]
    if ctx.has_input(node, bias_position):
        names.append(ctx.builder.add_constant(f"{name}.bias", ctx.real(node, bias_position)))
    return names


def _kernel(ctx: Context, node: TflOperator, position: int) -> Array:
    weight = ctx.real(node, position)
    if weight.ndim != 4:
        raise ModelError(
            f"{ctx.describe(node)}: weights have shape {list(weight.shape)}, must have 4 dimensions"
        )
    return weight


def conv(ctx: Context, node: TflOperator) -> None:
    """Convert CONV_2D; its weights are OHWI."""
    weight = _kernel(ctx, node, 1)
    channels = ctx.feature_map(node, 0)[3]
    if channels % weight.shape[3]:
        raise ModelError(f"{ctx.describe(node)}: weights {list(weight.shape)} do not fit {channels} channels")
    _convolution(ctx, node, weight, channels // weight.shape[3])


def depthwise_conv(ctx: Context, node: TflOperator) -> None:
    """Convert DEPTHWISE_CONV_2D; weights [1,kh,kw,C*multiplier] become [C*multiplier,kh,kw,1]."""
    weight = _kernel(ctx, node, 1)
    if weight.shape[0] != 1:
        raise ModelError(f"{ctx.describe(node)}: weights have shape {list(weight.shape)}, must start with 1")
    _convolution(ctx, node, weight.transpose(3, 1, 2, 0), ctx.feature_map(node, 0)[3])


def _convolution(ctx: Context, node: TflOperator, weight: Array, group: int) -> None:
    sh, sw, dh, dw = ctx.positive(node, "StrideH", "StrideW", "DilationHFactor", "DilationWFactor")
    kernel = (weight.shape[1], weight.shape[2])
    pads = ctx.pads(node, kernel, (sh, sw), (dh, dw))
    op = ops.Conv2d((sh, sw), (dh, dw), pads, group, ctx.activation(node))
    ctx.put(node, op, ctx.read(node, 0), *_parameters(ctx, node, weight, 2))


def transpose_conv(ctx: Context, node: TflOperator) -> None:
    """Convert TRANSPOSE_CONV; its inputs are output shape, weights OHWI, x and perhaps bias."""
    weight = _kernel(ctx, node, 1)
    stride = ctx.positive(node, "StrideH", "StrideW")
    _, *size, _ = ctx.feature_map(node, 2)
    wanted = ctx.shape(node.outputs[0])
    if len(wanted) != 4:
        raise ModelError(f"{ctx.describe(node)}: output has shape {list(wanted)}, must be [N,H,W,C]")
    before, after, extra = [], [], []
    for axis in range(2):
        surplus = (size[axis] - 1) * stride[axis] + weight.shape[1 + axis] - wanted[1 + axis]
        before.append(max(surplus, 0) // 2)
        after.append(max(surplus, 0) - before[axis])
        extra.append(max(-surplus, 0))
    op = ops.ConvTranspose2d(
        (stride[0], stride[1]), (1, 1), (*before, *after), (extra[0], extra[1]), 1, ctx.activation(node)
    )
    ctx.put(node, op, ctx.read(node, 2), *_parameters(ctx, node, weight, 3))


def fully_connected(ctx: Context, node: TflOperator) -> None:
    """Convert FULLY_CONNECTED; its input is flattened to rows of K."""
    weight = ctx.real(node, 1)
    if node.options["WeightsFormat"] != 0 or weight.ndim != 2:
        raise UnsupportedError(f"{ctx.describe(node)}: only plain weights [O,K] are supported")
    x, wanted = ctx.read(node, 0), ctx.shape(node.outputs[0])
    size = int(np.prod(ctx.input_shape(node, 0), dtype=np.int64))
    if size % weight.shape[1]:
        raise ModelError(f"{ctx.describe(node)}: weights {list(weight.shape)} do not fit an input of {size}")
    rows = (size // weight.shape[1], weight.shape[1])
    if ctx.input_shape(node, 0)[-1:] != rows[1:] or len(wanted) == 2:
        x = ctx.reshape(x, rows, f"{ctx.name_of(node)}:rows")
    op = ops.FullyConnected(ctx.activation(node))
    result = ctx.builder.emit(op, [x, *_parameters(ctx, node, weight, 2)], ctx.name_of(node))
    ctx.bind(node.outputs[0], ctx.reshape(result, wanted, f"{ctx.name_of(node)}:shape"))


def max_pool(ctx: Context, node: TflOperator) -> None:
    """Convert MAX_POOL_2D."""
    kh, kw, sh, sw = ctx.positive(node, "FilterHeight", "FilterWidth", "StrideH", "StrideW")
    op = ops.MaxPool((kh, kw), (sh, sw), ctx.pads(node, (kh, kw), (sh, sw)))
    ctx.put_activated(node, op, ctx.read(node, 0))


def average_pool(ctx: Context, node: TflOperator) -> None:
    """Convert AVERAGE_POOL_2D; padding does not count."""
    kh, kw, sh, sw = ctx.positive(node, "FilterHeight", "FilterWidth", "StrideH", "StrideW")
    op = ops.AvgPool((kh, kw), (sh, sw), ctx.pads(node, (kh, kw), (sh, sw)))
    ctx.put_activated(node, op, ctx.read(node, 0))


def add(ctx: Context, node: TflOperator) -> None:
    """Convert ADD."""
    ctx.put(node, ops.Add(ctx.activation(node)), ctx.read(node, 0), ctx.read(node, 1))


def sub(ctx: Context, node: TflOperator) -> None:
    """Convert SUB."""
    ctx.put(node, ops.Sub(ctx.activation(node)), ctx.read(node, 0), ctx.read(node, 1))


def mul(ctx: Context, node: TflOperator) -> None:
    """Convert MUL."""
    ctx.put(node, ops.Mul(ctx.activation(node)), ctx.read(node, 0), ctx.read(node, 1))


def div(ctx: Context, node: TflOperator) -> None:
    """Convert DIV: by constants a product with their reciprocals, else the host's."""
    x = ctx.read(node, 0)
    divisor = ctx.input_value(node, 1)
    if divisor is None or not ctx.real(node, 1).all():
        if ctx.activation(node) is not None:
            raise UnsupportedError(f"{ctx.describe(node)}: a fused activation behind DIV is not supported")
        ctx.put_onnx(node, "Div", x, ctx.read(node, 1))
        return
    inverse = ctx.builder.add_constant(
        f"{ctx.name_of(node)}.inverse", (1.0 / ctx.real(node, 1)).astype(np.float32)
    )
    ctx.put(node, ops.Mul(ctx.activation(node)), x, inverse)


def square(ctx: Context, node: TflOperator) -> None:
    """Convert SQUARE."""
    ctx.put(node, ops.Mul(), ctx.read(node, 0), ctx.read(node, 0))


def squared_difference(ctx: Context, node: TflOperator) -> None:
    """Convert SQUARED_DIFFERENCE."""
    difference = ctx.builder.emit(
        ops.Sub(), [ctx.read(node, 0), ctx.read(node, 1)], f"{ctx.name_of(node)}:difference"
    )
    ctx.put(node, ops.Mul(), difference, difference)


def neg(ctx: Context, node: TflOperator) -> None:
    """Convert NEG."""
    minus = ctx.builder.add_constant(f"{ctx.name_of(node)}.minus_one", np.array(-1.0, np.float32))
    ctx.put(node, ops.Mul(), ctx.read(node, 0), minus)


def rsqrt(ctx: Context, node: TflOperator) -> None:
    """Convert RSQRT, for the host."""
    root = ctx.host(node, "Sqrt", (ctx.read(node, 0),), ctx.input_shape(node, 0))
    ctx.put_onnx(node, "Reciprocal", root)


def _unary(activation: Activation) -> Converter:
    def convert(ctx: Context, node: TflOperator) -> None:
        ctx.put(node, ops.Unary(activation), ctx.read(node, 0))

    return convert


def gelu(ctx: Context, node: TflOperator) -> None:
    """Convert GELU, exact or by tanh."""
    fn = Fn.GELU_TANH if node.options["Approximate"] else Fn.GELU
    ctx.put(node, ops.Unary(Activation(fn)), ctx.read(node, 0))


def leaky_relu(ctx: Context, node: TflOperator) -> None:
    """Convert LEAKY_RELU."""
    ctx.put(node, ops.Unary(Activation(Fn.LEAKY_RELU, alpha=node.options["Alpha"])), ctx.read(node, 0))


def prelu(ctx: Context, node: TflOperator) -> None:
    """Convert PRELU with one slope, or one per channel; with one per element, Keras's default, for the host."""
    slope, shape = ctx.real(node, 1), ctx.input_shape(node, 0)
    if slope.size == 1:
        ctx.put(node, ops.Unary(Activation(Fn.LEAKY_RELU, alpha=float(slope.reshape(())))), ctx.read(node, 0))
        return
    name = f"{ctx.name_of(node)}.slope"
    if slope.shape[-1:] == shape[-1:] and slope.size == shape[-1]:
        ctx.put(node, ops.Prelu(), ctx.read(node, 0), ctx.builder.add_constant(name, slope.reshape(-1)))
        return
    if broadcast(slope.shape, shape) != shape:
        raise ModelError(
            f"{ctx.describe(node)}: slopes {list(slope.shape)} do not broadcast to {list(shape)}"
        )
    reason = f"its slopes have shape {list(slope.shape)}, the device takes one per channel"
    ctx.put_onnx(node, "PRelu", ctx.read(node, 0), ctx.builder.add_constant(name, slope), reason=reason)


def _limit(op_type: str) -> Converter:
    """Return the converter of MAXIMUM or MINIMUM: with a constant number a clip, else the host's."""

    def convert(ctx: Context, node: TflOperator) -> None:
        for x, limit in ((0, 1), (1, 0)):
            values = ctx.input_value(node, limit)
            if values is not None and values.size == 1 and values.ndim <= len(ctx.input_shape(node, x)):
                number = float(ctx.real(node, limit).reshape(()))
                clip = (
                    Activation(Fn.CLIP, low=number) if op_type == "Max" else Activation(Fn.CLIP, high=number)
                )
                ctx.put(node, ops.Unary(clip), ctx.read(node, x))
                return
        ctx.put_onnx(node, op_type, ctx.read(node, 0), ctx.read(node, 1))

    return convert


def _axes(ctx: Context, node: TflOperator) -> tuple[int, ...]:
    rank = len(ctx.input_shape(node, 0))
    axes = ctx.integers(node, 1)
    if any(not -rank <= axis < rank for axis in axes):
        raise ModelError(f"{ctx.describe(node)}: axes {axes} do not fit {rank} dimensions")
    return tuple(sorted({axis % rank for axis in axes}))


def mean(ctx: Context, node: TflOperator) -> None:
    """Convert MEAN."""
    ctx.put(node, ops.ReduceMean(_axes(ctx, node), bool(node.options["KeepDims"])), ctx.read(node, 0))


def reduce_max(ctx: Context, node: TflOperator) -> None:
    """Convert REDUCE_MAX."""
    ctx.put(node, ops.ReduceMax(_axes(ctx, node), bool(node.options["KeepDims"])), ctx.read(node, 0))


def reduce_sum(ctx: Context, node: TflOperator) -> None:
    """Convert SUM: the mean times the number of its elements."""
    axes, name = _axes(ctx, node), ctx.name_of(node)
    count = prod(ctx.input_shape(node, 0)[axis] for axis in axes)
    op = ops.ReduceMean(axes, bool(node.options["KeepDims"]))
    mean = ctx.builder.emit(op, [ctx.read(node, 0)], f"{name}:mean")
    ctx.put(node, ops.Mul(), mean, ctx.builder.add_constant(f"{name}:count", np.array(count, np.float32)))


def softmax(ctx: Context, node: TflOperator) -> None:
    """Convert SOFTMAX over the last axis; beta other than 1 is a product before it."""
    x, rank = ctx.read(node, 0), len(ctx.input_shape(node, 0))
    if not rank:
        raise ModelError(f"{ctx.describe(node)}: its input is a single number")
    if node.options["Beta"] != 1.0:
        beta = ctx.builder.add_constant(
            f"{ctx.name_of(node)}.beta", np.array(node.options["Beta"], np.float32)
        )
        x = ctx.builder.emit(ops.Mul(), [x, beta], f"{ctx.name_of(node)}:scaled")
    ctx.put(node, ops.Softmax(rank - 1), x)


def arg_max(ctx: Context, node: TflOperator) -> None:
    """Convert ARG_MAX."""
    rank = len(ctx.input_shape(node, 0))
    (axis,) = ctx.integers(node, 1)[:1] or (0,)
    if not -rank <= axis < rank:
        raise ModelError(f"{ctx.describe(node)}: axis {axis} does not fit {rank} dimensions")
    ctx.put(node, ops.ArgMax(axis % rank, keepdims=False), ctx.read(node, 0))


def local_response_normalization(ctx: Context, node: TflOperator) -> None:
    """Convert LOCAL_RESPONSE_NORMALIZATION; ONNX divides alpha by the window, TFLite does not."""
    size = 2 * int(node.options["Radius"]) + 1
    n, h, w, c = ctx.feature_map(node, 0)
    if size < 1:
        raise ModelError(f"{ctx.describe(node)}: radius is {node.options['Radius']}, must not be negative")
    nchw = ctx.builder.emit(ops.Transpose((0, 3, 1, 2)), [ctx.read(node, 0)], f"{ctx.name_of(node)}:nchw")
    reason = "local response normalisation is computed in float on the A72"
    result = ctx.host(
        node, "LRN", (nchw,), (n, c, h, w), reason=reason,
        size=size, alpha=node.options["Alpha"] * size, beta=node.options["Beta"], bias=node.options["Bias"],
    )  # fmt: skip
    ctx.put(node, ops.Transpose((0, 2, 3, 1)), result)


def _host(op_type: str, inputs: int = 1) -> Converter:
    def convert(ctx: Context, node: TflOperator) -> None:
        ctx.put_onnx(node, op_type, *(ctx.read(node, i) for i in range(inputs)))

    return convert


CONVERTERS: dict[str, Converter] = {
    "CONV_2D": conv,
    "DEPTHWISE_CONV_2D": depthwise_conv,
    "TRANSPOSE_CONV": transpose_conv,
    "FULLY_CONNECTED": fully_connected,
    "MAX_POOL_2D": max_pool,
    "AVERAGE_POOL_2D": average_pool,
    "ADD": add,
    "SUB": sub,
    "MUL": mul,
    "DIV": div,
    "SQUARE": square,
    "SQUARED_DIFFERENCE": squared_difference,
    "NEG": neg,
    "RSQRT": rsqrt,
    "RELU": _unary(RELU),
    "RELU6": _unary(RELU6),
    "RELU_N1_TO_1": _unary(Activation(Fn.CLIP, -1.0, 1.0)),
    "RELU_0_TO_1": _unary(Activation(Fn.CLIP, 0.0, 1.0)),
    "LOGISTIC": _unary(Activation(Fn.SIGMOID)),
    "TANH": _unary(Activation(Fn.TANH)),
    "HARD_SWISH": _unary(Activation(Fn.HARD_SWISH)),
    "ELU": _unary(Activation(Fn.ELU, alpha=1.0)),
    "GELU": gelu,
    "LEAKY_RELU": leaky_relu,
    "PRELU": prelu,
    "MAXIMUM": _limit("Max"),
    "MINIMUM": _limit("Min"),
    "MEAN": mean,
    "REDUCE_MAX": reduce_max,
    "SUM": reduce_sum,
    "SOFTMAX": softmax,
    "ARG_MAX": arg_max,
    "LOCAL_RESPONSE_NORMALIZATION": local_response_normalization,
    "ABS": _host("Abs"),
    "BATCH_MATMUL": _host("MatMul", 2),
    "CEIL": _host("Ceil"),
    "COS": _host("Cos"),
    "EXP": _host("Exp"),
    "FLOOR": _host("Floor"),
    "LOG": _host("Log"),
    "LOG_SOFTMAX": _host("LogSoftmax"),
    "POW": _host("Pow", 2),
    "SIN": _host("Sin"),
    "SQRT": _host("Sqrt"),
}
