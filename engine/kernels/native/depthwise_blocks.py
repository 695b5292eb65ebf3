"""The DEPTHWISE_BLOCKS command: depthwise convolution of a vector of bytes of channels at a time.

As in ``depthwise``, rows are interleaved so that one dot product sums the taps of one column, but nothing is permuted: four
rows of bytes interleaved within segments of 128 bits become four vectors of lanes, and packing four vectors of results
within segments puts their bytes into the order of the rows again. In both, and so in the weights, lane e of vector n is
channel 16 * (e // 4) + 4 * n + e % 4 of the block.

    T_g[column][n] = four rows of the block, interleaved
    acc[n][y][x]   = bias[n] + sum over groups g, kernel columns kj of dot(T_g[x * stride + kj][n], weight[n][g][kj][y])

``sweep<variant>`` keeps the T of one group that neighbouring outputs share in registers; ``slide_block<variant>``, for more
groups, reads them from a buffer that ``interleave_columns`` has filled.
"""

from collections.abc import Callable, Sequence
from functools import cache

from engine.kernels.native.emit import Function, Module
from engine.kernels.native.interleave import columns_inside, fill_outside
from engine.kernels.native.isa import Isa
from engine.kernels.native.kernel import Kernel
from engine.kernels.native.records import FIELDS, Finish, Opcode
from engine.kernels.native.values import I8, Value, vector
from engine.kernels.native.variants import BLOCK_PIECES, BLOCK_VARIANTS, Variant
from engine.kernels.native.vectors import Vectors, vectors_for

TAPS = 4  # bytes per lane
VECTORS = 4  # of lanes per block
_SLIDE_ARGUMENTS = (
    "interleaved", "group_bytes", "weights", "parameters", "common", "out", "row_stride", "column_stride", "columns", "finish",
    "unsigned",
)  # fmt: skip
# By output row and column of a tile.
Cells = dict[tuple[int, int], Value]
# Returns T_group[column][n] of a tile for (group, column, n).
Seen = Callable[[int, int, int], Value]


def emit_depthwise_blocks(module: Module, isa: Isa) -> None:
    """Write the DEPTHWISE_BLOCKS command: bands of output rows, in each all blocks of channels."""
    _emit_interleave_columns(module, isa)
    for index, variant in enumerate(BLOCK_VARIANTS):
        if variant.tap_groups(TAPS) == 1:
            for number in BLOCK_PIECES:
                _emit_sweep(module, isa, index, variant, number)
        else:
            _emit_slide_block(module, isa, index, variant)
    _emit_block_strip(module, isa)
    kernel = Kernel(module, isa, Opcode.DEPTHWISE_BLOCKS)
    f, r, record = kernel.function, kernel.fields, kernel.function.arguments[0]
    bands = (r["out_height"] + r["rows"] - 1) // r["rows"]
    start, stop = kernel.share(r["blocks"] * bands)
    by_channels = r["by_channels"].differs(0)
    with f.loop(start, stop) as item:
        block = f.select(by_channels, item // bands, item % r["blocks"])
        band = f.select(by_channels, item % bands, item // r["blocks"])
        row = f.smaller(band * r["rows"], r["out_height"] - r["rows"])
        pieces = f.select((block + 1).equals(r["blocks"]), r["last_pieces"], f.integer(1))
        for index, variant in enumerate(BLOCK_VARIANTS):
            if variant.tap_groups(TAPS) == 1:
                for number in BLOCK_PIECES:
                    with f.when(r["variant"].equals(index) & pieces.equals(number)):
                        f.do(_sweep_name(index, number), record, row, block)
        with f.when(r["tap_groups"] > 1), f.loop(0, r["out_width"], r["strip"]) as place:
            column = f.smaller(place, r["out_width"] - r["strip"])
            f.do("block_strip", record, row, block, column, kernel.part * r["scratch_stride"])
    f.give()


class _Tile:
    """``rows`` x ``columns`` outputs of one block being written."""

    def __init__(self, v: Vectors, variant: Variant, arguments: dict[str, Value]) -> None:
        self.v, self.f, self.variant, self.a = v, v.f, variant, arguments
        self.rows, self.columns = range(variant.rows), range(variant.columns)

    def write(
        self, seen: Seen, mode: Finish, out: Value, offsets: list[Value], pieces: Sequence[Value | int] = (0,)
    ) -> None:
        """Write the tile at ``out``; column c lies ``offsets[c]`` bytes further, and may be one that a later one repeats.

        The block's ``pieces`` lie so many bytes further each.

        Two vectors are finished before the next two begin: the accumulators of all four would not fit the registers.
        """
        f, v, a = self.f, self.v, self.a
        words: dict[tuple[int, int], list[Value]] = {(y, x): [] for y in self.rows for x in self.columns}
        for n in range(0, VECTORS, 2):
            sums = self._dots(seen, (n, n + 1))
            first, second = (self._requantized(acc, k, mode) for acc, k in zip(sums, (n, n + 1), strict=True))
            for at, word in words.items():
                word.append(v.pack_words(first[at], second[at]))
        limits = [v.bytes_at(a["common"] + v.nbytes * k) for k in (1, 2, 3)]
        for unsigned in (False, True):
            with f.when(a["unsigned"].equals(int(unsigned))):
                for y in self.rows:
                    for x in reversed(self.columns):
                        packed = v.clamped_bytes(words[y, x], limits, unsigned)
                        place = (out + a["row_stride"] * y if y else out) + offsets[x]
                        nbytes = v.nbytes // len(pieces)
                        for k, piece in enumerate(pieces):
                            f.store(v.part(packed, k * nbytes, nbytes), place + piece)

    def _dots(self, seen: Seen, vectors: tuple[int, ...]) -> list[Cells]:
        """Return the accumulators of some vectors, which take turns: enough of them to hide how long a product takes."""
        v, variant = self.v, self.variant
        groups = variant.tap_groups(TAPS)
        sums: list[Cells] = []
        for n in vectors:
            bias = v.ints_at(self.a["parameters"] + v.nbytes * n)
            sums.append({(y, x): bias for y in self.rows for x in self.columns})
        for group in range(groups):
            for kj in range(variant.kernel_w):
                for acc, n in zip(sums, vectors, strict=True):
                    for y in (y for y in self.rows if variant.touches(group, y, TAPS)):
                        index = ((n * groups + group) * variant.kernel_w + kj) * variant.rows + y
                        w = v.ints_at(self.a["weights"] + v.nbytes * index)
                        for x in self.columns:
                            acc[y, x] = v.dot_bytes(acc[y, x], seen(group, x * variant.stride + kj, n), w)
        return sums

    def _requantized(self, acc: Cells, n: int, mode: Finish) -> Cells:
        """Return q of vector ``n`` as int32, not yet saturated."""
        f, v, place = self.f, self.v, self.a["parameters"] + self.v.nbytes * (VECTORS + n)
        if mode is Finish.SHIFT:
            shift = v.ints_at(place)
            return {at: v.held(cell >> shift) for at, cell in acc.items()}
        scale, addend = f.load(v.floats, place), f.load(v.floats, self.a["common"])
        return {at: v.held(v.scale_floor(cell, scale, addend)) for at, cell in acc.items()}


class _Block:
    """What both ways to compute a band of one block begin with; ``record``, ``row`` and ``block`` are the first arguments."""

    def __init__(self, f: Function, isa: Isa, pieces: int = 1) -> None:
        record, row, block = f.arguments[:3]
        self.f, self.r = f, f.fields(record + 8, FIELDS[Opcode.DEPTHWISE_BLOCKS])
        r, self.width, self._row = self.r, 4 * isa.lanes, row
        self.channel = f.smaller(block * self.width, r["channels"] - self.width // pieces)
        self.row_stride = r["out_width"] * r["channels"]
        self.out = r["out"] + row * self.row_stride + self.channel
        self.weights = r["weights"] + block * r["weight_bytes"]
        self.parameters = r["parameters"] + block * r["parameter_bytes"]

    def input_row(self, number: Value | int) -> Value:
        """Return the address of the block in input row ``number`` of the band; zeros where that is outside the map."""
        f, r, number = self.f, self.r, self.f.integer(number)
        y = self._row * r["stride_h"] - r["top"] + number
        inside = (y >= 0) & (y < r["height"]) & (number < r["needed_rows"])
        return f.select(inside, r["source"] + y * (r["width"] * r["channels"]) + self.channel, r["zeros"])


def _sweep_name(variant: int, pieces: int) -> str:
    return f"sweep{variant}_in_{pieces}"


def _emit_sweep(module: Module, isa: Isa, index: int, variant: Variant, pieces: int) -> None:
    """Write one band of one block: every input column is read and interleaved once.

    A block of fewer channels than a vector has bytes consists of ``pieces``: as many stretches of columns side by side.
    """
    f = module.function(_sweep_name(index, pieces), ("record", "row", "block"))
    v, b = vectors_for(f, isa), _Block(f, isa, pieces)
    r = b.r
    columns = r["out_width"] if pieces == 1 else r["piece_columns"]
    starts = [f.smaller(columns * k, r["out_width"] - columns) if k else f.integer(0) for k in range(pieces)]
    rows = [b.input_row(tap) for tap in range((variant.rows - 1) * variant.stride + variant.kernel_h)]
    common = {"common": r["common"], "row_stride": b.row_stride, "unsigned": r["unsigned"]}
    tile = _Tile(v, variant, {"weights": b.weights, "parameters": b.parameters, **common})
    shared, advance = variant.kernel_w - variant.stride, variant.columns * variant.stride

    def column(number: Value) -> list[Value]:
        return _column(v, r, rows, [start * variant.stride + number for start in starts])

    for mode in (Finish.SHIFT, Finish.FLOAT):
        with f.when(r["finish"].equals(mode)):
            first = [column(f.integer(c) - r["left"]) for c in range(shared)]
            kept = [[f.variable(part) for part in parts] for parts in first]
            with f.loop(0, columns, variant.columns) as x:
                window = [[part.get() for part in parts] for parts in kept]
                start = x * variant.stride - r["left"]
                window += [column(start + c) for c in range(shared, shared + advance)]

                def seen(_: int, column: int, n: int, window: list[list[Value]] = window) -> Value:
                    return window[column][n]

                offsets = [f.smaller(x + c, columns - 1) * r["channels"] for c in range(variant.columns)]
                tile.write(seen, mode, b.out, offsets, [place * r["channels"] for place in starts])
                for parts, following in zip(kept, window[advance:], strict=True):
                    for part, value in zip(parts, following, strict=True):
                        part.set(value)
    f.give()


def _column(v: Vectors, r: dict[str, Value], rows: list[Value], columns: list[Value]) -> list[Value]:
    """Return one column of input rows interleaved, its pieces from ``columns``; zeros outside the map."""
    f, nbytes = v.f, v.nbytes // len(columns)
    loaded: list[list[Value]] = [[] for _ in rows]
    for column in columns:
        inside = (column >= 0) & (column < r["width"])
        # Opaque, or LLVM counts up an address for every row and column, more than there are registers for.
        offset = f.opaque(column * r["channels"])
        for row, pieces in zip(rows, loaded, strict=True):
            pieces.append(f.load(vector(nbytes, I8), f.select(inside, row + offset, r["zeros"])))
    whole = [f.joined(pieces) for pieces in loaded]
    return v.interleave_in_segments(whole + whole[-1:] * (TAPS - len(whole)))  # further taps have weights 0


def _emit_interleave_columns(module: Module, isa: Isa) -> None:
    """Write ``interleave_columns``: the block of each row, side by side, for ``columns`` columns ``step`` bytes apart."""
    names = ("target", "row0", "row1", "row2", "row3", "columns", "step")
    f = module.function("interleave_columns", names)
    a, v = dict(zip(names, f.arguments, strict=True)), vectors_for(f, isa)
    with f.loop(0, a["columns"]) as column:
        offset, target = column * a["step"], a["target"] + column * (VECTORS * v.nbytes)
        rows = [v.bytes_at(a[f"row{t}"] + offset) for t in range(TAPS)]
        for n, part in enumerate(v.interleave_in_segments(rows)):
            f.store(part, target + v.nbytes * n)
    f.give()


def _emit_slide_block(module: Module, isa: Isa, index: int, variant: Variant) -> None:
    """Write ``slide_block<index>``: ``columns`` (at least ``variant.columns``) outputs of each of the variant's rows."""
    f = module.function(f"slide_block{index}", _SLIDE_ARGUMENTS)
    a, v = dict(zip(_SLIDE_ARGUMENTS, f.arguments, strict=True)), vectors_for(f, isa)
    tile = _Tile(v, variant, a)
    offsets = [a["column_stride"] * c for c in range(variant.columns)]
    for mode in (Finish.SHIFT, Finish.FLOAT):
        with f.when(a["finish"].equals(mode)), f.loop(0, a["columns"], variant.columns) as place:
            x = f.smaller(place, a["columns"] - variant.columns)
            first = a["interleaved"] + x * (variant.stride * VECTORS * v.nbytes)

            @cache  # outputs share most of what they see
            def seen(group: int, column: int, n: int, first: Value = first) -> Value:
                base = first + a["group_bytes"] * group if group else first
                return v.ints_at(base + v.nbytes * (VECTORS * column + n))

            tile.write(seen, mode, a["out"] + x * a["column_stride"], offsets)
    f.give()


def _emit_block_strip(module: Module, isa: Isa) -> None:
    """Write ``block_strip``: ``strip`` columns of one band of one block, by way of the buffer."""
    f = module.function("block_strip", ("record", "row", "block", "column", "scratch"))
    column, scratch = f.arguments[3:]
    b = _Block(f, isa)
    r, target, column_bytes = b.r, b.r["interleaved"] + scratch, VECTORS * b.width
    wanted = (r["strip"] - 1) * r["stride_w"] + r["kernel_w"]
    first = column * r["stride_w"] - r["left"]
    left, present = columns_inside(f, first, wanted, r["width"])
    with f.loop(0, r["tap_groups"]) as group:
        base = target + group * wanted * column_bytes
        place = base + left * column_bytes
        rows = [b.input_row(group * TAPS + tap) + (first + left) * r["channels"] for tap in range(TAPS)]
        f.do("interleave_columns", place, *rows, present, r["channels"])
        fill_outside(f, base, place, (left, present, wanted), column_bytes, f.integer(0))
    arguments = (
        target, wanted * column_bytes, b.weights, b.parameters, r["common"], b.out + column * r["channels"], b.row_stride,
        r["channels"], r["strip"], r["finish"], r["unsigned"],
    )  # fmt: skip
    for index, variant in enumerate(BLOCK_VARIANTS):
        if variant.tap_groups(TAPS) > 1:
            with f.when(r["variant"].equals(index)):
                f.do(f"slide_block{index}", *arguments)
    f.give()
