"""Pooling windows; reductions over axes are windows too."""

from engine.kernels.native.emit import Function, Module
from engine.kernels.native.isa import Isa
from engine.kernels.native.kernel import Kernel
from engine.kernels.native.records import Opcode
from engine.kernels.native.values import I8, I16, I32, Value, vector
from engine.kernels.native.vectors import Vectors, vectors_for

UNROLLED = (2, 3)  # the square windows that networks have
SMALLEST_PIECE = 16  # channels
MAXIMA_ARGUMENTS = ("source", "out", "count", "row_step", "column_step", "stride", "channels")
WINDOW_ARGUMENTS = (
    "source", "out", "rows", "columns", "row_step", "column_step", "channels", "flip", "doubled_offset", "count", "average",
)  # fmt: skip


def emit_pool(module: Module, isa: Isa) -> None:
    """Write the POOL command: maxima of bytes over the usual windows in runs, anything else one window after another."""
    for element_bytes in (1, 2):
        _emit_window(module, isa, element_bytes)
    for size in UNROLLED:
        for order in ("umax", "smax"):
            _emit_maxima(module, isa, size, order)
    kernel = Kernel(module, isa, Opcode.POOL)
    f, r = kernel.function, kernel.fields
    width, pixels = r["out_width"], r["out_height"] * r["out_width"]
    # Of a single window, threads share the channels.
    single = pixels.equals(1)
    start, stop = kernel.share_where(single ^ 1, pixels)
    channels = kernel.share_where(single, r["channels"], 4 * isa.lanes)
    with f.loop(start // width, (stop + width - 1) // width) as row:
        first, last = f.larger(start - row * width, 0), f.smaller(stop - row * width, width)
        y, rows = _clip(f, row * r["stride_h"] - r["top"], r["kernel_h"], r["dilation_h"], r["height"])
        run_first, run_last = _run_of_whole_windows(f, r, rows, first, last)
        with f.when(run_first < run_last):
            _do_maxima(f, r, y, row * width, run_first, run_last)
        run = run_last - run_first
        with f.loop(first, last - run) as other:
            column = f.select(other < run_first, other, other + run)
            _do_window(f, r, y, rows, row * width, column, channels)
    f.give()


def _run_of_whole_windows(
    f: Function, r: dict[str, Value], rows: Value, first: Value, last: Value
) -> tuple[Value, Value]:
    """Return the range within ``first`` to ``last`` of output columns for ``maxima``, (last, last) where there are none."""
    square, stride = r["kernel_h"].equals(r["kernel_w"]), r["stride_w"]
    usual = f.constant("i1", 0)
    for size in UNROLLED:
        usual = usual | r["kernel_h"].equals(size)
    served = usual & square & rows.equals(r["kernel_h"]) & r["average"].equals(0)
    served = served & r["element_bytes"].equals(1) & (r["channels"] >= SMALLEST_PIECE)
    reach = (r["kernel_w"] - 1) * r["dilation_w"]
    inside_from = (r["left"] + stride - 1) // stride
    inside_to = f.larger(r["width"] + r["left"] - reach + stride - 1, 0) // stride
    run_first = f.select(served, f.smaller(f.larger(inside_from, first), last), last)
    return run_first, f.select(served, f.larger(f.smaller(inside_to, last), run_first), last)


def _do_maxima(
    f: Function, r: dict[str, Value], y: Value, row_start: Value, first: Value, last: Value
) -> None:
    """Call the ``maxima`` of this record for output columns ``first`` to ``last`` of the windows that begin in row ``y``."""
    pixel, x = r["channels"], first * r["stride_w"] - r["left"]
    steps = (r["dilation_h"] * r["width"] * pixel, r["dilation_w"] * pixel, r["stride_w"] * pixel)
    arguments = (
        r["source"] + (y * r["width"] + x) * pixel, r["out"] + (row_start + first) * pixel, last - first, *steps, pixel,
    )  # fmt: skip
    for size in UNROLLED:
        for order, flip in (("umax", 0), ("smax", 0x80)):
            with f.when(r["kernel_h"].equals(size) & r["flip"].equals(flip)):
                f.do(_maxima_name(size, order), *arguments)


def _maxima_name(size: int, order: str) -> str:
    return f"maxima_{size}x{size}_{order}"


def _emit_maxima(module: Module, isa: Isa, size: int, order: str) -> None:
    """Write ``maxima``: ``count`` neighbouring windows of bytes, all inside the map, of 16 channels or more."""
    f = module.function(_maxima_name(size, order), MAXIMA_ARGUMENTS)
    a = dict(zip(MAXIMA_ARGUMENTS, f.arguments, strict=True))
    channels, larger = a["channels"], None
    for width in dict.fromkeys((4 * isa.lanes, SMALLEST_PIECE)):
        fits = channels >= width if larger is None else (channels >= width) & (channels < larger)
        larger = width
        with f.when(fits), f.loop(0, a["count"]) as index:
            source, out = a["source"] + index * a["stride"], a["out"] + index * channels
            with f.loop(0, channels, width) as i:
                at = f.smaller(i, channels - width)
                rows = [source + at + a["row_step"] * row for row in range(size)]
                places = [row + a["column_step"] * column for row in rows for column in range(size)]
                best, *taps = (f.load(vector(width, I8), place) for place in places)
                for tap in taps:
                    best = f.intrinsic(order, best, tap)
                f.store(best, out + at)
    f.give()


def _do_window(
    f: Function,
    r: dict[str, Value],
    y: Value,
    rows: Value,
    row_start: Value,
    column: Value,
    channels: tuple[Value, ...],
) -> None:
    """Call ``window`` for one output column, of whose windows ``rows`` rows from ``y`` on lie inside the map.

    ``channels``: the first to compute and the first no more to compute.
    """
    pixel = r["channels"] * r["element_bytes"]
    x, columns = _clip(f, column * r["stride_w"] - r["left"], r["kernel_w"], r["dilation_w"], r["width"])
    covered = rows * columns
    count = f.select(r["all_count"] > 0, r["all_count"], covered)
    # In the mean of x + offset, elements outside the map count as 0 + offset.
    outside = (count - covered) * r["offset"] * 2
    first = channels[0] * r["element_bytes"]
    source = r["source"] + (y * r["width"] + x) * pixel + first
    out = r["out"] + (row_start + column) * pixel + first
    steps = (r["dilation_h"] * r["width"] * pixel, r["dilation_w"] * pixel)
    some = channels[1] - channels[0]
    arguments = (source, out, rows, columns, *steps, some, r["flip"], outside, count, r["average"])
    for element_bytes in (1, 2):
        with f.when(r["element_bytes"].equals(element_bytes)):
            f.do(f"window{element_bytes}", *arguments)


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
