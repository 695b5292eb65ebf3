"""The shapes of register tiles, which packing and emission share."""

# Rows per tile for each panel width, by number of vector registers: accumulators + one row of weights + one patch group.
TILE_ROWS = {32: {1: 14, 2: 14, 3: 7, 4: 6}, 16: {1: 10, 2: 5, 3: 3, 4: 2}}
# Short patches, up to so many groups, take smaller tiles whose outputs are finished one tile late: 32 registers only.
SHORT_GROUPS = 40
SHORT_TILE_ROWS = {2: 6, 4: 3}
# The panel width of 16-bit tensors on instruction sets that take 8-bit ones as bytes.
WORDS_NR = 2
# The tile unit (AMX): panels of two vectors, at least so many pixels, at most so many groups of four bytes per tile.
TILE_PANEL = "panel2_tiles"
TILE_NR = 2
TILE_MIN_ROWS = 16
TILE_MAX_GROUPS = 16


def tile_groups(groups: int) -> int:
    """Return how many groups of a run go into one tile: the most that divide it, or 0 where that would be a waste."""
    best = max(n for n in range(1, TILE_MAX_GROUPS + 1) if groups % n == 0)
    return best if best >= TILE_MAX_GROUPS // 2 else 0
