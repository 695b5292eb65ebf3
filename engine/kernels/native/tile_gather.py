"""Patches for the tile unit, copied together pixel by pixel where they do not lie in the map as tiles need them."""

from engine.kernels.native.emit import Module
from engine.kernels.native.isa import Isa
from engine.kernels.native.records import FIELDS, Opcode
from engine.kernels.native.tiles import TILE_ENTRY_BYTES
from engine.kernels.native.values import I8, I64, Value, vector
from engine.kernels.native.vectors import Vectors, vectors_for


def emit_gather_tiles(module: Module, isa: Isa) -> None:
    """Write ``gather_tiles``: the patches of tiles ``first`` to ``last``, one behind another. Reads nothing but segments."""
    f = module.function("gather_tiles", ("record", "patches", "first", "last"))
    record, patches, first, last = f.arguments
    r = f.fields(record + 8, FIELDS[Opcode.CONV_TILES])
    start = f.load(I64, r["table"] + first * TILE_ENTRY_BYTES + 8) // r["out_stride"]
    stop = f.load(I64, r["table"] + (last - 1) * TILE_ENTRY_BYTES + 8) // r["out_stride"] + r["height"]
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

    def copy(piece: Value, place: Value) -> None:
        if width == v.nbytes:
            with f.loop(0, whole, width) as i:
                f.store(f.load(kind, piece + i), place + i)
        f.store(f.load_some(kind, piece + whole, mask), place + whole)

    row, column = start // r["width"], f.variable(start % r["width"])
    source = f.variable(r["source"] + row * r["row_stride"] + column.get() * r["column_stride"])
    first_segment = f.load(I64, r["segment_offsets"])
    target, to_next_row = f.variable(patches), r["row_stride"] - r["width"] * r["column_stride"]
    for single in (True, False):
        with f.when((r["segments"].equals(1)) ^ int(not single)), f.loop(start, stop):
            if single:
                copy(source.get() + first_segment, target.get())
            else:
                with f.loop(0, r["segments"]) as segment:
                    offset = f.load(I64, r["segment_offsets"] + segment * 8)
                    copy(source.get() + offset, target.get() + segment * r["segment_bytes"])
            column.set(column.get() + 1)
            source.set(source.get() + r["column_stride"])
            wraps = column.get().equals(r["width"])
            source.set(f.select(wraps, source.get() + to_next_row, source.get()))
            column.set(f.select(wraps, f.integer(0), column.get()))
            target.set(target.get() + r["patch_stride"])
