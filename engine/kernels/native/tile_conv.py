"""The CONV_TILES command: matrix multiply on the AMX tile unit, tiles of up to 16 pixels by panels of 32 channels.

One *step* of the inner loop multiplies 64 bytes of each pixel's patch by the weights of 32 channels:

    tile 4   patches: 16 pixels x 64 bytes          tiles 6, 7   weights: 16 groups of four bytes x 16 channels each
    tiles 0, 1 (and 2, 3)   accumulators: 16 pixels x channels 0-15 and 16-31 of the panel

A product takes 52 cycles although one can begin every 16, and accumulators leave the unit through memory only. So three
tiles of pixels are under way at any time, each in another place: products of the newest run in tiles 0 and 1 (2 and 3)
while the accumulators of the one before go from tiles 2 and 3 (0 and 1) to memory, and the oldest's are requantized there.
"""

from dataclasses import dataclass

from engine.kernels.native import tile_unit
from engine.kernels.native.emit import I1, I8, I64, Module, Value, Variable, vector
from engine.kernels.native.isa import Isa
from engine.kernels.native.kernel import Kernel
from engine.kernels.native.records import FIELDS, Finish, Opcode
from engine.kernels.native.tiles import ACCUMULATOR_BYTES, TILE_CHANNELS, TILE_ENTRY_BYTES
from engine.kernels.native.vectors import Vectors, vectors_for

_ROW_BYTES = 4 * TILE_CHANNELS  # of accumulators in memory, and between rows of weights
_PATCHES, _WEIGHTS = 4, (6, 7)
_SWEEP_ARGUMENTS = ("record", "first", "last", "first_panel", "last_panel", "patches", "accumulators")


def emit_conv_tiles(module: Module, isa: Isa) -> None:
    """Write the CONV_TILES command."""
    _emit_gather(module, isa)
    _Sweep(module, isa).write()
    kernel = Kernel(module, isa, Opcode.CONV_TILES)
    f, r, record = kernel.function, kernel.fields, kernel.function.arguments[0]
    by_panel = r["split_panels"].differs(0)
    zero, tiles, panels = f.integer(0), kernel.share(r["tiles"]), kernel.share(r["panels"])
    first, last = f.select(by_panel, zero, tiles[0]), f.select(by_panel, r["tiles"], tiles[1])
    first_panel, last_panel = f.select(by_panel, panels[0], zero), f.select(by_panel, panels[1], r["panels"])
    scratch = kernel.part * r["scratch_stride"]
    f.do(
        "tile_sweep",
        record,
        first,
        last,
        first_panel,
        last_panel,
        r["patches"] + scratch,
        r["accumulators"] + scratch,
    )
    f.give()


@dataclass
class _Stage:
    """A tile of pixels on its way: where its accumulators go, whether they are complete, and what completes them."""

    memory: Variable
    complete: Variable
    out: Variable
    parameters: Variable
    count: Variable

    def take(self, other: "_Stage") -> None:
        """Become ``other``."""
        for mine, its in zip(vars(self).values(), vars(other).values(), strict=True):
            mine.set(its.get())


class _Sweep:
    """``tile_sweep`` while it is being written: bands of tiles; in each all panels; in each all chunks; in each all tiles."""

    def __init__(self, module: Module, isa: Isa) -> None:
        f = self.f = module.function("tile_sweep", _SWEEP_ARGUMENTS)
        self.a = dict(zip(_SWEEP_ARGUMENTS, f.arguments, strict=True))
        self.r = f.fields(self.a["record"] + 8, FIELDS[Opcode.CONV_TILES])
        self.unit, self.v = tile_unit.TileUnit(f), vectors_for(f, isa)
        self.memory = f.address_of(f.stack_slot(f"[{2 * ACCUMULATOR_BYTES} x i8], align 64"))
        zero = f.integer(0)
        self.newest, self.before, self.oldest = (
            _Stage(*(f.variable(zero) for _ in range(5))) for _ in range(3)
        )
        # Where the sweep is.
        self.tile, self.band_start, self.band_end = (f.variable(self.a["first"]) for _ in range(3))
        self.panel, self.chunk = f.variable(self.a["first_panel"]), f.variable(zero)
        # What all tiles of a chunk share.
        self.weights, self.patches, self.steps = (f.variable(zero) for _ in range(3))
        self.initial, self.initial_stride, self.initial_step = (f.variable(zero) for _ in range(3))
        self.reload = f.variable(f.constant(I1, 1))

    def write(self) -> None:
        """Write the function."""
        f, a, unit = self.f, self.a, self.unit
        total = (a["last"] - a["first"]) * (a["last_panel"] - a["first_panel"]) * self.r["chunks"]
        unit.configure(self.r["config"])
        with f.when(total > 0):
            self._begin_band()
            with f.loop(0, total + 2) as step:
                odd, running, store = step & 1, step < total, (step > 0) & (step <= total)
                with f.when(running):
                    self._begin_tile(odd)
                finish = (step > 1) & self.oldest.complete.get().differs(0)
                for half in (0, 1):
                    with f.when(running):
                        self._last_product(odd, half)
                    with f.when(finish):
                        self._finish(half)
                    with f.when(store):
                        self._store(odd, half)
                self.oldest.take(self.before)
                self.before.take(self.newest)
                with f.when(running):
                    self._advance()
        unit.release()
        f.give()

    # --- where the sweep is ---------------------------------------------------------------------------------------------

    def _advance(self) -> None:
        f, a = self.f, self.a
        self.tile.set(self.tile.get() + 1)
        self.initial.set(self.initial.get() + self.initial_step.get())
        # Weights of a single step stay in their tiles from pixels to pixels.
        self.reload.set(self.steps.get() > 0)
        with f.when(self.tile.get().equals(self.band_end.get())):
            self.chunk.set(self.chunk.get() + 1)
            with f.when(self.chunk.get().equals(self.r["chunks"])):
                self.chunk.set(f.integer(0))
                self.panel.set(self.panel.get() + 1)
            done = self.panel.get().equals(a["last_panel"])
            with f.when(done):
                self.panel.set(a["first_panel"])
                with f.when(self.band_end.get() < a["last"]):
                    self._begin_band()
            with f.when(done ^ 1):
                self._begin_chunk()

    def _begin_band(self) -> None:
        f, a, r = self.f, self.a, self.r
        start, last = self.band_end.get(), a["last"]
        end = f.smaller(start + r["band"], last)
        # No band of one tile: its accumulators would be read again before they are written.
        end = f.select((last - end).equals(1), last, end)
        self.band_start.set(start)
        self.band_end.set(end)
        self.patches.set(r["source"])
        with f.when(r["segments"] > 0):
            f.do("gather_tiles", a["record"], a["patches"], start, end)
            self.patches.set(a["patches"] - f.load(I64, r["table"] + start * TILE_ENTRY_BYTES))
        self._begin_chunk()

    def _begin_chunk(self) -> None:
        f, r = self.f, self.r
        panel, first = self.panel.get(), self.chunk.get() * r["chunk_steps"]
        self.tile.set(self.band_start.get())
        self.weights.set(r["weights"] + panel * r["panel_bytes"] + first * r["step_bytes"])
        self.steps.set(f.smaller(r["chunk_steps"], r["steps"] - first) - 1)
        self.reload.set(f.constant(I1, 1))
        stage, begun = self.newest, self.chunk.get() > 0
        stage.parameters.set(r["parameters"] + panel * r["parameter_bytes"])
        stage.count.set(f.smaller(r["channels"] - panel * TILE_CHANNELS, TILE_CHANNELS))
        stage.complete.set(f.convert("zext", (self.chunk.get() + 1).equals(r["chunks"]), I64))
        accumulators = self.a["accumulators"]
        self.initial.set(f.select(begun, accumulators, stage.parameters.get()))
        self.initial_stride.set(f.select(begun, f.integer(_ROW_BYTES), f.integer(0)))
        self.initial_step.set(f.select(begun, f.integer(ACCUMULATOR_BYTES), f.integer(0)))

    # --- one tile of pixels ---------------------------------------------------------------------------------------------

    def _begin_tile(self, odd: Value) -> None:
        """Write all products but those of the last step."""
        f, r, stage = self.f, self.r, self.newest
        entry = r["table"] + self.tile.get() * TILE_ENTRY_BYTES
        self.patch = f.variable(self.patches.get() + f.load(I64, entry))
        stage.out.set(r["out"] + f.load(I64, entry + 8) * r["out_stride"] + self.panel.get() * TILE_CHANNELS)
        kept = self.a["accumulators"] + (self.tile.get() - self.band_start.get()) * ACCUMULATOR_BYTES
        stage.memory.set(
            f.select(stage.complete.get().differs(0), self.memory + odd * ACCUMULATOR_BYTES, kept)
        )
        self.panel_place = f.variable(self.weights.get())
        self.offset = f.variable(r["step_offsets"] + self.chunk.get() * (r["chunk_steps"] * 8))
        for parity in (0, 1):
            with f.when(odd.equals(parity)):
                for half in (0, 1):
                    place = self.initial.get() + 64 * half
                    self.unit.load(2 * parity + half, place, self.initial_stride.get())
                with f.loop(0, self.steps.get()):
                    for half in (0, 1):
                        self._product(parity, half)
                    self._next_step()

    def _next_step(self) -> None:
        self.panel_place.set(self.panel_place.get() + self.r["step_bytes"])
        self.offset.set(self.offset.get() + 8)

    def _product(self, parity: int, half: int) -> None:
        """Write one step of one half of the channels; half 0 reads the patches for both."""
        f, r, unit = self.f, self.r, self.unit
        if half == 0:
            unit.load(_PATCHES, self.patch.get() + f.load(I64, self.offset.get()), r["patch_stride"])
        with f.when(f.constant(I1, 1) if half == 0 else self.newest.count.get() > TILE_CHANNELS // 2):
            with f.when(self.reload.get()):
                unit.load(_WEIGHTS[half], self.panel_place.get() + 64 * half, f.integer(_ROW_BYTES))
            for signed in (False, True):
                with f.when(r["signed"].equals(int(signed))):
                    unit.dot(2 * parity + half, _PATCHES, _WEIGHTS[half], signed)

    def _last_product(self, odd: Value, half: int) -> None:
        for parity in (0, 1):
            with self.f.when(odd.equals(parity)):
                self._product(parity, half)

    def _store(self, odd: Value, half: int) -> None:
        """Write the accumulators of the tile before to memory."""
        f = self.f
        for parity in (0, 1):
            with f.when(odd.differs(parity)):
                place = self.before.memory.get() + 64 * half
                self.unit.store(2 * parity + half, place, f.integer(_ROW_BYTES))

    def _finish(self, half: int) -> None:
        """Write results of half of the oldest tile's pixels, two pixels of 32 channels at a time."""
        f, r, v, stage = self.f, self.r, self.v, self.oldest
        mask = v.mask(stage.count.get(), TILE_CHANNELS)
        addend = f.load(v.floats, r["common"])
        limits = [v.bytes_at(r["common"] + v.nbytes * k) for k in (1, 2, 3)]
        middle = (r["height"] + 2) // 4 * 2
        start, stop = (f.integer(0), middle) if half == 0 else (middle, r["height"])
        memory, out = stage.memory.get(), stage.out.get()
        for finish in (Finish.SHIFT, Finish.FLOAT):
            with f.when(r["finish"].equals(finish)):
                kind = v.ints if finish is Finish.SHIFT else v.floats
                second = [f.load(kind, stage.parameters.get() + v.nbytes * (2 + n)) for n in (0, 1)]
                with f.loop(start, stop, 2) as pair:
                    row = f.smaller(pair, r["height"] - 2)
                    place = memory + row * _ROW_BYTES
                    parts = [
                        self._requantized(
                            v.ints_at(place + (m * _ROW_BYTES + v.nbytes * n)), second[n], addend
                        )
                        for m in (0, 1)
                        for n in (0, 1)
                    ]
                    self._write_pixels(v.pack4(parts), limits, out + row * r["out_stride"], mask)

    def _requantized(self, acc: Value, second: Value, addend: Value) -> Value:
        """Return q as int32, not yet saturated; ``second`` = shift or scale."""
        return acc >> second if second.kind == self.v.ints else self.v.scale_floor(acc, second, addend)

    def _write_pixels(self, packed: Value, limits: list[Value], out: Value, mask: Value) -> None:
        """Clamp and write two pixels, ``mask`` of their channels."""
        v, f = self.v, self.f
        low, high, flip = limits
        packed = f.smaller(f.larger(packed, low), high) ^ flip
        # Segment s holds channels 4s to 4s + 3 of (pixel 0, half 0), (0, 1), (1, 0), (1, 1).
        order = [4 * s + 2 * m + n for m in (0, 1) for n in (0, 1) for s in range(4)]
        ordered = v.permute(v.cast(packed, v.ints), order)
        for m in (0, 1):
            half = f.convert("bitcast", v.part(ordered, 8 * m, 8), vector(TILE_CHANNELS, I8))
            v.store_some(mask, half, out + self.r["out_stride"] * m if m else out)


def _emit_gather(module: Module, isa: Isa) -> None:
    """Write ``gather_tiles``: the patches of tiles ``first`` to ``last``, one behind another. Reads nothing but segments."""
    f = module.function("gather_tiles", ("record", "patches", "first", "last"))
    record, patches, first, last = f.arguments
    r = f.fields(record + 8, FIELDS[Opcode.CONV_TILES])
    start = f.load(I64, r["table"] + first * TILE_ENTRY_BYTES + 8)
    stop = f.load(I64, r["table"] + (last - 1) * TILE_ENTRY_BYTES + 8) + r["height"]
    widths = (16, 32, 4 * isa.lanes)
    for index, width in enumerate(widths):
        suits = r["segment_bytes"] <= width if width < widths[-1] else r["segment_bytes"] > widths[-2]
        if index:
            suits = suits & (r["segment_bytes"] > widths[index - 1])
        with f.when(suits):
            _gather_pixels(vectors_for(f, isa), r, patches, (start, stop), width)
    f.give()


def _gather_pixels(
    v: Vectors, r: dict[str, Value], patches: Value, pixels: tuple[Value, Value], width: int
) -> None:
    """Write the copies of all segments of a range of pixels, ``width`` bytes at a time, the last ones masked."""
    f, kind, (start, stop) = v.f, vector(width, I8), pixels
    whole = (r["segment_bytes"] - 1) // width * width
    mask = v.mask(r["segment_bytes"] - whole, width)
    row, column = f.variable(start // r["width"]), f.variable(start % r["width"])
    target = f.variable(patches)
    with f.loop(start, stop):
        source = r["source"] + row.get() * r["row_stride"] + column.get() * r["column_stride"]
        with f.loop(0, r["segments"]) as segment:
            piece = source + f.load(I64, r["segment_offsets"] + segment * 8)
            place = target.get() + segment * r["segment_bytes"]
            if width == 64:
                with f.loop(0, whole, width) as i:
                    f.store(f.load(kind, piece + i), place + i)
            f.store(v.load_some(mask, piece + whole), place + whole)
        wraps = (column.get() + 1).equals(r["width"])
        row.set(f.select(wraps, row.get() + 1, row.get()))
        column.set(f.select(wraps, f.integer(0), column.get() + 1))
        target.set(target.get() + r["patch_stride"])
