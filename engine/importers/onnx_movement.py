"""ONNX operators that only move, cut, join or repeat elements; resizing too."""

import numpy as np
import onnx

from engine.errors import UnsupportedError
from engine.importers.borders import Border, emit_border, why_not
from engine.importers.builder import MOST_REPEATS
from engine.importers.onnx_context import (
    TO_NCHW,
    TO_NHWC,
    Context,
    Converter,
    HostOnly,
    attribute,
    axis_in,
    input_name,
    need_floats,
    node_name,
)
from engine.importers.onnx_static import describe
from engine.ir import ops
from engine.ir.activations import Activation, Fn

_KEEPING_SIGN = (
    ops.Transpose | ops.Reshape | ops.Slice | ops.Concat | ops.ChannelShuffle | ops.Resize | ops.MaxPool | ops.AvgPool
    | ops.ReduceMean | ops.ReduceMax | ops.Add | ops.Mul
)  # fmt: skip
_WHOLE = 1e-3  # pixels; scales are rounded to float32
_COORDINATES = {
    "half_pixel": ops.Coordinates.HALF_PIXEL,
    "asymmetric": ops.Coordinates.ASYMMETRIC,
    "align_corners": ops.Coordinates.ALIGN_CORNERS,
}


def alias(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert Identity: nothing is left of it."""
    ctx.bind(node.output[0], ctx.read(node.input[0]))


def dropout(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert Dropout in inference form: nothing is left of it.

    Raises:
        UnsupportedError: it is in training form, so that its result is random.
    """
    if input_name(node, 2):
        training = ctx.value(node.input[2])
        if training is None or training.any():
            raise UnsupportedError(f"{describe(node)}: is in training form; export the model for inference")
    if any(node.output[1:]):
        raise HostOnly("it also returns a mask")
    ctx.bind(node.output[0], ctx.read(node.input[0]))


def cast(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert Cast and CastLike to the type that the tensor has already."""
    x = ctx.read(node.input[0])  # pixels are real numbers here already
    if ctx.builder.type_of(x).dtype != ctx.type_of(node.output[0]).dtype:
        raise HostOnly("it changes the element type")
    ctx.bind(node.output[0], x)


def quantize_linear(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert QuantizeLinear with one constant scale: the real tensor goes on, its range is kept, SPEC (15).

    Quantizing tools leave out ReLU and ReLU6 where the range that follows ends at zero: saturation does the same. They are
    put back here.
    """
    need_floats(ctx, node.input[0])
    scale = ctx.floats(node.input[1], "scale")
    zero_point = ctx.constant(node.input[2], "zero point") if input_name(node, 2) else np.zeros(1)
    kind = ctx.type_of(node.output[0]).dtype
    if scale.size != 1 or zero_point.size != 1 or kind not in ("uint8", "int8", "uint16", "int16"):
        raise HostOnly("it quantizes per channel, or not to 8 or 16 bit integers")
    if not ctx.stands_for_reals(node.output[0]):
        raise HostOnly("its integers are read by other operators than DequantizeLinear")
    tensor, limits = ctx.read(node.input[0]), np.iinfo(kind)
    step, zero = float(scale.reshape(())), int(zero_point.reshape(()))
    low, high = (limits.min - zero) * step, (limits.max - zero) * step
    if low == 0.0 and not _is_non_negative(ctx, tensor):
        relu = ops.Unary(Activation(Fn.CLIP, low=0.0, high=high))
        tensor = ctx.builder.emit(relu, [tensor], f"{node_name(node)}:saturated")
    ctx.builder.ranges.setdefault(tensor, (low, high))
    ctx.bind(node.output[0], tensor)
    ctx.quantized.add(node.output[0])


def _is_non_negative(ctx: Context, tensor: str) -> bool:
    """Whether no value of ``tensor`` can be negative, by the operators that lead to it or their prescribed ranges.

    The network's input is taken to be as its range says: no activation belongs there.
    """
    seen, waiting = set[str](), [tensor]
    while waiting:
        name = waiting.pop()
        if name in seen or ctx.builder.ranges.get(name, (-1.0, 0.0))[0] == 0.0:
            continue
        seen.add(name)
        writer, values = ctx.builder.writer(name), ctx.builder.constant(name)
        if writer is None:
            if values is not None and (values < 0).any():
                return False
        elif isinstance(writer.op, _KEEPING_SIGN):
            waiting.extend(writer.inputs)
        elif not _gives_no_negatives(writer.op):
            return False
    return True


def _gives_no_negatives(op: ops.Op) -> bool:
    return isinstance(op, ops.Softmax) or (isinstance(op, ops.Unary) and op.activation.is_non_negative)


def dequantize_linear(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert DequantizeLinear of a tensor that is real here already."""
    if node.input[0] not in ctx.quantized:
        raise HostOnly("what it reads is not written by a QuantizeLinear")
    ctx.bind(node.output[0], ctx.read(node.input[0]))


def reshape(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert Reshape, Flatten, Squeeze, Unsqueeze; the output shape is known."""
    need_floats(ctx, node.input[0])
    ctx.put(node, ops.Reshape(ctx.shape(node.output[0])), ctx.read(node.input[0]))


def expand(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert Expand that repeats nothing."""
    if ctx.type_of(node.input[0]) != ctx.type_of(node.output[0]):
        raise HostOnly("it repeats elements")
    ctx.bind(node.output[0], ctx.read(node.input[0]))


def tile(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert Tile: the tensor joined to itself."""
    need_floats(ctx, node.input[0])
    repeats = ctx.integers(node.input[1], "repeats")
    if max(repeats, default=1) > MOST_REPEATS:
        raise HostOnly(f"it repeats {max(repeats)} times, the device at most {MOST_REPEATS} times")
    ctx.bind(node.output[0], ctx.builder.emit_repeated(ctx.read(node.input[0]), repeats, node_name(node)))


def transpose(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert Transpose."""
    need_floats(ctx, node.input[0])
    rank = len(ctx.shape(node.input[0]))
    perm = tuple(attribute(node, "perm", ())) or tuple(reversed(range(rank)))
    ctx.put(node, ops.Transpose(perm), ctx.read(node.input[0]))


def concat(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert Concat."""
    need_floats(ctx, node.input[0])
    axis = axis_in(attribute(node, "axis", 1), len(ctx.shape(node.output[0])))
    ctx.put(node, ops.Concat(axis), *map(ctx.read, node.input))


def slice_(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert Slice with positive steps (attributes before opset 10)."""
    need_floats(ctx, node.input[0])
    shape = ctx.shape(node.input[0])
    if ctx.opset >= 10:
        starts, stops = (ctx.integers(node.input[i], "limits") for i in (1, 2))
        axes, steps = (
            ctx.integers(name, "axes and steps") if (name := input_name(node, i)) else None for i in (3, 4)
        )
    else:
        starts, stops, axes, steps = (attribute(node, name) for name in ("starts", "ends", "axes", "steps"))
    if len({len(given) for given in (starts, stops, axes, steps) if given}) > 1:
        raise HostOnly("it does not give as many axes and steps as limits")
    begins, ends, strides = [0] * len(shape), list(shape), [1] * len(shape)
    for i, (start, stop) in enumerate(zip(starts, stops, strict=True)):
        axis = axis_in(axes[i] if axes else i, len(shape))
        step = steps[i] if steps else 1
        if step < 1:
            raise HostOnly("it walks backwards")
        begins[axis], ends[axis], strides[axis] = *slice(start, stop).indices(shape[axis])[:2], step
    ctx.put(node, ops.Slice(tuple(begins), tuple(ends), tuple(strides)), ctx.read(node.input[0]))


def split(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert Split: one slice per output."""
    need_floats(ctx, node.input[0])
    shape = ctx.shape(node.input[0])
    axis, begin = axis_in(attribute(node, "axis", 0), len(shape)), 0
    for name in filter(None, node.output):
        end = begin + ctx.shape(name)[axis]
        op = ops.slice_of(shape, axis, begin, end)
        ctx.bind(name, ctx.builder.emit(op, [ctx.read(node.input[0])], f"{node_name(node)}:{name}", name))
        begin = end


def gather(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert Gather of one index, or of consecutive ones: a slice."""
    need_floats(ctx, node.input[0])
    shape = ctx.shape(node.input[0])
    indices = ctx.constant(node.input[1], "indices")
    axis = axis_in(attribute(node, "axis", 0), len(shape))
    wanted = [axis_in(int(each), shape[axis]) for each in indices.reshape(-1)]
    if indices.ndim > 1 or not wanted or wanted != list(range(wanted[0], wanted[0] + len(wanted))):
        raise HostOnly("its indices are not consecutive")
    op = ops.slice_of(shape, axis, wanted[0], wanted[-1] + 1)
    cut = ctx.builder.emit(op, [ctx.read(node.input[0])], node_name(node), node.output[0])
    ctx.bind(node.output[0], ctx.reshape(cut, ctx.shape(node.output[0]), f"{node_name(node)}:shape"))


def pad(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert Pad; with a constant, negative pads cut."""
    need_floats(ctx, node.input[0])
    shape, mode = ctx.shape(node.input[0]), attribute(node, "mode", "constant")
    before, after = _pad_widths(ctx, node, len(shape))
    if mode != "constant":
        _continue(ctx, node, before, after, mode)
        return
    value = attribute(node, "value", 0.0)
    if input_name(node, 2):
        value = float(ctx.constant(node.input[2], "value").reshape(-1)[0])
    x = ctx.read(node.input[0])
    if min(*before, *after) < 0:
        begins = tuple(max(-low, 0) for low in before)
        ends = tuple(size - max(-high, 0) for size, high in zip(shape, after, strict=True))
        x = ctx.builder.emit(ops.Slice(begins, ends, (1,) * len(shape)), [x], f"{node_name(node)}:cut")
    op = ops.Pad(tuple(max(low, 0) for low in before), tuple(max(high, 0) for high in after), value)
    ctx.put(node, op, x)


def _continue(ctx: Context, node: onnx.NodeProto, before: list[int], after: list[int], mode: str) -> None:
    """Convert Pad that repeats what the tensor holds."""
    if mode not in (Border.REFLECT.value, Border.EDGE.value):
        raise HostOnly(f"its mode is {mode}, the device has constant, reflect and edge")
    border = Border(mode)
    if reason := why_not(ctx.shape(node.input[0]), before, after, border):
        raise HostOnly(reason)
    x = ctx.read(node.input[0])
    ctx.bind(node.output[0], emit_border(ctx.builder, x, before, after, border, node_name(node)))


def _pad_widths(ctx: Context, node: onnx.NodeProto, rank: int) -> tuple[list[int], list[int]]:
    given = input_name(node, 1)
    pads = ctx.integers(given, "pads") if given else attribute(node, "pads", ())
    axes = list(range(rank))
    if input_name(node, 3):
        axes = [axis_in(each, rank) for each in ctx.integers(node.input[3], "axes")]
    if len(pads) != 2 * len(axes):
        raise HostOnly("it does not give two pads for each axis")
    before, after = [0] * rank, [0] * rank
    for i, axis in enumerate(axes):
        before[axis], after[axis] = pads[i], pads[i + len(axes)]
    return before, after


def _blocks(
    ctx: Context, node: onnx.NodeProto, view: tuple[int, ...], perm: tuple[int, ...], shape: tuple[int, ...]
) -> None:
    """Rearrange the NHWC feature map: seen as ``view``, permuted, seen as ``shape``."""
    parts = ctx.builder.emit(ops.Reshape(view), [ctx.nhwc(node.input[0])], f"{node_name(node)}:blocks")
    moved = ctx.builder.emit(ops.Transpose(perm), [parts], f"{node_name(node)}:swap")
    ctx.put_nhwc(node, ops.Reshape(shape), moved)


def depth_to_space(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert DepthToSpace, both modes."""
    need_floats(ctx, node.input[0])
    block = attribute(node, "blocksize")
    n, c, h, w = ctx.shape(node.input[0])
    depth = c // (block * block)
    if attribute(node, "mode", "DCR") == "DCR":
        view, perm = (n, h, w, block, block, depth), (0, 1, 3, 2, 4, 5)
    else:
        view, perm = (n, h, w, depth, block, block), (0, 1, 4, 2, 5, 3)
    _blocks(ctx, node, view, perm, (n, h * block, w * block, depth))


def space_to_depth(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert SpaceToDepth, both modes."""
    need_floats(ctx, node.input[0])
    block = attribute(node, "blocksize")
    n, c, h, w = ctx.shape(node.input[0])
    view = (n, h // block, block, w // block, block, c)
    perm = (0, 1, 3, 2, 4, 5) if attribute(node, "mode", "DCR") == "DCR" else (0, 1, 3, 5, 2, 4)
    _blocks(ctx, node, view, perm, (n, h // block, w // block, block * block * c))


def resize(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert Resize and Upsample of the two picture axes, nearest or linear."""
    need_floats(ctx, node.input[0])
    source, target = ctx.shape(node.input[0]), ctx.shape(node.output[0])
    if len(source) != 4:
        raise HostOnly(f"it resizes a tensor of {len(source)} dimensions, the device a picture")
    if source == target:
        ctx.bind(node.output[0], ctx.read(node.input[0]))
        return
    changed = {axis for axis in range(4) if source[axis] != target[axis]}
    forth, back = (TO_NHWC, TO_NCHW) if changed <= {2, 3} else ((0, 1, 2, 3), (0, 1, 2, 3))
    if not (changed <= {2, 3} or changed <= {1, 2}):
        raise HostOnly("it resizes along the batch or the channels")
    _check_whole_scales(ctx, node, source, target)
    size = (target[forth[1]], target[forth[2]])
    op = _resize_op(node, size, (source[forth[1]], source[forth[2]]), ctx.opset)
    x = ctx.move(ctx.read(node.input[0]), ops.Transpose(forth), f"{node_name(node)}:to_nhwc")
    result = ctx.builder.emit(op, [x], node_name(node), node.output[0])
    ctx.bind(node.output[0], ctx.move(result, ops.Transpose(back), f"{node_name(node)}:back"))


def _resize_op(node: onnx.NodeProto, size: ops.Pair, source: ops.Pair, opset: int) -> ops.Resize:
    mode = attribute(node, "mode", "nearest")
    if mode not in ("nearest", "linear") or attribute(node, "antialias", 0):
        raise HostOnly("it is neither nearest nor plain linear")
    default = "half_pixel" if opset >= 11 else "asymmetric"
    coordinates = attribute(node, "coordinate_transformation_mode", default)
    rounding = attribute(node, "nearest_mode", "round_prefer_floor" if opset >= 11 else "floor")
    if coordinates == "pytorch_half_pixel" and 1 not in size:
        coordinates = "half_pixel"
    if (coordinates, mode, rounding) == ("tf_half_pixel_for_nn", "nearest", "floor"):
        coordinates, rounding = "half_pixel", "round_prefer_ceil"  # half a pixel less, half a pixel more
    if coordinates not in _COORDINATES or (coordinates == "align_corners" and 1 in size):
        raise HostOnly(f"its coordinates are {coordinates}")
    if opset < 11 and (size[0] < source[0] or size[1] < source[1]):
        raise HostOnly("it shrinks a picture in the manner of opset 10")
    linear = ops.ResizeMode.BILINEAR if mode == "linear" else ops.ResizeMode.NEAREST
    return ops.Resize(size, linear, _COORDINATES[coordinates], ops.NearestRounding(rounding))


def _check_whole_scales(
    ctx: Context, node: onnx.NodeProto, source: tuple[int, ...], target: tuple[int, ...]
) -> None:
    """Coordinates follow the given scale; the device's follow the sizes, so both must agree."""
    position = 2 if ctx.opset >= 11 else 1
    given = ctx.value(input_name(node, position))
    scales = given.reshape(-1).tolist() if given is not None else list(attribute(node, "scales", ()))
    axes = [axis_in(each, 4) for each in attribute(node, "axes", range(4))]
    if not scales:
        if attribute(node, "keep_aspect_ratio_policy", "stretch") != "stretch":
            raise HostOnly("it keeps the aspect ratio")
        return
    for axis, scale in zip(axes, scales, strict=True):
        if abs(np.float32(source[axis]) * np.float32(scale) - target[axis]) <= _WHOLE:
            continue
        if attribute(node, "coordinate_transformation_mode") == "align_corners":
            raise UnsupportedError(
                f"{describe(node)}: aligns corners at scale {scale:g}, which gives no whole number of pixels; ONNX and "
                "ONNX Runtime differ there: export the model with sizes instead"
            )
        raise HostOnly("its scale does not give a whole number of pixels")


CONVERTERS: dict[str, Converter] = {
    "Identity": alias,
    "Dropout": dropout,
    "Cast": cast,
    "CastLike": cast,
    "QuantizeLinear": quantize_linear,
    "DequantizeLinear": dequantize_linear,
    "Reshape": reshape,
    "Flatten": reshape,
    "Squeeze": reshape,
    "Unsqueeze": reshape,
    "Expand": expand,
    "Tile": tile,
    "Transpose": transpose,
    "Concat": concat,
    "Slice": slice_,
    "Split": split,
    "Gather": gather,
    "Pad": pad,
    "DepthToSpace": depth_to_space,
    "SpaceToDepth": space_to_depth,
    "Resize": resize,
    "Upsample": resize,
}
