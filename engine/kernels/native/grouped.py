"""Convolution in narrow groups: one vector of outputs spans several groups, so a patch group differs from lane to lane.

A group of four input bytes is not broadcast to all lanes; every output lane gets the bytes of its own group. With Cg input
and Og output channels per group, lane l of a vector belongs to group l // Og and takes, for t = 0 .. Cg / 4 - 1,

    int32 (l // Og) * (Cg / 4) + t   of the pixel's channels from the vector's first group on,

one permutation of a vector loaded from the map. No patches are gathered and no zeros are multiplied.
"""

from engine.kernels.native.emit import Function, Module, Value
from engine.kernels.native.gemm import Tile
from engine.kernels.native.isa import Isa
from engine.kernels.native.kernel import Kernel
from engine.kernels.native.records import Opcode
from engine.kernels.native.vectors import Vectors, vectors_for

ROWS = 7  # pixels per tile: the maps of networks for 224 x 224 pixels have multiples of it in a row
ROW_ARGUMENTS = (
    "source", "column_stride", "kernel_h", "kernel_w", "row_step", "column_step", "words", "pattern", "weights",
    "parameters", "common", "out", "out_stride", "pixels", "finish",
    "unsigned",
)  # fmt: skip


class GroupedTile(Tile):
    """A tile of ``mr`` pixels and one vector of outputs."""

    def __init__(self, vectors: Vectors, arguments: dict[str, Value], mr: int) -> None:
        super().__init__(vectors, arguments, mr, 1, words=False)

    def accumulate(self, patch: Value) -> list[list[Value]]:
        """Return acc[mr][1]; ``patch`` is the first pixel's first input byte."""
        f, v, a = self.f, self.v, self.a
        bias = v.ints_at(a["parameters"])
        acc = [f.variable(bias) for _ in range(self.mr)]
        weights = f.variable(a["weights"])
        with f.loop(0, a["kernel_h"]) as ki, f.loop(0, a["kernel_w"]) as kj:
            tap = patch + ki * a["row_step"] + kj * a["column_step"]
            seen = [v.ints_at(tap + a["column_stride"] * m if m else tap) for m in range(self.mr)]
            with f.loop(0, a["words"]) as word:
                index, w = v.ints_at(a["pattern"] + word * v.nbytes), v.ints_at(weights.get())
                weights.set(weights.get() + v.nbytes)
                for pixel, cell in zip(seen, acc, strict=True):
                    cell.set(v.dot_bytes(cell.get(), v.pick(pixel, index), w))
        return [[cell.get()] for cell in acc]

    def write(self, row: Value) -> None:
        """Write the code of the tile that starts at pixel ``row``."""
        f, a = self.f, self.a
        acc = self.accumulate(a["source"] + row * a["column_stride"])
        self.finish_bytes(f.when, acc, a["out"] + row * a["out_stride"])


def emit_grouped(module: Module, isa: Isa) -> None:
    """Write the GROUPED command: rows of pixels, one vector of outputs at a time."""
    _emit_row(module, isa)
    kernel = Kernel(module, isa, Opcode.GROUPED)
    f, r = kernel.function, kernel.fields
    bounce = r["bounce"] + kernel.part * r["scratch_stride"]
    vectors = (r["channels"] + (isa.lanes - 1)) // isa.lanes
    start, stop = kernel.share(r["height"])
    with f.loop(start, stop) as row, f.loop(0, vectors) as k:
        count = f.smaller(r["channels"] - k * isa.lanes, isa.lanes)
        out = r["out"] + row * r["width"] * r["channels"] + k * isa.lanes
        partial = count < isa.lanes
        target = f.select(partial, bounce, out)
        stride = f.select(partial, f.integer(isa.lanes), r["channels"])
        source = r["source"] + row * r["row_stride"] + k * r["vector_step"]
        arguments = (
            source, r["column_stride"], r["kernel_h"], r["kernel_w"], r["row_step"], r["column_step"], r["words"],
            r["pattern"], r["weights"] + k * r["weight_bytes"], r["parameters"] + k * r["parameter_bytes"], r["common"],
            target, stride, r["width"], r["finish"], r["unsigned"],
        )  # fmt: skip
        f.do("grouped_row", *arguments)
        with f.when(partial):
            moved = (out, r["channels"], bounce, f.integer(isa.lanes), count, r["width"])
            f.do("copy_rows", *moved)
    f.give()


def _emit_row(module: Module, isa: Isa) -> None:
    """Write ``grouped_row``: ``pixels`` outputs of one row; full tiles, the last overlapping the one before."""
    f: Function = module.function("grouped_row", ROW_ARGUMENTS)
    v, a = vectors_for(f, isa), dict(zip(ROW_ARGUMENTS, f.arguments, strict=True))
    pixels = a["pixels"]
    with f.when(pixels < ROWS), f.loop(0, pixels) as row:
        GroupedTile(v, a, 1).write(row)
    with f.when(pixels >= ROWS), f.loop(0, pixels, ROWS) as row:
        GroupedTile(v, a, ROWS).write(f.smaller(row, pixels - ROWS))
    f.give()
