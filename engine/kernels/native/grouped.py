"""Convolution in narrow groups of as many input as output channels, 4 or 8: no patches are gathered, no zeros multiplied.

A *block* is 16 channels, in and out: whole groups, of which each needs its own inputs. A tap's 16 input bytes are repeated in
every segment of 128 bits of a vector. So the four lanes of a segment hold all *words* (four bytes) of all groups of the block:
with 4 channels per group, one word of each of four groups; with 8, two words of each of two. Lane (segment s, place p) of vector
j sums up word p % words of output

    j * segments + s    of group    p // words

over the taps, and neighbouring lanes are added at the end where there are two words. Results come out in another order than
that of the channels (``channels_as_finished``) and are put right as bytes, 16 of a pixel at a time.
"""

from engine.kernels.native.emit import Function, Module
from engine.kernels.native.gemm import Tile
from engine.kernels.native.isa import Isa
from engine.kernels.native.kernel import Kernel
from engine.kernels.native.records import Opcode
from engine.kernels.native.values import I32, Value, vector
from engine.kernels.native.vectors import Vectors, vectors_for

BLOCK = 16  # channels
WORDS = (1, 2)  # per group: what is emitted
_LONGEST_TILE = 7  # pixels: the maps of networks for 224 x 224 pixels have multiples of it in a row
ROW_ARGUMENTS = (
    "source", "column_stride", "kernel_h", "kernel_w", "row_step", "column_step", "weights", "parameters", "common", "out",
    "out_stride", "pixels", "finish", "unsigned",
)  # fmt: skip


def channels_as_finished(isa: Isa, words: int) -> list[int]:
    """Return which channel of the block each byte of a pixel is, in the order in which a tile of ``Tile`` packs them."""
    segments = isa.lanes // 4
    order = []
    for segment in range(segments):
        for n in range(BLOCK // isa.lanes):
            for place in range(4):
                j, group = (n, place) if words == 1 else (2 * n + place // 2, place % 2)
                order.append(group * 4 * words + j * segments + segment)
    return order


class GroupedTile(Tile):
    """A tile of ``mr`` pixels and one block."""

    def __init__(self, vectors: Vectors, arguments: dict[str, Value], mr: int, words: int) -> None:
        super().__init__(vectors, arguments, mr, BLOCK // vectors.lanes, words=False)
        self._words = words

    def accumulate(self, patch: Value) -> list[list[Value]]:
        """Return acc[mr][nr]; ``patch`` is the first pixel's first input byte."""
        f, v, a = self.f, self.v, self.a
        sums = self.nr * self._words
        acc = [[f.variable(f.constant(v.ints, 0)) for _ in range(sums)] for _ in range(self.mr)]
        weights = f.variable(a["weights"])
        with f.loop(0, a["kernel_h"]) as ki, f.loop(0, a["kernel_w"]) as kj:
            tap = patch + ki * a["row_step"] + kj * a["column_step"]
            w = [v.ints_at(weights.get() + v.nbytes * j) for j in range(sums)]
            weights.set(weights.get() + v.nbytes * sums)
            for m, cells in enumerate(acc):
                inputs = f.load(vector(4, I32), tap + a["column_stride"] * m if m else tap)
                everywhere = f.shuffle(inputs, inputs, list(range(4)) * (v.lanes // 4))
                for cell, weight in zip(cells, w, strict=True):
                    cell.set(v.dot_bytes(cell.get(), everywhere, weight))
        bias = [v.ints_at(a["parameters"] + v.nbytes * n) for n in range(self.nr)]
        return [self._totals([cell.get() for cell in cells], bias) for cells in acc]

    def _totals(self, sums: list[Value], bias: list[Value]) -> list[Value]:
        """Return the sums over all words, and the bias."""
        if self._words == 2:
            pairs = zip(sums[::2], sums[1::2], strict=True)
            sums = [self.v.every_second(a, b, 0) + self.v.every_second(a, b, 1) for a, b in pairs]
        return [total + add for total, add in zip(sums, bias, strict=True)]

    def arranged(self, packed: Value) -> Value:
        """Return the bytes of pixels in the order of their channels."""
        order = channels_as_finished(self.v.isa, self._words)
        return self.v.shuffle_bytes(packed, [order.index(channel) for channel in range(BLOCK)])

    def write(self, row: Value) -> None:
        """Write the code of the tile that starts at pixel ``row``."""
        f, a = self.f, self.a
        acc = self.accumulate(a["source"] + row * a["column_stride"])
        self.finish_bytes(f.when, acc, a["out"] + row * a["out_stride"])


def emit_grouped(module: Module, isa: Isa) -> None:
    """Write the GROUPED command: rows of pixels, one block at a time."""
    for words in WORDS:
        _emit_row(module, isa, words)
    kernel = Kernel(module, isa, Opcode.GROUPED)
    f, r = kernel.function, kernel.fields
    bounce = r["bounce"] + kernel.part * r["scratch_stride"]
    blocks = (r["channels"] + (BLOCK - 1)) // BLOCK
    start, stop = kernel.share(r["height"])
    with f.loop(start, stop) as row, f.loop(0, blocks) as block:
        count = f.smaller(r["channels"] - block * BLOCK, BLOCK)
        out = r["out"] + row * r["width"] * r["channels"] + block * BLOCK
        partial = count < BLOCK
        target = f.select(partial, bounce, out)
        stride = f.select(partial, f.integer(BLOCK), r["channels"])
        source = r["source"] + row * r["row_stride"] + block * BLOCK
        arguments = (
            source, r["column_stride"], r["kernel_h"], r["kernel_w"], r["row_step"], r["column_step"],
            r["weights"] + block * r["weight_bytes"], r["parameters"] + block * r["parameter_bytes"], r["common"], target,
            stride, r["width"], r["finish"], r["unsigned"],
        )  # fmt: skip
        for words in WORDS:
            with f.when(r["words"].equals(words)):
                f.do(_row_name(words), *arguments)
        with f.when(partial):
            f.do("copy_rows", out, r["channels"], bounce, f.integer(BLOCK), count, r["width"])
    f.give()


def _row_name(words: int) -> str:
    return f"grouped_row{words}"


def _emit_row(module: Module, isa: Isa, words: int) -> None:
    """Write ``grouped_row``: ``pixels`` outputs of one row; full tiles, the last overlapping the one before."""
    f: Function = module.function(_row_name(words), ROW_ARGUMENTS)
    v, a = vectors_for(f, isa), dict(zip(ROW_ARGUMENTS, f.arguments, strict=True))
    sums = BLOCK // isa.lanes * words
    free = isa.registers - 2 - sums  # of the weights, inputs and one to spare
    mr = min(_LONGEST_TILE, free // sums)
    pixels = a["pixels"]
    with f.when(pixels < mr), f.loop(0, pixels) as row:
        GroupedTile(v, a, 1, words).write(row)
    with f.when(pixels >= mr), f.loop(0, pixels, mr) as row:
        GroupedTile(v, a, mr, words).write(f.smaller(row, pixels - mr))
    f.give()
