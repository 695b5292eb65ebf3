"""How wide the panels of a layer are and what two threads share: the least estimated time."""

from collections.abc import Iterator
from dataclasses import dataclass

from engine.kernels.native.isa import Isa
from engine.kernels.native.tiles import TILE_ROWS


@dataclass(frozen=True, slots=True)
class Widths:
    """``panels`` panels of ``nr`` vectors and, where ``rest`` is not 0, one of ``rest``; threads share pixels or panels."""

    nr: int
    panels: int
    rest: int
    by_panel: bool = False


@dataclass(frozen=True, slots=True)
class Work:
    """A layer as the estimate sees it: ``rows`` calls of ``pixels`` pixels each, ``groups`` dot-product groups per patch.

    ``patch_bytes`` are gathered for every pixel, 0 where patches lie in memory.
    """

    vectors: int
    rows: int
    pixels: int
    groups: int
    patch_bytes: int


def choose_widths(work: Work, isa: Isa, threads: int) -> Widths:
    """Return the widths with the least estimated time of the busiest of ``threads``."""
    return min(_candidates(work, isa, threads), key=lambda candidate: candidate[0])[1]


def _candidates(work: Work, isa: Isa, threads: int) -> Iterator[tuple[float, Widths]]:
    for nr in TILE_ROWS[isa.registers]:
        if nr > work.vectors:
            continue
        panels, rest = divmod(work.vectors, nr)
        widths = [nr] * panels + ([rest] if rest else [])
        rows, pixels = work.rows, work.pixels
        if rows > 1:
            rows = -(-rows // threads)
        else:
            pixels = -(-pixels // threads)
        yield _cost(widths, rows, pixels, work, isa), Widths(nr, panels, rest)
        if threads > 1:
            half = len(widths) // 2
            busiest = max(
                _cost(part, work.rows, work.pixels, work, isa) for part in (widths[:half], widths[half:])
            )
            yield busiest, Widths(nr, panels, rest, by_panel=True)


def _cost(widths: list[int], rows: int, pixels: int, work: Work, isa: Isa) -> float:
    """Return the estimated cycles of panels of ``widths``."""
    gathering = pixels * work.patch_bytes / 16
    return rows * (
        sum(_panel_cost(nr, TILE_ROWS[isa.registers][nr], pixels, work.groups) for nr in widths) + gathering
    )


def _panel_cost(nr: int, mr: int, pixels: int, groups: int) -> float:
    """Return estimated cycles: two dot products or two loads per cycle, then about 1.5 operations per accumulator."""
    if pixels < mr:
        return pixels * (max(nr, 5) * groups + 3 * nr + 10)
    tiles = -(-pixels // mr)
    packing = {1: 0.7, 2: 0.6, 3: 0.7, 4: 0.5}[nr]
    return tiles * (max(mr * nr, mr + nr) / 2 * groups + mr * nr * (1.5 + packing) + 12)
