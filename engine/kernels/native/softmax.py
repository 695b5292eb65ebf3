"""Softmax by table and arg-max, one element after another: they meet a few thousand elements at most."""

from engine.kernels.native.emit import Module
from engine.kernels.native.isa import Isa
from engine.kernels.native.kernel import Kernel
from engine.kernels.native.records import Opcode
from engine.kernels.native.values import I8, I16, I32, I64, Value


class _Line:
    """The ``size`` elements of one (outer, inner) place of a record's input."""

    def __init__(self, kernel: Kernel, place: Value) -> None:
        self.f, self.r = kernel.function, kernel.fields
        outer, inner = place // self.r["inner"], place % self.r["inner"]
        self.first = outer * self.r["size"] * self.r["inner"] + inner

    def element(self, index: Value) -> Value:
        """Return element ``index`` as unsigned(x ^ flip), an i64."""
        f, r = self.f, self.r
        address = r["source"] + (self.first + index * r["inner"]) * r["element_bytes"]
        x = f.variable(f.integer(0))
        for nbytes, kind in ((1, I8), (2, I16)):
            with f.when(r["element_bytes"].equals(nbytes)):
                x.set(f.convert("zext", f.load(kind, address) ^ f.convert("trunc", r["flip"], kind), I64))
        return x.get()


def emit_softmax(module: Module, isa: Isa) -> None:
    """Write the SOFTMAX command; SPEC (18)."""
    kernel = Kernel(module, isa, Opcode.SOFTMAX)
    f, r = kernel.function, kernel.fields
    start, stop = kernel.share(r["outer"] * r["inner"])
    with f.loop(start, stop) as place:
        line = _Line(kernel, place)
        largest, total = f.variable(f.integer(0)), f.variable(f.integer(0))
        with f.loop(0, r["size"]) as i:
            largest.set(f.larger(largest.get(), line.element(i)))

        def power(x: Value, top: Value) -> Value:
            return f.convert("sext", f.load(I32, r["table"] + (top - x) * 4), I64)

        top = largest.get()
        with f.loop(0, r["size"]) as i:
            total.set(total.get() + power(line.element(i), top))
        whole = total.get()
        with f.loop(0, r["size"]) as i:
            q = (power(line.element(i), top) * 510 + whole) // (whole * 2)
            f.store(f.convert("trunc", q, I8), r["out"] + line.first + i * r["inner"])
    f.give()


def emit_arg_max(module: Module, isa: Isa) -> None:
    """Write the ARG_MAX command; the lowest index of equals, SPEC (19)."""
    kernel = Kernel(module, isa, Opcode.ARG_MAX)
    f, r = kernel.function, kernel.fields
    start, stop = kernel.share(r["outer"] * r["inner"])
    with f.loop(start, stop) as place:
        line = _Line(kernel, place)
        largest, winner = f.variable(f.integer(-1)), f.variable(f.integer(0))
        with f.loop(0, r["size"]) as i:
            x = line.element(i)
            better = x > largest.get()
            winner.set(f.select(better, i, winner.get()))
            largest.set(f.select(better, x, largest.get()))
        f.store(f.convert("trunc", winner.get(), I32), r["out"] + place * 4)
    f.give()
