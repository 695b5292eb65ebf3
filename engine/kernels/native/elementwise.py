"""Sums and products of two tensors, and table look-up."""

from collections.abc import Sequence

from engine.kernels.native.emit import I8, I16, I64, Function, Module, Value, vector
from engine.kernels.native.finish import finish_vector
from engine.kernels.native.isa import Isa
from engine.kernels.native.kernel import Kernel
from engine.kernels.native.records import Finish, Opcode
from engine.kernels.native.vectors import Vectors, vectors_for

RUN_ARGUMENTS = (
    "a", "b", "out", "inner", "a_flip", "b_flip", "product", "coefficients", "parameters", "common", "finish", "out_bytes",
)  # fmt: skip


def emit_combine(module: Module, isa: Isa) -> None:
    """Write the COMBINE command."""
    for in_bytes in (1, 2):
        _emit_run(module, isa, in_bytes)
    kernel = Kernel(module, isa, Opcode.COMBINE)
    f, r = kernel.function, kernel.fields
    # Many rows: share rows. One row: share its elements, in whole vectors.
    single = r["rows"].equals(1)
    first, last = kernel.share(r["rows"])
    start, stop = kernel.share(r["inner"], 4 * isa.lanes)
    first, last = f.select(single, f.integer(0), first), f.select(single, f.integer(1), last)
    start, stop = f.select(single, start, f.integer(0)), f.select(single, stop, r["inner"])
    with f.loop(first, last) as row:
        a = r["a"] + row * r["a_stride"] + start * r["in_bytes"]
        b = r["b"] + row * r["b_stride"] + start * r["in_bytes"]
        out = r["out"] + row * r["out_stride"] + start * r["out_bytes"]
        arguments = (a, b, out, stop - start, *(r[name] for name in RUN_ARGUMENTS[4:]))
        for in_bytes in (1, 2):
            with f.when(r["in_bytes"].equals(in_bytes)):
                f.do(f"combine{in_bytes}", *arguments)
    f.give()


def _emit_run(module: Module, isa: Isa, in_bytes: int) -> None:
    """Write ``combine<in_bytes>``: one row; what is not a whole block of 4 vectors goes through buffers."""
    f = module.function(f"combine{in_bytes}", RUN_ARGUMENTS)
    a, v = dict(zip(RUN_ARGUMENTS, f.arguments, strict=True)), vectors_for(f, isa)
    block = 4 * isa.lanes
    buffers = [f.emit(I64, f"ptrtoint ptr {f.stack_slot(vector(2 * block, I8))} to i64") for _ in range(3)]
    whole = a["inner"] // block * block
    with f.loop(0, whole, block) as i:
        _combine_block(
            v, a, in_bytes, (a["a"] + i * in_bytes, a["b"] + i * in_bytes, a["out"] + i * a["out_bytes"])
        )
    rest = a["inner"] - whole
    with f.when(rest > 0):
        zero = f.integer(0)
        for buffer, source in zip(buffers, ("a", "b"), strict=False):
            f.do("copy", buffer, a[source] + whole * in_bytes, rest * in_bytes, zero)
        _combine_block(v, a, in_bytes, (buffers[0], buffers[1], buffers[2]))
        f.do("copy", a["out"] + whole * a["out_bytes"], buffers[2], rest * a["out_bytes"], zero)
    f.give()


def _combine_block(v: Vectors, a: dict[str, Value], in_bytes: int, at: tuple[Value, Value, Value]) -> None:
    """Write the code for 4 * lanes elements at the three addresses."""
    f = v.f
    ca, cb, a_offset, b_offset = (v.ints_at(a["coefficients"] + v.nbytes * k) for k in range(4))
    bias = v.ints_at(a["parameters"])
    xs = _unsigned_block(v, at[0], a["a_flip"], in_bytes)
    zs = _unsigned_block(v, at[1], a["b_flip"], in_bytes)
    acc = [f.variable(bias) for _ in range(4)]
    is_product = a["product"].differs(0)
    with f.when(is_product):
        for cell, x, z in zip(acc, xs, zs, strict=True):
            cell.set(bias + (x - a_offset) * (z - b_offset))
    with f.when(is_product ^ 1):
        for cell, x, z in zip(acc, xs, zs, strict=True):
            cell.set(v.multiply_add(v.multiply_add(bias, x - a_offset, ca), z - b_offset, cb))
    _finish_block(v, a, [cell.get() for cell in acc], at[2])


def _unsigned_block(v: Vectors, address: Value, flip: Value, in_bytes: int) -> list[Value]:
    """Return 4 * lanes elements as int32: unsigned(x ^ flip)."""
    f, element = v.f, I8 if in_bytes == 1 else I16
    kind = vector(v.lanes, element)
    pattern = f.splat(f.convert("trunc", flip, element), v.lanes)
    step = v.lanes * in_bytes
    return [f.convert("zext", f.load(kind, address + step * k) ^ pattern, v.ints) for k in range(4)]


def _finish_block(v: Vectors, a: dict[str, Value], acc: Sequence[Value], out: Value) -> None:
    """Requantize, saturate and write four vectors."""
    f = v.f
    second = a["parameters"] + v.nbytes
    for mode in (Finish.SHIFT, Finish.FLOAT):
        with f.when(a["finish"].equals(mode)):
            if mode is Finish.SHIFT:
                q = [cell >> v.ints_at(second) for cell in acc]
            else:
                scale, addend = f.load(v.floats, second), f.load(v.floats, a["common"])
                q = [v.scale_floor(cell, scale, addend) for cell in acc]
            low, high, flip = (v.bytes_at(a["common"] + v.nbytes * k) for k in (1, 2, 3))
            f.store(v.transpose_segments(f.smaller(f.larger(v.pack4(q), low), high) ^ flip), out)
    with f.when(a["finish"] > Finish.FLOAT):
        low, high = (v.ints_at(a["common"] + v.nbytes * k) for k in (4, 5))
        for k, cell in enumerate(acc):
            q1 = f.smaller(f.larger(finish_vector(v, cell, a, f.integer(1), f.integer(0)), low), high)
            for out_bytes, element in ((1, I8), (2, I16)):
                with f.when(a["out_bytes"].equals(out_bytes)):
                    f.store(f.convert("trunc", q1, vector(v.lanes, element)), out + v.lanes * out_bytes * k)


def emit_map(module: Module, isa: Isa) -> None:
    """Write the MAP command."""
    _emit_look_up(module)
    if isa.byte_permute:
        for channels in (1, 3):
            _emit_permuted(module, isa, channels)
    kernel = Kernel(module, isa, Opcode.MAP)
    f, r = kernel.function, kernel.fields
    start, stop = kernel.share(r["count"], 3 * 64 * 8)  # whole pixels of 3 channels, whole vectors
    start, stop = _whole_pixels(f, r, start), _whole_pixels(f, r, stop)
    scalar_from = f.variable(start)
    if isa.byte_permute:
        for channels in (1, 3):
            with f.when(r["permuted"].equals(channels)):
                whole = (stop - start) // (channels * 64) * (channels * 64)
                arguments = (r["source"] + start, r["out"] + start, whole, r["table"])
                f.do(f"permuted{channels}", *arguments)
                scalar_from.set(start + whole)
    first = scalar_from.get()
    pixels = (stop - first) // r["channels"]
    with f.loop(0, r["channels"]) as channel:
        source = r["source"] + (first + channel) * r["in_bytes"]
        out = r["out"] + (first + channel) * r["out_bytes"]
        table = r["table"] + channel * r["table_stride"]
        f.do("look_up", source, out, pixels, table, r["channels"], r["in_bytes"], r["out_bytes"])
    f.give()


def _whole_pixels(f: Function, r: dict[str, Value], count: Value) -> Value:
    """Return ``count`` rounded up to whole pixels, at most all."""
    return f.smaller((count + r["channels"] - 1) // r["channels"] * r["channels"], r["count"])


def _emit_look_up(module: Module) -> None:
    """Write ``look_up``: ``count`` elements, ``step`` apart, from one table."""
    f = module.function("look_up", ("source", "out", "count", "table", "step", "in_bytes", "out_bytes"))
    source, out, count, table, step, in_bytes, out_bytes = f.arguments
    for source_bytes in (1, 2):
        for target_bytes in (1, 2):
            chosen = in_bytes.equals(source_bytes) & out_bytes.equals(target_bytes)
            with f.when(chosen), f.loop(0, count * step, step) as i:
                x = f.convert("zext", f.load(f"i{8 * source_bytes}", source + i * source_bytes), I64)
                f.store(f.load(f"i{8 * target_bytes}", table + x * target_bytes), out + i * target_bytes)
    f.give()


def _emit_permuted(module: Module, isa: Isa, channels: int) -> None:
    """Write ``permuted<channels>``: byte tables held in registers; position i uses table i % channels.

    ``nbytes`` is a multiple of 64 * channels. A table of 256 bytes is four registers; two permutations and a choice by the
    index's top bit look up 64 bytes at once.
    """
    f = module.function(f"permuted{channels}", ("source", "out", "nbytes", "table"))
    source, out, nbytes, table = f.arguments
    v = vectors_for(f, isa)
    quarters = [[v.bytes_at(table + 256 * c + 64 * k) for k in range(4)] for c in range(channels)]
    with f.loop(0, nbytes, 64 * channels) as i:
        for phase in range(channels):
            x = v.bytes_at(source + i + 64 * phase)
            high = x < 0
            result = None
            for c in range(channels):
                low_half, high_half = (
                    f.call(
                        "llvm.x86.avx512.vpermi2var.qi.512", v.bytes, (quarters[c][k], x, quarters[c][k + 1])
                    )
                    for k in (0, 2)
                )
                found = f.select(high, high_half, low_half)
                mine = f.constant(
                    vector(64, "i1"), [int((64 * phase + k) % channels == c) for k in range(64)]
                )
                result = found if result is None else f.select(mine, found, result)
            assert result is not None
            f.store(result, out + i + 64 * phase)
    f.give()
