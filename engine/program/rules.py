"""What every kernel trusts of its descriptor: one rule per descriptor type."""

from functools import singledispatch
from math import prod

import numpy as np

from engine.errors import ArtifactError
from engine.ir.graph import Array
from engine.program import descriptors as D
from engine.program.program import Program, Tensor

EIGHT_BIT = ("uint8", "int8")
QUANTIZED = (*EIGHT_BIT, "int16", "uint16")
MAX_SHIFT = 62
MAX_RANK = 8


class Checker:
    """Resolves names for the rules below and turns a failed requirement into an ``ArtifactError``."""

    def __init__(self, program: Program, descriptor: D.Descriptor) -> None:
        self._program = program
        self._descriptor = descriptor

    def tensor(self, name: str, dtypes: tuple[str, ...] = QUANTIZED, rank: int | None = None) -> Tensor:
        """Return the tensor, of one of ``dtypes`` and of ``rank``."""
        tensor = self._program.tensors.get(name)
        self.require(tensor is not None, f"tensor {name!r} does not exist")
        assert tensor is not None
        self.require(
            tensor.dtype in dtypes, f"tensor {name!r} is {tensor.dtype}, allowed: {', '.join(dtypes)}"
        )
        self.require(
            rank in (None, len(tensor.shape)), f"tensor {name!r} has rank {len(tensor.shape)}, not {rank}"
        )
        return tensor

    def constant(self, name: str, dtypes: tuple[str, ...], shape: tuple[int, ...] | None = None) -> Array:
        """Return the constant, of one of ``dtypes`` and of ``shape``."""
        array = self._program.constants.get(name)
        self.require(array is not None, f"constant {name!r} does not exist")
        assert array is not None
        self.require(
            array.dtype.name in dtypes, f"constant {name!r} is {array.dtype}, allowed: {', '.join(dtypes)}"
        )
        self.require(shape in (None, array.shape), f"constant {name!r} has shape {array.shape}, not {shape}")
        return array

    def shape(self, name: str, shape: tuple[int, ...]) -> None:
        """Require the tensor's shape."""
        found = self._program.tensors[name].shape
        self.require(found == shape, f"tensor {name!r} has shape {found}, the operator gives {shape}")

    def output_range(
        self, d: "D.Conv2d | D.ConvTranspose2d | D.FullyConnected | D.Add | D.Mul | D.Concat"
    ) -> None:
        """Require qmin..qmax to fit the output, or to index the table exactly."""
        dtype = self.tensor(d.output).dtype
        table = None if isinstance(d, D.Concat) else d.table
        self.require(d.qmin <= d.qmax, f"qmin {d.qmin} is above qmax {d.qmax}")
        if table is not None:
            self.require(-32768 <= d.qmin and d.qmax <= 65535, "qmin or qmax is outside 16 bit")
            self.constant(table, (dtype,), (d.qmax - d.qmin + 1,))
        else:
            limits = np.iinfo(dtype)
            self.require(limits.min <= d.qmin and d.qmax <= limits.max, f"qmin, qmax do not fit {dtype}")

    def shifts(self, *values: int) -> None:
        """Require scalar shifts to be sane."""
        self.require(all(0 <= s <= MAX_SHIFT for s in values), f"shifts {values} must lie in 0..{MAX_SHIFT}")

    def require(self, holds: bool, problem: str) -> None:
        """Raise unless ``holds``."""
        if not holds:
            raise ArtifactError(
                f"descriptor {self._descriptor.name!r} ({type(self._descriptor).__name__}): {problem}"
            )


def _window(
    check: Checker, d: "D.Conv2d | D.MaxPool | D.AvgPool", x: Tensor, kernel: D.Pair, dilation: D.Pair
) -> tuple[int, int]:
    top, left, bottom, right = d.pads
    check.require(min(d.pads) >= 0 and max(d.pads) < 2**15, f"pads {d.pads} are out of range")
    for values in (kernel, d.stride, dilation):
        check.require(
            1 <= min(values) and max(values) < 2**15, f"kernel, stride or dilation {values} is out of range"
        )
    height = x.shape[1] + top + bottom - dilation[0] * (kernel[0] - 1) - 1
    width = x.shape[2] + left + right - dilation[1] * (kernel[1] - 1) - 1
    check.require(height >= 0 and width >= 0, "the kernel is larger than the padded input")
    return height // d.stride[0] + 1, width // d.stride[1] + 1


def _accumulation(
    check: Checker, d: "D.Conv2d | D.ConvTranspose2d | D.FullyConnected", weight: Array
) -> None:
    channels = weight.shape[0]
    check.constant(d.bias, ("int32",), (channels,))
    multiplier = check.constant(d.multiplier, ("int32",), (channels,))
    shift = check.constant(d.shift, ("int32",), (channels,))
    check.require(int(shift.min()) >= 0 and int(shift.max()) <= MAX_SHIFT, "shifts out of range")
    eight_bit = weight.dtype.name in EIGHT_BIT and check.tensor(d.input).dtype in EIGHT_BIT
    limit = D.ACC_LIMIT if eight_bit else D.WIDE_ACC_LIMIT
    check.require(0 <= d.acc_bound <= limit, f"acc_bound {d.acc_bound} is above {limit}")
    largest = max(abs(int(multiplier.min())), abs(int(multiplier.max())))
    rounded = d.acc_bound * largest + (1 << int(shift.max()) >> 1)
    check.require(rounded < 2**63, f"acc_bound {d.acc_bound} times its multiplier does not fit int64")
    check.output_range(d)


@singledispatch
def verify_descriptor(d: D.Descriptor, check: Checker) -> None:
    """Require what the kernels of ``d`` trust; ``test_verify`` proves that no rule is missing.

    Raises:
        ArtifactError: names the descriptor, what was found and what is allowed.
    """
    raise AssertionError(f"no rule for {type(d).__name__}")


@verify_descriptor.register
def _data_convert(d: D.DataConvert, check: Checker) -> None:
    x = check.tensor(d.input, ("uint8",))
    y = check.tensor(d.output)
    check.constant(d.table, (y.dtype,), (x.shape[-1], 256))
    check.shape(d.output, x.shape)


@verify_descriptor.register
def _conv2d(d: D.Conv2d, check: Checker) -> None:
    x = check.tensor(d.input, rank=4)
    weight = check.constant(d.weight, ("int8", "int16"))
    check.require(weight.ndim == 4 and weight.size > 0, f"weight has shape {weight.shape}, not [O,kh,kw,I]")
    out, kh, kw, per_group = weight.shape
    check.require(
        d.group >= 1 and out % d.group == 0, f"{out} output channels do not split into {d.group} groups"
    )
    check.require(
        per_group * d.group == x.shape[3],
        f"weight takes {per_group}x{d.group} channels, input has {x.shape[3]}",
    )
    ho, wo = _window(check, d, x, (kh, kw), d.dilation)
    _accumulation(check, d, weight)
    check.shape(d.output, (x.shape[0], ho, wo, out))


@verify_descriptor.register
def _conv_transpose2d(d: D.ConvTranspose2d, check: Checker) -> None:
    x, y = check.tensor(d.input, rank=4), check.tensor(d.output, rank=4)
    weight = check.constant(d.weight, ("int8", "int16"))
    check.require(weight.ndim == 4 and weight.size > 0, f"weight has shape {weight.shape}, not [O,kh,kw,I]")
    check.require(d.group >= 1 and weight.shape[0] % d.group == 0, "output channels do not split into groups")
    check.require(weight.shape[3] * d.group == x.shape[3], "weight and input channels differ")
    check.require(
        min(*d.stride, *d.dilation) >= 1 and min(d.pads) >= 0, "stride, dilation or pads out of range"
    )
    check.require(max(*d.stride, *d.dilation, *d.pads) < 2**15, "stride, dilation or pads out of range")
    _accumulation(check, d, weight)
    check.require(
        (y.shape[0], y.shape[3]) == (x.shape[0], weight.shape[0]), "batch or channels of the output differ"
    )


@verify_descriptor.register
def _fully_connected(d: D.FullyConnected, check: Checker) -> None:
    x, y = check.tensor(d.input), check.tensor(d.output)
    weight = check.constant(d.weight, ("int8", "int16"))
    check.require(weight.ndim == 2 and weight.size > 0, f"weight has shape {weight.shape}, not [O,K]")
    check.require(
        prod(x.shape) % weight.shape[1] == 0, f"input {x.shape} does not split into rows of {weight.shape[1]}"
    )
    _accumulation(check, d, weight)
    check.require(prod(y.shape) == prod(x.shape) // weight.shape[1] * weight.shape[0], "output size differs")


def _broadcast(check: Checker, d: D.Add | D.Mul) -> None:
    a, b = (check.tensor(name) for name in d.inputs)
    try:
        shape = np.broadcast_shapes(a.shape, b.shape)
    except ValueError:
        check.require(False, f"shapes {a.shape} and {b.shape} do not broadcast")
    check.shifts(d.shift)
    check.output_range(d)
    check.shape(d.output, shape)


@verify_descriptor.register
def _add(d: D.Add, check: Checker) -> None:
    check.require(max(map(abs, d.coefficients)) < 2**15, "coefficients must fit 16 bit")
    check.require(abs(d.multiplier) < 2**24, "multiplier must fit 24 bit")
    _broadcast(check, d)


@verify_descriptor.register
def _mul(d: D.Mul, check: Checker) -> None:
    check.require(abs(d.multiplier) < 2**24, "multiplier must fit 24 bit")
    _broadcast(check, d)


@verify_descriptor.register
def _concat(d: D.Concat, check: Checker) -> None:
    parts = [check.tensor(name) for name in d.inputs]
    check.require(
        len(parts) == len(d.multipliers) == len(d.shifts) >= 1,
        "inputs, multipliers and shifts differ in number",
    )
    check.require(max(map(abs, d.multipliers)) < 2**24, "multipliers must fit 24 bit")
    check.shifts(*d.shifts)
    check.output_range(d)
    rank = len(parts[0].shape)
    check.require(0 <= d.axis < rank and all(len(p.shape) == rank for p in parts), "axis or ranks do not fit")
    others = {p.shape[: d.axis] + p.shape[d.axis + 1 :] for p in parts}
    check.require(len(others) == 1, "the inputs' other dimensions differ")
    total = sum(p.shape[d.axis] for p in parts)
    check.shape(d.output, (*parts[0].shape[: d.axis], total, *parts[0].shape[d.axis + 1 :]))


def _pool(d: D.MaxPool | D.AvgPool, check: Checker, dilation: D.Pair) -> None:
    x = check.tensor(d.input, rank=4)
    ho, wo = _window(check, d, x, d.kernel, dilation)
    top, left, bottom, right = d.pads
    reach = (dilation[0] * (d.kernel[0] - 1), dilation[1] * (d.kernel[1] - 1))
    check.require(
        max(top, bottom) <= reach[0] and max(left, right) <= reach[1],
        "a window would lie wholly in the padding",
    )
    check.tensor(d.output, (x.dtype,))
    check.shape(d.output, (x.shape[0], ho, wo, x.shape[3]))


@verify_descriptor.register
def _max_pool(d: D.MaxPool, check: Checker) -> None:
    _pool(d, check, d.dilation)


@verify_descriptor.register
def _avg_pool(d: D.AvgPool, check: Checker) -> None:
    _pool(d, check, (1, 1))


def _reduce(d: D.ReduceMean | D.ReduceMax, check: Checker) -> None:
    x = check.tensor(d.input)
    y = check.tensor(d.output, (x.dtype,))
    valid = (
        len(d.axes) > 0
        and tuple(sorted(set(d.axes))) == d.axes
        and 0 <= d.axes[0]
        and d.axes[-1] < len(x.shape)
    )
    check.require(valid, f"axes {d.axes} must be sorted, distinct and below {len(x.shape)}")
    kept = [n for axis, n in enumerate(x.shape) if axis not in d.axes]
    check.require(
        [n for n in y.shape if n != 1] == [n for n in kept if n != 1],
        f"output {y.shape} does not keep {kept}",
    )


@verify_descriptor.register
def _reduce_mean(d: D.ReduceMean, check: Checker) -> None:
    _reduce(d, check)


@verify_descriptor.register
def _reduce_max(d: D.ReduceMax, check: Checker) -> None:
    _reduce(d, check)


@verify_descriptor.register
def _table(d: D.Table, check: Checker) -> None:
    x, y = check.tensor(d.input), check.tensor(d.output)
    table = check.constant(d.table, (y.dtype,))
    entries = 256 if x.dtype in EIGHT_BIT else 65536
    check.require(table.shape in ((entries,), (x.shape[-1], entries)), f"table has shape {table.shape}")
    check.shape(d.output, x.shape)


@verify_descriptor.register
def _resize(d: D.Resize, check: Checker) -> None:
    x = check.tensor(d.input, rank=4)
    y = check.tensor(d.output, (x.dtype,), rank=4)
    for name, size, limit in ((d.rows, y.shape[1], x.shape[1]), (d.columns, y.shape[2], x.shape[2])):
        entries = check.constant(name, ("int32",), (size, 3))
        inside = entries[:, :2].min() >= 0 and entries[:, :2].max() < limit
        check.require(
            bool(inside and entries[:, 2].min() >= 0 and entries[:, 2].max() <= 128),
            f"{name!r} points outside",
        )
    check.shape(d.output, (x.shape[0], y.shape[1], y.shape[2], x.shape[3]))


@verify_descriptor.register
def _pad(d: D.Pad, check: Checker) -> None:
    x = check.tensor(d.input)
    check.tensor(d.output, (x.dtype,))
    check.require(len(d.before) == len(d.after) == len(x.shape), "one pad per axis is needed")
    check.require(min(*d.before, *d.after) >= 0, "pads must not be negative")
    limits = np.iinfo(x.dtype)
    check.require(limits.min <= d.value <= limits.max, f"value {d.value} does not fit {x.dtype}")
    check.shape(d.output, tuple(b + n + a for b, n, a in zip(d.before, x.shape, d.after, strict=True)))


@verify_descriptor.register
def _slice(d: D.Slice, check: Checker) -> None:
    x = check.tensor(d.input)
    check.tensor(d.output, (x.dtype,))
    check.require(
        len(d.begins) == len(d.ends) == len(d.steps) == len(x.shape), "one range per axis is needed"
    )
    ranges = list(zip(d.begins, d.ends, d.steps, x.shape, strict=True))
    check.require(
        all(0 <= b < e <= n and s > 0 for b, e, s, n in ranges), f"ranges leave the input's shape {x.shape}"
    )
    check.shape(d.output, tuple(-(-(e - b) // s) for b, e, s, _ in ranges))


@verify_descriptor.register
def _transpose(d: D.Transpose, check: Checker) -> None:
    x = check.tensor(d.input)
    y = check.tensor(d.output, (x.dtype,))
    check.require(len(d.view) <= MAX_RANK and all(n > 0 for n in d.view), f"view {d.view} is not allowed")
    check.require(prod(d.view) == prod(x.shape) == prod(y.shape), "view, input and output sizes differ")
    check.require(
        sorted(d.perm) == list(range(len(d.view))), f"perm {d.perm} is no permutation of the view's axes"
    )


@verify_descriptor.register
def _reshape(d: D.Reshape, check: Checker) -> None:
    x = check.tensor(d.input)
    y = check.tensor(d.output, (x.dtype,))
    check.require(prod(x.shape) == prod(y.shape), f"sizes of {x.shape} and {y.shape} differ")


@verify_descriptor.register
def _softmax(d: D.Softmax, check: Checker) -> None:
    x = check.tensor(d.input)
    check.tensor(d.output, ("uint8",))
    check.require(0 <= d.axis < len(x.shape), f"axis {d.axis} is outside rank {len(x.shape)}")
    table = check.constant(d.table, ("int32",), (256 if x.dtype in EIGHT_BIT else 65536,))
    check.require(
        int(table[0]) == 2**15 and int(table.min()) >= 0 and int(table.max()) <= 2**15, "table is not exp"
    )
    check.shape(d.output, x.shape)


@verify_descriptor.register
def _arg_max(d: D.ArgMax, check: Checker) -> None:
    x = check.tensor(d.input)
    y = check.tensor(d.output, ("int32",))
    check.require(0 <= d.axis < len(x.shape), f"axis {d.axis} is outside rank {len(x.shape)}")
    check.require(prod(y.shape) * x.shape[d.axis] == prod(x.shape), f"output {y.shape} does not fit")
