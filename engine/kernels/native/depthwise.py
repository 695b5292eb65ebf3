"""Depthwise convolution: rows are interleaved so that one dot product sums the taps of one column.

Pass 1 (``interleave``) takes ``taps`` input rows (four as bytes, or two as int16) and writes, for every column and
channel, their values side by side, one int32 lane per channel:

    T[column][channel] = (row0, row1, row2, row3)[column][channel]

Pass 2 (``slide<variant>``) walks along the columns with ``lanes`` channels at a time:

    acc[r][x] = bias + sum over groups g, kernel columns kj of dot(T_g[x * stride + kj * dilation], weight[g][kj][r])

Several output rows r share T: the weights of row r are shifted down by r * stride places, with zeros around them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.kernels.native.emit import I8, I64, Function, Module, Value, vector
from engine.kernels.native.isa import Isa
from engine.kernels.native.kernel import Kernel
from engine.kernels.native.records import FIELDS, Finish, Opcode
from engine.kernels.native.vectors import Vectors, vectors_for

TILE_COLUMNS = 4


@dataclass(frozen=True, slots=True)
class Variant:
    """One emitted inner loop. ``rows`` output rows at once; kernel_w 0 = kernel, stride and groups only known at run time."""

    kernel_h: int
    kernel_w: int
    stride: int
    rows: int
    columns: int = TILE_COLUMNS

    def tap_groups(self, taps: int) -> int:
        """Return how many groups of interleaved rows the output rows need."""
        return -(-((self.rows - 1) * self.stride + self.kernel_h) // taps)

    def touches(self, group: int, row: int, taps: int) -> bool:
        """Whether output row ``row`` has taps in ``group``."""
        first = row * self.stride
        return group * taps < first + self.kernel_h and first < (group + 1) * taps


GENERAL, GENERAL_NARROW = 4, 5
VARIANTS = (
    Variant(3, 3, 1, 2),
    Variant(3, 3, 2, 1),
    Variant(5, 5, 1, 4),
    Variant(5, 5, 2, 2),
    Variant(0, 0, 0, 1),
    Variant(0, 0, 0, 1, 1),
)
SLIDE_ARGUMENTS = (
    "interleaved", "column_bytes", "group_bytes", "weights", "parameters", "common", "out", "row_stride", "column_stride",
    "columns", "finish", "tap_groups", "kernel_w", "stride_w", "dilation_w", "element_bytes", "count", "vectors",
    "weight_bytes", "parameter_bytes",
)  # fmt: skip


def emit_depthwise(module: Module, isa: Isa) -> None:
    """Write the DEPTHWISE command."""
    _emit_interleave(module, isa)
    for index, variant in enumerate(VARIANTS):
        _emit_slide(module, isa, index, variant)
    _emit_strip(module, isa)
    kernel = Kernel(module, isa, Opcode.DEPTHWISE)
    f, r = kernel.function, kernel.fields
    record = f.arguments[0]
    scratch = kernel.part * r["scratch_stride"]
    groups = (r["out_height"] + r["rows"] - 1) // r["rows"]
    start, stop = kernel.share(groups)
    with f.loop(start, stop) as group:
        row = f.smaller(group * r["rows"], r["out_height"] - r["rows"])
        with f.loop(0, r["stored"], r["block"]) as position:
            channel = f.smaller(position, r["stored"] - r["block"])
            with f.loop(0, r["out_width"], r["strip"]) as place:
                column = f.smaller(place, r["out_width"] - r["strip"])
                arguments = (record, row, channel, position, column, scratch)
                f.call("strip", "void", arguments, declare=False)
    f.give()


def _emit_strip(module: Module, isa: Isa) -> None:
    """Write ``strip``: both passes for ``strip`` columns of ``rows`` output rows and one block of channels."""
    f = module.function("strip", ("record", "row", "channel", "fresh_channel", "column", "scratch"))
    record, row, channel, fresh_channel, column, scratch = f.arguments
    r = f.fields(record + 8, FIELDS[Opcode.DEPTHWISE])
    taps = 4 if isa.byte_dot else 2
    target = r["interleaved"] + scratch
    column_bytes = r["block"] * 4
    first = column * r["stride_w"] - r["left"]
    wanted = (r["strip"] - 1) * r["stride_w"] + (r["kernel_w"] - 1) * r["dilation_w"] + 1
    group_bytes = wanted * column_bytes
    left = f.smaller(f.larger(first * -1, 0), wanted)
    present = f.larger(f.smaller(r["width"] - first, wanted) - left, 0)
    with f.loop(0, r["tap_groups"]) as group:
        base = target + group * group_bytes
        rows = []
        for tap in range(taps):
            t = group * taps + tap
            y = row * r["stride_h"] - r["top"] + t * r["dilation_h"]
            inside = (y >= 0) & (y < r["height"]) & (t < r["needed_rows"])
            line = f.select(inside, r["source"] + y * (r["width"] * r["stored"]), r["zeros"])
            rows.append(line + (first + left) * r["stored"] + channel)
        whole = r["block"].equals(r["stored"])
        runs = f.select(whole, f.smaller(present, 1), present)
        run_bytes = f.select(whole, present * r["block"], r["block"])
        arguments = (
            base + left * column_bytes,
            *rows,
            runs,
            r["stored"],
            column_bytes,
            run_bytes,
            r["flip"],
            r["signed"],
        )
        f.call("interleave", "void", arguments, declare=False)
        _fill_border(
            f, base, left, left + present, wanted, column_bytes, r
        )  # after what interleave writes too far
    skipped = fresh_channel - channel  # channels that the block before has done already
    inside = f.smaller(r["block"], r["channels"] - channel)
    whole = (inside - skipped) // isa.lanes
    rest = inside - skipped - whole * isa.lanes
    sliding = _Sliding(f, isa, r, (row, column), (target, column_bytes, group_bytes))
    with f.when(whole > 0):
        sliding.straight(channel + skipped, skipped, whole)
    with f.when(rest > 0):
        done = skipped + whole * isa.lanes
        sliding.rest(channel + done, done, rest, r["bounce"] + scratch)
    f.give()


def _fill_border(
    f: Function,
    base: Value,
    left: Value,
    right: Value,
    wanted: Value,
    column_bytes: Value,
    r: dict[str, Value],
) -> None:
    """Give the columns before ``left`` and from ``right`` on the border's value."""
    for start, count in ((base, left), (base + right * column_bytes, wanted - right)):
        with f.when(count > 0):
            f.call("fill", "void", (start, count * column_bytes, r["flip"]), declare=False)


class _Sliding:
    """The calls of pass 2 for one strip."""

    def __init__(
        self,
        f: Function,
        isa: Isa,
        r: dict[str, Value],
        at: tuple[Value, Value],
        t: tuple[Value, Value, Value],
    ) -> None:
        self.f, self.isa, self.r, self.t = f, isa, r, t
        self.column_stride = r["channels"] * r["element_bytes"]
        self.row_stride = r["out_width"] * self.column_stride
        self.out = r["out"] + at[0] * self.row_stride + at[1] * self.column_stride

    def straight(self, channel: Value, inside: Value, vectors: Value) -> None:
        """Write ``vectors`` full vectors of channels to the output; ``inside`` = their place in the block."""
        out = self.out + channel * self.r["element_bytes"]
        self._call(
            channel,
            inside,
            vectors,
            self.f.integer(self.isa.lanes),
            (out, self.row_stride, self.column_stride),
        )

    def rest(self, channel: Value, inside: Value, count: Value, bounce: Value) -> None:
        """Write the last, incomplete vector; byte results go through a buffer, others are cut by ``finish_rows``."""
        f, r, lanes = self.f, self.r, self.isa.lanes
        out = self.out + channel * r["element_bytes"]
        one, buffer_row = f.integer(1), r["strip"] * lanes
        with f.when(r["finish"] > Finish.FLOAT):
            self._call(channel, inside, one, count, (out, self.row_stride, self.column_stride))
        with f.when(r["finish"] <= Finish.FLOAT):
            self._call(channel, inside, one, count, (bounce, buffer_row, f.integer(lanes)))
            with f.loop(0, r["rows"]) as y:
                place, source = out + y * self.row_stride, bounce + y * buffer_row
                moved = (place, self.column_stride, source, f.integer(lanes), count, r["strip"])
                f.call("copy_rows", "void", moved, declare=False)

    def _call(
        self, channel: Value, inside: Value, vectors: Value, count: Value, target: tuple[Value, Value, Value]
    ) -> None:
        r, index = self.r, channel // self.isa.lanes
        interleaved, column_bytes, group_bytes = self.t
        arguments = (
            interleaved + inside * 4, column_bytes, group_bytes, r["weights"] + index * r["weight_bytes"],
            r["parameters"] + index * r["parameter_bytes"], r["common"], *target, r["strip"], r["finish"], r["tap_groups"],
            r["kernel_w"], r["stride_w"], r["dilation_w"], r["element_bytes"], count, vectors, r["weight_bytes"],
            r["parameter_bytes"],
        )  # fmt: skip
        for number in range(len(VARIANTS)):
            with self.f.when(r["variant"].equals(number)):
                self.f.call(f"slide{number}", "void", arguments, declare=False)


def _emit_interleave(module: Module, isa: Isa) -> None:
    """Write ``interleave``: ``runs`` times ``run_bytes`` of each row, side by side.

    Reads nothing outside the runs; may write up to a vector past the last one.
    """
    taps = 4 if isa.byte_dot else 2
    names = (
        "target",
        *(f"row{t}" for t in range(taps)),
        "runs",
        "source_step",
        "target_step",
        "run_bytes",
        "flip",
        "signed",
    )
    f = module.function("interleave", names)
    a, v = dict(zip(names, f.arguments, strict=True)), vectors_for(f, isa)
    chunk = v.nbytes if isa.byte_dot else v.nbytes // 2
    short = f.stack_slot(vector(taps * chunk, I8))
    buffer = f.emit(I64, f"ptrtoint ptr {short} to i64")
    flip = f.splat(a["flip"], chunk // 8)

    def convert(sources: Sequence[Value], target: Value) -> None:
        loaded = [v.cast(f.load(flip.kind, source) ^ flip, vector(chunk, I8)) for source in sources]
        parts = v.interleave_bytes(loaded) if isa.byte_dot else _interleave_words(v, loaded, a["signed"])
        for index, part in enumerate(parts):
            f.store(part, target + v.nbytes * index)

    with f.loop(0, a["runs"]) as run:
        rows = [a[f"row{t}"] + run * a["source_step"] for t in range(taps)]
        target = a["target"] + run * a["target_step"]
        with f.when(a["run_bytes"] >= chunk), f.loop(0, a["run_bytes"], chunk) as i:
            at = f.smaller(i, a["run_bytes"] - chunk)
            convert([row + at for row in rows], target + at * 4)
        with f.when(a["run_bytes"] < chunk):
            for t, row in enumerate(rows):
                f.call("copy", "void", (buffer + chunk * t, row, a["run_bytes"], f.integer(0)), declare=False)
            convert([buffer + chunk * t for t in range(taps)], target)
    f.give()


def _interleave_words(v: Vectors, rows: Sequence[Value], signed: Value) -> list[Value]:
    """Return two rows of bytes as int16 pairs, in order."""
    f = v.f
    is_signed = signed.differs(0)
    wide = [
        f.select(is_signed, f.convert("sext", row, v.words), f.convert("zext", row, v.words)) for row in rows
    ]
    n = 2 * v.lanes
    pairs = [i for k in range(n) for i in (k, n + k)]
    return [f.shuffle(wide[0], wide[1], pairs[:n]), f.shuffle(wide[0], wide[1], pairs[n:])]


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
        f, a, slot = self.f, self.a, self.f.stack_slot(self.v.ints)
        spill = f.emit(I64, f"ptrtoint ptr {slot} to i64")
        f.store(acc, spill)
        one, zero = f.integer(1), f.integer(0)
        arguments = (
            spill, zero, a["parameters"], one, a["common"], out, zero, one, a["count"], a["finish"], a["element_bytes"],
        )  # fmt: skip
        f.call("finish_rows", "void", arguments, declare=False)


def _emit_slide(module: Module, isa: Isa, index: int, variant: Variant) -> None:
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
