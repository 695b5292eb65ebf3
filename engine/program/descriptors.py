"""The device's commands: one frozen dataclass each, its meaning as pseudo-code over integers (SPEC.md gives the law).

Tensors and constants are referred to by name: ``Program.tensors`` and ``Program.constants`` resolve them. Feature maps are
NHWC, weights OHWI. ``sat(v) = min(max(v, qmin), qmax)``; ``requantize(acc, m, s) = sat((acc * m + (1 << s >> 1)) >> s)`` with
an arithmetic shift: SPEC (5) and its per-channel form; m = 1 everywhere on shift-only SoCs.
"""

from dataclasses import dataclass
from typing import get_args

Pair = tuple[int, int]
Pads = tuple[int, int, int, int]

ACC_LIMIT = 2**31 - 1  # of |acc|, SPEC (4)
# Where a 16-bit tensor or weight takes part, SPEC (8); with any int32 bias on top, float64 kernels still add exactly.
WIDE_ACC_LIMIT = 2**52


@dataclass(frozen=True, slots=True)
class DataConvert:
    """y[n,h,w,c] = table[c, x[n,h,w,c]]; x uint8 pixels, table int8|uint8[C,256]. SPEC (9)."""

    name: str
    input: str
    output: str
    table: str


@dataclass(frozen=True, slots=True)
class Conv2d:
    """acc[n,i,j,o] = bias[o] + sum x[n, i*sh+ki*dh-top, j*sw+kj*dw-left, g*Cg+c] * weight[o,ki,kj,c] (0 outside x);
    q = requantize(acc, multiplier[o], shift[o]); y = table[q - qmin] if a table is named else q. SPEC (4)-(6), (13).

    weight int8|int16[O,kh,kw,C/group], bias, multiplier, shift int32[O]; table [qmax-qmin+1] of y's dtype.
    ``acc_bound`` is the proven maximum of |acc| over all inputs of x's dtype, bias included.
    """

    name: str
    input: str
    output: str
    weight: str
    bias: str
    multiplier: str
    shift: str
    qmin: int
    qmax: int
    acc_bound: int
    stride: Pair = (1, 1)
    dilation: Pair = (1, 1)
    pads: Pads = (0, 0, 0, 0)
    group: int = 1
    table: str | None = None


@dataclass(frozen=True, slots=True)
class ConvTranspose2d:
    """acc[n, i*sh+ki*dh-top, j*sw+kj*dw-left, o] += x[n,i,j,g*Cg+c] * weight[o,ki,kj,c], from bias[o];
    then as Conv2d. SPEC (20)."""

    name: str
    input: str
    output: str
    weight: str
    bias: str
    multiplier: str
    shift: str
    qmin: int
    qmax: int
    acc_bound: int
    stride: Pair = (1, 1)
    dilation: Pair = (1, 1)
    pads: Pads = (0, 0, 0, 0)
    group: int = 1
    table: str | None = None


@dataclass(frozen=True, slots=True)
class FullyConnected:
    """acc[r,o] = bias[o] + sum_k x[r,k] * weight[o,k]; then as Conv2d. x is read as [rows, K]. SPEC (12)."""

    name: str
    input: str
    output: str
    weight: str
    bias: str
    multiplier: str
    shift: str
    qmin: int
    qmax: int
    acc_bound: int
    table: str | None = None


@dataclass(frozen=True, slots=True)
class Add:
    """q = requantize(a * coefficients[0] + b * coefficients[1], multiplier, shift); y = table[q - qmin] or q. SPEC (7).

    NumPy broadcasting.
    """

    name: str
    inputs: tuple[str, str]
    output: str
    coefficients: Pair
    multiplier: int
    shift: int
    qmin: int
    qmax: int
    table: str | None = None


@dataclass(frozen=True, slots=True)
class Mul:
    """q = requantize(a * b, multiplier, shift), NumPy broadcasting; y = table[q - qmin] or q. SPEC (16)."""

    name: str
    inputs: tuple[str, str]
    output: str
    multiplier: int
    shift: int
    qmin: int
    qmax: int
    table: str | None = None


@dataclass(frozen=True, slots=True)
class Concat:
    """y = concatenation along ``axis`` of requantize(x_i, multipliers[i], shifts[i]). SPEC (7)."""

    name: str
    inputs: tuple[str, ...]
    output: str
    axis: int
    multipliers: tuple[int, ...]
    shifts: tuple[int, ...]
    qmin: int
    qmax: int


@dataclass(frozen=True, slots=True)
class MaxPool:
    """y = max over the window; positions outside x hold the dtype's minimum. SPEC (11)."""

    name: str
    input: str
    output: str
    kernel: Pair
    stride: Pair
    pads: Pads
    dilation: Pair = (1, 1)


@dataclass(frozen=True, slots=True)
class AvgPool:
    """y = floor((2 * sum + n) / (2 * n)); n = pixels of the window inside x, or kh*kw if count_include_pad. SPEC (11)."""

    name: str
    input: str
    output: str
    kernel: Pair
    stride: Pair
    pads: Pads
    count_include_pad: bool = False


@dataclass(frozen=True, slots=True)
class ReduceMean:
    """y = floor((2 * sum + n) / (2 * n)) over ``axes``, n = their element count. SPEC (11)."""

    name: str
    input: str
    output: str
    axes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ReduceMax:
    """y = max over ``axes``. SPEC (11)."""

    name: str
    input: str
    output: str
    axes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """y = table[x - min(x dtype)]; table[n] for all channels or [C,n] per channel (last axis), n = 256 or 65536. SPEC (13)."""

    name: str
    input: str
    output: str
    table: str


@dataclass(frozen=True, slots=True)
class Resize:
    """y[n,i,j] = fixed-point blend of four pixels, SPEC (17); nearest picks one pixel with weight 128 * 128.

    ``rows`` int32[Ho,3] and ``columns`` int32[Wo,3] hold (first index, second index, weight of the second in 1/128);
    acc = sum over the four pixels of x * wr * wc; y = (acc + 8192) >> 14. Nearest has weight 0 everywhere.
    """

    name: str
    input: str
    output: str
    rows: str
    columns: str


@dataclass(frozen=True, slots=True)
class Pad:
    """y = x with ``before``/``after`` elements of integer ``value`` per axis."""

    name: str
    input: str
    output: str
    before: tuple[int, ...]
    after: tuple[int, ...]
    value: int


@dataclass(frozen=True, slots=True)
class Slice:
    """y = x[begin:end:step] per axis."""

    name: str
    input: str
    output: str
    begins: tuple[int, ...]
    ends: tuple[int, ...]
    steps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Transpose:
    """y = reshape(transpose(reshape(x, view), perm), y.shape); channel shuffle is one with a 5-axis view."""

    name: str
    input: str
    output: str
    view: tuple[int, ...]
    perm: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reshape:
    """y = x, same bytes in row-major order under y's shape."""

    name: str
    input: str
    output: str


@dataclass(frozen=True, slots=True)
class Softmax:
    """e = table[max(x) - x] (int32[256], 2**15 at 0); y = floor((510 * e + S) / (2 * S)), S = sum(e); uint8. SPEC (18)."""

    name: str
    input: str
    output: str
    axis: int
    table: str


@dataclass(frozen=True, slots=True)
class ArgMax:
    """y = lowest index of the maximum along ``axis``, int32."""

    name: str
    input: str
    output: str
    axis: int


Descriptor = (
    DataConvert | Conv2d | ConvTranspose2d | FullyConnected | Add | Mul | Concat | MaxPool | AvgPool | ReduceMean | ReduceMax
    | Table | Resize | Pad | Slice | Transpose | Reshape | Softmax | ArgMax
)  # fmt: skip
DESCRIPTOR_TYPES: tuple[type[Descriptor], ...] = get_args(Descriptor)


def inputs_of(descriptor: Descriptor) -> tuple[str, ...]:
    """Return the names of the tensors that ``descriptor`` reads (constants not included)."""
    if isinstance(descriptor, Add | Mul | Concat):
        return descriptor.inputs
    return (descriptor.input,)
