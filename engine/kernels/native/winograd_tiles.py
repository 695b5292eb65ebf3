"""How Winograd's method cuts a map into tiles of 4 or 3 outputs along each side.

A tile of 4 outputs has products at six *points*, the last of which is infinity, and only the last output needs that one. So
tiles of 3 outputs are tiles of 4 without it, and 14 outputs take the 22 products of 4 + 4 + 3 + 3 instead of the 24 of four
tiles of 4: in two dimensions 484 instead of 576. Tiles that have a position follow each other, whichever it is:

    1  1  1  1  0  0  0        7 x 7 outputs = (4 + 3) x (4 + 3)
    1  1  1  1  0  0  0
    1  1  1  1  0  0  0        all have a position of neither the last row nor column; 1 and 2 those of the last column, 0 and 1
    1  1  1  1  0  0  0        those of the last row, 1 alone their common one
    2  2  2  2  3  3  3
    2  2  2  2  3  3  3
    2  2  2  2  3  3  3
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

LONG, SHORT = 4, 3  # outputs of a tile along a side
POINTS = LONG + 2  # of a long one, and its inputs; a short one is computed from as many
POSITIONS = POINTS * POINTS
# What G is times its rows of ``VALUES``: fractions times 24, and infinity times 8 to fit int16, which counts three times in A.
FACTORS = (6, -4, -4, 1, 1, 8)
# 1, x and x^2 at 0, 1, -1, 2, -2 and infinity.
VALUES = ((1, 0, 0), (1, 1, 1), (1, -1, 1), (1, 2, 4), (1, -2, 4), (0, 0, 1))
# Of a tile's outputs: where they begin, and how many the map has of them.
PLACE = ("row", "column", "rows", "columns")


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
    def outputs(self) -> int:
        """How many outputs they have."""
        return self.longs * LONG + self.shorts * SHORT

    @property
    def inputs(self) -> int:
        """How many inputs they are computed from."""
        return self.outputs - (SHORT if self.shorts else LONG) + POINTS

    @property
    def products(self) -> int:
        """How many products they take."""
        return self.longs * POINTS + self.shorts * (POINTS - 1)

    def starts(self, size: int) -> range:
        """Return where the tiles of one size begin."""
        first = self.longs * LONG
        return range(0, first, LONG) if size == LONG else range(first, self.outputs, SHORT)


class Tiling(NamedTuple):
    """The tiles of a map of [H,W] outputs: int64 [tiles, 4] as ``PLACE``, and the ends of the first three kinds."""

    places: NDArray[np.int64]
    ends: tuple[int, int, int]


def tiling(height: int, width: int) -> Tiling:
    """Return the tiles of a map, kind by kind: 4 rows of 3 outputs, 4 of 4, 3 of 4, 3 of 3."""
    down, across = Cut.of(height), Cut.of(width)
    kinds = [
        [
            (row, column, min(rows, height - row), min(columns, width - column))
            for row in down.starts(rows)
            for column in across.starts(columns)
        ]
        for rows, columns in ((LONG, SHORT), (LONG, LONG), (SHORT, LONG), (SHORT, SHORT))
    ]
    narrow, whole, low, small = kinds
    ends = np.cumsum([len(narrow), len(whole), len(low)]).tolist()
    return Tiling(np.array(narrow + whole + low + small, np.int64), (ends[0], ends[1], ends[2]))
