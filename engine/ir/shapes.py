"""Shape rules: the type of every operator's outputs from the types of its inputs (constants are typed too)."""

from collections.abc import Sequence
from functools import singledispatch
from math import prod

from engine.errors import ModelError
from engine.ir import ops
from engine.ir.graph import TensorType
from engine.ir.ops import Pads, Pair

Types = tuple[TensorType, ...]


@singledispatch
def output_types(op: object, inputs: Sequence[TensorType]) -> Types | None:
    """Return the types of the outputs of ``op`` applied to ``inputs``; None where only the importer can know (OnnxNode).

    Raises:
        ModelError: the inputs do not fit the operator; the message says which dimension, without the node's name.
    """
    raise TypeError(f"operator {type(op).__name__} has no shape rule")


def window_size(size: int, kernel: int, stride: int, dilation: int, padding: int) -> int:
    """Return how many windows fit along one axis; ``padding`` is the sum of both sides."""
    return (size + padding - dilation * (kernel - 1) - 1) // stride + 1


def broadcast(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    """Return the NumPy broadcast of two shapes.

    Raises:
        ModelError: they do not broadcast.
    """
    rank = max(len(a), len(b))
    wide_a, wide_b = (1,) * (rank - len(a)) + a, (1,) * (rank - len(b)) + b
    if any(x != y and 1 not in (x, y) for x, y in zip(wide_a, wide_b, strict=True)):
        raise ModelError(f"shapes {list(a)} and {list(b)} do not broadcast")
    return tuple(y if x == 1 else x for x, y in zip(wide_a, wide_b, strict=True))


def _count(inputs: Sequence[TensorType], low: int, high: int | None = None) -> None:
    high = low if high is None else high
    if not low <= len(inputs) <= high:
        wanted = str(low) if low == high else f"{low} to {high}"
        raise ModelError(f"takes {wanted} inputs, got {len(inputs)}")


def _feature_map(x: TensorType) -> tuple[int, int, int, int]:
    if len(x.shape) != 4:
        raise ModelError(f"takes a feature map [N,H,W,C], got shape {list(x.shape)}")
    n, h, w, c = x.shape
    return n, h, w, c


def _axis(axis: int, rank: int) -> None:
    if not 0 <= axis < rank:
        raise ModelError(f"axis {axis} is outside 0 to {rank - 1}")


def _window(x: TensorType, kernel: Pair, stride: Pair, dilation: Pair, pads: Pads) -> Pair:
    _, h, w, _ = _feature_map(x)
    if min(*kernel, *stride, *dilation) < 1 or min(pads) < 0:
        raise ModelError(
            f"kernel {kernel}, stride {stride}, dilation {dilation} must be >= 1 and pads {pads} >= 0"
        )
    rows = window_size(h, kernel[0], stride[0], dilation[0], pads[0] + pads[2])
    columns = window_size(w, kernel[1], stride[1], dilation[1], pads[1] + pads[3])
    if min(rows, columns) < 1:
        raise ModelError(
            f"window {kernel} with dilation {dilation} and pads {pads} is larger than the {h}x{w} input"
        )
    return rows, columns


def _weights(inputs: Sequence[TensorType], group: int) -> tuple[int, int, int]:
    """Check weight and bias against x; return (output channels, kernel rows, kernel columns)."""
    _count(inputs, 2, 3)
    channels, weight = _feature_map(inputs[0])[3], inputs[1].shape
    if len(weight) != 4:
        raise ModelError(f"weight must be [O,kh,kw,C/group], got shape {list(weight)}")
    if group < 1 or channels % group or weight[0] % group or weight[3] != channels // group:
        raise ModelError(f"weight {list(weight)} does not fit {channels} input channels in {group} groups")
    _bias(inputs, weight[0])
    return weight[0], weight[1], weight[2]


def _bias(inputs: Sequence[TensorType], channels: int) -> None:
    if len(inputs) == 3 and inputs[2].shape != (channels,):
        raise ModelError(f"bias has shape {list(inputs[2].shape)}, must be [{channels}]")


@output_types.register
def _conv2d(op: ops.Conv2d, inputs: Sequence[TensorType]) -> Types:
    channels, kh, kw = _weights(inputs, op.group)
    rows, columns = _window(inputs[0], (kh, kw), op.stride, op.dilation, op.pads)
    return (TensorType((inputs[0].shape[0], rows, columns, channels)),)


@output_types.register
def _conv_transpose2d(op: ops.ConvTranspose2d, inputs: Sequence[TensorType]) -> Types:
    channels, kh, kw = _weights(inputs, op.group)
    n, h, w, _ = _feature_map(inputs[0])
    rows = (
        (h - 1) * op.stride[0] - op.pads[0] - op.pads[2] + op.dilation[0] * (kh - 1) + 1 + op.output_pads[0]
    )
    columns = (
        (w - 1) * op.stride[1] - op.pads[1] - op.pads[3] + op.dilation[1] * (kw - 1) + 1 + op.output_pads[1]
    )
    if min(rows, columns) < 1:
        raise ModelError(f"output would have {rows}x{columns} pixels")
    return (TensorType((n, rows, columns, channels)),)


@output_types.register
def _fully_connected(op: ops.FullyConnected, inputs: Sequence[TensorType]) -> Types:
    _count(inputs, 2, 3)
    x, weight = inputs[0].shape, inputs[1].shape
    if not x or len(weight) != 2 or x[-1] != weight[1]:
        raise ModelError(
            f"weight {list(weight)} must be [O,K] with K the last dimension of the input {list(x)}"
        )
    _bias(inputs, weight[0])
    return (TensorType((*x[:-1], weight[0])),)


@output_types.register
def _batch_norm(op: ops.BatchNorm, inputs: Sequence[TensorType]) -> Types:
    _count(inputs, 5)
    channels = inputs[0].shape[-1:]
    if any(parameter.shape != channels for parameter in inputs[1:]):
        shapes = [list(parameter.shape) for parameter in inputs[1:]]
        raise ModelError(f"parameters {shapes} must all have shape {list(channels)}")
    return (inputs[0],)


@output_types.register(ops.Add)
@output_types.register(ops.Sub)
@output_types.register(ops.Mul)
def _binary(op: ops.Add | ops.Sub | ops.Mul, inputs: Sequence[TensorType]) -> Types:
    _count(inputs, 2)
    a, b = inputs
    if a.dtype != b.dtype:
        raise ModelError(f"operands are {a.dtype} and {b.dtype}, must be of one type")
    return (TensorType(broadcast(a.shape, b.shape), a.dtype),)


@output_types.register
def _unary(op: ops.Unary, inputs: Sequence[TensorType]) -> Types:
    _count(inputs, 1)
    return (inputs[0],)


@output_types.register
def _prelu(op: ops.Prelu, inputs: Sequence[TensorType]) -> Types:
    _count(inputs, 2)
    if inputs[1].shape != inputs[0].shape[-1:]:
        raise ModelError(
            f"slope {list(inputs[1].shape)} must be one value per channel {list(inputs[0].shape[-1:])}"
        )
    return (inputs[0],)


@output_types.register
def _max_pool(op: ops.MaxPool, inputs: Sequence[TensorType]) -> Types:
    _count(inputs, 1)
    rows, columns = _window(inputs[0], op.kernel, op.stride, op.dilation, op.pads)
    return (TensorType((inputs[0].shape[0], rows, columns, inputs[0].shape[3])),)


@output_types.register
def _avg_pool(op: ops.AvgPool, inputs: Sequence[TensorType]) -> Types:
    _count(inputs, 1)
    rows, columns = _window(inputs[0], op.kernel, op.stride, (1, 1), op.pads)
    return (TensorType((inputs[0].shape[0], rows, columns, inputs[0].shape[3])),)


@output_types.register(ops.ReduceMean)
@output_types.register(ops.ReduceMax)
def _reduce(op: ops.ReduceMean | ops.ReduceMax, inputs: Sequence[TensorType]) -> Types:
    _count(inputs, 1)
    shape = inputs[0].shape
    for axis in op.axes:
        _axis(axis, len(shape))
    if not op.axes or list(op.axes) != sorted(set(op.axes)):
        raise ModelError(f"axes {list(op.axes)} must be sorted, different and at least one")
    kept = [1 if i in op.axes else size for i, size in enumerate(shape) if op.keepdims or i not in op.axes]
    return (TensorType(tuple(kept), inputs[0].dtype),)


@output_types.register
def _concat(op: ops.Concat, inputs: Sequence[TensorType]) -> Types:
    if not inputs:
        raise ModelError("takes at least one input")
    first = inputs[0].shape
    _axis(op.axis, len(first))
    for other in inputs[1:]:
        same_rank = len(other.shape) == len(first) and other.dtype == inputs[0].dtype
        if not same_rank or any(
            i != op.axis and a != b for i, (a, b) in enumerate(zip(first, other.shape, strict=True))
        ):
            raise ModelError(
                f"inputs {list(first)} and {list(other.shape)} differ off axis {op.axis} or in type"
            )
    total = sum(each.shape[op.axis] for each in inputs)
    return (TensorType((*first[: op.axis], total, *first[op.axis + 1 :]), inputs[0].dtype),)


@output_types.register
def _slice(op: ops.Slice, inputs: Sequence[TensorType]) -> Types:
    _count(inputs, 1)
    shape = inputs[0].shape
    if not len(op.begins) == len(op.ends) == len(op.steps) == len(shape):
        raise ModelError(f"needs one begin, end and step for each of the {len(shape)} axes")
    sizes = []
    for begin, end, step, size in zip(op.begins, op.ends, op.steps, shape, strict=True):
        if not (0 <= begin < end <= size and step > 0):
            raise ModelError(f"slice {begin}:{end}:{step} does not fit an axis of {size}")
        sizes.append(-(-(end - begin) // step))
    return (TensorType(tuple(sizes), inputs[0].dtype),)


@output_types.register
def _pad(op: ops.Pad, inputs: Sequence[TensorType]) -> Types:
    _count(inputs, 1)
    shape = inputs[0].shape
    if not len(op.before) == len(op.after) == len(shape) or min((*op.before, *op.after), default=0) < 0:
        raise ModelError(f"needs a non-negative before and after for each of the {len(shape)} axes")
    sizes = (low + size + high for low, size, high in zip(op.before, shape, op.after, strict=True))
    return (TensorType(tuple(sizes), inputs[0].dtype),)


@output_types.register
def _transpose(op: ops.Transpose, inputs: Sequence[TensorType]) -> Types:
    _count(inputs, 1)
    shape = inputs[0].shape
    if sorted(op.perm) != list(range(len(shape))):
        raise ModelError(f"perm {list(op.perm)} is not a permutation of the {len(shape)} axes")
    return (TensorType(tuple(shape[axis] for axis in op.perm), inputs[0].dtype),)


@output_types.register
def _reshape(op: ops.Reshape, inputs: Sequence[TensorType]) -> Types:
    _count(inputs, 1)
    if min(op.shape, default=1) < 1 or prod(op.shape) != prod(inputs[0].shape):
        raise ModelError(f"{list(inputs[0].shape)} does not reshape to {list(op.shape)}")
    return (TensorType(op.shape, inputs[0].dtype),)


@output_types.register
def _channel_shuffle(op: ops.ChannelShuffle, inputs: Sequence[TensorType]) -> Types:
    _count(inputs, 1)
    if op.group < 1 or inputs[0].shape[-1] % op.group:
        raise ModelError(f"{inputs[0].shape[-1]} channels do not divide into {op.group} groups")
    return (inputs[0],)


@output_types.register
def _resize(op: ops.Resize, inputs: Sequence[TensorType]) -> Types:
    _count(inputs, 1)
    n, _, _, c = _feature_map(inputs[0])
    if min(op.size) < 1:
        raise ModelError(f"size {op.size} must be at least 1x1")
    return (TensorType((n, *op.size, c), inputs[0].dtype),)


@output_types.register
def _softmax(op: ops.Softmax, inputs: Sequence[TensorType]) -> Types:
    _count(inputs, 1)
    _axis(op.axis, len(inputs[0].shape))
    return (inputs[0],)


@output_types.register
def _arg_max(op: ops.ArgMax, inputs: Sequence[TensorType]) -> Types:
    _count(inputs, 1)
    shape = inputs[0].shape
    _axis(op.axis, len(shape))
    kept = (1,) if op.keepdims else ()
    return (TensorType((*shape[: op.axis], *kept, *shape[op.axis + 1 :]), "int64"),)


@output_types.register
def _onnx_node(op: ops.OnnxNode, inputs: Sequence[TensorType]) -> None:
    return None
