"""How Winograd's method cuts a map into tiles, and the transforms of tiles of 4 and of 3 outputs along a side.

F(4, 3) makes 4 outputs of 6 inputs by products at the six *points* 0, 1, -1, 2, -2 and infinity; F(3, 3) makes 3 of 5 inputs
at the same points without -2. So tiles of 3 take their weights from those of tiles of 4, and 14 outputs need the 22 products
of 4 + 4 + 3 + 3 instead of the 24 of four tiles of 4: in two dimensions 484 instead of 576.

    0  0  0  0  1  1  1  2  2  2        10 x 7 outputs = (4 + 3 + 3) x (4 + 3); a tile's number in the command's order:
    0  0  0  0  1  1  1  2  2  2        1, 2 | 0 | 3 | 4, 5    (4 rows of 3 columns | 4 of 4 | 3 of 4 | 3 of 3)
    ...
    3  3  3  3  4  4  4  5  5  5        so those that have a position lie in a row, whichever it is
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from engine.kernels.native.emit import I64, Function, Value

LONG, SHORT = 4, 3  # outputs of a tile along a side
HALO = 2  # so many more inputs
POINTS = 6
POSITIONS = POINTS * POINTS
SKIPPED = 4  # the point -2
POINTS_OF = {LONG: (0, 1, 2, 3, 4, 5), SHORT: (0, 1, 2, 3, 5)}


class Cut(NamedTuple):
    """Tiles along a side: so many of 4 outputs, then so many of 3. The last may hang over."""

    longs: int
    shorts: int

    @classmethod
    def of(cls, outputs: int) -> "Cut":
        """Return the cut of ``outputs`` rows or columns."""
        tiles = -(-outputs // LONG)
        shorts = min(tiles, tiles * LONG - outputs)
        return cls(tiles - shorts, shorts)

    @property
    def tiles(self) -> int:
        """How many tiles there are."""
        return self.longs + self.shorts

    @property
    def outputs(self) -> int:
        """How many outputs they cover."""
        return self.longs * LONG + self.shorts * SHORT

    @property
    def products(self) -> int:
        """How many products they take."""
        return sum(n * len(POINTS_OF[size]) for n, size in zip(self, (LONG, SHORT), strict=True))


class Grid(NamedTuple):
    """Tiles of one size, in rows of ``across``: those from ``first`` to before ``end``, the first at (``top``, ``left``)."""

    rows: int
    columns: int
    first: Value
    end: Value
    across: Value
    top: Value
    left: Value

    def place(self, tile: Value) -> tuple[Value, Value]:
        """Return the row and the column of a tile's first output."""
        index = tile - self.first
        return self.top + index // self.across * self.rows, self.left + index % self.across * self.columns


def grids(f: Function, record: dict[str, Value]) -> list[Grid]:
    """Return the four grids of a WINOGRAD record in their order."""
    down, across = (
        {size: record[f"{name}_{side}"] for size, name in ((LONG, "longs"), (SHORT, "shorts"))}
        for side in ("down", "across")
    )
    found: list[Grid] = []
    end = f.integer(0)
    for rows, columns in ((LONG, SHORT), (LONG, LONG), (SHORT, LONG), (SHORT, SHORT)):
        first, end = end, end + down[rows] * across[columns]
        top, left = (
            sides[LONG] * LONG if size == SHORT else f.integer(0)
            for sides, size in ((down, rows), (across, columns))
        )
        found.append(Grid(rows, columns, first, end, across[columns], top, left))
    return found


def tiles_at(f: Function, found: Sequence[Grid], position: Value) -> tuple[Value, Value]:
    """Return (first, end) of the tiles that have a position."""
    few_columns, whole, few_rows, small = (grid.end for grid in found)
    long_rows, long_columns = (index.equals(SKIPPED) for index in (position // POINTS, position % POINTS))
    return (
        f.select(long_columns, few_columns, f.integer(0)),
        f.select(long_rows, whole, f.select(long_columns, few_rows, small)),
    )


def each_size(f: Function, size: Value) -> Iterator[int]:
    """For each size of tiles, let the caller write what happens where ``size`` is that."""
    for outputs in LONG, SHORT:
        with f.when(size.equals(outputs)):
            yield outputs


def point(f: Function, size: Value, k: Value) -> Value:
    """Return the ``k``-th point of tiles of ``size``."""
    return k + f.convert("zext", size.equals(SHORT) & k.equals(SKIPPED), I64)


def inputs_along(d: Sequence[Value]) -> list[Value]:
    """Return Bt d of the inputs of a tile along one side, at its points."""
    return _short_inputs(d) if len(d) == SHORT + HALO else _long_inputs(d)


def _long_inputs(d: Sequence[Value]) -> list[Value]:
    a, b = d[4] - d[2], d[3] - d[1]
    c, e = d[4] - (d[2] << 2), d[3] - (d[1] << 2)
    twice = b << 1
    return [
        a + ((d[0] - d[2]) << 2),
        c + e,
        c - e,
        a + twice,
        a - twice,
        d[5] - d[3] - (b << 2),
    ]


def _short_inputs(d: Sequence[Value]) -> list[Value]:
    """Return them times 2, 3, 1, 4 and 1, so that what ``outputs_along`` does with them is the same for both sizes."""
    a, b, c = d[3] - d[1], d[3] - d[2], d[1] << 1
    twice, third = a << 1, b - c
    return [
        ((d[0] - d[2]) << 2) + twice,
        third + (third << 1),
        b + c - (d[2] << 1),
        a << 2,
        d[4] - d[2] - twice,
    ]


def outputs_along(m: Sequence[Value]) -> list[Value]:
    """Return At m of the sums at a tile's points along one side, the last times three."""
    last, (a, b) = m[-1] + (m[-1] << 1), (m[1] + m[2], m[1] - m[2])
    if len(m) == len(POINTS_OF[SHORT]):
        return [a + m[0] + m[3], b + (m[3] << 1), a + (m[3] << 2) + last]
    c, e = m[3] + m[4], m[3] - m[4]
    return [a + c + m[0], b + (e << 1), a + (c << 2), b + (e << 3) + last]
