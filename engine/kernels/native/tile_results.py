"""From the tile unit's accumulators in memory to results."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from engine.kernels.native.emit import Function
from engine.kernels.native.records import Finish
from engine.kernels.native.tiles import ACCUMULATOR_BYTES, NARROW_CHANNELS, RESULT_ROWS
from engine.kernels.native.values import I1, I8, Value, Variable, vector
from engine.kernels.native.vectors import Vectors

HALF_BYTES = 4 * NARROW_CHANNELS  # of a row of accumulators of half a block, and of a group of its weights


@dataclass
class Block:
    """A block on its way: its accumulators in memory and what makes results of them, if they are ``complete``.

    Rows of accumulators are ``row_bytes`` apart, those of the second half lie ``second`` bytes further. ``both``: whether
    each half has more than 16 channels.
    """

    memory: Variable
    row_bytes: Variable
    second: Variable
    complete: Variable
    both: tuple[Variable, Variable]
    outs: tuple[Variable, Variable]
    parameters: Variable
    count: Variable

    @classmethod
    def empty(cls, f: Function) -> "Block":
        """Return variables without a block in them."""
        memory, row_bytes, second, out0, out1, parameters, count = (
            f.variable(f.integer(0)) for _ in range(7)
        )
        complete, both0, both1 = (f.variable(f.constant(I1, 0)) for _ in range(3))
        return cls(memory, row_bytes, second, complete, (both0, both1), (out0, out1), parameters, count)

    def take(self, other: "Block") -> None:
        """Become ``other``."""
        for mine, its in zip(self._variables(), other._variables(), strict=True):
            mine.set(its.get())

    def _variables(self) -> tuple[Variable, ...]:
        return (
            self.memory,
            self.row_bytes,
            self.second,
            self.complete,
            *self.both,
            *self.outs,
            self.parameters,
            self.count,
        )


class Results:
    """Makes results from a block's accumulators in memory, by one of the ways to requantize.

    ``unsigned``: results are uint8 and may be as small as 0, so that saturating makes them so.
    """

    def __init__(self, v: Vectors, r: dict[str, Value], block: Block, mode: Finish, unsigned: bool) -> None:
        self.v, self.f, self.r, self.block, self.mode, self.unsigned = v, v.f, r, block, mode, unsigned

    def write_wide(self, mask: Value | None) -> None:
        """Write all pixels, all 64 channels of each or those in ``mask``: only whole panels lie as packs put them together."""
        f, v, block = self.f, self.v, self.block
        self._read_constants(4)
        out, memory = block.outs[0].get(), block.memory.get()
        with self._rows() as first:
            for row in (first + k for k in range(RESULT_ROWS)):
                place, target = memory + row * (2 * HALF_BYTES), out + row * self.r["out_stride"]
                packed = self._packed([(place + v.nbytes * n, n) for n in range(4)])
                if mask is None:
                    f.store(packed, target)
                else:
                    f.store_some(v.cast(v.transpose_segments(packed), v.bytes), target, mask)

    def write_narrow(self, mask: Value) -> None:
        """Write the pixels of both tiles, the channels in ``mask``."""
        f, v, block = self.f, self.v, self.block
        self._read_constants(2)
        # Segment s of four packed vectors holds channels 4s to 4s + 3 of (pixel 0, tile 0), (0, 1), (1, 0), (1, 1).
        order = [4 * s + 2 * pixel + n for pixel in (0, 1) for n in (0, 1) for s in range(4)]
        for half in (0, 1):
            out, memory = block.outs[half].get(), block.memory.get() + half * (ACCUMULATOR_BYTES // 2)
            with self._rows() as first:
                for row in (first + k for k in range(0, RESULT_ROWS, 2)):
                    place = memory + row * HALF_BYTES
                    places = [
                        (place + (pixel * HALF_BYTES + v.nbytes * n), n) for pixel in (0, 1) for n in (0, 1)
                    ]
                    ordered = v.permute(v.cast(self._packed(places), v.ints), order)
                    for pixel in (0, 1):
                        part = f.convert(
                            "bitcast", v.part(ordered, 8 * pixel, 8), vector(NARROW_CHANNELS, I8)
                        )
                        f.store_some(part, out + (row + pixel) * self.r["out_stride"], mask)

    @contextmanager
    def _rows(self) -> Iterator[Value]:
        """Repeat the block for every ``RESULT_ROWS`` rows of a tile; the last ones may overlap those before."""
        height = self.r["height"]
        with self.f.loop(0, height, RESULT_ROWS) as row:
            yield self.f.smaller(row, height - RESULT_ROWS)

    def _read_constants(self, vectors: int) -> None:
        """Read the shifts or scales of a panel, the addend, and what results are clamped to and flipped by."""
        f, v, common = self.f, self.v, self.r["common"]
        kind = v.ints if self.mode is Finish.SHIFT else v.floats
        base = self.block.parameters.get() + v.nbytes * vectors
        self._second = [f.load(kind, base + v.nbytes * n) for n in range(vectors)]
        self._addend = f.load(v.floats, common)
        self._limits = [v.bytes_at(common + v.nbytes * k) for k in (1, 2, 3)]

    def _packed(self, places: list[tuple[Value, int]]) -> Value:
        """Return four vectors of accumulators as clamped bytes; ``places``: address and vector of the panel."""
        v = self.v
        a, b, c, d = (self._requantized(v.ints_at(place), self._second[n]) for place, n in places)
        return v.clamped_bytes((v.pack_words(a, b), v.pack_words(c, d)), self._limits, self.unsigned)

    def _requantized(self, acc: Value, second: Value) -> Value:
        """Return q as int32, not yet saturated; ``second`` = shift or scale."""
        return acc >> second if self.mode is Finish.SHIFT else self.v.scale_floor(acc, second, self._addend)
