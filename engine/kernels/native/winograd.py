"""The WINOGRAD command: 3x3 convolutions with a quarter of the products, in integers and exact.

F(4x4, 3x3) makes a *tile* of 4x4 outputs Y from 6x6 inputs d and the weights g by 36 products instead of 144 (Lavin and
Gray, arXiv:1509.09308):

    Y = At [(G g Gt) * (Bt d B)] A          * element by element, summed over the channels

B and A hold integers, G holds fractions with the denominators 4, 6 and 24. Times 24 they are integers; the last
row is only taken times 8, to fit int16, and counts three times in A (``winograd_tiles.FACTORS``). So the sum is 576 Y.

Both operands fit int16, so two products per lane and instruction are exact. Sums overflow, but that loses nothing: they are
right modulo 2^32, and so is 576 Y = 9 * 64 Y. Times the inverse of 9 it is 64 Y modulo 2^32, and if |Y| < 2^25, an arithmetic
shift by 6 gives Y itself. ``lower_winograd`` takes only layers whose weights keep Y that small.

Every *position* (i, j) of the 36 is one matrix multiply: tiles times channels. Tiles of less than 4 rows or columns do without
some of them (``winograd_tiles``): what the transforms make of the missing sums are outputs that such tiles do not have. Work is
done in bands of tiles, one panel of outputs after another, so that a band's sums stay in the second-level cache.
"""

from collections.abc import Sequence

from engine.kernels.native import winograd_7x7
from engine.kernels.native.emit import Function, Module
from engine.kernels.native.gemm import Tile
from engine.kernels.native.isa import Isa
from engine.kernels.native.kernel import Kernel
from engine.kernels.native.records import FIELDS, Opcode
from engine.kernels.native.tiles import WINOGRAD_NR, WINOGRAD_ROWS
from engine.kernels.native.values import I8, Value, vector
from engine.kernels.native.vectors import Vectors, vectors_for
from engine.kernels.native.winograd_7x7 import TAPS
from engine.kernels.native.winograd_tiles import LONG, PLACE, POINTS, POSITIONS

_INVERSE_OF_9 = pow(9, -1, 1 << 32)
_BITS_OF_64 = 6


def emit_winograd(module: Module, isa: Isa) -> None:
    """Write the WINOGRAD command."""
    _emit_inputs(module, isa)
    _emit_products(module, isa)
    _emit_positions(module, isa)
    if isa.winograd_7x7:
        winograd_7x7.emit_products(module, isa)
    _emit_outputs(module, isa)
    kernel = Kernel(module, isa, Opcode.WINOGRAD)
    f, r, record = kernel.function, kernel.fields, kernel.function.arguments[0]
    scratch = kernel.part * r["scratch_stride"]
    patches, sums, bounce = (r[name] + scratch for name in ("patches", "sums", "bounce"))
    by_panel = r["split_panels"].differs(0)
    first, last = kernel.share_where(by_panel ^ 1, r["tiles"], WINOGRAD_ROWS[isa.registers])
    first_panel, last_panel = kernel.share_where(by_panel, r["panels"])
    with f.loop(first, last, r["band"]) as tile:
        rows = f.smaller(r["band"], last - tile)
        f.do("winograd_inputs", record, patches, tile, rows)
        with f.loop(first_panel, last_panel) as panel:
            with f.when(r["seven"].equals(0)):
                f.do("winograd_positions", record, patches, sums, tile, rows, panel)
            if isa.winograd_7x7:
                with f.when(r["seven"].differs(0)), f.loop(0, WINOGRAD_NR) as n:
                    weights = r["weights"] + (panel * WINOGRAD_NR + n) * r["depth"] * (TAPS * isa.lanes)
                    there = sums + n * (4 * isa.lanes)
                    f.do("winograd_7x7", patches, r["depth"], weights, there, r["sum_step"])
            f.do("winograd_outputs", record, sums, bounce, tile, rows, panel)
    f.give()


def _emit_positions(module: Module, isa: Isa) -> None:
    """Write ``winograd_positions``: sums [position][tile][o] of ``rows`` tiles from ``tile`` on, and one panel."""
    f = module.function("winograd_positions", ("record", "patches", "sums", "tile", "rows", "panel"))
    record, patches, sums, tile, rows, panel = f.arguments
    r, vector_bytes = f.fields(record + 8, FIELDS[Opcode.WINOGRAD]), WINOGRAD_NR * 4 * isa.lanes
    with f.loop(0, POSITIONS) as position:
        begin, end = _tiles_at(f, r, position)
        begin, end = f.larger(begin, tile), f.smaller(end, tile + rows)
        weights = r["weights"] + (panel * POSITIONS + position) * (r["depth"] // 2) * vector_bytes
        here = patches + position * r["patch_step"] + (begin - tile) * r["tile_step"]
        there = sums + position * r["sum_step"] + (begin - tile) * vector_bytes
        f.do("winograd_products", here, r["depth"], weights, r["zeros"], there, end - begin)
    f.give()


def _tiles_at(f: Function, r: dict[str, Value], position: Value) -> tuple[Value, Value]:
    """Return (first, end) of the tiles that have a position."""
    last_row = (position // POINTS).equals(POINTS - 1)
    last_column = (position % POINTS).equals(POINTS - 1)
    return (
        f.select(last_column, r["narrow_end"], f.integer(0)),
        f.select(last_row, r["whole_end"], f.select(last_column, r["low_end"], r["tiles"])),
    )


def _place(f: Function, r: dict[str, Value], tile: Value) -> dict[str, Value]:
    """Return where a tile's outputs lie in the map."""
    return f.fields(r["places"] + tile * (8 * len(PLACE)), PLACE)


def _inputs_along(d: Sequence[Value]) -> list[Value]:
    """Return Bt d of six values."""
    a, b = d[4] - d[2], d[3] - d[1]
    c, e = d[4] - (d[2] << 2), d[3] - (d[1] << 2)
    twice = b << 1
    return [
        a + ((d[0] - d[2]) << 2),
        c + e,
        c - e,
        a + twice,
        a - twice,
        d[5] - d[3] - (b << 2),
    ]


def _outputs_along(m: Sequence[Value]) -> list[Value]:
    """Return At m of six sums, the last times three."""
    a, b, c, e = m[1] + m[2], m[1] - m[2], m[3] + m[4], m[3] - m[4]
    return [
        a + c + m[0],
        b + (e << 1),
        a + (c << 2),
        b + (e << 3) + m[5] + (m[5] << 1),
    ]


def _emit_inputs(module: Module, isa: Isa) -> None:
    """Write ``winograd_inputs``: Bt d B of ``rows`` tiles from ``tile`` on, as int16 in steps of the record's."""
    f = module.function("winograd_inputs", ("record", "patches", "tile", "rows"))
    record, patches, tile, rows = f.arguments
    r, v = f.fields(record + 8, FIELDS[Opcode.WINOGRAD]), vectors_for(f, isa)
    channels, half = r["depth"], vector(2 * isa.lanes, I8)
    with f.loop(0, rows) as index:
        place = _place(f, r, tile + index)
        corner = r["source"] + place["row"] * r["row_bytes"] + place["column"] * channels
        target = patches + index * r["tile_step"]
        with f.loop(0, channels, 2 * isa.lanes) as channel:
            lines = []
            for j in range(POINTS):
                places = [corner + channel + r["row_bytes"] * i + channels * j for i in range(POINTS)]
                lines.append(_inputs_along([f.convert("sext", f.load(half, p), v.words) for p in places]))
            here = target + channel // (2 * isa.lanes) * r["vector_step"]
            for i in range(POINTS):
                for j, value in enumerate(_inputs_along([line[i] for line in lines])):
                    f.store(value, here + r["row_step"] * i + r["patch_step"] * j)
    f.give()


class _ProductTile(Tile):
    """A tile of sums. Meanwhile its share of the next position's weights is fetched, ``ahead_bytes`` per group."""

    def fetch_ahead(self, panel: Value, group: Value) -> None:
        """Ask for weights of the next position."""
        for line in range(self.nr):
            address = self._ahead + group * self.a["ahead_bytes"] + line * self.v.nbytes
            self.f.prefetch(address, level=2)

    def write(self, row: Value) -> None:
        """Write the code of the tile that starts at row ``row``."""
        a = self.a
        share = row // WINOGRAD_ROWS[self.v.isa.registers] * a["ahead_bytes"]
        self._ahead = a["weights"] + a["groups"] * (share + WINOGRAD_NR * self.v.nbytes)
        self.store_raw(
            self.accumulate(a["patch"] + row * a["patch_stride"]), a["out"] + row * a["out_stride"]
        )


def _emit_products(module: Module, isa: Isa) -> None:
    """Write ``winograd_products``: sums[row][o] of ``rows`` tiles and one panel, at one position.

    Rows that are left over by whole register tiles are done in smaller ones, the last of which may overlap the one before.
    """
    f = module.function("winograd_products", ("patch", "depth", "weights", "zeros", "out", "rows"))
    patch, depth, weights, zeros, out, rows = f.arguments
    v, height = vectors_for(f, isa), WINOGRAD_ROWS[isa.registers]
    vector_bytes = WINOGRAD_NR * v.nbytes
    arguments = {
        "patch": patch, "patch_stride": depth * 2, "runs": f.integer(1), "run_step": f.integer(0), "groups": depth // 2,
        "weights": weights, "parameters": zeros, "out": out, "out_stride": f.integer(vector_bytes),
        "ahead_bytes": f.integer(vector_bytes * height) // f.larger(rows, height),
    }  # fmt: skip
    done = f.integer(0)
    for mr in (height, height // 2):
        count = f.select(rows < mr, f.integer(0), (rows - done + (mr // 2 - 1)) // mr)
        with f.loop(0, count) as index:
            _ProductTile(v, arguments, mr, WINOGRAD_NR, words=True).write(
                f.smaller(done + index * mr, rows - mr)
            )
        done = f.smaller(done + count * mr, rows)
    with f.loop(done, rows) as row:
        _ProductTile(v, arguments, 1, WINOGRAD_NR, words=True).write(row)
    f.give()


def _emit_outputs(module: Module, isa: Isa) -> None:
    """Write ``winograd_outputs``: from the sums of ``rows`` tiles to the outputs of one panel."""
    f = module.function("winograd_outputs", ("record", "sums", "bounce", "tile", "rows", "panel"))
    record, sums, bounce, tile, rows, panel = f.arguments
    r, v = f.fields(record + 8, FIELDS[Opcode.WINOGRAD]), vectors_for(f, isa)
    width, parameters = WINOGRAD_NR * isa.lanes, r["parameters"] + panel * r["parameter_bytes"]
    count = f.smaller(r["channels"] - panel * width, width)
    buffer = bounce + LONG * LONG * WINOGRAD_NR * v.nbytes
    with f.loop(0, rows) as index:
        with f.loop(0, WINOGRAD_NR) as n:
            here = sums + (index * WINOGRAD_NR + n) * v.nbytes
            _sums_to_accumulators(
                v, here, r["sum_step"], v.ints_at(parameters + n * v.nbytes), bounce + n * v.nbytes
            )
        place = _place(f, r, tile + index)
        through_buffer = (place["columns"] < LONG) | (count < width)
        a = {
            "parameters": parameters, "common": r["common"], "unsigned": r["unsigned"], "finish": r["finish"],
            "out_stride": f.select(through_buffer, f.integer(width), r["channels"]),
        }  # fmt: skip
        with f.loop(0, place["rows"]) as i:
            pixel = (place["row"] + i) * r["width"] + place["column"]
            out = r["out"] + pixel * r["channels"] + panel * width
            target = f.select(through_buffer, buffer, out)
            _requantize_row(v, a, bounce + i * (LONG * WINOGRAD_NR * v.nbytes), target)
            with f.when(through_buffer):
                f.do("copy_rows", out, r["channels"], buffer, width, count, place["columns"])
    f.give()


def _requantize_row(v: Vectors, arguments: dict[str, Value], accumulators: Value, out: Value) -> None:
    """Write the outputs of one row of a tile: four pixels of a panel."""
    places = [accumulators + k * v.nbytes for k in range(LONG * WINOGRAD_NR)]
    acc = [[v.ints_at(p) for p in places[m : m + WINOGRAD_NR]] for m in range(0, len(places), WINOGRAD_NR)]
    with v.f.first_of() as case:
        Tile(v, arguments, LONG, WINOGRAD_NR, words=True).finish_bytes(case, acc, out)


def _sums_to_accumulators(v: Vectors, sums: Value, step: Value, bias: Value, out: Value) -> None:
    """Write At M A / 576 + bias of one vector of channels, 4x4 of them ``WINOGRAD_NR`` vectors apart; M lies ``step`` apart."""
    lines = [
        _outputs_along([v.ints_at(sums + step * (i * POINTS + j)) for i in range(POINTS)])
        for j in range(POINTS)
    ]
    for i in range(LONG):
        for j, value in enumerate(_outputs_along([line[i] for line in lines])):
            acc = ((value * _INVERSE_OF_9) >> _BITS_OF_64) + bias
            v.f.store(acc, out + (i * LONG + j) * WINOGRAD_NR * v.nbytes)
