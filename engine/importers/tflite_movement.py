"""TFLite operators that only move, cut, join or repeat elements; resizing and quantize/dequantize too."""

import numpy as np

from engine.errors import ModelError, UnsupportedError
from engine.importers.borders import Border, emit_border, why_not
from engine.importers.builder import MOST_REPEATS
from engine.importers.tflite_context import Context, Converter, dequantize
from engine.importers.tflite_file import TflOperator
from engine.ir import ops


def alias(ctx: Context, node: TflOperator) -> None:
    """Convert QUANTIZE and DEQUANTIZE: in real numbers they change nothing; a constant stays one."""
    values = ctx.input_value(node, 0)
    if values is not None:
        ctx.set_value(node.outputs[0], dequantize(values, ctx.tensor(node.inputs[0]).quantization))
    else:
        ctx.bind(node.outputs[0], ctx.read(node, 0))


def cast(ctx: Context, node: TflOperator) -> None:
    """Convert CAST to float32 of a picture or of a tensor that is real already."""
    if ctx.tensor(node.outputs[0]).dtype != "float32":
        raise UnsupportedError(f"{ctx.describe(node)}: casts to {ctx.tensor(node.outputs[0]).dtype}")
    alias(ctx, node)


def reshape(ctx: Context, node: TflOperator) -> None:
    """Convert RESHAPE, SQUEEZE and EXPAND_DIMS; the file gives the output shape."""
    ctx.put(node, ops.Reshape(ctx.shape(node.outputs[0])), ctx.read(node, 0))


def transpose(ctx: Context, node: TflOperator) -> None:
    """Convert TRANSPOSE."""
    ctx.put(node, ops.Transpose(tuple(ctx.integers(node, 1))), ctx.read(node, 0))


def tile(ctx: Context, node: TflOperator) -> None:
    """Convert TILE: the tensor joined to itself, or for the host where that is very often."""
    repeats, x = ctx.integers(node, 1), ctx.read(node, 0)
    if len(repeats) != len(ctx.input_shape(node, 0)) or min(repeats, default=1) < 1:
        raise ModelError(f"{ctx.describe(node)}: repeats {repeats} do not fit {ctx.input_shape(node, 0)}")
    if max(repeats, default=1) <= MOST_REPEATS:
        ctx.bind(node.outputs[0], ctx.builder.emit_repeated(x, repeats, ctx.name_of(node)))
        return
    counts = ctx.builder.add_constant(f"{ctx.name_of(node)}.repeats", np.array(repeats, np.int64))
    reason = f"it repeats {max(repeats)} times, the device at most {MOST_REPEATS} times"
    ctx.put_onnx(node, "Tile", x, counts, reason=reason)


def _axis(ctx: Context, node: TflOperator, axis: int, rank: int) -> int:
    if not -rank <= axis < rank:
        raise ModelError(f"{ctx.describe(node)}: axis {axis} does not fit {rank} dimensions")
    return axis % rank


def concatenation(ctx: Context, node: TflOperator) -> None:
    """Convert CONCATENATION."""
    axis = _axis(ctx, node, node.options["Axis"], len(ctx.shape(node.outputs[0])))
    ctx.put_activated(node, ops.Concat(axis), *(ctx.read(node, i) for i in range(len(node.inputs))))


def pack(ctx: Context, node: TflOperator) -> None:
    """Convert PACK: each input gets the new axis, then they are joined along it."""
    wanted = ctx.shape(node.outputs[0])
    axis = _axis(ctx, node, node.options["Axis"], len(wanted))
    single = (*wanted[:axis], 1, *wanted[axis + 1 :])
    parts = [
        ctx.reshape(ctx.read(node, i), single, f"{ctx.name_of(node)}:part") for i in range(len(node.inputs))
    ]
    ctx.put(node, ops.Concat(axis), *parts)


def unpack(ctx: Context, node: TflOperator) -> None:
    """Convert UNPACK: one slice per output, without the axis."""
    shape = ctx.input_shape(node, 0)
    axis = _axis(ctx, node, node.options["Axis"], len(shape))
    for i, index in enumerate(node.outputs):
        part = ctx.builder.emit(
            ops.slice_of(shape, axis, i, i + 1), [ctx.read(node, 0)], f"{ctx.name_of(node)}:part"
        )
        ctx.bind(index, ctx.reshape(part, ctx.shape(index), f"{ctx.name_of(node)}:shape"))


def split(ctx: Context, node: TflOperator) -> None:
    """Convert SPLIT (axis, x) and SPLIT_V (x, sizes, axis): one slice per output."""
    data, axis_position = (1, 0) if node.kind == "SPLIT" else (0, 2)
    shape, begin = ctx.input_shape(node, data), 0
    (axis,) = ctx.integers(node, axis_position)[:1] or (0,)
    axis = _axis(ctx, node, axis, len(shape))
    for i, index in enumerate(node.outputs):
        if len(ctx.shape(index)) != len(shape):
            raise ModelError(f"{ctx.describe(node)}: output {i} has shape {list(ctx.shape(index))}")
        end = begin + ctx.shape(index)[axis]
        ctx.put(node, ops.slice_of(shape, axis, begin, end), ctx.read(node, data), output=i)
        begin = end


def slice_(ctx: Context, node: TflOperator) -> None:
    """Convert SLICE; a size of -1 reaches to the end."""
    shape = ctx.input_shape(node, 0)
    begins, sizes = ctx.integers(node, 1), ctx.integers(node, 2)
    if not len(begins) == len(sizes) == len(shape):
        raise ModelError(f"{ctx.describe(node)}: needs one begin and size for each of {len(shape)} axes")
    ends = [
        size if length < 0 else begin + length
        for begin, length, size in zip(begins, sizes, shape, strict=True)
    ]
    ctx.put(node, ops.Slice(tuple(begins), tuple(ends), (1,) * len(shape)), ctx.read(node, 0))


def strided_slice(ctx: Context, node: TflOperator) -> None:
    """Convert STRIDED_SLICE with positive strides; shrunk axes are reshaped away."""
    shape, options = ctx.input_shape(node, 0), node.options
    if options["EllipsisMask"] or options["NewAxisMask"]:
        raise UnsupportedError(f"{ctx.describe(node)}: ellipsis and new-axis masks are not supported")
    limits = [ctx.integers(node, position) for position in (1, 2, 3)]
    if any(len(each) > len(shape) for each in limits) or len({len(each) for each in limits}) != 1:
        raise ModelError(f"{ctx.describe(node)}: begins, ends and strides do not fit {len(shape)} dimensions")
    begins, ends, strides = [0] * len(shape), list(shape), [1] * len(shape)
    for axis, (begin, end, stride) in enumerate(zip(*limits, strict=True)):
        if stride < 1:
            raise UnsupportedError(
                f"{ctx.describe(node)}: stride {stride}; only positive strides are supported"
            )
        if options["ShrinkAxisMask"] >> axis & 1:
            if not -shape[axis] <= begin < shape[axis]:
                raise ModelError(
                    f"{ctx.describe(node)}: begin {begin} lies outside axis {axis} of {list(shape)}"
                )
            begins[axis] = begin % shape[axis]
            ends[axis] = begins[axis] + 1
            continue
        start = None if options["BeginMask"] >> axis & 1 else begin
        stop = None if options["EndMask"] >> axis & 1 else end
        begins[axis], ends[axis], strides[axis] = slice(start, stop, stride).indices(shape[axis])
    op = ops.Slice(tuple(begins), tuple(ends), tuple(strides))
    cut = ctx.builder.emit(op, [ctx.read(node, 0)], ctx.name_of(node))
    ctx.bind(node.outputs[0], ctx.reshape(cut, ctx.shape(node.outputs[0]), f"{ctx.name_of(node)}:shape"))


def gather(ctx: Context, node: TflOperator) -> None:
    """Convert GATHER with constant indices, for the host."""
    if node.options["BatchDims"]:
        raise UnsupportedError(f"{ctx.describe(node)}: batch dimensions are not supported")
    indices = ctx.input_value(node, 1)
    if indices is None:
        raise UnsupportedError(f"{ctx.describe(node)}: its indices must be constant")
    name = ctx.builder.add_constant(f"{ctx.name_of(node)}.indices", indices.astype(np.int64))
    ctx.put_onnx(node, "Gather", ctx.read(node, 0), name, axis=int(node.options["Axis"]))


def pad(ctx: Context, node: TflOperator) -> None:
    """Convert PAD and PADV2."""
    before, after = _widths(ctx, node)
    value = float(ctx.real(node, 2).reshape(-1)[0]) if node.kind == "PADV2" else 0.0
    ctx.put(node, ops.Pad(before, after, value), ctx.read(node, 0))


def mirror_pad(ctx: Context, node: TflOperator) -> None:
    """Convert MIRROR_PAD; for the host where it adds very many elements."""
    before, after = _widths(ctx, node)
    border = Border.SYMMETRIC if node.options["Mode"] else Border.REFLECT
    reason = why_not(ctx.input_shape(node, 0), before, after, border)
    x, name = ctx.read(node, 0), ctx.name_of(node)
    if not reason:
        ctx.bind(node.outputs[0], emit_border(ctx.builder, x, before, after, border, name))
        return
    if border is Border.SYMMETRIC:
        raise UnsupportedError(f"{ctx.describe(node)}: mode SYMMETRIC is not supported here: {reason}")
    pads = ctx.builder.add_constant(f"{name}.pads", np.array([*before, *after], np.int64))
    ctx.put_onnx(node, "Pad", x, pads, mode="reflect", reason=reason)


def _widths(ctx: Context, node: TflOperator) -> tuple[tuple[int, ...], tuple[int, ...]]:
    widths, rank = ctx.integers(node, 1), len(ctx.input_shape(node, 0))
    if len(widths) != 2 * rank or min(widths, default=0) < 0:
        raise ModelError(f"{ctx.describe(node)}: paddings {widths} do not fit {rank} dimensions")
    return tuple(widths[::2]), tuple(widths[1::2])


def resize_bilinear(ctx: Context, node: TflOperator) -> None:
    """Convert RESIZE_BILINEAR."""
    _resize(ctx, node, ops.ResizeMode.BILINEAR, ops.NearestRounding.FLOOR)


def resize_nearest(ctx: Context, node: TflOperator) -> None:
    """Convert RESIZE_NEAREST_NEIGHBOR: floor, but nearest where pixel centres or corners are aligned."""
    aligned = node.options["AlignCorners"] or node.options["HalfPixelCenters"]
    rounding = ops.NearestRounding.ROUND_PREFER_CEIL if aligned else ops.NearestRounding.FLOOR
    _resize(ctx, node, ops.ResizeMode.NEAREST, rounding)


def _resize(ctx: Context, node: TflOperator, mode: ops.ResizeMode, rounding: ops.NearestRounding) -> None:
    size = ctx.integers(node, 1)
    if len(size) != 2:
        raise ModelError(f"{ctx.describe(node)}: its size {size} is not height and width")
    coordinates = ops.Coordinates.ASYMMETRIC
    if node.options["HalfPixelCenters"]:
        coordinates = ops.Coordinates.HALF_PIXEL
    elif node.options["AlignCorners"]:
        coordinates = ops.Coordinates.ALIGN_CORNERS
    ctx.put(node, ops.Resize((size[0], size[1]), mode, coordinates, rounding), ctx.read(node, 0))


def depth_to_space(ctx: Context, node: TflOperator) -> None:
    """Convert DEPTH_TO_SPACE."""
    (block,) = ctx.positive(node, "BlockSize")
    n, h, w, c = ctx.feature_map(node, 0)
    view = (n, h, w, block, block, c // (block * block))
    _blocks(ctx, node, view)


def space_to_depth(ctx: Context, node: TflOperator) -> None:
    """Convert SPACE_TO_DEPTH."""
    (block,) = ctx.positive(node, "BlockSize")
    n, h, w, c = ctx.feature_map(node, 0)
    _blocks(ctx, node, (n, h // block, block, w // block, block, c))


def _blocks(ctx: Context, node: TflOperator, view: tuple[int, ...]) -> None:
    name = ctx.name_of(node)
    parts = ctx.builder.emit(ops.Reshape(view), [ctx.read(node, 0)], f"{name}:blocks")
    moved = ctx.builder.emit(ops.Transpose((0, 1, 3, 2, 4, 5)), [parts], f"{name}:swap")
    ctx.put(node, ops.Reshape(ctx.shape(node.outputs[0])), moved)


CONVERTERS: dict[str, Converter] = {
    "QUANTIZE": alias,
    "DEQUANTIZE": alias,
    "CAST": cast,
    "RESHAPE": reshape,
    "SQUEEZE": reshape,
    "EXPAND_DIMS": reshape,
    "TILE": tile,
    "TRANSPOSE": transpose,
    "CONCATENATION": concatenation,
    "PACK": pack,
    "UNPACK": unpack,
    "SPLIT": split,
    "SPLIT_V": split,
    "SLICE": slice_,
    "STRIDED_SLICE": strided_slice,
    "GATHER": gather,
    "PAD": pad,
    "PADV2": pad,
    "MIRROR_PAD": mirror_pad,
    "RESIZE_BILINEAR": resize_bilinear,
    "RESIZE_NEAREST_NEIGHBOR": resize_nearest,
    "DEPTH_TO_SPACE": depth_to_space,
    "SPACE_TO_DEPTH": space_to_depth,
}
