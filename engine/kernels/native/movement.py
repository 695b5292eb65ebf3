"""Strided copies, fills and resizes."""

from engine.kernels.native.emit import Function, Module
from engine.kernels.native.isa import Isa
from engine.kernels.native.kernel import Kernel
from engine.kernels.native.records import Opcode
from engine.kernels.native.values import I8, I16, I32, I64, Value, vector

DIMENSIONS = 6
FRACTION_BITS = 14  # two weights in 1/128


def emit_copy_command(module: Module, isa: Isa) -> None:
    """Write the COPY command: five loops around one run, or around single elements where a run has gaps."""
    kernel = Kernel(module, isa, Opcode.COPY)
    f, r = kernel.function, kernel.fields
    element = r["element_bytes"]
    inner = DIMENSIONS - 1
    solid = r[f"source{inner}"].equals(element) & r[f"out{inner}"].equals(element)
    # Shared by the first dimension that has more than one step.
    shared = f.integer(0)
    for i in range(inner - 1, -1, -1):
        shared = f.select(r[f"size{i}"] > 1, f.integer(i), shared)

    def nest(depth: int, source: Value, out: Value) -> None:
        if depth == inner:
            with f.when(solid):
                f.do("copy", out, source, r[f"size{inner}"] * element, f.integer(0))
            with f.when(solid ^ 1):
                _copy_elements(f, r, source, out)
            return
        start, stop = kernel.share(r[f"size{depth}"])
        here = shared.equals(depth)
        first = f.select(here, start, f.integer(0))
        last = f.select(here, stop, r[f"size{depth}"])
        with f.loop(first, last) as i:
            nest(depth + 1, source + i * r[f"source{depth}"], out + i * r[f"out{depth}"])

    nest(0, r["source"], r["out"])
    f.give()


def _copy_elements(f: Function, r: dict[str, Value], source: Value, out: Value) -> None:
    """Copy the innermost dimension element by element."""
    inner = DIMENSIONS - 1
    for nbytes, kind in ((1, I8), (2, I16), (4, I32)):
        with f.when(r["element_bytes"].equals(nbytes)), f.loop(0, r[f"size{inner}"]) as i:
            f.store(f.load(kind, source + i * r[f"source{inner}"]), out + i * r[f"out{inner}"])


def emit_fill_command(module: Module, isa: Isa) -> None:
    """Write the FILL command."""
    kernel = Kernel(module, isa, Opcode.FILL)
    f, r = kernel.function, kernel.fields
    start, stop = kernel.share(r["nbytes"], 64)
    f.do("fill", r["out"] + start, stop - start, r["pattern"])
    f.give()


def emit_blend(module: Module, isa: Isa) -> None:
    """Write the BLEND command."""
    kernel = Kernel(module, isa, Opcode.BLEND)
    f, r = kernel.function, kernel.fields
    pixel = r["channels"] * r["element_bytes"]
    start, stop = kernel.share(r["out_height"])
    with f.loop(start, stop) as i, f.loop(0, r["out_width"]) as j:
        out = r["out"] + (i * r["out_width"] + j) * pixel
        y0, y1, wy = _entry(f, r["rows"], i)
        x0, x1, wx = _entry(f, r["columns"], j)
        corners = [r["source"] + (y * r["width"] + x) * pixel for y in (y0, y1) for x in (x0, x1)]
        with f.when(r["nearest"].differs(0)):
            f.do("copy", out, corners[0], pixel, f.integer(0))
        with f.when(r["nearest"].equals(0)):
            weights = [b * a for b in (f.integer(128) - wy, wy) for a in (f.integer(128) - wx, wx)]
            for element_bytes in (1, 2):
                with f.when(r["element_bytes"].equals(element_bytes)):
                    _blend_channels(kernel, corners, weights, out, element_bytes)
    f.give()


def _entry(f: Function, table: Value, index: Value) -> tuple[Value, Value, Value]:
    """Return a table row's first index, second index and weight."""
    first, second, weight = (
        f.convert("sext", f.load(I32, table + index * 12 + 4 * k), I64) for k in range(3)
    )
    return first, second, weight


def _blend_channels(
    kernel: Kernel, corners: list[Value], weights: list[Value], out: Value, element_bytes: int
) -> None:
    """Write one output pixel, ``lanes`` channels at a time, the last piece overlapping; single channels if fewer.

    As unsigned(x ^ flip) = x + offset and the weights sum to 2^14, the result is shifted by exactly the same offset.
    """
    f, r, lanes = kernel.function, kernel.fields, kernel.isa.lanes
    channels = r["channels"]
    element = I8 if element_bytes == 1 else I16

    def piece(width: int, channel: Value) -> None:
        kind, wide = vector(width, element), vector(width, I64 if element_bytes == 2 else I32)
        flip = f.splat(f.convert("trunc", r["flip"], element), width)
        acc = f.constant(wide, 1 << (FRACTION_BITS - 1))
        for corner, weight in zip(corners, weights, strict=True):
            x = f.convert("zext", f.load(kind, corner + channel * element_bytes) ^ flip, wide)
            narrow = weight if element_bytes == 2 else f.convert("trunc", weight, I32)
            acc = acc + x * f.splat(narrow, width)
        f.store(f.convert("trunc", acc >> FRACTION_BITS, kind) ^ flip, out + channel * element_bytes)

    with f.when(channels >= lanes), f.loop(0, channels, lanes) as i:
        piece(lanes, f.smaller(i, channels - lanes))
    with f.when(channels < lanes), f.loop(0, channels) as i:
        piece(1, i)
