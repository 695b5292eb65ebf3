"""Depthwise convolution, pass 2: rows are interleaved so that one dot product sums the taps of one column.

Pass 1 (``interleave``) takes ``taps`` input rows (four as bytes, or two as int16) and writes, for every column and
channel, their values side by side, one int32 lane per channel:

    T[column][channel] = (row0, row1, row2, row3)[column][channel]

Pass 2 (``slide<variant>``) walks along the columns with ``lanes`` channels at a time:

    acc[r][x] = bias + sum over groups g, kernel columns kj of dot(T_g[x * stride + kj * dilation], weight[g][kj][r])

Several output rows r share T: the weights of row r are shifted down by r * stride places, with zeros around them.
"""

from collections.abc import Sequence

from engine.kernels.native.emit import Module
from engine.kernels.native.isa import Isa
from engine.kernels.native.records import Finish
from engine.kernels.native.values import Value
from engine.kernels.native.variants import Variant
from engine.kernels.native.vectors import Vectors, vectors_for

SLIDE_ARGUMENTS = (
    "interleaved", "column_bytes", "group_bytes", "weights", "parameters", "common", "out", "row_stride", "column_stride",
    "columns", "finish", "tap_groups", "kernel_w", "stride_w", "dilation_w", "element_bytes", "count", "vectors",
    "weight_bytes", "parameter_bytes",
)  # fmt: skip


class Slide:
    """Pass 2 of one variant being written."""

    def __init__(self, v: Vectors, variant: Variant, arguments: dict[str, Value]) -> None:
        self.v, self.f, self.variant, self.a = v, v.f, variant, arguments
        self.taps = 4 if v.isa.byte_dot else 2

    def weight(self, group: int, column: int, row: int) -> Value:
        """Return weight[group][column][row] of a variant with a fixed kernel."""
        index = (group * self.variant.kernel_w + column) * self.variant.rows + row
        return self.v.ints_at(self.a["weights"] + self.v.nbytes * index)

    def weights_in_registers(self) -> dict[tuple[int, int, int], Value]:
        """Return the weights that are few enough to be kept in registers."""
        if self.variant.kernel_w != 3:
            return {}
        groups, rows = range(self.variant.tap_groups(self.taps)), range(self.variant.rows)
        return {(g, kj, row): self.weight(g, kj, row) for g in groups for kj in range(3) for row in rows}

    def fixed_dots(self, first: Value, weights: dict[tuple[int, int, int], Value]) -> list[list[Value]]:
        """Return acc[row][column] of the tile whose first interleaved column lies at ``first``."""
        v, variant = self.v, self.variant
        bias = v.ints_at(self.a["parameters"])
        acc = [[bias for _ in range(variant.columns)] for _ in range(variant.rows)]
        span = (variant.columns - 1) * variant.stride + variant.kernel_w
        for group in range(variant.tap_groups(self.taps)):
            base = first + self.a["group_bytes"] * group if group else first
            seen = [v.ints_at(base + self.a["column_bytes"] * c if c else base) for c in range(span)]
            for kj in range(variant.kernel_w):
                for row in range(variant.rows):
                    if not variant.touches(group, row, self.taps):
                        continue
                    w = weights.get((group, kj, row)) or self.weight(group, kj, row)
                    for x in range(variant.columns):
                        acc[row][x] = v.dot(acc[row][x], seen[x * variant.stride + kj], w)
        return acc

    def general_dots(self, first: Value) -> list[list[Value]]:
        """Return acc[0][column], with the kernel's size known only at run time."""
        f, v, a = self.f, self.v, self.a
        acc = [f.variable(v.ints_at(a["parameters"])) for _ in range(self.variant.columns)]
        with f.loop(0, a["tap_groups"]) as group, f.loop(0, a["kernel_w"]) as kj:
            w = v.ints_at(a["weights"] + (group * a["kernel_w"] + kj) * v.nbytes)
            place = first + group * a["group_bytes"] + kj * a["dilation_w"] * a["column_bytes"]
            for x, cell in enumerate(acc):
                seen = v.ints_at(place + a["stride_w"] * a["column_bytes"] * x if x else place)
                cell.set(v.dot(cell.get(), seen, w))
        return [[cell.get() for cell in acc]]

    def finish(self, acc: list[list[Value]], out: Value) -> None:
        """Requantize, saturate and write a tile."""
        f, v, a = self.f, self.v, self.a
        second = a["parameters"] + v.nbytes
        for mode in (Finish.SHIFT, Finish.FLOAT):
            with f.when(a["finish"].equals(mode)):
                for row, cells in enumerate(acc):
                    q = self.requantize(cells, mode, second)
                    self.store(q, out + a["row_stride"] * row if row else out)
        if self.variant.columns == 1:
            with f.when(a["finish"] > Finish.FLOAT):
                self._finish_raw(acc[0][0], out)

    def requantize(self, cells: Sequence[Value], mode: Finish, second: Value) -> list[Value]:
        """Return q of one output row's accumulators."""
        v = self.v
        if mode is Finish.SHIFT:
            shift = v.ints_at(second)
            return [cell >> shift for cell in cells]
        scale, addend = self.f.load(v.floats, second), self.f.load(v.floats, self.a["common"])
        return [v.scale_floor(cell, scale, addend) for cell in cells]

    def store(self, q: Sequence[Value], out: Value) -> None:
        """Write int8 results of neighbouring columns."""
        f, v = self.f, self.v
        low, high, flip = (v.bytes_at(self.a["common"] + v.nbytes * k) for k in (1, 2, 3))
        packed = v.pack4([*q, *[q[-1]] * (4 - len(q))])
        ordered = v.transpose_segments(f.smaller(f.larger(packed, low), high) ^ flip)
        for x in range(len(q)):
            part = v.part(v.cast(ordered, v.ints), x * v.lanes // 4, v.lanes // 4)
            f.store(part, out + self.a["column_stride"] * x if x else out)

    def _finish_raw(self, acc: Value, out: Value) -> None:
        f, a = self.f, self.a
        spill = f.address_of(f.stack_slot(self.v.ints))
        f.store(acc, spill)
        one, zero = f.integer(1), f.integer(0)
        arguments = (
            spill, zero, a["parameters"], one, a["common"], out, zero, one, a["count"], a["finish"], a["element_bytes"],
        )  # fmt: skip
        f.do("finish_rows", *arguments)


def emit_slide(module: Module, isa: Isa, index: int, variant: Variant) -> None:
    """Write ``slide<index>``: ``columns`` (at least ``variant.columns``) outputs of each of the variant's rows.

    For ``vectors`` vectors of channels, one after another; ``count`` channels of the last are real.
    """
    f = module.function(f"slide{index}", SLIDE_ARGUMENTS)
    a = dict(zip(SLIDE_ARGUMENTS, f.arguments, strict=True))
    v = vectors_for(f, isa)
    step = a["stride_w"] * a["column_bytes"]
    with f.loop(0, a["vectors"]) as k:
        here = a | {
            "interleaved": a["interleaved"] + k * v.nbytes,
            "weights": a["weights"] + k * a["weight_bytes"],
            "parameters": a["parameters"] + k * a["parameter_bytes"],
            "out": a["out"] + k * a["element_bytes"] * isa.lanes,
        }
        slide = Slide(v, variant, here)
        weights = slide.weights_in_registers()
        with f.loop(0, a["columns"], variant.columns) as place:
            x = f.smaller(place, a["columns"] - variant.columns)
            first = here["interleaved"] + x * step
            acc = slide.fixed_dots(first, weights) if variant.kernel_w else slide.general_dots(first)
            slide.finish(acc, here["out"] + x * a["column_stride"])
    f.give()
