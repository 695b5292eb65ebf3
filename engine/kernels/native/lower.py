"""Descriptors as records: everything but convolutions, and the table of which function lowers what."""

from dataclasses import replace
from math import prod

import numpy as np

from engine.ir.graph import Array
from engine.kernels.bounds import LayerNumbers
from engine.kernels.native.commands import CommandList, NotNativeError
from engine.kernels.native.isa import Isa
from engine.kernels.native.lower_conv import ConvLowering
from engine.kernels.native.operand_forms import byte_operands, word_operands
from engine.kernels.native.panels import choose_requant, common_block, pack_parameters
from engine.kernels.native.records import Opcode
from engine.program import descriptors as D
from engine.program.operands import Operands

DIMENSIONS = 6


def flip_of(array: Array) -> int:
    """Return the bits that turn ``array``'s elements into unsigned ones in the same order."""
    return 0 if array.dtype.kind == "u" else 1 << (8 * array.itemsize - 1)


class Lowering:
    """Appends the records of descriptors to a command list."""

    def __init__(self, commands: CommandList, operands: Operands, isa: Isa) -> None:
        self._commands, self._operands, self._isa = commands, operands, isa
        self._convs = ConvLowering(commands, operands, isa)

    def lower(self, d: D.Descriptor) -> None:
        """Append the records of one descriptor.

        Raises:
            NotNativeError: the native kernels do not cover it; nothing is appended then.
        """
        match d:
            case D.Conv2d():
                self._convs.conv2d(d)
                self._fused_table(d)
            case D.ConvTranspose2d():
                self._convs.conv_transpose2d(d)
                self._fused_table(d)
            case D.FullyConnected():
                self._convs.fully_connected(d)
                self._fused_table(d)
            case D.Add() | D.Mul():
                self._combine(d)
                self._fused_table(d)
            case D.Concat():
                self._concat(d)
            case D.MaxPool() | D.AvgPool():
                self._pool(d)
            case D.ReduceMean() | D.ReduceMax():
                self._reduce(d)
            case D.DataConvert() | D.Table():
                self._table(d)
            case D.Resize():
                self._resize(d)
            case D.Pad() | D.Slice() | D.Transpose() | D.Reshape():
                self._move(d)
            case D.Softmax() | D.ArgMax():
                self._along_axis(d)

    # --- tables --------------------------------------------------------------------------------------------------------

    def _fused_table(self, d: D.Conv2d | D.ConvTranspose2d | D.FullyConnected | D.Add | D.Mul) -> None:
        """Append the look-up of a fused table, in place: q's bytes were written where y's belong."""
        if d.table is None:
            return
        y, table = self._operands.tensor(d.output), self._operands.constant(d.table)
        bits = 8 * y.itemsize
        by_pattern = np.zeros(1 << bits, table.dtype)
        by_pattern[np.arange(d.qmin, d.qmax + 1) & ((1 << bits) - 1)] = table
        self._map(y, y, by_pattern, 1)

    def _table(self, d: D.DataConvert | D.Table) -> None:
        x, y, table = (
            self._operands.tensor(d.input), self._operands.tensor(d.output), self._operands.constant(d.table)
        )  # fmt: skip
        _require(x.itemsize <= 2 and y.itemsize <= 2, "tables of elements wider than 16 bit")
        if table.ndim == 2 and (table == table[0]).all():
            table = table[0]
        n = table.shape[-1]
        # From order of value to order of bit pattern.
        by_pattern = np.roll(table, int(np.iinfo(x.dtype).min) % n, axis=-1)
        self._map(x, y, by_pattern, x.shape[-1] if table.ndim == 2 else 1)

    def _map(self, x: Array, y: Array, table: Array, channels: int) -> None:
        c = self._commands
        narrow = x.itemsize == y.itemsize == 1
        c.add(
            Opcode.MAP, source=c.address(x), out=c.address(y), count=x.size, channels=channels,
            table=c.blob(table.astype(y.dtype)), in_bytes=x.itemsize, out_bytes=y.itemsize,
            table_stride=table.shape[-1] * y.itemsize if channels > 1 else 0,
            permuted=channels if narrow and channels in (1, 3) and self._isa.byte_permute else 0,
        )  # fmt: skip

    # --- element-wise --------------------------------------------------------------------------------------------------

    def _combine(self, d: D.Add | D.Mul) -> None:
        a, b = (self._operands.tensor(name) for name in d.inputs)
        y = self._operands.tensor(d.output)
        _require(a.itemsize == b.itemsize <= 2, "sums and products of different widths")
        coefficients = d.coefficients if isinstance(d, D.Add) else (0, 0)
        limits = [max(-int(np.iinfo(t.dtype).min), int(np.iinfo(t.dtype).max)) for t in (a, b)]
        if isinstance(d, D.Add):
            bound = sum(abs(c) * limit for c, limit in zip(coefficients, limits, strict=True))
            _require(
                max(map(abs, coefficients)) < 2**15 and max(limits) < 2**15,
                "16-bit coefficients or unsigned 16-bit tensors",
            )
        else:
            bound = limits[0] * limits[1]
        _require(bound < 2**31, "sums beyond 32 bit")
        for views in broadcast_rows(a, b, y):
            self._combine_rows(d, views, coefficients, bound)

    def _combine_rows(
        self, d: D.Add | D.Mul | D.Concat, rows: "Rows", coefficients: tuple[int, int], bound: int,
        scaling: tuple[int, int] | None = None,
    ) -> None:  # fmt: skip
        c, lanes = self._commands, self._isa.lanes
        multiplier, shift = scaling or (d.multiplier, d.shift)  # type: ignore[union-attr]
        numbers = LayerNumbers(
            np.zeros(lanes, np.int64), np.full(lanes, multiplier), np.full(lanes, shift), bound
        )
        requant = choose_requant(numbers, (d.qmin, d.qmax), rows.y.itemsize)
        types = rows.a.dtype, rows.b.dtype
        how = None if isinstance(d, D.Mul) else byte_operands(self._isa, types, coefficients, requant)
        if how is None:
            flips = flip_of(rows.a), flip_of(rows.b)
            how = word_operands(self._isa, flips, coefficients, isinstance(d, D.Mul))
        requant = replace(requant, bias=requant.bias - how.added)
        c.add(
            Opcode.COMBINE, a=c.address(rows.a), b=c.address(rows.b), out=rows.out, rows=rows.count, inner=rows.inner,
            a_stride=rows.a_stride, b_stride=rows.b_stride, out_stride=rows.out_stride, a_flip=how.flips[0],
            b_flip=how.flips[1], combination=how.combination, coefficients=c.blob(how.coefficients),
            parameters=c.blob(pack_parameters(requant, 1, lanes)), common=c.blob(common_block(requant, lanes)),
            finish=requant.finish, in_bytes=rows.a.itemsize, out_bytes=rows.y.itemsize,
        )  # fmt: skip

    def _concat(self, d: D.Concat) -> None:
        y = self._operands.tensor(d.output)
        outer = prod(y.shape[: d.axis])
        row_bytes = prod(y.shape[d.axis :]) * y.itemsize
        out = self._commands.address(y)
        info = np.iinfo(y.dtype)
        for name, m, s in zip(d.inputs, d.multipliers, d.shifts, strict=True):
            x = self._operands.tensor(name)
            inner = prod(x.shape[d.axis :])
            if (m, s) == (1, 0) and x.dtype == y.dtype and d.qmin <= info.min and d.qmax >= info.max:
                self._copy(x, out, (outer, inner), (inner * x.itemsize, x.itemsize), (row_bytes, x.itemsize))
            else:
                _require(x.dtype != np.uint16, "scaling unsigned 16-bit tensors")
                flat = x.reshape(outer, inner)
                rows = Rows(flat, flat, y, out, outer, inner, inner * x.itemsize, 0, row_bytes)
                self._combine_rows(d, rows, (1, 0), 1 << (8 * x.itemsize), (m, s))
            out += inner * y.itemsize

    # --- windows -------------------------------------------------------------------------------------------------------

    def _pool(self, d: D.MaxPool | D.AvgPool) -> None:
        x, y = self._operands.tensor(d.input), self._operands.tensor(d.output)
        average = isinstance(d, D.AvgPool)
        dilation = d.dilation if isinstance(d, D.MaxPool) else (1, 1)
        taps = prod(d.kernel)
        all_count = taps if isinstance(d, D.AvgPool) and d.count_include_pad else 0
        for image in range(x.shape[0]):
            self._windows(x[image], y[image], d.kernel, d.stride, dilation, d.pads[:2], average, all_count)

    def _reduce(self, d: D.ReduceMean | D.ReduceMax) -> None:
        """Neighbouring axes become the rows of one tall window."""
        x, y = self._operands.tensor(d.input), self._operands.tensor(d.output)
        axes = sorted(d.axes)
        _require(axes == list(range(axes[0], axes[-1] + 1)), "reductions over axes that are not neighbours")
        outer, size = prod(x.shape[: axes[0]]), prod(x.shape[a] for a in axes)
        inner = prod(x.shape[axes[-1] + 1 :])
        sources, targets = x.reshape(outer, size, 1, inner), y.reshape(outer, 1, 1, inner)
        for source, target in zip(sources, targets, strict=True):
            self._windows(source, target, (size, 1), (1, 1), (1, 1), (0, 0), isinstance(d, D.ReduceMean), 0)

    def _windows(
        self, x: Array, y: Array, kernel: D.Pair, stride: D.Pair, dilation: D.Pair, corner: tuple[int, ...], average: bool,
        all_count: int,
    ) -> None:  # fmt: skip
        _require(x.itemsize <= 2, "windows of 32-bit elements")
        _require(not average or prod(kernel) << (8 * x.itemsize + 2) < 2**31, "means of very many elements")
        c, flip = self._commands, flip_of(x)
        c.add(
            Opcode.POOL, source=c.address(x), height=x.shape[0], width=x.shape[1], channels=x.shape[2], out=c.address(y),
            out_height=y.shape[0], out_width=y.shape[1], kernel_h=kernel[0], kernel_w=kernel[1], stride_h=stride[0],
            stride_w=stride[1], dilation_h=dilation[0], dilation_w=dilation[1], top=corner[0], left=corner[1],
            average=int(average), flip=flip, offset=flip, all_count=all_count, element_bytes=x.itemsize,
        )  # fmt: skip

    def _resize(self, d: D.Resize) -> None:
        x, y = self._operands.tensor(d.input), self._operands.tensor(d.output)
        _require(x.itemsize <= 2, "resizing 32-bit elements")
        c = self._commands
        rows, columns = (
            np.ascontiguousarray(self._operands.constant(name), np.int32) for name in (d.rows, d.columns)
        )
        nearest = not rows[:, 2].any() and not columns[:, 2].any()
        tables = c.blob(rows), c.blob(columns)
        for source, target in zip(x, y, strict=True):
            c.add(
                Opcode.BLEND, source=c.address(source), width=x.shape[2], channels=x.shape[3], out=c.address(target),
                out_height=y.shape[1], out_width=y.shape[2], rows=tables[0], columns=tables[1], flip=flip_of(x),
                element_bytes=x.itemsize, nearest=int(nearest),
            )  # fmt: skip

    # --- movement ------------------------------------------------------------------------------------------------------

    def _move(self, d: D.Pad | D.Slice | D.Transpose | D.Reshape) -> None:
        x, y = self._operands.tensor(d.input), self._operands.tensor(d.output)
        source, target = x, y
        if isinstance(d, D.Pad):
            self._fill(y, d.value)
            target = y[tuple(slice(b, b + size) for b, size in zip(d.before, x.shape, strict=True))]
        elif isinstance(d, D.Slice):
            source = x[tuple(slice(b, e, s) for b, e, s in zip(d.begins, d.ends, d.steps, strict=True))]
        elif isinstance(d, D.Transpose):
            source = x.reshape(d.view).transpose(d.perm)
            target = y.reshape(source.shape)
        else:
            target = y.reshape(x.shape)
        _require(target.itemsize in (1, 2, 4), "elements that are not 1, 2 or 4 bytes")
        start = target.__array_interface__["data"][0]
        self._copy(source, start, source.shape, source.strides, target.strides)

    def _fill(self, y: Array, value: int) -> None:
        pattern = np.full(8, value).astype(y.dtype).view(np.int64)[0]
        self._commands.add(Opcode.FILL, out=self._commands.address(y), nbytes=y.nbytes, pattern=int(pattern))

    def _copy(
        self,
        source: Array,
        out: int,
        sizes: tuple[int, ...],
        source_strides: tuple[int, ...],
        out_strides: tuple[int, ...],
    ) -> None:
        """Append a strided copy; dimensions that are walked alike in both are joined first."""
        dims = _joined(
            [list(t) for t in zip(sizes, source_strides, out_strides, strict=True) if t[0] != 1],
            source.itemsize,
        )
        _require(len(dims) <= DIMENSIONS, f"copies of more than {DIMENSIONS} dimensions")
        dims = [[1, 0, 0]] * (DIMENSIONS - len(dims)) + dims
        fields = {
            f"{name}{i}": dim[k]
            for i, dim in enumerate(dims)
            for k, name in enumerate(("size", "source", "out"))
        }
        start = source.__array_interface__["data"][0]
        fields |= {"source": start, "out": out, "element_bytes": source.itemsize}
        self._commands.add(Opcode.COPY, None, **fields)

    def _along_axis(self, d: D.Softmax | D.ArgMax) -> None:
        x, y = self._operands.tensor(d.input), self._operands.tensor(d.output)
        _require(x.itemsize <= 2 and (isinstance(d, D.ArgMax) or y.dtype == np.uint8), "wide elements")
        c = self._commands
        fields = {
            "source": c.address(x), "out": c.address(y), "outer": prod(x.shape[: d.axis]), "size": x.shape[d.axis],
            "inner": prod(x.shape[d.axis + 1 :]), "flip": flip_of(x), "element_bytes": x.itemsize,
        }  # fmt: skip
        if isinstance(d, D.Softmax):
            table = np.ascontiguousarray(self._operands.constant(d.table), np.int32)
            c.add(Opcode.SOFTMAX, **fields, table=c.blob(table))
        else:
            c.add(Opcode.ARG_MAX, **fields)


class Rows:
    """Operands of a COMBINE record: rows of ``inner`` elements, strides in bytes (0 repeats the same row)."""

    def __init__(
        self,
        a: Array,
        b: Array,
        y: Array,
        out: int,
        count: int,
        inner: int,
        a_stride: int,
        b_stride: int,
        out_stride: int,
    ) -> None:
        self.a, self.b, self.y, self.out = a, b, y, out
        self.count, self.inner = count, inner
        self.a_stride, self.b_stride, self.out_stride = a_stride, b_stride, out_stride


def broadcast_rows(a: Array, b: Array, y: Array) -> list[Rows]:
    """Return ``y`` cut into runs of rows over which each operand either walks along or repeats one row.

    Raises:
        NotNativeError: an operand is repeated along the innermost dimension.
    """
    shapes = [(1,) * (y.ndim - t.ndim) + t.shape for t in (a, b)]
    dims: list[list[int]] = []  # size, a moves, b moves; neighbours that agree are joined
    for size, sa, sb in zip(y.shape, *shapes, strict=True):
        if size == 1:
            continue
        moves = [int(sa == size), int(sb == size)]
        if dims and dims[-1][1:] == moves:
            dims[-1][0] *= size
        else:
            dims.append([size, *moves])
    inner = dims.pop() if dims else [1, 1, 1]
    _require(inner[1] == inner[2] == 1, "an operand repeated along the innermost dimension")
    count, *moves = dims.pop() if dims else [1, 1, 1]
    outer = prod(dim[0] for dim in dims)
    _require(outer <= 64, "broadcasting over many outer places")
    flat_a, flat_b = a.reshape(-1), b.reshape(-1)
    step = inner[0]
    result = []
    for place in range(outer):
        starts = _outer_starts(
            dims, place, [count * step if moves[0] else step, count * step if moves[1] else step]
        )
        result.append(
            Rows(
                flat_a[starts[0] :], flat_b[starts[1] :], y,
                int(y.__array_interface__["data"][0]) + place * count * step * y.itemsize, count, step,
                moves[0] * step * a.itemsize, moves[1] * step * b.itemsize, step * y.itemsize,
            )
        )  # fmt: skip
    return result


def _outer_starts(dims: list[list[int]], place: int, blocks: list[int]) -> list[int]:
    """Return the first element of each operand at outer position ``place``."""
    starts, strides = [0, 0], list(blocks)
    for size, *moves in reversed(dims):
        place, index = divmod(place, size)
        for k in (0, 1):
            starts[k] += index * strides[k] * moves[k]
            strides[k] *= size if moves[k] else 1
    return starts


def _joined(dims: list[list[int]], itemsize: int) -> list[list[int]]:
    """Return (size, source stride, out stride) lists with neighbours joined where both walk straight on."""
    joined: list[list[int]] = []
    for size, source, out in dims:
        if joined and joined[-1][1] == size * source and joined[-1][2] == size * out:
            joined[-1] = [joined[-1][0] * size, source, out]
        else:
            joined.append([size, source, out])
    return joined or [[1, itemsize, itemsize]]


def _require(condition: bool, what: str) -> None:
    if not condition:
        raise NotNativeError(f"not native: {what}")
