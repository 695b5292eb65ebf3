"""The shapes of register tiles, which packing and emission share."""

# Rows per tile for each panel width, by number of vector registers: accumulators + one row of weights + one patch group.
TILE_ROWS = {32: {1: 14, 2: 14, 3: 7, 4: 6}, 16: {1: 12, 2: 6, 3: 4, 4: 3}}
# The panel width of 16-bit tensors on instruction sets that take 8-bit ones as bytes.
WORDS_NR = 2
