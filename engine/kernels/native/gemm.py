"""Matrix multiply in register tiles, and the CONV command on top of it.

A tile is MR pixels by NR vectors of output channels. One step of the inner loop takes one *group* (four bytes, or two
int16, of the patch) of each of the MR pixels, repeated in every lane, and NR vectors of weights; MR * NR dot products:

    for g in groups:   w[0..NR) = panel[g]             NR loads
        for m in MR:   a = broadcast(patch[m][g])      1 load
            for n in NR: acc[m][n] = dot(acc[m][n], a, w[n])

Weights are packed once (``panels``) so that a panel is read straight through. Lane e of vector n holds channel
4 * NR * (e // 4) + 4 * n + e % 4 of the panel: saturating packs work within segments of four int32, and with this order
their result needs no permutation for NR = 4. For 16 lanes, NR = 4: vector 0 = channels 0-3, 16-19, 32-35, 48-51.
"""

from collections.abc import Sequence

from engine.kernels.native.emit import I1, I8, I16, I64, Function, Module, Value, vector
from engine.kernels.native.isa import Isa
from engine.kernels.native.kernel import Kernel
from engine.kernels.native.records import FIELDS, Finish, Opcode
from engine.kernels.native.tiles import TILE_MIN_ROWS, TILE_NR, TILE_PANEL, TILE_ROWS, WORDS_NR
from engine.kernels.native.vectors import Vectors, vectors_for

PANEL_ARGUMENTS = (
    "patch",
    "patch_stride",
    "runs",
    "run_step",
    "groups",
    "weights",
    "parameters",
    "common",
    "out",
    "out_stride",
    "rows",
    "finish",
)


class Tile:
    """One tile being written."""

    def __init__(self, vectors: Vectors, arguments: dict[str, Value], mr: int, nr: int, words: bool) -> None:
        self.v, self.f, self.a, self.mr, self.nr = vectors, vectors.f, arguments, mr, nr
        self.dot = vectors.dot_words if words else vectors.dot_bytes

    def accumulate(self, patch: Value) -> list[list[Value]]:
        """Return acc[mr][nr], started from the bias."""
        f, v, a = self.f, self.v, self.a
        bias = [v.ints_at(a["parameters"] + v.nbytes * n) for n in range(self.nr)]
        acc = [[f.variable(bias[n]) for n in range(self.nr)] for _ in range(self.mr)]
        rows = [patch + a["patch_stride"] * m if m else patch for m in range(self.mr)]
        with f.loop(0, a["runs"]) as run:
            offset = run * a["run_step"]
            run_panel = a["weights"] + run * a["groups"] * (v.nbytes * self.nr)
            with f.loop(0, a["groups"]) as g:
                panel = run_panel + g * (v.nbytes * self.nr)
                weights = [v.ints_at(panel + v.nbytes * n) for n in range(self.nr)]
                for m in range(self.mr):
                    group = v.broadcast_at(rows[m] + (offset + g * 4))
                    for n in range(self.nr):
                        acc[m][n].set(self.dot(acc[m][n].get(), group, weights[n]))
        return [[cell.get() for cell in row] for row in acc]

    def requantize(self, acc: list[list[Value]], finish: Finish) -> list[list[Value]]:
        """Return q of every accumulator as int32, not yet saturated."""
        v, a = self.v, self.a
        base = a["parameters"] + v.nbytes * self.nr
        if finish is Finish.SHIFT:
            shifts = [v.ints_at(base + v.nbytes * n) for n in range(self.nr)]
            return [[row[n] >> shifts[n] for n in range(self.nr)] for row in acc]
        scales = [self.f.load(v.floats, base + v.nbytes * n) for n in range(self.nr)]
        addend = self.f.load(v.floats, a["common"])
        return [[v.scale_floor(row[n], scales[n], addend) for n in range(self.nr)] for row in acc]

    def store(self, q: list[list[Value]], out: Value) -> None:
        """Saturate, clamp and write int8 results; ``common`` = addend, low, high, flip (``panels.common_block``)."""
        v, f = self.v, self.f
        low, high, flip = (v.bytes_at(self.a["common"] + v.nbytes * k) for k in (1, 2, 3))

        def finished(parts: Sequence[Value]) -> Value:
            return f.smaller(f.larger(v.pack4(parts), low), high) ^ flip

        per_store = {1: 4, 2: 2, 3: 1, 4: 1}[self.nr]
        for first in range(0, self.mr, per_store):
            rows = [min(first + k, self.mr - 1) for k in range(per_store)]
            parts = [q[m][n] for m in rows for n in range(self.nr)]
            packed = finished(parts if self.nr != 3 else [*parts, parts[-1]])
            for k, m in enumerate(rows):
                if first + k < self.mr:
                    self._store_row(packed, k, out + self.a["out_stride"] * m)

    def _store_row(self, packed: Value, k: int, address: Value) -> None:
        """Write row ``k`` of a packed vector: NR * lanes bytes."""
        v, segments = self.v, self.v.nbytes // 16
        if self.nr == 4:
            self.f.store(packed, address)
            return
        if self.nr == 3:
            order = [4 * s + j for s in range(segments) for j in range(3)] + [0] * segments
        else:
            order = [
                4 * s + self.nr * p + j
                for p in range(4 // self.nr)
                for s in range(segments)
                for j in range(self.nr)
            ]
        ordered = v.permute(v.cast(packed, v.ints), order)
        start = k * self.nr * segments
        sizes = (2 * segments, segments) if self.nr == 3 else (self.nr * segments,)
        for size in sizes:
            self.f.store(v.part(ordered, start, size), address)
            start, address = start + size, address + 4 * size

    def store_raw(self, acc: list[list[Value]], out: Value) -> None:
        """Write the accumulators themselves."""
        for m in range(self.mr):
            for n in range(self.nr):
                self.f.store(acc[m][n], out + self.a["out_stride"] * m + self.v.nbytes * n)

    def write(self, row: Value) -> None:
        """Write the code of the tile that starts at pixel ``row``."""
        a = self.a
        acc = self.accumulate(a["patch"] + row * a["patch_stride"])
        self.finish(acc, a["out"] + row * a["out_stride"])

    def finish(self, acc: list[list[Value]], out: Value) -> None:
        """Write the code that turns accumulators into output, by the mode in ``finish``."""
        f, a = self.f, self.a
        for finish in (Finish.SHIFT, Finish.FLOAT):
            with f.when(a["finish"].equals(finish)):
                self.store(self.requantize(acc, finish), out)
        with f.when(a["finish"] > Finish.FLOAT):
            self.store_raw(acc, out)


def panel_name(nr: int, words: bool) -> str:
    """Return the name of the function that multiplies by panels of ``nr`` vectors, as bytes or as int16."""
    return f"panel{nr}_words" if words else f"panel{nr}_bytes"


def panels_of(isa: Isa) -> tuple[tuple[int, bool], ...]:
    """Return the (nr, words) that are emitted: all widths for the form of 8-bit tensors, one width for 16-bit tensors."""
    widths = tuple((nr, not isa.byte_dot) for nr in TILE_ROWS[isa.registers])
    return (*widths, (WORDS_NR, True)) if isa.byte_dot else widths


def emit_panel(module: Module, isa: Isa, nr: int, words: bool) -> None:
    """Write one panel function: any number of pixels times one panel; full tiles, the last overlapping the one before."""
    f = module.function(panel_name(nr, words), PANEL_ARGUMENTS)
    v, arguments = vectors_for(f, isa), dict(zip(PANEL_ARGUMENTS, f.arguments, strict=True))
    mr, rows = TILE_ROWS[isa.registers][nr], arguments["rows"]
    with f.when(rows < mr), f.loop(0, rows) as row:
        Tile(v, arguments, 1, nr, words).write(row)
    with f.when(rows >= mr), f.loop(0, rows, mr) as row:
        Tile(v, arguments, mr, nr, words).write(f.smaller(row, rows - mr))
    f.give()


def emit_conv(module: Module, isa: Isa) -> None:
    """Write the CONV command."""
    for nr, words in panels_of(isa):
        emit_panel(module, isa, nr, words)
    _emit_finish_rows(module, isa)
    _emit_one_panel(module, isa)
    _emit_gather(module, isa)
    kernel = Kernel(module, isa, Opcode.CONV)
    f, r = kernel.function, kernel.fields
    scratch = kernel.part * r["scratch_stride"]
    patches, bounce = r["patches"] + scratch, r["bounce"] + scratch
    by_panel = r["split_panels"].differs(0)
    first, last = _cut(kernel, r["pixels"], by_panel ^ 1, r["granule"])
    all_panels = r["panels"] + f.select(r["rest_nr"] > 0, f.integer(1), f.integer(0))
    first_panel, last_panel = _cut(kernel, all_panels, by_panel)
    with f.loop(first, last, r["band"]) as pixel:
        rows = f.smaller(r["band"], last - pixel)
        gathered = r["segments"] > 0
        with f.when(gathered):
            f.call("gather", "void", (kernel.function.arguments[0], patches, pixel, rows), declare=False)
        in_map = r["source"] + f.select(
            r["by_row"] > 0, pixel // r["width"] * r["row_stride"], pixel * r["patch_stride"]
        )
        patch = f.select(gathered, patches, in_map)
        with f.loop(first_panel, last_panel) as panel:
            arguments = (kernel.function.arguments[0], patch, pixel, rows, panel, bounce)
            f.call("one_panel", "void", arguments, declare=False)
    f.give()


def _cut(kernel: Kernel, count: Value, here: Value, granule: Value | int = 1) -> tuple[Value, Value]:
    """Return this part's share of ``count`` where ``here`` holds, else all of it."""
    f = kernel.function
    start, stop = kernel.share(count, granule)
    return f.select(here, start, f.integer(0)), f.select(here, stop, count)


def _emit_one_panel(module: Module, isa: Isa) -> None:
    """Write ``one_panel``: chooses the tile width, and sends results that are not whole vectors through a buffer."""
    names = ("record", "patch", "pixel", "rows", "panel", "bounce")
    f = module.function("one_panel", names)
    record, patch, pixel, rows, panel, bounce = f.arguments
    r = _conv_fields(f, record)
    is_rest = panel >= r["panels"]
    nr = f.select(is_rest, r["rest_nr"], r["nr"])
    lanes = isa.lanes
    channel = panel * (r["nr"] * lanes)
    count = f.smaller(nr * lanes, r["channels"] - channel)
    out = r["out"] + pixel * r["out_stride"] + channel * r["element_bytes"]
    raw = r["finish"] > Finish.FLOAT
    through_buffer = raw | (count < nr * lanes)
    buffer_stride = nr * f.select(raw, f.integer(4 * lanes), f.integer(lanes))
    target = f.select(through_buffer, bounce, out)
    stride = f.select(through_buffer, buffer_stride, r["out_stride"])
    parameters = r["parameters"] + panel * r["parameter_bytes"]
    arguments = (
        patch, r["patch_stride"], r["runs"], r["run_step"], r["groups"], r["weights"] + panel * r["panel_bytes"],
        parameters, r["common"], target, stride, rows, r["finish"],
    )  # fmt: skip
    vector_units = f.constant(I1, 1)
    if isa.tiles:
        suits = r["tile_groups"].differs(0) & nr.equals(TILE_NR) & (rows >= TILE_MIN_ROWS)
        with f.when(suits):
            f.call(TILE_PANEL, "void", (*arguments, r["tile_groups"]), declare=False)
        vector_units = suits ^ 1
    for width, words in panels_of(isa):
        with f.when(vector_units & nr.equals(width) & r["words"].equals(int(words))):
            f.call(panel_name(width, words), "void", arguments, declare=False)
    with f.when(raw):
        finish = (
            bounce,
            buffer_stride,
            parameters,
            nr,
            r["common"],
            out,
            r["out_stride"],
            rows,
            count,
            r["finish"],
            r["element_bytes"],
        )
        f.call("finish_rows", "void", finish, declare=False)
    with f.when((raw ^ 1) & through_buffer):
        moved = (out, r["out_stride"], bounce, buffer_stride, count, rows)
        f.call("copy_rows", "void", moved, declare=False)
    f.give()


def _conv_fields(f: Function, record: Value) -> dict[str, Value]:
    return f.fields(record + 8, FIELDS[Opcode.CONV])


def _emit_gather(module: Module, isa: Isa) -> None:
    """Write ``gather``: the patches of ``rows`` pixels from ``pixel`` on. Reads up to a vector too far: scratch maps only."""
    f = module.function("gather", ("record", "patches", "pixel", "rows"))
    record, patches, pixel, rows = f.arguments
    r = _conv_fields(f, record)
    nbytes = 4 * isa.lanes
    kind = vector(nbytes, I8)
    row, column = f.variable(pixel // r["width"]), f.variable(pixel % r["width"])
    with f.loop(0, rows) as index:
        source = r["source"] + row.get() * r["row_stride"] + column.get() * r["column_stride"]
        target = patches + index * r["patch_stride"]
        with f.loop(0, r["segments"]) as segment:
            piece = source + f.load(I64, r["segment_offsets"] + segment * 8)
            place = target + segment * r["segment_bytes"]
            with f.loop(0, r["segment_bytes"], nbytes) as i:
                f.store(f.load(kind, piece + i), place + i)
        wraps = (column.get() + 1).equals(r["width"])
        row.set(f.select(wraps, row.get() + 1, row.get()))
        column.set(f.select(wraps, f.integer(0), column.get() + 1))
    f.give()


def _emit_finish_rows(module: Module, isa: Isa) -> None:
    """Write ``finish_rows``: accumulators [rows, nr * lanes] to 1- or 2-byte outputs, ``count`` channels per row.

    Parameters per panel: bias, then scale or shift (int32 or float) as in a tile; for RAW_WIDE instead multiplier (int32),
    shift (int64) and rounding (int64) behind them. ``common`` = addend, low, high, flip as bytes, low, high as int32.
    """
    names = (
        "acc",
        "acc_stride",
        "parameters",
        "nr",
        "common",
        "out",
        "out_stride",
        "rows",
        "count",
        "finish",
        "element_bytes",
    )
    f = module.function("finish_rows", names)
    a, v = dict(zip(names, f.arguments, strict=True)), vectors_for(f, isa)
    low, high = (v.ints_at(a["common"] + v.nbytes * k) for k in (4, 5))
    spill = f.stack_slot(v.ints)
    tail = f.emit(I64, f"ptrtoint ptr {spill} to i64")
    with f.loop(0, a["count"], v.lanes) as channel:
        vector_index = channel // v.lanes
        here = f.smaller(a["count"] - channel, v.lanes)
        with f.loop(0, a["rows"]) as row:
            acc = v.ints_at(a["acc"] + row * a["acc_stride"] + channel * 4)
            q = f.smaller(f.larger(finish_vector(v, acc, a, a["nr"], vector_index), low), high)
            out = a["out"] + row * a["out_stride"] + channel * a["element_bytes"]
            target = f.select(here < v.lanes, tail, out)
            with f.when(a["element_bytes"].equals(1)):
                f.store(f.convert("trunc", q, vector(v.lanes, I8)), target)
            with f.when(a["element_bytes"].equals(2)):
                f.store(f.convert("trunc", q, vector(v.lanes, I16)), target)
            with f.when(here < v.lanes):
                f.call("copy", "void", (out, tail, here * a["element_bytes"], f.integer(0)), declare=False)
    f.give()


def finish_vector(v: Vectors, acc: Value, a: dict[str, Value], nr: Value, index: Value) -> Value:
    """Return q of vector ``index`` of a panel of ``nr``, by the RAW mode in ``a["finish"]``; not clamped."""
    f = v.f
    second = a["parameters"] + nr * v.nbytes + index * v.nbytes
    result = f.variable(acc)
    with f.when(a["finish"].equals(Finish.RAW_SHIFT)):
        result.set(acc >> v.ints_at(second))
    with f.when(a["finish"].equals(Finish.RAW_FLOAT)):
        result.set(v.scale_floor(acc, f.load(v.floats, second), f.load(v.floats, a["common"])))
    with f.when(a["finish"].equals(Finish.RAW_WIDE)):
        wide = vector(v.lanes, I64)
        multiplier = f.convert("sext", v.ints_at(second), wide)
        base = a["parameters"] + nr * (2 * v.nbytes) + index * (2 * v.nbytes)
        shift, rounding = f.load(wide, base), f.load(wide, base + nr * (2 * v.nbytes))
        result.set(v.scale_floor_wide(acc, multiplier, rounding, shift))
    return result.get()
