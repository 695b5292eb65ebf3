"""Copying and filling bytes, and bringing a feature map into a bordered scratch map in the form that dot products take."""

from engine.kernels.native.emit import Function, Module
from engine.kernels.native.isa import Isa
from engine.kernels.native.kernel import Kernel
from engine.kernels.native.records import Form, Opcode
from engine.kernels.native.values import I8, I16, I64, Value, vector

# Stores wait for their cache lines, and no more than a few at a time: lines are asked for this far ahead.
AHEAD_BYTES = 1024


def emit_copy(module: Module, isa: Isa) -> None:
    """Write ``copy(target, source, n, flip)``: n bytes XORed with flip's; reads and writes nothing else; no overlap."""
    f = module.function("copy", ("target", "source", "n", "flip"), exported=True)
    n = f.arguments[2]
    widths = (4 * isa.lanes, 16, 8, 4)
    done = f.variable(f.constant("i1", 0))
    for width in dict.fromkeys(widths):
        with f.when((n >= width) & (done.get() ^ 1)):
            with f.loop(0, n - (width - 1), width) as i:
                if width == widths[0]:
                    f.prefetch(f.arguments[0] + i + AHEAD_BYTES, to_write=True)
                _copy_chunk(f, width, i)
            _copy_chunk(f, width, n - width)  # the last, overlapping the one before
            done.set(f.constant("i1", 1))
    with f.when(n < 4), f.loop(0, n) as i:
        _copy_chunk(f, 1, i)
    f.give()


def emit_copy_rows(module: Module, isa: Isa) -> None:
    """Write ``copy_rows``: ``rows`` runs of n bytes, for n of at most a few vectors; nothing else is read or written."""
    names = ("target", "target_step", "source", "source_step", "n", "rows")
    f = module.function("copy_rows", names, exported=True)
    a = dict(zip(names, f.arguments, strict=True))
    n, widest = a["n"], 4 * isa.lanes

    def piece(width: int, row: Value, at: Value | int) -> None:
        kind = vector(width, I8) if width > 1 else I8
        target, source = a["target"] + row * a["target_step"], a["source"] + row * a["source_step"]
        f.store(f.load(kind, source + at), target + at)

    for width in (width for width in (1, 2, 4, 8, 16, 32) if width < widest):
        # Two pieces, which overlap unless n is twice the width.
        with f.when((n >= width) & (n < 2 * width)), f.loop(0, a["rows"]) as row:
            piece(width, row, 0)
            piece(width, row, n - width)
    with f.when(n >= widest), f.loop(0, a["rows"]) as row, f.loop(0, n, widest) as i:
        piece(widest, row, f.smaller(i, n - widest))
    f.give()


def _copy_chunk(f: Function, width: int, offset: Value) -> None:
    target, source, _, flip = f.arguments
    if width >= 16:
        kind = vector(width // 8, I64)
        pattern = f.splat(flip, width // 8)
    else:
        kind = f"i{8 * width}"
        pattern = f.convert("trunc", flip, kind)
    f.store(f.load(kind, source + offset) ^ pattern, target + offset)


def emit_fill(module: Module, isa: Isa) -> None:
    """Write ``fill(target, n, pattern)``: n bytes of an 8-byte pattern whose bytes (or byte pairs) are all equal."""
    f = module.function("fill", ("target", "n", "pattern"), exported=True)
    target, n, pattern = f.arguments
    width = 4 * isa.lanes
    wide = f.splat(pattern, width // 8)
    with f.when(n >= width):
        with f.loop(0, n - (width - 1), width) as i:
            f.store(wide, target + i)
        f.store(wide, target + n - width)
    low, high = (
        f.convert("trunc", pattern, I8),
        f.convert("trunc", f.emit(I64, f"lshr i64 {pattern.text}, 8"), I8),
    )
    with f.when(n < width), f.loop(0, n, 2) as i:
        f.store(low, target + i)
        with f.when(i + 1 < n):
            f.store(high, target + i + 1)
    f.give()


def emit_widen(module: Module) -> None:
    """Write ``widen(target, source, n, signed)``: n bytes become n int16."""
    f = module.function("widen", ("target", "source", "n", "signed"))
    target, source, n, signed = f.arguments

    def chunk(width: int, i: Value) -> None:
        narrow, wide = (vector(width, I8), vector(width, I16)) if width > 1 else (I8, I16)
        x = f.load(narrow, source + i)
        is_signed = signed.differs(0)
        f.store(f.select(is_signed, f.convert("sext", x, wide), f.convert("zext", x, wide)), target + i * 2)

    with f.when(n >= 16):
        with f.loop(0, n - 15, 16) as i:
            chunk(16, i)
        chunk(16, n - 16)
    with f.when(n < 16), f.loop(0, n) as i:
        chunk(1, i)
    f.give()


def emit_border(module: Module, isa: Isa) -> None:
    """Write the BORDER command."""
    kernel = Kernel(module, isa, Opcode.BORDER)
    f, r = kernel.function, kernel.fields
    form, bytes_out = r["form"], f.select(r["form"].equals(Form.BYTES), f.integer(1), f.integer(2))
    bytes_in = f.select(form.equals(Form.WORDS), f.integer(2), f.integer(1))
    pixel_out, pixel_in = r["padded_channels"] * bytes_out, r["channels"] * bytes_in
    row_out, row_in = r["padded_width"] * pixel_out, r["width"] * pixel_in
    inner_width = (r["width"] - 1) * r["column_step"] + 1
    dense = r["column_step"].equals(1) & r["channels"].equals(r["padded_channels"])
    same_width = form.equals(Form.BYTES) | form.equals(Form.WORDS)
    unchanged = same_width & r["flip"].equals(0)

    def move(target: Value, source: Value, elements: Value) -> None:
        with f.when(same_width):
            f.do("copy", target, source, elements * bytes_in, r["flip"])
        with f.when(same_width ^ 1):
            signed = f.convert("zext", form.equals(Form.SIGNED), I64)
            f.do("widen", target, source, elements, signed)

    def fill(target: Value, nbytes: Value) -> None:
        with f.when(nbytes > 0):
            f.do("fill", target, nbytes, r["border"])

    start, stop = kernel.share(r["padded_height"])
    with f.loop(start, stop) as row:
        target = r["target"] + row * row_out
        inside = row - r["top"]
        present = (inside >= 0) & (inside < r["height"] * r["row_step"]) & (inside % r["row_step"]).equals(0)
        with f.when(present ^ 1):
            fill(target, row_out)
        with f.when(present):
            source = r["source"] + inside // r["row_step"] * row_in
            first = target + r["left"] * pixel_out
            fill(target, r["left"] * pixel_out)
            fill(first + inner_width * pixel_out, (r["padded_width"] - r["left"] - inner_width) * pixel_out)
            with f.when(dense):
                move(first, source, r["width"] * r["channels"])
            with f.when(dense ^ 1):
                with f.when(r["column_step"] > 1):
                    fill(first, inner_width * pixel_out)
                step = r["column_step"] * pixel_out
                with f.when(unchanged):
                    f.do("copy_rows", first, step, source, pixel_in, pixel_in, r["width"])
                with f.when(unchanged ^ 1), f.loop(0, r["width"]) as column:
                    move(first + column * step, source + column * pixel_in, r["channels"])
    f.give()
