"""Matrix multiply in register tiles.

A tile is MR pixels by NR vectors of output channels. One step of the inner loop takes one *group* (four bytes, or two
int16, of the patch) of each of the MR pixels, repeated in every lane, and NR vectors of weights; MR * NR dot products:

    for g in groups:   w[0..NR) = panel[g]             NR loads
        for m in MR:   a = broadcast(patch[m][g])      1 load
            for n in NR: acc[m][n] = dot(acc[m][n], a, w[n])

Weights are packed once (``panels``) so that a panel is read straight through. Lane e of vector n holds channel
4 * NR * (e // 4) + 4 * n + e % 4 of the panel: saturating packs work within segments of four int32, and with this order
their result needs no permutation for NR = 4. For 16 lanes, NR = 4: vector 0 = channels 0-3, 16-19, 32-35, 48-51.
"""

from engine.kernels.native.emit import Case, Module
from engine.kernels.native.isa import Isa
from engine.kernels.native.records import Finish
from engine.kernels.native.tiles import TILE_ROWS, WORDS_NR
from engine.kernels.native.values import Value
from engine.kernels.native.vectors import Vectors, vectors_for

PANEL_ARGUMENTS = (
    "patch", "patch_stride", "runs", "run_step", "groups", "weights", "parameters", "common", "out", "out_stride", "rows",
    "finish", "unsigned",
)  # fmt: skip
# A single row reads weights as fast as memory gives them; asked for so far ahead, they come a tenth faster.
PREFETCH_BYTES = 8192


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
                self.fetch_ahead(panel, g)
                for m in range(self.mr):
                    group = v.broadcast_at(rows[m] + (offset + g * 4))
                    for n in range(self.nr):
                        acc[m][n].set(self.dot(acc[m][n].get(), group, weights[n]))
        return [[cell.get() for cell in row] for row in acc]

    def fetch_ahead(self, panel: Value, group: Value) -> None:
        """Ask for weights that come after group ``group``, which lies at ``panel``."""
        if self.mr == 1:
            for n in range(self.nr):
                self.f.prefetch(panel + (PREFETCH_BYTES + self.v.nbytes * n))

    def requantize_and_store(self, acc: list[list[Value]], finish: Finish, out: Value) -> None:
        """Requantize, saturate, clamp and write int8 results; ``common`` = addend, low, high, flip (``panels``).

        A row is finished before the next begins: conversions, products and packs use different ports of the CPU, so
        neighbouring rows overlap where all rows in step would take turns.
        """
        v, f, base = self.v, self.f, self.a["parameters"] + self.v.nbytes * self.nr
        second = [
            f.load(v.ints if finish is Finish.SHIFT else v.floats, base + v.nbytes * n)
            for n in range(self.nr)
        ]
        addend = f.load(v.floats, self.a["common"])
        low, high, flip = (v.bytes_at(self.a["common"] + v.nbytes * k) for k in (1, 2, 3))

        def requantized(cell: Value, n: int) -> Value:
            """Return q of one accumulator as int32, not yet saturated."""
            return cell >> second[n] if finish is Finish.SHIFT else v.scale_floor(cell, second[n], addend)

        per_store = {1: 4, 2: 2, 3: 1, 4: 1}[self.nr]
        for first in range(0, self.mr, per_store):
            rows = [min(first + k, self.mr - 1) for k in range(per_store)]
            parts = [requantized(v.held(acc[m][n]), n) for m in rows for n in range(self.nr)]
            packed = self._clamped(parts if self.nr != 3 else [*parts, parts[-1]], (low, high, flip))
            for k, m in enumerate(rows):
                if first + k < self.mr:
                    self._store_row(packed, k, out + self.a["out_stride"] * m)

    def _clamped(self, parts: list[Value], limits: tuple[Value, ...]) -> Value:
        """Return four vectors of q as bytes."""
        v, f = self.v, self.f
        a, b, c, d = parts
        words = (v.pack_words(a, b), v.pack_words(c, d))
        packed = f.variable(f.constant(v.bytes, 0))
        for unsigned in (False, True):
            with f.when(self.a["unsigned"].equals(int(unsigned))):
                packed.set(v.clamped_bytes(words, limits, unsigned))
        return packed.get()

    def _store_row(self, packed: Value, k: int, address: Value) -> None:
        """Write row ``k`` of a packed vector: NR * lanes bytes."""
        v, segments = self.v, self.v.nbytes // 16
        if self.nr == 4:
            self.f.store(self.arranged(packed), address)
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
        ordered = v.cast(self.arranged(v.permute(v.cast(packed, v.ints), order)), v.ints)
        start = k * self.nr * segments
        sizes = (2 * segments, segments) if self.nr == 3 else (self.nr * segments,)
        for size in sizes:
            self.f.store(v.part(ordered, start, size), address)
            start, address = start + size, address + 4 * size

    def arranged(self, packed: Value) -> Value:
        """Return packed results, one row after another, in the order in which they are stored."""
        return packed

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
        with self.f.first_of() as case:
            self.finish_bytes(case, acc, out)
            with case(self.a["finish"] > Finish.FLOAT):
                self.store_raw(acc, out)

    def finish_bytes(self, case: Case, acc: list[list[Value]], out: Value) -> None:
        """Write a ``case`` for each mode in which the tile itself makes results."""
        for finish in (Finish.SHIFT, Finish.FLOAT):
            with case(self.a["finish"].equals(finish)):
                self.requantize_and_store(acc, finish, out)


def panel_name(nr: int, words: bool) -> str:
    """Return the name of the function that multiplies by panels of ``nr`` vectors, int16 instead of bytes if ``words``."""
    return f"panel{nr}_{'words' if words else 'bytes'}"


def panels_of(isa: Isa) -> tuple[tuple[int, bool], ...]:
    """Return (nr, words) of what is emitted: all widths for the form of 8-bit tensors, one for 16-bit tensors."""
    if not isa.byte_dot:
        return tuple((nr, True) for nr in TILE_ROWS[isa.registers])
    return (*((nr, False) for nr in TILE_ROWS[isa.registers]), (WORDS_NR, True))


def emit_panel(module: Module, isa: Isa, nr: int, words: bool) -> None:
    """Write one panel function: any number of pixels times one panel; full tiles, the last overlapping the one before."""
    f = module.function(panel_name(nr, words), PANEL_ARGUMENTS)
    v, arguments = vectors_for(f, isa), dict(zip(PANEL_ARGUMENTS, f.arguments, strict=True))
    mr, rows = TILE_ROWS[isa.registers][nr], arguments["rows"]
    with f.when(rows < mr), f.loop(0, rows) as row:
        Tile(v, arguments, 1, nr, words).write(row)
    with f.when(rows >= mr):
        tile = Tile(v, arguments, mr, nr, words)
        with f.loop(0, rows, mr) as row:
            tile.write(f.smaller(row, rows - mr))
    f.give()
