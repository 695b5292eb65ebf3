"""The shapes of register tiles, which packing and emission share."""

# Rows per tile for each panel width, by number of vector registers: accumulators + one row of weights + one patch group.
TILE_ROWS = {32: {1: 14, 2: 14, 3: 7, 4: 6}, 16: {1: 10, 2: 5, 3: 3, 4: 2}}
# The panel width of 16-bit tensors on instruction sets that take 8-bit ones as bytes.
WORDS_NR = 2
# Winograd's products: vectors per panel, and rows per tile by number of registers. Its maps have few tiles, often 16 or 49.
WINOGRAD_NR = 2
WINOGRAD_ROWS = {32: 8, 16: 5}
# The tile unit (AMX): wide and narrow panels of so many channels; at least so many pixels.
PANEL_CHANNELS = 64
NARROW_CHANNELS = 32
TILE_MIN_PIXELS = 14
TILE_HEIGHT = 16
TILE_BYTES = 64  # of a row
RESULT_ROWS = 4  # of accumulators that become results in one go: no tile has fewer pixels
TILE_ENTRY_BYTES = 24  # of a CONV_TILES table, for every tile
ACCUMULATOR_BYTES = TILE_HEIGHT * PANEL_CHANNELS * 4  # of a tile of pixels times a panel
