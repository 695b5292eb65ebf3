"""The QUANTIZE and DEQUANTIZE commands: real values to integers and back, between A72 and C7x."""

from collections.abc import Iterator

from engine.kernels.native.emit import Module
from engine.kernels.native.isa import Isa
from engine.kernels.native.kernel import Kernel
from engine.kernels.native.records import Opcode
from engine.kernels.native.values import F32, F64, I1, I8, I16, I32, Value, lanes_of, vector


def emit_quantize(module: Module, isa: Isa) -> None:
    """Write the QUANTIZE command, float32 to integers of 1 or 2 bytes."""
    kernel = Kernel(module, isa, Opcode.QUANTIZE)
    f, r = kernel.function, kernel.fields
    factor = f.convert("bitcast", r["scale"], F64)
    low, high = (f.convert("sitofp", r[limit], F64) for limit in ("qmin", "qmax"))
    for element, nbytes in ((I8, 1), (I16, 2)):
        with f.when(r["element_bytes"].equals(nbytes)):
            for first, n in _pieces(kernel):
                x = f.convert("fpext", f.load(vector(n, F32), r["source"] + first * 4), vector(n, F64))
                scaled = f.float("fmul", x, f.splat(factor, n))
                half = f.intrinsic("copysign", f.splat(Value(f, F64, "0.5"), n), scaled)
                rounded = f.float("fadd", scaled, half)  # but for its fraction, which the conversion drops
                clamped = _nearer("olt", _nearer("ogt", rounded, f.splat(low, n)), f.splat(high, n))
                whole = f.convert("fptosi", clamped, vector(n, I32))
                f.store(f.convert("trunc", whole, vector(n, element)), r["out"] + first * nbytes)
    f.give()


def emit_dequantize(module: Module, isa: Isa) -> None:
    """Write the DEQUANTIZE command, integers to float32 by way of float64."""
    kernel = Kernel(module, isa, Opcode.DEQUANTIZE)
    f, r = kernel.function, kernel.fields
    divisor = f.convert("bitcast", r["scale"], F64)
    reciprocal = f.float("fdiv", Value(f, F64, "1.0"), divisor)
    for element, nbytes, sign in ((I8, 1, 0), (I8, 1, 1), (I16, 2, 0), (I16, 2, 1), (I32, 4, 1)):
        with f.when(r["element_bytes"].equals(nbytes) & r["signed"].equals(sign)):
            for first, n in _pieces(kernel):
                q = f.load(vector(n, element), r["source"] + first * nbytes)
                numerator = f.convert("sitofp" if sign else "uitofp", q, vector(n, F64))
                quotient = _divided(numerator, f.splat(divisor, n), f.splat(reciprocal, n))
                f.store(f.convert("fptrunc", quotient, vector(n, F32)), r["out"] + first * 4)
    f.give()


def _pieces(kernel: Kernel) -> Iterator[tuple[Value, int]]:
    """Yield (first element, how many) of whole vectors, then of what is left, one by one: loops around the caller's code."""
    f, lanes = kernel.function, kernel.isa.lanes
    start, stop = kernel.share(kernel.fields["count"], lanes)
    whole = start + (stop - start) // lanes * lanes
    with f.loop(start, whole, lanes) as first:
        yield first, lanes
    with f.loop(whole, stop) as first:
        yield first, 1


def _nearer(predicate: str, value: Value, limit: Value) -> Value:
    """Return ``value`` where it compares so to ``limit``, else ``limit``; what is not a number becomes ``limit`` too."""
    kind = vector(lanes_of(value.kind), I1)
    inside = value.function.emit(kind, f"fcmp {predicate} {value.kind} {value.text}, {limit.text}")
    return value.function.select(inside, value, limit)


def _divided(numerator: Value, divisor: Value, reciprocal: Value) -> Value:
    """Return numerator / divisor, rounded as a division rounds it, at a fifth of the time.

    The product with the reciprocal is off by a unit in the last place or two; its exact remainder says by how much.
    """
    f = numerator.function
    near = f.float("fmul", numerator, reciprocal)
    negative = f.emit(near.kind, f"fneg {near.kind} {near.text}")
    remainder = f.intrinsic("fma", negative, divisor, numerator)
    return f.intrinsic("fma", remainder, reciprocal, near)
