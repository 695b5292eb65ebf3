"""Sums and products of two tensors, and table look-up."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from engine.kernels.native.emit import Function, Module
from engine.kernels.native.finish import finish_vector
from engine.kernels.native.isa import Isa
from engine.kernels.native.kernel import Kernel
from engine.kernels.native.records import Combination, Finish, Opcode
from engine.kernels.native.values import I8, I16, I64, Value, vector
from engine.kernels.native.vectors import Vectors, vectors_for

RUN_ARGUMENTS = (
    "a", "b", "out", "inner", "a_flip", "b_flip", "combination", "coefficients", "parameters", "common", "finish", "out_bytes",
)  # fmt: skip


def emit_combine(module: Module, isa: Isa) -> None:
    """Write the COMBINE command."""
    for in_bytes in (1, 2):
        _emit_run(module, isa, in_bytes)
    _emit_pair_sums(module, isa)
    if isa.byte_dot:
        _emit_byte_sums(module, isa)
    kernel = Kernel(module, isa, Opcode.COMBINE)
    f, r = kernel.function, kernel.fields
    buffers = [f.address_of(f.stack_slot(vector(8 * isa.lanes, I8))) for _ in range(3)]
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
        _combine_row(kernel, (a, b, out), stop - start, buffers)
    f.give()


def _combine_row(kernel: Kernel, at: tuple[Value, Value, Value], inner: Value, buffers: list[Value]) -> None:
    """Write one row; what is not a whole block of 4 vectors goes through buffers."""
    f, r, block = kernel.function, kernel.fields, 4 * kernel.isa.lanes
    whole = inner // block * block
    _do_run(kernel, at, whole)
    done_bytes, rest = (whole * r["in_bytes"], whole * r["out_bytes"]), inner - whole
    with f.when(rest > 0):
        for buffer, source in zip(buffers, at[:2], strict=False):
            f.do("copy", buffer, source + done_bytes[0], rest * r["in_bytes"], 0)
        _do_run(kernel, (buffers[0], buffers[1], buffers[2]), f.integer(block))
        f.do("copy", at[2] + done_bytes[1], buffers[2], rest * r["out_bytes"], 0)


def _do_run(kernel: Kernel, at: tuple[Value, Value, Value], inner: Value) -> None:
    """Call the function that this record needs."""
    f, r = kernel.function, kernel.fields
    arguments = (*at, inner, *(r[name] for name in RUN_ARGUMENTS[4:]))
    combination = r["combination"]
    with f.when(combination.equals(Combination.PAIR_SUM)):
        f.do("pair_sums", *arguments)
    if kernel.isa.byte_dot:
        with f.when(combination.equals(Combination.BYTE_SUM)):
            f.do("byte_sums", *arguments)
    for in_bytes in (1, 2):
        with f.when(r["in_bytes"].equals(in_bytes) & (combination <= Combination.PRODUCT)):
            f.do(f"combine{in_bytes}", *arguments)


def _emit_run(module: Module, isa: Isa, in_bytes: int) -> None:
    """Write ``combine<in_bytes>``: whole blocks of 4 vectors."""
    f = module.function(f"combine{in_bytes}", RUN_ARGUMENTS)
    a, v = dict(zip(RUN_ARGUMENTS, f.arguments, strict=True)), vectors_for(f, isa)
    with f.loop(0, a["inner"], 4 * isa.lanes) as i:
        at = (a["a"] + i * in_bytes, a["b"] + i * in_bytes, a["out"] + i * a["out_bytes"])
        _combine_block(v, a, in_bytes, at)
    f.give()


def _emit_pair_sums(module: Module, isa: Isa) -> None:
    """Write ``pair_sums``: PAIR_SUM of whole vectors of bytes. Bytes of a and b alternate in the products' operand."""
    f = module.function("pair_sums", RUN_ARGUMENTS)
    a, v = dict(zip(RUN_ARGUMENTS, f.arguments, strict=True)), vectors_for(f, isa)
    coefficients = v.bytes_at(a["coefficients"])
    # The low halves of int32. A bias beyond int16 does no harm: sums wrap, and the number to be shifted fits again.
    bias, shift = (f.splat(f.load(I16, a["parameters"] + v.nbytes * k), 2 * v.lanes) for k in (0, 1))
    with _vectors_of_bytes(v, a) as (x, z, write):
        pairs = [v.unpack(x, z, v.bytes, high) for high in (False, True)]
        low, high = ((v.pair_products(pair, coefficients) + bias) >> shift for pair in pairs)
        write(v.pack_bytes(low, high))
    f.give()


def _emit_byte_sums(module: Module, isa: Isa) -> None:
    """Write ``byte_sums``: BYTE_SUM of whole vectors of bytes.

    Four dot products, whose coefficients are 0 but for one byte of four, sum every fourth element each.
    """
    f = module.function("byte_sums", RUN_ARGUMENTS)
    a, v = dict(zip(RUN_ARGUMENTS, f.arguments, strict=True)), vectors_for(f, isa)
    coefficients = [v.bytes_at(a["coefficients"] + v.nbytes * k) for k in range(8)]
    bias, scale = v.ints_at(a["parameters"]), f.load(v.floats, a["parameters"] + v.nbytes)
    addend = f.load(v.floats, a["common"])
    with _vectors_of_bytes(v, a) as (x, z, write):
        q = [
            v.scale_floor(v.dot_bytes(v.dot_bytes(bias, x, ca), z, cb), scale, addend)
            for ca, cb in zip(coefficients[:4], coefficients[4:], strict=True)
        ]
        write(v.interleave_parts(v.pack4(q)))
    f.give()


@contextmanager
def _vectors_of_bytes(
    v: Vectors, a: dict[str, Value]
) -> Iterator[tuple[Value, Value, Callable[[Value], None]]]:
    """Walk a row: yield a vector of a, one of b, both flipped, and what clamps, flips and writes the results."""
    f = v.f
    a_flip, b_flip = (v.fill(a[name], v.bytes) for name in ("a_flip", "b_flip"))
    low, high, flip = (v.bytes_at(a["common"] + v.nbytes * k) for k in (1, 2, 3))
    with f.loop(0, a["inner"], v.nbytes) as i:

        def write(q: Value) -> None:
            f.store(f.smaller(f.larger(q, low), high) ^ flip, a["out"] + i)

        yield v.bytes_at(a["a"] + i) ^ a_flip, v.bytes_at(a["b"] + i) ^ b_flip, write


def _combine_block(v: Vectors, a: dict[str, Value], in_bytes: int, at: tuple[Value, Value, Value]) -> None:
    """Write the code for 4 * lanes elements at the three addresses."""
    f = v.f
    ca, cb, a_offset, b_offset = (v.ints_at(a["coefficients"] + v.nbytes * k) for k in range(4))
    bias = v.ints_at(a["parameters"])
    xs = _unsigned_block(v, at[0], a["a_flip"], in_bytes)
    zs = _unsigned_block(v, at[1], a["b_flip"], in_bytes)
    acc = [f.variable(bias) for _ in range(4)]
    is_product = a["combination"].equals(Combination.PRODUCT)
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
