"""ONNX operators that compute: matrix products, element-wise arithmetic, reductions, softmax."""

from math import prod

import numpy as np
import onnx

from engine.importers.onnx_context import (
    Context,
    Converter,
    HostOnly,
    attribute,
    axis_in,
    input_name,
    need_floats,
    node_name,
)
from engine.ir import ops
from engine.ir.graph import Array, TensorType


def gemm(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert Gemm with constant B: alpha and beta go into weight and bias."""
    a, b, c = node.input[0], node.input[1], input_name(node, 2)
    need_floats(ctx, a)
    weight, beta = ctx.floats(b, "weights"), np.float32(attribute(node, "beta", 1.0))
    weight = weight if attribute(node, "transB", 0) else weight.T
    alpha = attribute(node, "alpha", 1.0)
    if alpha != 1.0:
        weight = weight * np.float32(alpha)
    x = ctx.read(a)
    if attribute(node, "transA", 0):
        x = ctx.move(x, ops.Transpose((1, 0)), f"{node_name(node)}:transpose")
    parameters = [ctx.builder.add_constant(f"{b}:ok", weight)]
    bias = _bias(ctx.value(c), weight.shape[0]) if c else None
    if bias is not None:
        parameters.append(ctx.builder.add_constant(f"{c}:bias", bias * beta if beta != 1 else bias))
    if not c or bias is not None:
        ctx.put(node, ops.FullyConnected(), x, *parameters)
        return
    product = ctx.builder.emit(ops.FullyConnected(), [x, *parameters], f"{node_name(node)}:product")
    addend = ctx.read(c)
    if beta != 1:
        factor = ctx.builder.add_constant(f"{node_name(node)}:beta", np.array(beta))
        addend = ctx.builder.emit(ops.Mul(), [addend, factor], f"{node_name(node)}:scaled")
    ctx.put(node, ops.Add(), product, addend)


def _bias(values: Array | None, channels: int) -> Array | None:
    """Return a constant that is one number per channel or one for all; None if it is neither."""
    if (
        values is None
        or values.size not in (1, channels)
        or (values.size > 1 and values.shape[-1] != channels)
    ):
        return None
    return np.broadcast_to(values.reshape(-1), (channels,))


def matmul(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert MatMul by a constant matrix."""
    need_floats(ctx, node.input[0])
    weight = ctx.floats(node.input[1], "right operand")
    rank = len(ctx.shape(node.input[0]))
    if weight.ndim < 2 or any(dim != 1 for dim in weight.shape[:-2]) or weight.ndim > max(rank, 2):
        raise HostOnly(f"its right operand has shape {list(weight.shape)}, the device takes one matrix")
    name = ctx.builder.add_constant(f"{node.input[1]}:ok", weight.reshape(weight.shape[-2:]).T)
    ctx.put(node, ops.FullyConnected(), ctx.read(node.input[0]), name)


def batch_normalization(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert BatchNormalization in inference form."""
    if attribute(node, "training_mode", 0) or any(node.output[1:]):
        raise HostOnly("it is in training form")
    need_floats(ctx, node.input[0])
    for name in node.input[1:5]:
        ctx.floats(name, "parameters")
    x, back = ctx.channels_last(node.input[0])
    inputs = [x, *(ctx.read(name) for name in node.input[1:5])]
    op = ops.BatchNorm(attribute(node, "epsilon", 1e-5))
    normal = ctx.builder.emit(op, inputs, node_name(node), node.output[0])
    ctx.bind(node.output[0], ctx.move(normal, ops.Transpose(back), f"{node_name(node)}:back"))


def add(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert Add."""
    need_floats(ctx, *node.input)
    ctx.put(node, ops.Add(), *map(ctx.read, node.input))


def sub(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert Sub."""
    need_floats(ctx, *node.input)
    ctx.put(node, ops.Sub(), *map(ctx.read, node.input))


def mul(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert Mul."""
    need_floats(ctx, *node.input)
    ctx.put(node, ops.Mul(), *map(ctx.read, node.input))


def div(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert Div by constants: a product with their reciprocals."""
    need_floats(ctx, *node.input)
    divisor = ctx.floats(node.input[1], "divisors")
    with np.errstate(divide="ignore", over="ignore"):
        inverse = (np.float32(1.0) / divisor).astype(np.float32)
    if not np.isfinite(inverse).all():
        raise HostOnly("it divides by zero")
    name = ctx.builder.add_constant(f"{node.input[1]}:inverse", inverse)
    ctx.put(node, ops.Mul(), ctx.read(node.input[0]), name)


def neg(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert Neg: a product with -1."""
    need_floats(ctx, *node.input)
    name = ctx.builder.add_constant(f"{node_name(node)}:minus_one", np.array(-1.0, np.float32))
    ctx.put(node, ops.Mul(), ctx.read(node.input[0]), name)


def power(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert Pow with exponent 2: a product with itself."""
    need_floats(ctx, node.input[0])
    exponent = ctx.constant(node.input[1], "exponent")
    if (
        exponent.size != 1
        or float(exponent.reshape(())) != 2.0
        or exponent.ndim > len(ctx.shape(node.input[0]))
    ):
        raise HostOnly("its exponent is not 2")
    x = ctx.read(node.input[0])
    ctx.put(node, ops.Mul(), x, x)


def total(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert Sum of any number of tensors: a chain of additions."""
    need_floats(ctx, *node.input)
    first, *others = map(ctx.read, node.input)
    if not others:
        ctx.bind(node.output[0], first)
        return
    for each in others[:-1]:
        first = ctx.builder.emit(ops.Add(), [first, each], f"{node_name(node)}:partial")
    ctx.put(node, ops.Add(), first, others[-1])


def _axes(ctx: Context, node: onnx.NodeProto) -> tuple[int, ...]:
    rank = len(ctx.shape(node.input[0]))
    given = input_name(node, 1)
    axes = ctx.integers(given, "axes") if given else attribute(node, "axes", ())
    if not axes and attribute(node, "noop_with_empty_axes", 0):
        raise HostOnly("it reduces no axis")
    return tuple(sorted({axis_in(axis, rank) for axis in axes})) or tuple(range(rank))


def _reduction(
    ctx: Context, node: onnx.NodeProto, op: type[ops.ReduceMean | ops.ReduceMax]
) -> ops.ReduceMean | ops.ReduceMax:
    need_floats(ctx, node.input[0])
    if not ctx.shape(node.input[0]):
        raise HostOnly("its input is a single number")
    return op(_axes(ctx, node), bool(attribute(node, "keepdims", 1)))


def _reduce(ctx: Context, node: onnx.NodeProto, op: type[ops.ReduceMean | ops.ReduceMax]) -> None:
    ctx.put(node, _reduction(ctx, node, op), ctx.read(node.input[0]))


def reduce_mean(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert ReduceMean."""
    _reduce(ctx, node, ops.ReduceMean)


def reduce_max(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert ReduceMax."""
    _reduce(ctx, node, ops.ReduceMax)


def reduce_sum(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert ReduceSum: the mean times the number of its elements."""
    op, name = _reduction(ctx, node, ops.ReduceMean), node_name(node)
    count = prod(ctx.shape(node.input[0])[axis] for axis in op.axes)
    mean = ctx.builder.emit(op, [ctx.read(node.input[0])], f"{name}:mean")
    ctx.put(node, ops.Mul(), mean, ctx.builder.add_constant(f"{name}:count", np.array(count, np.float32)))


def softmax(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert Softmax; before opset 13 all axes from ``axis`` on are one."""
    need_floats(ctx, node.input[0])
    shape = ctx.shape(node.input[0])
    if not shape:
        raise HostOnly("its input is a single number")
    axis = axis_in(attribute(node, "axis", -1 if ctx.opset >= 13 else 1), len(shape))
    x = ctx.read(node.input[0])
    if ctx.opset >= 13 or all(dim == 1 for dim in shape[axis + 1 :]):
        ctx.put(node, ops.Softmax(min(axis, len(shape) - 1)), x)
        return
    rows = int(np.prod(shape[:axis], dtype=np.int64))
    flat = ctx.reshape(x, (rows, int(np.prod(shape[axis:], dtype=np.int64))), f"{node_name(node)}:flat")
    result = ctx.builder.emit(ops.Softmax(1), [flat], node_name(node))
    ctx.bind(node.output[0], ctx.reshape(result, shape, f"{node_name(node)}:shape"))


def log_softmax(ctx: Context, node: onnx.NodeProto) -> None:
    """Leave LogSoftmax to the A72; before opset 13 all axes from ``axis`` on are one, which newer ones cannot say."""
    reason = "the device has no operator LogSoftmax"
    shape = ctx.shape(node.input[0])
    if ctx.opset >= 13 or not shape or ctx.type_of(node.input[0]).dtype != "float32":
        raise HostOnly(reason)
    axis, name = axis_in(attribute(node, "axis", 1), len(shape)), node_name(node)
    flat = (prod(shape[:axis]), prod(shape[axis:]))
    x = ctx.reshape(ctx.read(node.input[0]), flat, f"{name}:flat")
    proto = onnx.helper.make_node("LogSoftmax", ["x"], ["y"], axis=1).SerializeToString()
    op = ops.OnnxNode("LogSoftmax", proto, 13, reason=reason)
    (result,) = ctx.builder.emit_onnx(op, [x], {name: TensorType(flat)}, name)
    ctx.bind(node.output[0], ctx.reshape(result, shape, f"{name}:shape"))


def arg_max(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert ArgMax, first of equals."""
    need_floats(ctx, node.input[0])
    if attribute(node, "select_last_index", 0):
        raise HostOnly("it selects the last of equal elements, the device the first")
    rank = len(ctx.shape(node.input[0]))
    op = ops.ArgMax(axis_in(attribute(node, "axis", 0), rank), bool(attribute(node, "keepdims", 1)))
    ctx.put(node, op, ctx.read(node.input[0]))


def lrn(ctx: Context, node: onnx.NodeProto) -> None:
    """Leave LRN to the A72."""
    raise HostOnly("local response normalisation is computed in float on the A72")


CONVERTERS: dict[str, Converter] = {
    "Gemm": gemm,
    "MatMul": matmul,
    "BatchNormalization": batch_normalization,
    "Add": add,
    "Sub": sub,
    "Mul": mul,
    "Div": div,
    "Neg": neg,
    "Pow": power,
    "Sum": total,
    "ReduceMean": reduce_mean,
    "ReduceMax": reduce_max,
    "ReduceSum": reduce_sum,
    "Softmax": softmax,
    "LogSoftmax": log_softmax,
    "ArgMax": arg_max,
    "LRN": lrn,
}
