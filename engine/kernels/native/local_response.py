"""The NORMALISE command, LRN on the A72 in one pass over the map: the reference's operations in the reference's order."""

from engine.kernels.native.emit import Function, Module
from engine.kernels.native.isa import Isa
from engine.kernels.native.kernel import Kernel
from engine.kernels.native.records import Opcode
from engine.kernels.native.values import F32, I1, I32, Value, vector


def emit_normalise(module: Module, isa: Isa) -> None:
    """Write the NORMALISE command."""
    kernel = Kernel(module, isa, Opcode.NORMALISE)
    f, r = kernel.function, kernel.fields
    alpha, bias = (
        f.splat(f.convert("bitcast", f.convert("trunc", r[name], I32), F32), isa.lanes)
        for name in ("alpha", "bias")
    )
    size = f.splat(f.convert("sitofp", r["size"], F32), isa.lanes)
    start, stop = kernel.share(r["pixels"])
    with f.loop(start, stop) as pixel, f.loop(0, r["channels"], isa.lanes) as first:
        row = _Row(f, isa, pixel * r["channels"] * 4, r["channels"])
        total = f.variable(Value(f, bias.kind, "zeroinitializer"))
        with f.loop(0, r["size"]) as tap:
            near = row.read(r["source"], first + tap - r["before"])
            total.set(f.float("fadd", total.get(), f.float("fmul", near, near)))
        mean = f.float("fdiv", total.get(), size)
        base = f.float("fadd", f.float("fmul", mean, alpha), bias)
        root = f.intrinsic("sqrt", base)
        power = f.float("fmul", root, f.intrinsic("sqrt", root))
        row.write(r["out"], first, f.float("fdiv", row.read(r["source"], first), power))
    f.give()


class _Row:
    """The channels of one pixel, ``offset`` bytes behind the beginning of a map; nothing before or behind them is touched."""

    def __init__(self, f: Function, isa: Isa, offset: Value, channels: Value) -> None:
        self._f, self._offset = f, offset
        self._lanes, self._channels = isa.lanes, f.splat(f.convert("trunc", channels, I32), isa.lanes)

    def read(self, source: Value, first: Value) -> Value:
        """Return the vector of channels from ``first`` on, which may be negative: 0 where there is none."""
        address = source + self._offset + first * 4
        return self._f.load_some(vector(self._lanes, F32), address, self._present(first))

    def write(self, out: Value, first: Value, value: Value) -> None:
        """Write those of the channels from ``first`` on that there are."""
        self._f.store_some(value, out + self._offset + first * 4, self._present(first))

    def _present(self, first: Value) -> Value:
        """Return which channels from ``first`` on exist: 0 <= channel < channels, in one comparison without signs."""
        f, lanes = self._f, self._lanes
        places = f.constant(vector(lanes, I32), range(lanes))
        channel = f.splat(f.convert("trunc", first, I32), lanes) + places
        text = f"icmp ult {channel.kind} {channel.text}, {self._channels.text}"
        return f.emit(vector(lanes, I1), text)
