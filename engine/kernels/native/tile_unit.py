"""Matrix multiply on the AMX tile unit: blocks of 32 pixels by 32 channels, two tiles by two.

The unit multiplies a tile of up to 16 pixels x 64 bytes by a tile of 16 groups x 16 channels and adds to 16 x 16 int32.
Weights are packed as for panels of two vectors: one row of a tile is one group of 16 channels, and rows are 128 bytes
apart. Accumulators go through memory and from there the way of every other panel.

    tiles 0 1   accumulators of pixels 0-15: channels 0-15, 16-31        4   patches of pixels 0-15     6   weights 0-15
    tiles 2 3   accumulators of pixels 16-31                             5   patches of pixels 16-31    7   weights 16-31
"""

from engine.kernels.native.emit import I8, Function, Module, Value
from engine.kernels.native.gemm import PANEL_ARGUMENTS, Tile
from engine.kernels.native.isa import Isa
from engine.kernels.native.tiles import TILE_NR, TILE_PANEL
from engine.kernels.native.vectors import vectors_for

_ROW_BYTES = 128  # of accumulators in memory, and between rows of weights
_HALF_BYTES = 16 * _ROW_BYTES


class TileUnit:
    """The instructions of the tile unit, written into one function. Tile numbers are fixed when code is written."""

    def __init__(self, f: Function) -> None:
        self.f = f

    def _call(self, name: str, *arguments: Value) -> None:
        self.f.call(f"llvm.x86.{name}", "void", arguments)

    def _tile(self, number: int) -> Value:
        return self.f.constant(I8, number)

    def configure(self, address: Value) -> None:
        """Take rows and row bytes of all tiles from 64 bytes of memory; the tiles become zero."""
        self._call("ldtilecfg", self.f.pointer(address))

    def zero(self, tile: int) -> None:
        """Set a tile to zero."""
        self._call("tilezero", self._tile(tile))

    def load(self, tile: int, address: Value, stride: Value) -> None:
        """Read a tile's rows, ``stride`` bytes apart."""
        self._call("tileloadd64", self._tile(tile), self.f.pointer(address), stride)

    def store(self, tile: int, address: Value, stride: Value) -> None:
        """Write a tile's rows, ``stride`` bytes apart."""
        self._call("tilestored64", self._tile(tile), self.f.pointer(address), stride)

    def dot(self, acc: int, a: int, b: int) -> None:
        """Add the products of unsigned a and signed b to acc."""
        self._call("tdpbusd", self._tile(acc), self._tile(a), self._tile(b))

    def release(self) -> None:
        """Put the unit into its initial state."""
        self._call("tilerelease")


def emit_tile_panel(module: Module, isa: Isa) -> None:
    """Write ``panel2_tiles``: at least ``TILE_MIN_ROWS`` pixels times one panel of two vectors, of bytes."""
    f = module.function(TILE_PANEL, (*PANEL_ARGUMENTS, "tile_groups"))
    a = dict(zip((*PANEL_ARGUMENTS, "tile_groups"), f.arguments, strict=True))
    unit, rows = TileUnit(f), a["rows"]
    config, memory = (f.address_of(f.stack_slot(f"[{n} x i8], align 64")) for n in (64, 2 * _HALF_BYTES))
    pairs = (rows + 31) // 32
    height = (rows + pairs * 2 - 1) // (pairs * 2)  # pixels per tile, so that all tiles are equally full
    second = f.smaller(height, rows - height)
    _write_config(f, config, height, a["tile_groups"])
    unit.configure(config)
    tile = Tile(vectors_for(f, isa), a, 2, TILE_NR, words=False)
    with f.loop(0, rows, height * 2) as start:
        first = f.larger(f.smaller(start, rows - height * 2), 0)
        patch = a["patch"] + first * a["patch_stride"]
        _multiply(unit, a, patch, patch + second * a["patch_stride"])
        stride = f.integer(_ROW_BYTES)
        for number in range(4):
            unit.store(number, memory + _HALF_BYTES * (number // 2) + 64 * (number % 2), stride)
        for half, offset in ((0, first), (1, first + second)):
            with f.loop(0, height, 2) as pair:
                row = f.smaller(pair, height - 2)
                _finish_pair(tile, memory + _HALF_BYTES * half + row * _ROW_BYTES, offset + row)
    unit.release()
    f.give()


def _write_config(f: Function, address: Value, height: Value, groups: Value) -> None:
    """Write the 64 bytes of a tile configuration: palette 1, bytes per row at 16, rows at 48."""
    zero = f.integer(0)
    for offset in range(0, 64, 8):
        f.store(zero, address + offset)
    f.store(f.integer(1), address)
    sixty_fours = 0x0040_0040_0040_0040
    f.store(f.integer(sixty_fours), address + 16)
    patch_bytes = groups * 4
    f.store((patch_bytes | (patch_bytes << 16)) | (sixty_fours & ~0xFFFF_FFFF), address + 24)
    f.store(height * 0x0101_0101_0101 | (groups << 48) | (groups << 56), address + 48)


def _multiply(unit: TileUnit, a: dict[str, Value], upper: Value, lower: Value) -> None:
    """Write the inner loops: tiles 0 to 3 = patches x weights."""
    f = unit.f
    for number in range(4):
        unit.zero(number)
    panel = f.variable(a["weights"])
    step, row_bytes = a["tile_groups"] * 4, f.integer(_ROW_BYTES)
    with f.loop(0, a["runs"]) as run, f.loop(0, a["groups"] * 4, step) as k:
        offset = run * a["run_step"] + k
        weights = panel.get()
        unit.load(4, upper + offset, a["patch_stride"])
        unit.load(6, weights, row_bytes)
        unit.load(7, weights + 64, row_bytes)
        unit.load(5, lower + offset, a["patch_stride"])
        for acc, patches, columns in ((0, 4, 6), (1, 4, 7), (2, 5, 6), (3, 5, 7)):
            unit.dot(acc, patches, columns)
        panel.set(weights + a["tile_groups"] * _ROW_BYTES)


def _finish_pair(tile: Tile, memory: Value, row: Value) -> None:
    """Write two pixels' outputs from their accumulators in memory."""
    v, a = tile.v, tile.a
    bias = [v.ints_at(a["parameters"] + v.nbytes * n) for n in range(TILE_NR)]
    acc = [
        [v.ints_at(memory + _ROW_BYTES * m + v.nbytes * n) + bias[n] for n in range(TILE_NR)]
        for m in range(2)
    ]
    tile.finish(acc, a["out"] + row * a["out_stride"])
