"""ONNX operators that slide a window: convolution, transposed convolution, pooling."""

from dataclasses import dataclass

import onnx

from engine.errors import ModelError
from engine.importers.onnx_context import Context, Converter, HostOnly, attribute, input_name, node_name
from engine.importers.onnx_static import describe
from engine.ir import ops
from engine.ir.graph import Array
from engine.ir.ops import Pads, Pair


@dataclass(frozen=True, slots=True)
class _Window:
    """The attributes of a sliding window, two-dimensional."""

    kernel: Pair
    stride: Pair
    dilation: Pair
    pads: Pads
    auto_pad: str

    @property
    def extent(self) -> Pair:
        """Pixels from the window's first to its last, per axis."""
        return self.dilation[0] * (self.kernel[0] - 1) + 1, self.dilation[1] * (self.kernel[1] - 1) + 1


def _window(ctx: Context, node: onnx.NodeProto, kernel: tuple[int, ...] | None = None) -> _Window:
    """Return the window of ``node``; a one-dimensional one becomes two-dimensional with H = 1."""
    rank = len(ctx.shape(node.input[0])) - 2
    if rank not in (1, 2):
        raise HostOnly(f"it slides over {rank} dimensions, the device over 1 or 2")
    if ctx.type_of(node.input[0]).dtype != "float32":
        raise HostOnly(f"it works on {ctx.type_of(node.input[0]).dtype}, the device on float32 networks")
    kernel = kernel or tuple(attribute(node, "kernel_shape", ()))
    stride = tuple(attribute(node, "strides", ())) or (1,) * rank
    dilation = tuple(attribute(node, "dilations", ())) or (1,) * rank
    pads = tuple(attribute(node, "pads", ())) or (0,) * (2 * rank)
    if len(kernel) != rank or len(stride) != rank or len(dilation) != rank or len(pads) != 2 * rank:
        raise HostOnly("its kernel, strides, dilations and pads are not all of the input's rank")
    if min(pads) < 0:
        raise HostOnly(f"its pads {pads} are negative")
    if rank == 1:
        return _Window(
            (1, kernel[0]), (1, stride[0]), (1, dilation[0]), (0, pads[0], 0, pads[1]), _auto_pad(node)
        )
    return _Window(
        (kernel[0], kernel[1]), (stride[0], stride[1]), (dilation[0], dilation[1]),
        (pads[0], pads[1], pads[2], pads[3]), _auto_pad(node),
    )  # fmt: skip


def _auto_pad(node: onnx.NodeProto) -> str:
    return str(attribute(node, "auto_pad", "NOTSET"))


def _pads(window: _Window, size: Pair) -> Pads:
    """Return the pads with ``auto_pad`` worked out for an input of ``size`` (height, width)."""
    if window.auto_pad == "VALID":
        return (0, 0, 0, 0)
    if window.auto_pad not in ("SAME_UPPER", "SAME_LOWER"):
        return window.pads
    begins, ends = [], []
    for length, stride, extent in zip(size, window.stride, window.extent, strict=True):
        total = max((-(-length // stride) - 1) * stride + extent - length, 0)
        smaller, larger = total // 2, total - total // 2
        begins.append(smaller if window.auto_pad == "SAME_UPPER" else larger)
        ends.append(larger if window.auto_pad == "SAME_UPPER" else smaller)
    return begins[0], begins[1], ends[0], ends[1]


def _size(ctx: Context, name: str) -> Pair:
    """Return (height, width) of an ONNX feature map."""
    shape = ctx.shape(name)
    if len(shape) not in (3, 4):
        raise ModelError(f"tensor {name!r}: has shape {list(shape)}, must be a feature map")
    return (1, shape[2]) if len(shape) == 3 else (shape[2], shape[3])


def _kernels(ctx: Context, node: onnx.NodeProto) -> Array:
    """Return the weights with four dimensions.

    Raises:
        ModelError: they have another number of dimensions than the input.
    """
    weight = ctx.floats(node.input[1], "weights")
    if weight.ndim != len(ctx.shape(node.input[0])):
        raise ModelError(
            f"{describe(node)}: weights {list(weight.shape)} do not fit {list(ctx.shape(node.input[0]))}"
        )
    return weight[:, :, None, :] if weight.ndim == 3 else weight


def _parameters(ctx: Context, node: onnx.NodeProto, weight: Array) -> list[str]:
    """Store OHWI weights and, if there is one, the bias; return their names."""
    names = [ctx.builder.add_constant(f"{node.input[1]}:ohwi", weight)]
    if input_name(node, 2):
        ctx.floats(node.input[2], "bias")
        names.append(ctx.read(node.input[2]))
    return names


def conv(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert Conv; weights OIHW become OHWI."""
    kernel = ctx.constant(node.input[1], "weights").shape[2:]
    window, weight = _window(ctx, node, kernel), _kernels(ctx, node)
    op = ops.Conv2d(
        window.stride, window.dilation, _pads(window, _size(ctx, node.input[0])), attribute(node, "group", 1)
    )
    ctx.put_nhwc(node, op, ctx.nhwc(node.input[0]), *_parameters(ctx, node, weight.transpose(0, 2, 3, 1)))


def conv_transpose(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert ConvTranspose; weights [C, O/group, kh, kw] become [O, kh, kw, C/group]."""
    kernel = ctx.constant(node.input[1], "weights").shape[2:]
    window, weight, group = _window(ctx, node, kernel), _kernels(ctx, node), attribute(node, "group", 1)
    if weight.shape[0] % group:
        raise HostOnly(f"its {weight.shape[0]} channels do not divide into {group} groups")
    channels, per_group, kh, kw = weight.shape
    grouped = weight.reshape(group, channels // group, per_group, kh, kw).transpose(0, 2, 3, 4, 1)
    pads, output_pads = _transposed_pads(ctx, node, window)
    op = ops.ConvTranspose2d(window.stride, window.dilation, pads, output_pads, group)
    parameters = _parameters(ctx, node, grouped.reshape(group * per_group, kh, kw, channels // group))
    ctx.put_nhwc(node, op, ctx.nhwc(node.input[0]), *parameters)


def _transposed_pads(ctx: Context, node: onnx.NodeProto, window: _Window) -> tuple[Pads, Pair]:
    """Return pads and output pads that give the output size that ONNX prescribes."""
    given = tuple(attribute(node, "output_padding", ())) or (0, 0)
    output_pads = (given[0], given[1]) if len(given) == 2 else (0, given[0])
    wants_size = attribute(node, "output_shape") is not None or window.auto_pad.startswith("SAME")
    if not wants_size:
        return (window.pads if window.auto_pad != "VALID" else (0, 0, 0, 0)), output_pads
    begins, ends, extra = [], [], []
    sizes = zip(_size(ctx, node.input[0]), _size(ctx, node.output[0]), strict=True)
    for axis, (length, wanted) in enumerate(sizes):
        total = window.stride[axis] * (length - 1) + output_pads[axis] + window.extent[axis] - wanted
        smaller, larger = max(total, 0) // 2, max(total, 0) - max(total, 0) // 2
        begins.append(smaller if window.auto_pad == "SAME_UPPER" else larger)
        ends.append(larger if window.auto_pad == "SAME_UPPER" else smaller)
        extra.append(output_pads[axis] + max(-total, 0))
    return (begins[0], begins[1], ends[0], ends[1]), (extra[0], extra[1])


def _ceil_pads(ctx: Context, node: onnx.NodeProto, window: _Window, pads: Pads) -> Pads:
    """Return ``pads`` with the rows and columns below and right that ceil mode's last windows reach into."""
    ends = []
    sizes = zip(_size(ctx, node.input[0]), _size(ctx, node.output[0]), strict=True)
    for axis, (length, wanted) in enumerate(sizes):
        reach = (wanted - 1) * window.stride[axis] + window.extent[axis]
        ends.append(max(reach - length - pads[axis], pads[axis + 2]))
    return pads[0], pads[1], ends[0], ends[1]


def max_pool(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert MaxPool with one output."""
    if any(node.output[1:]):
        raise HostOnly("it also returns indices")
    window = _window(ctx, node)
    pads = _ceil_pads(ctx, node, window, _pads(window, _size(ctx, node.input[0])))
    ctx.put_nhwc(
        node, ops.MaxPool(window.kernel, window.stride, pads, window.dilation), ctx.nhwc(node.input[0])
    )


def average_pool(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert AveragePool. Zeros that count are padded first where ceil mode adds others that do not."""
    window = _window(ctx, node)
    if window.dilation != (1, 1):
        raise HostOnly(f"its dilation is {window.dilation}, average pooling on the device has none")
    pads = _pads(window, _size(ctx, node.input[0]))
    reached = _ceil_pads(ctx, node, window, pads)
    counted = bool(attribute(node, "count_include_pad", 0)) and any(pads)
    x = ctx.nhwc(node.input[0])
    if counted and reached != pads:
        border = ops.Pad((0, pads[0], pads[1], 0), (0, pads[2], pads[3], 0))
        x = ctx.builder.emit(border, [x], f"{node_name(node)}:pad")
        reached, counted = (0, 0, reached[2] - pads[2], reached[3] - pads[3]), False
    ctx.put_nhwc(node, ops.AvgPool(window.kernel, window.stride, reached, counted), x)


def _global(ctx: Context, node: onnx.NodeProto, op: type[ops.ReduceMean | ops.ReduceMax]) -> None:
    if ctx.type_of(node.input[0]).dtype != "float32":
        raise HostOnly("it does not work on float32")
    rank = len(ctx.shape(node.input[0]))
    if rank < 3:
        raise HostOnly(f"its input has {rank} dimensions, at least 3 are needed")
    ctx.put(node, op(tuple(range(2, rank))), ctx.read(node.input[0]))


def global_average_pool(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert GlobalAveragePool."""
    _global(ctx, node, ops.ReduceMean)


def global_max_pool(ctx: Context, node: onnx.NodeProto) -> None:
    """Convert GlobalMaxPool."""
    _global(ctx, node, ops.ReduceMax)


CONVERTERS: dict[str, Converter] = {
    "Conv": conv,
    "ConvTranspose": conv_transpose,
    "MaxPool": max_pool,
    "AveragePool": average_pool,
    "GlobalAveragePool": global_average_pool,
    "GlobalMaxPool": global_max_pool,
}
