"""The WINOGRAD command: 3x3 convolutions with a quarter of the products, in integers and exact.

F(4x4, 3x3) makes a *tile* of 4x4 outputs Y from 6x6 inputs d and the weights g by 36 products instead of 144 (Lavin and
Gray, arXiv:1509.09308):

    Y = At [(G g Gt) * (Bt d B)] A          * element by element, summed over the channels

B and A hold integers, G holds fractions with the denominators 4, 6 and 24. Times 24 they are integers; the last
row is only taken times 8, to fit int16, and counts three times in A (``lower_winograd.WEIGHT_ROWS``). So the sum is 576 Y.

Both operands fit int16, so two products per lane and instruction are exact. Sums overflow, but that loses nothing: they are
right modulo 2^32, and so is 576 Y = 9 * 64 Y. Times the inverse of 9 it is 64 Y modulo 2^32, and if |Y| < 2^25, an arithmetic
shift by 6 gives Y itself. ``lower_winograd`` takes only layers whose weights keep Y that small.

Tiles of 3 rows or columns need fewer positions (``winograd_tiles``).

Every *position* (i, j) of the 36 is one matrix multiply: tiles times channels. Work is done in bands of tiles, one panel of
outputs after another, so that a band's sums stay in the second-level cache.
"""

from engine.kernels.native.emit import I8, Module, Value, vector
from engine.kernels.native.gemm import Tile
from engine.kernels.native.isa import Isa
from engine.kernels.native.kernel import Kernel
from engine.kernels.native.records import FIELDS, Opcode
from engine.kernels.native.tiles import WINOGRAD_NR, WINOGRAD_ROWS
from engine.kernels.native.vectors import Vectors, vectors_for
from engine.kernels.native.winograd_tiles import (
    HALO,
    LONG,
    POINTS,
    POINTS_OF,
    POSITIONS,
    each_size,
    grids,
    inputs_along,
    outputs_along,
    point,
    tiles_at,
)

_INVERSE_OF_9 = pow(9, -1, 1 << 32)
_BITS_OF_64 = 6


def emit_winograd(module: Module, isa: Isa) -> None:
    """Write the WINOGRAD command."""
    _emit_tile_inputs(module, isa)
    _emit_inputs(module, isa)
    _emit_products(module, isa)
    _emit_accumulators(module, isa)
    _emit_results(module, isa)
    _emit_outputs(module, isa)
    kernel = Kernel(module, isa, Opcode.WINOGRAD)
    f, r, record = kernel.function, kernel.fields, kernel.function.arguments[0]
    scratch = kernel.part * r["scratch_stride"]
    patches, sums, bounce = (r[name] + scratch for name in ("patches", "sums", "bounce"))
    cut = grids(f, r)
    by_panel = r["split_panels"].differs(0)
    first, last = kernel.share_where(by_panel ^ 1, r["tiles"], WINOGRAD_ROWS[isa.registers])
    first_panel, last_panel = kernel.share_where(by_panel, r["panels"])
    with f.loop(first, last, r["band"]) as tile:
        rows = f.smaller(r["band"], last - tile)
        f.do("winograd_inputs", record, patches, tile, rows)
        with f.loop(first_panel, last_panel) as panel:
            with f.loop(0, POSITIONS) as position:
                weights = r["weights"] + (panel * POSITIONS + position) * r["depth"] * (
                    WINOGRAD_NR * 2 * isa.lanes
                )
                begin, end = tiles_at(f, cut, position)
                begin, end = f.larger(begin, tile), f.smaller(end, tile + rows)
                here = patches + position * r["patch_step"] + (begin - tile) * r["depth"] * 2
                there = sums + position * r["sum_step"] + (begin - tile) * (WINOGRAD_NR * 4 * isa.lanes)
                f.do("winograd_products", here, r["depth"], weights, r["zeros"], there, end - begin)
            f.do("winograd_outputs", record, sums, bounce, tile, rows, panel)
    f.give()


def _emit_inputs(module: Module, isa: Isa) -> None:
    """Write ``winograd_inputs``: Bt d B of ``rows`` tiles from ``tile`` on, as int16 [position][tile][channel]."""
    f = module.function("winograd_inputs", ("record", "patches", "tile", "rows"))
    record, patches, tile, rows = f.arguments
    r = f.fields(record + 8, FIELDS[Opcode.WINOGRAD])
    for grid in grids(f, r):
        with f.loop(f.larger(grid.first, tile), f.smaller(grid.end, tile + rows)) as index:
            row, column = grid.place(index)
            corner = r["source"] + row * r["row_bytes"] + column * r["depth"]
            target = patches + (index - tile) * r["depth"] * 2
            f.do("winograd_tile_inputs", record, corner, grid.rows, grid.columns, target)
    f.give()


def _emit_tile_inputs(module: Module, isa: Isa) -> None:
    """Write ``winograd_tile_inputs``: those of the tile of ``rows`` times ``columns`` at ``corner``, to its places at ``target``.

    Line by line, first down and then across: all lines at once would take longer to compile.
    """
    f = module.function("winograd_tile_inputs", ("record", "corner", "rows", "columns", "target"))
    record, corner, rows, columns, target = f.arguments
    r, v = f.fields(record + 8, FIELDS[Opcode.WINOGRAD]), vectors_for(f, isa)
    depth, half = r["depth"], vector(2 * isa.lanes, I8)
    lines = f.address_of(f.stack_slot(f"[{POSITIONS * v.nbytes} x i8], align 64"))  # [point down][column]
    with f.loop(0, depth, 2 * isa.lanes) as channel:
        for size in each_size(f, rows):
            with f.loop(0, columns + HALO) as j:
                places = [corner + channel + depth * j + r["row_bytes"] * i for i in range(size + HALO)]
                down = inputs_along([f.convert("sext", f.load(half, p), v.words) for p in places])
                for index, value in enumerate(down):
                    f.store(value, lines + (j + index * POINTS) * v.nbytes)
        for size in each_size(f, columns):
            with f.loop(0, rows + HALO) as k:
                places = [lines + (k * POINTS + j) * v.nbytes for j in range(size + HALO)]
                across = inputs_along([f.load(v.words, p) for p in places])
                here = target + channel * 2 + r["patch_step"] * POINTS * point(f, rows, k)
                for index, value in zip(POINTS_OF[size], across, strict=True):
                    f.store(value, here + r["patch_step"] * index)
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


def _emit_accumulators(module: Module, isa: Isa) -> None:
    """Write ``winograd_accumulators``: At M A / 576 + bias of one vector of channels, [4][4] of them a panel apart.

    M lies at ``sums``, its positions ``step`` apart.
    """
    f = module.function("winograd_accumulators", ("sums", "step", "bias", "rows", "columns", "out"))
    sums, step, bias, rows, columns, out = f.arguments
    v = vectors_for(f, isa)
    lines = f.address_of(f.stack_slot(f"[{LONG * POINTS * v.nbytes} x i8], align 64"))  # [row][point across]
    added = v.ints_at(bias)
    for size in each_size(f, rows):
        with f.loop(0, columns + HALO) as k:
            first = sums + step * point(f, columns, k)
            down = outputs_along([v.ints_at(first + step * (i * POINTS)) for i in POINTS_OF[size]])
            for row, value in enumerate(down):
                f.store(value, lines + (k + row * POINTS) * v.nbytes)
    for size in each_size(f, columns):
        with f.loop(0, rows) as i:
            places = [lines + (i * POINTS + j) * v.nbytes for j in range(size + HALO)]
            for column, value in enumerate(outputs_along([v.ints_at(p) for p in places])):
                acc = ((value * _INVERSE_OF_9) >> _BITS_OF_64) + added
                f.store(acc, out + (i * LONG + column) * WINOGRAD_NR * v.nbytes)
    f.give()


def _emit_results(module: Module, isa: Isa) -> None:
    """Write ``winograd_results``: a tile's accumulators [4][4][panel] to its ``rows`` times ``columns`` outputs."""
    f = module.function("winograd_results", ("record", "bounce", "panel", "row", "rows", "column", "columns"))
    record, bounce, panel, row, rows, column, columns = f.arguments
    r, v = f.fields(record + 8, FIELDS[Opcode.WINOGRAD]), vectors_for(f, isa)
    width = WINOGRAD_NR * isa.lanes
    count = f.smaller(r["channels"] - panel * width, width)
    buffer = bounce + LONG * LONG * WINOGRAD_NR * v.nbytes
    through_buffer = (columns < LONG) | (count < width)
    a = {
        "parameters": r["parameters"] + panel * r["parameter_bytes"], "common": r["common"], "unsigned": r["unsigned"],
        "finish": r["finish"], "out_stride": f.select(through_buffer, f.integer(width), r["channels"]),
    }  # fmt: skip
    with f.loop(0, rows) as i:
        out = r["out"] + ((row + i) * r["width"] + column) * r["channels"] + panel * width
        target = f.select(through_buffer, buffer, out)
        _requantize_row(v, a, bounce + i * (LONG * WINOGRAD_NR * v.nbytes), target)
        with f.when(through_buffer):
            f.do("copy_rows", out, r["channels"], buffer, width, count, columns)
    f.give()


def _requantize_row(v: Vectors, arguments: dict[str, Value], accumulators: Value, out: Value) -> None:
    """Write the outputs of one row of a tile: four pixels of a panel."""
    places = [accumulators + k * v.nbytes for k in range(LONG * WINOGRAD_NR)]
    acc = [[v.ints_at(p) for p in places[m : m + WINOGRAD_NR]] for m in range(0, len(places), WINOGRAD_NR)]
    with v.f.first_of() as case:
        Tile(v, arguments, LONG, WINOGRAD_NR, words=True).finish_bytes(case, acc, out)


def _emit_outputs(module: Module, isa: Isa) -> None:
    """Write ``winograd_outputs``: from the sums of ``rows`` tiles to the outputs of one panel."""
    f = module.function("winograd_outputs", ("record", "sums", "bounce", "tile", "rows", "panel"))
    record, sums, bounce, tile, rows, panel = f.arguments
    r, v = f.fields(record + 8, FIELDS[Opcode.WINOGRAD]), vectors_for(f, isa)
    parameters = r["parameters"] + panel * r["parameter_bytes"]
    for grid in grids(f, r):
        with f.loop(f.larger(grid.first, tile), f.smaller(grid.end, tile + rows)) as index:
            with f.loop(0, WINOGRAD_NR) as n:
                f.do(
                    "winograd_accumulators", sums + ((index - tile) * WINOGRAD_NR + n) * v.nbytes, r["sum_step"],
                    parameters + n * v.nbytes, grid.rows, grid.columns, bounce + n * v.nbytes,
                )  # fmt: skip
            row, column = grid.place(index)
            f.do(
                "winograd_results", record, bounce, panel, row, f.smaller(r["height"] - row, grid.rows),
                column, f.smaller(r["width"] - column, grid.columns),
            )  # fmt: skip
    f.give()
