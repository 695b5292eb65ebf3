"""The operator vocabulary: one frozen dataclass per operator, its meaning in its docstring.

Feature maps are NHWC, convolution weights OHWI, pads are (top, left, bottom, right). Inputs of a node are named in
the order its docstring gives them. ``shapes.py`` holds the shape rule of each operator.
"""

from dataclasses import dataclass
from enum import Enum

from engine.ir.activations import Activation

Pair = tuple[int, int]
Pads = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Conv2d:
    """x[N,H,W,C], weight[O,kh,kw,C/group] const, bias[O] const (optional) -> y[N,Ho,Wo,O]; zero padding; then activation."""

    stride: Pair = (1, 1)
    dilation: Pair = (1, 1)
    pads: Pads = (0, 0, 0, 0)
    group: int = 1
    activation: Activation | None = None


@dataclass(frozen=True, slots=True)
class ConvTranspose2d:
    """x[N,H,W,C], weight[O,kh,kw,C/group] const, bias[O] const (optional) -> y; scatter form of convolution.

    y[(i*stride - pad + k*dilation)] += x[i] * w[k]; Ho = (H-1)*stride - top - bottom + dilation*(kh-1) + 1 + output_pad.
    """

    stride: Pair = (1, 1)
    dilation: Pair = (1, 1)
    pads: Pads = (0, 0, 0, 0)
    output_pads: Pair = (0, 0)
    group: int = 1
    activation: Activation | None = None


@dataclass(frozen=True, slots=True)
class FullyConnected:
    """x[...,K], weight[O,K] const, bias[O] const (optional) -> y[...,O]; then activation."""

    activation: Activation | None = None


@dataclass(frozen=True, slots=True)
class BatchNorm:
    """x[...,C], gamma[C], beta[C], mean[C], variance[C] consts -> gamma * (x - mean) / sqrt(variance + epsilon) + beta."""

    epsilon: float = 1e-5


@dataclass(frozen=True, slots=True)
class Add:
    """a, b -> a + b with NumPy broadcasting; then activation."""

    activation: Activation | None = None


@dataclass(frozen=True, slots=True)
class Sub:
    """a, b -> a - b with NumPy broadcasting; then activation."""

    activation: Activation | None = None


@dataclass(frozen=True, slots=True)
class Mul:
    """a, b -> a * b with NumPy broadcasting; then activation."""

    activation: Activation | None = None


@dataclass(frozen=True, slots=True)
class Unary:
    """x -> activation(x), element by element."""

    activation: Activation


@dataclass(frozen=True, slots=True)
class Prelu:
    """x[...,C], slope[C] const -> x where x >= 0 else slope * x."""


@dataclass(frozen=True, slots=True)
class MaxPool:
    """x[N,H,W,C] -> maximum over each window; padding never wins. ``pads`` may include the extra rows of ceil mode."""

    kernel: Pair
    stride: Pair = (1, 1)
    pads: Pads = (0, 0, 0, 0)
    dilation: Pair = (1, 1)


@dataclass(frozen=True, slots=True)
class AvgPool:
    """x[N,H,W,C] -> mean over each window; divisor = pixels really covered, or kh*kw where count_include_pad."""

    kernel: Pair
    stride: Pair = (1, 1)
    pads: Pads = (0, 0, 0, 0)
    count_include_pad: bool = False


@dataclass(frozen=True, slots=True)
class ReduceMean:
    """x -> mean over ``axes`` (sorted, non-negative); global average pooling is axes (1, 2) with keepdims."""

    axes: tuple[int, ...]
    keepdims: bool = True


@dataclass(frozen=True, slots=True)
class ReduceMax:
    """x -> maximum over ``axes`` (sorted, non-negative); global max pooling is axes (1, 2) with keepdims."""

    axes: tuple[int, ...]
    keepdims: bool = True


@dataclass(frozen=True, slots=True)
class Concat:
    """x0, x1, ... -> concatenation along ``axis`` (non-negative)."""

    axis: int


@dataclass(frozen=True, slots=True)
class Slice:
    """x -> x[begin:end:step] per axis; one entry per axis, steps positive, 0 <= begin < end <= size."""

    begins: tuple[int, ...]
    ends: tuple[int, ...]
    steps: tuple[int, ...]


def slice_of(shape: tuple[int, ...], axis: int, begin: int, end: int) -> Slice:
    """Return what takes the elements begin to end (exclusive) of one axis, and all of the others."""
    begins, ends = [0] * len(shape), list(shape)
    begins[axis], ends[axis] = begin, end
    return Slice(tuple(begins), tuple(ends), (1,) * len(shape))


@dataclass(frozen=True, slots=True)
class Pad:
    """x -> x with ``before``/``after`` elements of ``value`` added per axis."""

    before: tuple[int, ...]
    after: tuple[int, ...]
    value: float = 0.0


@dataclass(frozen=True, slots=True)
class Transpose:
    """x -> x with axes permuted: y.shape[i] = x.shape[perm[i]]."""

    perm: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reshape:
    """x -> x with ``shape`` (all positive), row-major order kept. Flatten and squeeze are reshapes."""

    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ChannelShuffle:
    """x[...,C] -> channels regrouped: y[..., j*group + i] = x[..., i*(C/group) + j]."""

    group: int


class ResizeMode(Enum):
    """How a resized pixel is found."""

    NEAREST = "nearest"
    BILINEAR = "bilinear"


class Coordinates(Enum):
    """Where output pixel centre ``i`` lies in the input (ONNX Resize, coordinate_transformation_mode)."""

    HALF_PIXEL = "half_pixel"  # (i + 0.5) / scale - 0.5
    ASYMMETRIC = "asymmetric"  # i / scale
    ALIGN_CORNERS = "align_corners"  # i * (in - 1) / (out - 1)


class NearestRounding(Enum):
    """How a nearest coordinate is rounded (ONNX Resize, nearest_mode)."""

    FLOOR = "floor"
    CEIL = "ceil"
    ROUND_PREFER_FLOOR = "round_prefer_floor"
    ROUND_PREFER_CEIL = "round_prefer_ceil"


@dataclass(frozen=True, slots=True)
class Resize:
    """x[N,H,W,C] -> y[N,size[0],size[1],C]; coordinates are clamped to the picture."""

    size: Pair
    mode: ResizeMode = ResizeMode.NEAREST
    coordinates: Coordinates = Coordinates.HALF_PIXEL
    rounding: NearestRounding = NearestRounding.ROUND_PREFER_FLOOR


@dataclass(frozen=True, slots=True)
class Softmax:
    """x -> exp(x) / sum(exp(x)) along ``axis`` (non-negative)."""

    axis: int


@dataclass(frozen=True, slots=True)
class ArgMax:
    """x -> index of the maximum along ``axis`` (non-negative), the lower index where two are equal; int64."""

    axis: int
    keepdims: bool = True


@dataclass(frozen=True, slots=True)
class OnnxNode:
    """Any other valid ONNX operator, kept as it came; only the A72 (ONNX Runtime) runs it.

    ``proto`` is a serialized onnx.NodeProto whose inputs/outputs are replaced by this node's; tensors are in the
    layout the operator was written for (importers put transposes around it). ``reason`` says to the user why no
    operator of the device was chosen.
    """

    op_type: str
    proto: bytes
    opset: int
    domain: str = ""
    reason: str = ""


Op = (
    Conv2d | ConvTranspose2d | FullyConnected | BatchNorm | Add | Sub | Mul | Unary | Prelu | MaxPool | AvgPool | ReduceMean
    | ReduceMax | Concat | Slice | Pad | Transpose | Reshape | ChannelShuffle | Resize | Softmax | ArgMax | OnnxNode
)  # fmt: skip
