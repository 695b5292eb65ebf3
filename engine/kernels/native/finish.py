"""From accumulators in memory to outputs of any type: what tiles do not do themselves."""

from engine.kernels.native.emit import Module
from engine.kernels.native.isa import Isa
from engine.kernels.native.records import Finish
from engine.kernels.native.values import I8, I16, I64, Value, vector
from engine.kernels.native.vectors import Vectors, vectors_for

FINISH_ARGUMENTS = (
    "acc", "acc_stride", "parameters", "nr", "common", "out", "out_stride", "rows", "count", "finish", "element_bytes",
)  # fmt: skip


def emit_finish_rows(module: Module, isa: Isa) -> None:
    """Write ``finish_rows``: accumulators [rows, nr * lanes] to 1- or 2-byte outputs, ``count`` channels per row.

    Parameters per panel: bias, then scale or shift (int32 or float) as in a tile; for RAW_WIDE instead multiplier (int32),
    shift (int64) and rounding (int64) behind them. ``common`` = addend, low, high, flip as bytes, low, high as int32.
    """
    f = module.function("finish_rows", FINISH_ARGUMENTS, exported=True)
    a, v = dict(zip(FINISH_ARGUMENTS, f.arguments, strict=True)), vectors_for(f, isa)
    low, high = (v.ints_at(a["common"] + v.nbytes * k) for k in (4, 5))
    tail = f.address_of(f.stack_slot(v.ints))
    with f.loop(0, a["count"], v.lanes) as channel:
        index, here = channel // v.lanes, f.smaller(a["count"] - channel, v.lanes)
        with f.loop(0, a["rows"]) as row:
            acc = v.ints_at(a["acc"] + row * a["acc_stride"] + channel * 4)
            q = f.smaller(f.larger(finish_vector(v, acc, a, a["nr"], index), low), high)
            out = a["out"] + row * a["out_stride"] + channel * a["element_bytes"]
            target = f.select(here < v.lanes, tail, out)
            for element_bytes, element in ((1, I8), (2, I16)):
                with f.when(a["element_bytes"].equals(element_bytes)):
                    f.store(f.convert("trunc", q, vector(v.lanes, element)), target)
            with f.when(here < v.lanes):
                f.do("copy", out, tail, here * a["element_bytes"], 0)
    f.give()


def finish_vector(v: Vectors, acc: Value, a: dict[str, Value], nr: Value, index: Value) -> Value:
    """Return q of vector ``index`` of a panel of ``nr``, by the RAW mode in ``a["finish"]``; not clamped."""
    f = v.f
    second = a["parameters"] + nr * v.nbytes + index * v.nbytes
    result = f.variable(acc)
    with f.when(a["finish"].equals(Finish.RAW_SHIFT)):
        result.set(acc >> v.ints_at(second))
    with f.when(a["finish"].equals(Finish.RAW_FLOAT)):
        result.set(v.scale_floor(acc, f.load(v.floats, second), f.load(v.floats, a["common"])))
    with f.when(a["finish"].equals(Finish.RAW_WIDE)):
        wide = vector(v.lanes, I64)
        multiplier = f.convert("sext", v.ints_at(second), wide)
        base = a["parameters"] + nr * (2 * v.nbytes) + index * (2 * v.nbytes)
        shift, rounding = f.load(wide, base), f.load(wide, base + nr * (2 * v.nbytes))
        result.set(v.scale_floor_wide(acc, multiplier, rounding, shift))
    return result.get()
