"""Winograd's products for maps of 7 x 7, the last ones of most networks for 224 x 224 pixels: weights transformed in registers.

Such a map is one tile of each kind: a weight is used four times at most, and transformed ones, eight times as many bytes,
would come from memory too slowly. Here they stay bytes and are transformed anew for each map, but for their factors
(``winograd_tiles.FACTORS``), which their sums get instead. The sums of one row of positions stay in registers over all channels:

    inputs    int16 [row of positions][channel / vector][column][tile][channel % vector]
    weights   int8  [panel][vector of outputs][channel / 2][3][3][output][channel % 2]
"""

from collections.abc import Callable, Sequence

from engine.kernels.native.emit import Module
from engine.kernels.native.isa import Isa
from engine.kernels.native.tiles import WINOGRAD_NR
from engine.kernels.native.values import I8, I16, I32, Value, Variable, vector
from engine.kernels.native.vectors import Vectors, vectors_for
from engine.kernels.native.winograd_tiles import FACTORS, POINTS

TILES = 4
TAPS = 9
LAST = POINTS - 1
_LINE_BYTES = 64  # fetched per two channels and row: six rows fetch all of the next vector's weights
HAVE_LAST_ROW, HAVE_LAST_COLUMN = (0, 1), (1, 2)  # of the tiles, in the order of ``winograd_tiles``

# Of a row and a column of the 3x3 weights of two channels and a vector of outputs: the weights.
_Tap = Callable[[int, int], Value]


def emit_products(module: Module, isa: Isa) -> None:
    """Write ``winograd_7x7``: sums [position][tile] of one vector of outputs, positions ``step`` apart and tiles a panel.

    Meanwhile the weights of the next vector are fetched.
    """
    f = module.function("winograd_7x7", ("inputs", "depth", "weights", "sums", "step"))
    v = vectors_for(f, isa)
    rows = _Rows(v, f.arguments)
    rows.write(f.integer(0), range(TILES), lambda tap: [tap(0, s) for s in range(3)], FACTORS[0])
    for first in 1, 2:  # the points 1 and 2, then -1 and -2
        with f.loop(0, 2) as power:
            once, twice = (f.splat(f.convert("trunc", power * n, I16), 2 * isa.lanes) for n in (1, 2))

            def at_point(
                tap: _Tap, first: int = first, once: Value = once, twice: Value = twice
            ) -> list[Value]:
                even = [tap(0, s) + (tap(2, s) << twice) for s in range(3)]
                odd = [tap(1, s) << once for s in range(3)]
                return [a + b if first == 1 else a - b for a, b in zip(even, odd, strict=True)]

            factor = f.convert("trunc", power * (FACTORS[3] - FACTORS[1]) + FACTORS[1], I32)
            rows.write(power * 2 + first, range(TILES), at_point, f.splat(factor, isa.lanes))
    rows.write(f.integer(LAST), HAVE_LAST_ROW, lambda tap: [tap(2, s) for s in range(3)], FACTORS[LAST])
    f.give()


class _Rows:
    """Writes the code of rows of positions."""

    def __init__(self, v: Vectors, arguments: Sequence[Value]) -> None:
        self._v = v
        self._inputs, self._depth, self._weights, self._sums, self._step = arguments

    def write(
        self, i: Value, tiles: Sequence[int], evaluate: Callable[[_Tap], list[Value]], factor: Value | int
    ) -> None:
        """Write the sums of row ``i``, which ``tiles`` have. ``evaluate`` makes three weights of nine; its factor is missing."""
        f, v = self._v.f, self._v
        totals = {
            (j, tile): f.variable(f.constant(v.ints, 0))
            for j in range(POINTS)
            for tile in tiles
            if j != LAST or tile in HAVE_LAST_COLUMN
        }
        self._add_products(i, totals, evaluate)
        for (j, tile), total in totals.items():
            there = self._sums + self._step * (i * POINTS + j) + tile * (WINOGRAD_NR * v.nbytes)
            f.store(total.get() * factor * FACTORS[j], there)

    def _add_products(
        self, i: Value, totals: dict[tuple[int, int], Variable], evaluate: Callable[[_Tap], list[Value]]
    ) -> None:
        f, v, pairs, tap_bytes = self._v.f, self._v, self._depth // 2, 2 * self._v.isa.lanes
        inputs = self._inputs + i * (POINTS * TILES * 2) * self._depth
        ahead = self._weights + pairs * (TAPS * tap_bytes) + i * pairs * _LINE_BYTES
        with f.loop(0, pairs, v.isa.lanes) as block, f.loop(0, v.isa.lanes) as index:
            f.prefetch(ahead + (block + index) * _LINE_BYTES, level=2)
            weights = self._weights + (block + index) * (TAPS * tap_bytes)

            def tap(row: int, column: int) -> Value:
                place = weights + (row * 3 + column) * tap_bytes
                return f.convert("sext", f.load(vector(tap_bytes, I8), place), v.words)

            here = inputs + block * (POINTS * TILES * 4) + index * 4
            columns = _along(evaluate(tap))
            for (j, tile), total in totals.items():
                group = v.broadcast_at(here + (j * TILES + tile) * v.nbytes)
                total.set(v.dot_words(total.get(), group, columns[j]))


def _along(g: Sequence[Value]) -> list[Value]:
    """Return g[0] + g[1] x + g[2] x^2 at the points 0, 1, -1, 2, -2 and infinity."""
    a, b, c = g[0] + g[2], g[0] + (g[2] << 2), g[1] << 1
    return [g[0], a + g[1], a - g[1], b + c, b - c, g[2]]
