"""Depthwise convolution, pass 1: the values of several input rows side by side, one int32 lane per column and channel."""

from collections.abc import Sequence

from engine.kernels.native.emit import Function, Module
from engine.kernels.native.isa import Isa
from engine.kernels.native.values import I8, Value, vector
from engine.kernels.native.vectors import Vectors, vectors_for


def emit_interleave(module: Module, isa: Isa) -> None:
    """Write ``interleave``: ``runs`` times ``run_bytes`` of each row, side by side.

    Reads nothing outside the runs; may write up to a vector past the last one.
    """
    taps = 4 if isa.byte_dot else 2
    rows = tuple(f"row{t}" for t in range(taps))
    names = ("target", *rows, "runs", "source_step", "target_step", "run_bytes", "flip", "signed")
    f = module.function("interleave", names)
    a, v = dict(zip(names, f.arguments, strict=True)), vectors_for(f, isa)
    chunk = v.nbytes if isa.byte_dot else v.nbytes // 2
    buffer = f.address_of(f.stack_slot(vector(taps * chunk, I8)))
    flip = f.splat(a["flip"], chunk // 8)

    def convert(sources: Sequence[Value], target: Value) -> None:
        loaded = [v.cast(f.load(flip.kind, source) ^ flip, vector(chunk, I8)) for source in sources]
        parts = v.interleave_bytes(loaded) if isa.byte_dot else _interleave_words(v, loaded, a["signed"])
        for index, part in enumerate(parts):
            f.store(part, target + v.nbytes * index)

    with f.loop(0, a["runs"]) as run:
        sources = [a[row] + run * a["source_step"] for row in rows]
        target = a["target"] + run * a["target_step"]
        with f.when(a["run_bytes"] >= chunk), f.loop(0, a["run_bytes"], chunk) as i:
            at = f.smaller(i, a["run_bytes"] - chunk)
            convert([source + at for source in sources], target + at * 4)
        with f.when(a["run_bytes"] < chunk):
            for t, source in enumerate(sources):
                f.do("copy", buffer + chunk * t, source, a["run_bytes"], 0)
            convert([buffer + chunk * t for t in range(taps)], target)
    f.give()


def columns_inside(f: Function, first: Value, wanted: Value, width: Value) -> tuple[Value, Value]:
    """Return how many of the columns from ``first`` on lie left of a map, and how many of the ``wanted`` lie inside."""
    left = f.smaller(f.larger(first * -1, 0), wanted)
    return left, f.larger(f.smaller(width - first, wanted) - left, 0)


def fill_outside(
    f: Function,
    base: Value,
    place: Value,
    counts: tuple[Value, Value, Value],
    column_bytes: Value | int,
    flip: Value,
) -> None:
    """Fill the columns outside a map with the byte pattern ``flip``; ``counts`` = columns left of it, inside, wanted in all.

    The first interleaved column lies at ``base``, the first inside at ``place``.
    """
    left, present, wanted = counts
    for start, count in ((base, left), (place + present * column_bytes, wanted - left - present)):
        with f.when(count > 0):
            f.do("fill", start, count * column_bytes, flip)


def _interleave_words(v: Vectors, rows: Sequence[Value], signed: Value) -> list[Value]:
    """Return two rows of bytes as int16 pairs, in order."""
    f = v.f
    is_signed = signed.differs(0)
    wide = [
        f.select(is_signed, f.convert("sext", row, v.words), f.convert("zext", row, v.words)) for row in rows
    ]
    n = 2 * v.lanes
    pairs = [i for k in range(n) for i in (k, n + k)]
    return [f.shuffle(wide[0], wide[1], pairs[:n]), f.shuffle(wide[0], wide[1], pairs[n:])]
