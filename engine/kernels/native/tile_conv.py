"""The CONV_TILES command: matrix multiply on the AMX tile unit, in blocks of 16 pixels x 64 or 32 pixels x 32 channels.

One *step* of the inner loop multiplies 64 bytes of each of 16 pixels' patches by the weights of 32 channels:

    tile 4   patches: 16 pixels x 64 bytes          tiles 6, 7   weights: 16 groups of four bytes x 16 channels each
    tiles 0, 1 and 2, 3   accumulators of the first and the second half of the block: 16 pixels x 2 x 16 channels

A panel of weights has 64 channels, and the halves of a block are two times 32 channels of the same pixels. Or it is *narrow*
and has up to 32, and the halves are two times 16 pixels.

A product takes 52 cycles although one can begin every 16, and accumulators leave the unit through memory only. So nothing
waits for what has just begun: while one half's products run, the half before goes to memory, and the results of the block
before are made from its accumulators there.
"""

from engine.kernels.native import tile_unit
from engine.kernels.native.emit import Module
from engine.kernels.native.isa import Isa
from engine.kernels.native.kernel import Kernel
from engine.kernels.native.records import FIELDS, Finish, Opcode
from engine.kernels.native.tile_gather import emit_gather_tiles
from engine.kernels.native.tile_results import HALF_BYTES, Block, Results
from engine.kernels.native.tiles import (
    ACCUMULATOR_BYTES,
    NARROW_CHANNELS,
    PANEL_CHANNELS,
    TILE_ENTRY_BYTES,
)
from engine.kernels.native.values import I1, I64, Value, Variable
from engine.kernels.native.vectors import vectors_for

_PATCHES, _WEIGHTS = 4, (6, 7)
_SWEEP_ARGUMENTS = ("record", "first", "last", "first_panel", "last_panel", "patches", "accumulators")


def emit_conv_tiles(module: Module, isa: Isa) -> None:
    """Write the CONV_TILES command."""
    emit_gather_tiles(module, isa)
    _Sweep(module, isa).write()
    kernel = Kernel(module, isa, Opcode.CONV_TILES)
    f, r, record = kernel.function, kernel.fields, kernel.function.arguments[0]
    by_panel = r["split_panels"].differs(0)
    first, last = kernel.share_where(by_panel ^ 1, r["tiles"])
    first_panel, last_panel = kernel.share_where(by_panel, r["panels"])
    scratch = kernel.part * r["scratch_stride"]
    with f.when((first < last) & (first_panel < last_panel)):
        memory = (r["patches"] + scratch, r["accumulators"] + scratch)
        f.do("tile_sweep", record, first, last, first_panel, last_panel, *memory)
    f.give()


class _Sweep:
    """``tile_sweep`` while it is being written: bands of tiles; in each panels, in each chunks of steps, in each blocks."""

    def __init__(self, module: Module, isa: Isa) -> None:
        f = self.f = module.function("tile_sweep", _SWEEP_ARGUMENTS)
        self.a = dict(zip(_SWEEP_ARGUMENTS, f.arguments, strict=True))
        self.r = f.fields(self.a["record"] + 8, FIELDS[Opcode.CONV_TILES])
        self.unit, self.v = tile_unit.TileUnit(f), vectors_for(f, isa)
        # Two places for the accumulators of a block, which take turns.
        slots = f.address_of(f.stack_slot(f"[{2 * ACCUMULATOR_BYTES} x i8], align 64"))
        self.slot, self.slots_sum = f.variable(slots), slots * 2 + ACCUMULATOR_BYTES
        self.newest, self.before = Block.empty(f), Block.empty(f)
        self.running, self.pending = self._flag(1), self._flag(0)
        # Where the sweep is.
        self.tile, self.band_start, self.band_end = (f.variable(self.a["first"]) for _ in range(3))
        self.panel, self.chunk = f.variable(self.a["first_panel"]), self._number()
        # What all blocks of a chunk share. ``steps``: but the last; ``weights_second``: how far the second half's lie behind.
        self.weights, self.weights_second, self.offsets, self.steps = (self._number() for _ in range(4))
        self.patches, self.tiles_each, self.channel, self.initial_stride = (self._number() for _ in range(4))
        self.last_chunk = self._flag(0)
        # A block's patches and weights, by half, and what its sums start from; where its inner loop is.
        self.halves, self.half_weights = ((self._number(), self._number()) for _ in range(2))
        self.initial = self._number()
        self.panel_place, self.offset = self._number(), self._number()

    def _flag(self, value: int) -> Variable:
        return self.f.variable(self.f.constant(I1, value))

    def _number(self) -> Variable:
        return self.f.variable(self.f.integer(0))

    def write(self) -> None:
        """Write the function."""
        f, unit = self.f, self.unit
        unit.configure(self.r["config"])
        self._begin_band()
        with f.repeat_while() as conditions:
            running, pending = self.running.get(), self.pending.get()
            finish = pending & self.before.complete.get()
            with f.when(running):
                self._products(0)
            with f.when(pending):
                self._store(self.before, 1, 0)
            with f.when(running):
                self._product(0, 1)
            with f.when(pending):
                self._store(self.before, 1, 1)
            with f.when(running):
                self._products(1)
            with f.when(finish):
                self._finish()
            with f.when(running):
                self._product(1, 1)
                self._store(self.newest, 0, 0)
            self.before.take(self.newest)
            self.pending.set(running)
            with f.when(running):
                self._store(self.newest, 0, 1)
                self._advance()
            conditions.append(running)
        unit.release()
        f.give()

    # --- where the sweep is ---------------------------------------------------------------------------------------------

    def _advance(self) -> None:
        f, a = self.f, self.a
        self.tile.set(self.tile.get() + self.tiles_each.get())
        over = self.tile.get() >= self.band_end.get()
        with f.when(over ^ 1):
            self._begin_block()
        with f.when(over):
            self.chunk.set(self.chunk.get() + 1)
            with f.when(self.last_chunk.get()):
                self.chunk.set(f.integer(0))
                self.panel.set(self.panel.get() + 1)
            done = self.panel.get().equals(a["last_panel"])
            with f.when(done ^ 1):
                self._begin_chunk()
            with f.when(done):
                self.panel.set(a["first_panel"])
                self.running.set(self.band_end.get() < a["last"])
                with f.when(self.running.get()):
                    self._begin_band()

    def _begin_band(self) -> None:
        f, a, r = self.f, self.a, self.r
        start = self.band_end.get()
        end = f.smaller(start + r["band"], a["last"])
        self.band_start.set(start)
        self.band_end.set(end)
        self.patches.set(r["source"])
        with f.when(r["segments"] > 0):
            f.do("gather_tiles", a["record"], a["patches"], start, end)
            self.patches.set(a["patches"] - f.load(I64, r["table"] + start * TILE_ENTRY_BYTES))
        self._begin_chunk()

    def _begin_chunk(self) -> None:
        f, r, block = self.f, self.r, self.newest
        panel, first = self.panel.get(), self.chunk.get() * r["chunk_steps"]
        narrow_before = f.larger(panel - r["wide_panels"], 0)
        narrow = panel >= r["wide_panels"]

        def by_width(if_narrow: int, if_wide: int) -> Value:
            return f.select(narrow, f.integer(if_narrow), f.integer(if_wide))

        self.tile.set(self.band_start.get())
        self.tiles_each.set(by_width(2, 1))
        block.row_bytes.set(by_width(HALF_BYTES, 2 * HALF_BYTES))
        block.second.set(by_width(ACCUMULATOR_BYTES // 2, HALF_BYTES))
        self.weights_second.set(by_width(0, HALF_BYTES))
        # Narrow panels have half as many weights and parameters as wide ones.
        panel_halves = panel * 2 - narrow_before
        self.weights.set(r["weights"] + panel_halves * r["half_panel_bytes"] + first * self._step_bytes())
        self.offsets.set(r["step_offsets"] + first * 8)
        self.steps.set(f.smaller(r["chunk_steps"], r["steps"] - first) - 1)
        block.parameters.set(r["parameters"] + panel_halves * r["half_parameter_bytes"])
        self.channel.set((panel - narrow_before) * PANEL_CHANNELS + narrow_before * NARROW_CHANNELS)
        block.count.set(
            f.smaller(r["channels"] - self.channel.get(), by_width(NARROW_CHANNELS, PANEL_CHANNELS))
        )
        block.both[0].set((narrow ^ 1) | (block.count.get() > NARROW_CHANNELS // 2))
        block.both[1].set(
            block.count.get() > by_width(NARROW_CHANNELS // 2, PANEL_CHANNELS - NARROW_CHANNELS // 2)
        )
        last = (self.chunk.get() + 1).equals(r["chunks"])
        self.last_chunk.set(last)
        block.complete.set(last)
        self.initial_stride.set(f.select(self.chunk.get() > 0, block.row_bytes.get(), f.integer(0)))
        self._begin_block()

    def _begin_block(self) -> None:
        """Find the block's patches, its results and the memory of its accumulators; the last one may repeat a tile."""
        f, r, block = self.f, self.r, self.newest
        first = self.tile.get()
        second = f.smaller(first + self.tiles_each.get() - 1, self.band_end.get() - 1)
        for half, tile in enumerate((first, second)):
            entry = r["table"] + tile * TILE_ENTRY_BYTES
            self.halves[half].set(self.patches.get() + f.load(I64, entry))
            first_group = self.weights.get() + f.load(I64, entry + 16) * block.row_bytes.get()
            self.half_weights[half].set(first_group + self.weights_second.get() if half else first_group)
            block.outs[half].set(r["out"] + f.load(I64, entry + 8) + self.channel.get() * r["element_bytes"])
        kept = self.a["accumulators"] + (first - self.band_start.get()) * ACCUMULATOR_BYTES
        self.initial.set(f.select(self.chunk.get() > 0, kept, block.parameters.get()))
        self.slot.set(self.slots_sum - self.slot.get())
        block.memory.set(f.select(self.last_chunk.get(), self.slot.get(), kept))

    # --- one half -------------------------------------------------------------------------------------------------------

    def _products(self, half: int) -> None:
        """Write all products of one half but that of its last step with the second 16 channels."""
        f = self.f
        begun = self.chunk.get() > 0
        if half:
            # Sums begin with the bias of the half's channels, or with what memory holds.
            distance = f.select(begun, self.newest.second.get(), self.weights_second.get())
            start = self.initial.get() + distance
        else:
            start = self.initial.get()
        self.panel_place.set(self.half_weights[half].get())
        self.offset.set(self.offsets.get())
        for number in (0, 1):
            self.unit.load(2 * half + number, start + 64 * number, self.initial_stride.get())
        with f.loop(0, self.steps.get()):
            for number in (0, 1):
                self._product(half, number)
            self.panel_place.set(self.panel_place.get() + self._step_bytes())
            self.offset.set(self.offset.get() + 8)
        self._product(half, 0)

    def _step_bytes(self) -> Value:
        """Return the bytes of a step's weights: a row of accumulators is as long as a group of weights."""
        return self.newest.row_bytes.get() * self.r["groups"]

    def _product(self, half: int, number: int) -> None:
        """Write one step of 16 channels; number 0 reads the patches for both."""
        f, r, unit = self.f, self.r, self.unit
        if number == 0:
            unit.load(_PATCHES, self.halves[half].get() + f.load(I64, self.offset.get()), r["patch_stride"])
        with f.when(f.constant(I1, 1) if number == 0 else self.newest.both[half].get()):
            unit.load(_WEIGHTS[number], self.panel_place.get() + 64 * number, self.newest.row_bytes.get())
            for signed in (False, True):
                with f.when(r["signed"].equals(int(signed))):
                    unit.dot(2 * half + number, _PATCHES, _WEIGHTS[number], signed)

    def _store(self, block: Block, half: int, number: int) -> None:
        """Write the accumulators of 16 channels to memory."""
        f = self.f
        with f.when(f.constant(I1, 1) if number == 0 else block.both[half].get()):
            place = block.memory.get() + 64 * number
            place = place + block.second.get() if half else place
            self.unit.store(2 * half + number, place, block.row_bytes.get())

    # --- from accumulators in memory to results -------------------------------------------------------------------------

    def _finish(self) -> None:
        """Write the results of the block before."""
        f, r, block = self.f, self.r, self.before
        wide = block.second.get().equals(HALF_BYTES)
        whole = block.count.get().equals(PANEL_CHANNELS)
        for mode in (Finish.SHIFT, Finish.FLOAT):
            for unsigned in (False, True):
                results = Results(self.v, r, block, mode, unsigned)
                with f.when(r["finish"].equals(mode) & r["unsigned"].equals(int(unsigned))):
                    with f.when(whole):
                        results.write_wide(None)
                    with f.when(wide & (whole ^ 1)):
                        results.write_wide(self.v.mask(block.count.get(), PANEL_CHANNELS))
                    with f.when(wide ^ 1):
                        results.write_narrow(self.v.mask(block.count.get(), NARROW_CHANNELS))
        with f.when(r["finish"] > Finish.FLOAT):
            for half, out in enumerate(block.outs):
                f.do(
                    "finish_rows", block.memory.get() + half * (ACCUMULATOR_BYTES // 2), HALF_BYTES, block.parameters.get(),
                    2, r["common"], out.get(), r["out_stride"], r["height"], block.count.get(), r["finish"],
                    r["element_bytes"],
                )  # fmt: skip
