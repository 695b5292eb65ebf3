"""Pooling windows; reductions over axes are windows too."""

from engine.kernels.native.emit import I8, I16, I32, Function, Module, Value, vector
from engine.kernels.native.isa import Isa
from engine.kernels.native.kernel import Kernel
from engine.kernels.native.records import Opcode
from engine.kernels.native.vectors import Vectors, vectors_for

WINDOW_ARGUMENTS = (
    "source", "out", "rows", "columns", "row_step", "column_step", "channels", "flip", "doubled_offset", "count", "average",
)  # fmt: skip


def emit_pool(module: Module, isa: Isa) -> None:
    """Write the POOL command: clips every window to the map, then hands its corner and extent to ``window<bytes>``."""
    for element_bytes in (1, 2):
        _emit_window(module, isa, element_bytes)
    kernel = Kernel(module, isa, Opcode.POOL)
    f, r = kernel.function, kernel.fields
    pixel = r["channels"] * r["element_bytes"]
    start, stop = kernel.share(r["out_height"] * r["out_width"])
    with f.loop(start, stop) as index:
        row, column = index // r["out_width"], index % r["out_width"]
        y, rows = _clip(f, row * r["stride_h"] - r["top"], r["kernel_h"], r["dilation_h"], r["height"])
        x, columns = _clip(f, column * r["stride_w"] - r["left"], r["kernel_w"], r["dilation_w"], r["width"])
        covered = rows * columns
        count = f.select(r["all_count"] > 0, r["all_count"], covered)
        # In the mean of x + offset, elements outside the map count as 0 + offset.
        outside = (count - covered) * r["offset"] * 2
        source = r["source"] + (y * r["width"] + x) * pixel
        steps = (r["dilation_h"] * r["width"] * pixel, r["dilation_w"] * pixel)
        arguments = (
            source, r["out"] + index * pixel, rows, columns, *steps, r["channels"], r["flip"], outside, count, r["average"],
        )  # fmt: skip
        for element_bytes in (1, 2):
            with f.when(r["element_bytes"].equals(element_bytes)):
                f.do(f"window{element_bytes}", *arguments)
    f.give()


def _clip(f: Function, start: Value, kernel: Value, dilation: Value, size: Value) -> tuple[Value, Value]:
    """Return the first position inside the map and how many of the kernel's taps are inside."""
    skipped = (f.larger(start * -1, 0) + dilation - 1) // dilation
    end = f.smaller(kernel, (f.larger(size - start, 0) + dilation - 1) // dilation)
    return start + skipped * dilation, f.larger(end - skipped, 0)


def _emit_window(module: Module, isa: Isa, element_bytes: int) -> None:
    """Write ``window<bytes>``: one output pixel, in the widest pieces that its channels allow, the last one overlapping."""
    f = module.function(f"window{element_bytes}", WINDOW_ARGUMENTS)
    a, v = dict(zip(WINDOW_ARGUMENTS, f.arguments, strict=True)), vectors_for(f, isa)
    channels, average = a["channels"], a["average"].differs(0)
    with f.when(average ^ 1):
        widths = (4 * isa.lanes // element_bytes, 8 // element_bytes, 1)
        for larger, width in zip((None, *widths), widths, strict=False):
            fits = channels >= width if larger is None else (channels >= width) & (channels < larger)
            with f.when(fits), f.loop(0, channels, width) as i:
                _maximum(f, a, element_bytes, width, f.smaller(i, channels - width))
    with f.when(average):
        with f.when(channels >= isa.lanes), f.loop(0, channels, isa.lanes) as i:
            _mean(v, a, element_bytes, f.smaller(i, channels - isa.lanes), isa.lanes)
        with f.when(channels < isa.lanes), f.loop(0, channels) as i:
            _mean(v, a, element_bytes, i, 1)
    f.give()


def _maximum(f: Function, a: dict[str, Value], element_bytes: int, width: int, channel: Value) -> None:
    element = I8 if element_bytes == 1 else I16
    kind = vector(width, element)
    flip = f.splat(f.convert("trunc", a["flip"], element), width)
    best = f.variable(f.constant(kind, 0))
    with f.loop(0, a["rows"]) as row, f.loop(0, a["columns"]) as column:
        place = a["source"] + row * a["row_step"] + column * a["column_step"] + channel * element_bytes
        best.set(f.intrinsic("umax", best.get(), f.load(kind, place) ^ flip))
    f.store(best.get() ^ flip, a["out"] + channel * element_bytes)


def _mean(v: Vectors, a: dict[str, Value], element_bytes: int, channel: Value, width: int) -> None:
    """Write floor((2 * sum + n + outside) / (2 * n)) of ``width`` channels, in the shifted domain where nothing is negative."""
    f = v.f
    element = I8 if element_bytes == 1 else I16
    kind, wide = vector(width, element), vector(width, I32)
    flip = f.splat(f.convert("trunc", a["flip"], element), width)
    total = f.variable(f.constant(wide, 0))
    with f.loop(0, a["rows"]) as row, f.loop(0, a["columns"]) as column:
        place = a["source"] + row * a["row_step"] + column * a["column_step"] + channel * element_bytes
        total.set(total.get() + f.convert("zext", f.load(kind, place) ^ flip, wide))
    rounding = f.splat(f.convert("trunc", a["count"] + a["doubled_offset"], I32), width)
    divisor = f.splat(f.convert("trunc", a["count"] * 2, I32), width)
    mean = v.divide_floor(total.get() * 2 + rounding, divisor)
    f.store(f.convert("trunc", mean, kind) ^ flip, a["out"] + channel * element_bytes)
