"""What one descriptor asks of the chip, before tiling: loop sizes and bytes, from shapes alone."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import singledispatch
from math import ceil, prod
from typing import Protocol

from engine.program import descriptors as D
from engine.program.program import Tensor


class Shaped(Protocol):
    """A constant as far as time is concerned: a NumPy array, or a stand-in without values."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Dimensions."""
        ...

    @property
    def nbytes(self) -> int:
        """Size in bytes."""
        ...


Tensors = Mapping[str, Tensor]
Constants = Mapping[str, Shaped]


@dataclass(frozen=True, slots=True)
class Reads:
    """Shares of the input's rows (or columns) that one output needs, and by which those of the next lie further on."""

    reach: float
    step: float

    def share(self, outputs: int) -> float:
        """Return the share that so many neighbouring outputs need."""
        return min(1.0, self.reach + (outputs - 1) * self.step)


@dataclass(frozen=True, slots=True)
class Geometry:
    """Loop sizes of one layer. A tile may cut ``rows`` (of the output) and ``channels``.

    MMA layers multiply ``groups`` times [channels / groups, depth] by [depth, columns * rows], ``phases``
    times over; ``depthwise`` ones have one channel per group. Layers without MMA have depth 0. ``vector_ops``
    are element operations of the C7x's vector unit per output element, ``weights`` the constants that stream
    with the layer. ``windows``: what rows and columns of the output read; None: the same share of the input.
    ``reduces``: what one output needs may come in parts, as only a maximum or a sum of it is kept.
    """

    rows: int
    columns: int
    channels: int
    input_bytes: int
    output_bytes: int
    windows: tuple[Reads, Reads] | None = None
    depth: int = 0
    groups: int = 1
    phases: int = 1
    depthwise: bool = False
    vector_ops: float = 0.0
    reduces: bool = False
    element_bytes: int = 1
    weights: tuple[str, ...] = ()
    weight_bytes: int = 0
    macs: int = 0


@singledispatch
def geometry(descriptor: D.Descriptor, tensors: Tensors, constants: Constants) -> Geometry:
    """Return the loop sizes of ``descriptor``; ``constants`` need shapes only."""
    raise TypeError(f"descriptor {type(descriptor).__name__} has no cycle model")


@geometry.register
def _conv(d: D.Conv2d, tensors: Tensors, constants: Constants) -> Geometry:
    x, y = tensors[d.input], tensors[d.output]
    channels, kernel_rows, kernel_columns, depth = constants[d.weight].shape
    taps = kernel_rows * kernel_columns
    batch, rows, columns, _ = y.shape
    return Geometry(
        rows=batch * rows,
        columns=columns,
        channels=channels,
        input_bytes=x.nbytes,
        output_bytes=y.nbytes,
        windows=_windows(x, (kernel_rows, kernel_columns), d.stride, d.dilation),
        depth=depth * taps,
        groups=d.group,
        depthwise=d.group > 1 and depth == 1,
        vector_ops=0.0 if d.table is None else TABLE_OPS,
        element_bytes=_widest(x, constants[d.weight]),
        weights=(d.weight,),
        weight_bytes=constants[d.weight].nbytes,
        macs=prod(y.shape) * depth * taps,
    )


@geometry.register
def _conv_transpose(d: D.ConvTranspose2d, tensors: Tensors, constants: Constants) -> Geometry:
    """As one small convolution per output phase: stride² of them, each over the input's positions."""
    x, y = tensors[d.input], tensors[d.output]
    channels, kernel_rows, kernel_columns, depth = constants[d.weight].shape
    phases = d.stride[0] * d.stride[1]
    window = ceil(kernel_rows / d.stride[0]), ceil(kernel_columns / d.stride[1])
    batch, rows, columns, _ = x.shape
    return Geometry(
        rows=batch * rows,
        columns=columns,
        channels=channels,
        input_bytes=x.nbytes,
        output_bytes=y.nbytes,
        windows=_windows(x, window, (1, 1), (1, 1)),
        depth=depth * prod(window),
        groups=d.group,
        phases=phases,
        vector_ops=0.0 if d.table is None else TABLE_OPS,
        element_bytes=_widest(x, constants[d.weight]),
        weights=(d.weight,),
        weight_bytes=constants[d.weight].nbytes,
        macs=prod(x.shape[:3]) * prod(constants[d.weight].shape),
    )


@geometry.register
def _fully_connected(d: D.FullyConnected, tensors: Tensors, constants: Constants) -> Geometry:
    x, y = tensors[d.input], tensors[d.output]
    channels, depth = constants[d.weight].shape
    return Geometry(
        rows=1,
        columns=prod(y.shape) // channels,
        channels=channels,
        input_bytes=x.nbytes,
        output_bytes=y.nbytes,
        depth=depth,
        vector_ops=0.0 if d.table is None else TABLE_OPS,
        element_bytes=_widest(x, constants[d.weight]),
        weights=(d.weight,),
        weight_bytes=constants[d.weight].nbytes,
        macs=prod(y.shape) * depth,
    )


# Vector operations per output element. Assumed; in line with the kernel cycles of TI's public sample trace,
# where a 3x3 pooling takes about as many operations as its window has elements and an addition two.
TABLE_OPS = 2.0
SOFTMAX_OPS = 16.0


@geometry.register(D.Add)
@geometry.register(D.Mul)
def _elementwise(d: D.Add | D.Mul, tensors: Tensors, constants: Constants) -> Geometry:
    return _vector(d, tensors, 2.0 if d.table is None else 2.0 + TABLE_OPS)


@geometry.register(D.MaxPool)
@geometry.register(D.AvgPool)
def _pool(d: D.MaxPool | D.AvgPool, tensors: Tensors, constants: Constants) -> Geometry:
    x = tensors[d.input]
    dilation = d.dilation if isinstance(d, D.MaxPool) else (1, 1)
    windows = _windows(x, d.kernel, d.stride, dilation)
    return replace(_vector(d, tensors, float(prod(d.kernel))), windows=windows, reduces=True)


@geometry.register(D.ReduceMean)
@geometry.register(D.ReduceMax)
@geometry.register(D.ArgMax)
def _reduce(d: D.ReduceMean | D.ReduceMax | D.ArgMax, tensors: Tensors, constants: Constants) -> Geometry:
    ops = prod(tensors[d.input].shape) / prod(tensors[d.output].shape)
    return replace(_vector(d, tensors, ops), reduces=True)


@geometry.register(D.DataConvert)
@geometry.register(D.Table)
def _table(d: D.DataConvert | D.Table, tensors: Tensors, constants: Constants) -> Geometry:
    return _vector(d, tensors, TABLE_OPS)


@geometry.register
def _resize(d: D.Resize, tensors: Tensors, constants: Constants) -> Geometry:
    return _vector(d, tensors, 4.0)


@geometry.register
def _softmax(d: D.Softmax, tensors: Tensors, constants: Constants) -> Geometry:
    return _vector(d, tensors, SOFTMAX_OPS)


@geometry.register(D.Concat)
@geometry.register(D.Pad)
@geometry.register(D.Slice)
@geometry.register(D.Transpose)
@geometry.register(D.Reshape)
def _move(
    d: D.Concat | D.Pad | D.Slice | D.Transpose | D.Reshape, tensors: Tensors, constants: Constants
) -> Geometry:
    return _vector(d, tensors, 1.0)


def _vector(d: D.Descriptor, tensors: Tensors, ops: float) -> Geometry:
    y = tensors[d.output]
    rows = prod(y.shape[:2]) if len(y.shape) == 4 else 1
    columns = y.shape[2] if len(y.shape) == 4 else prod(y.shape[:-1])
    inputs = [tensors[name] for name in D.inputs_of(d)]
    return Geometry(
        rows=rows,
        columns=columns,
        channels=y.shape[-1],
        input_bytes=sum(x.nbytes for x in inputs),
        output_bytes=y.nbytes,
        vector_ops=ops,
        element_bytes=max(1, *(x.nbytes // prod(x.shape) for x in (*inputs, y))),
    )


def _windows(x: Tensor, kernel: D.Pair, stride: D.Pair, dilation: D.Pair) -> tuple[Reads, Reads]:
    sizes = (x.shape[0] * x.shape[1], x.shape[2])
    rows, columns = (
        Reads(((kernel[i] - 1) * dilation[i] + 1) / size, stride[i] / size) for i, size in enumerate(sizes)
    )
    return rows, columns


def _widest(x: Tensor, weight: Shaped) -> int:
    return max(x.nbytes // prod(x.shape), weight.nbytes // prod(weight.shape))
