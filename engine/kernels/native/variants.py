"""The inner loops of depthwise convolution that are emitted, which packing and emission share."""

from dataclasses import dataclass

TILE_COLUMNS = 4


@dataclass(frozen=True, slots=True)
class Variant:
    """One emitted inner loop. ``rows`` output rows at once; kernel_w 0 = kernel, stride and groups only known at run time."""

    kernel_h: int
    kernel_w: int
    stride: int
    rows: int
    columns: int = TILE_COLUMNS

    def tap_groups(self, taps: int) -> int:
        """Return how many groups of interleaved rows the output rows need."""
        return -(-((self.rows - 1) * self.stride + self.kernel_h) // taps)

    def touches(self, group: int, row: int, taps: int) -> bool:
        """Whether output row ``row`` has taps in ``group``."""
        first = row * self.stride
        return group * taps < first + self.kernel_h and first < (group + 1) * taps


GENERAL, GENERAL_NARROW = 4, 5
VARIANTS = (
    Variant(3, 3, 1, 2),
    Variant(3, 3, 2, 1),
    Variant(5, 5, 1, 4),
    Variant(5, 5, 2, 2),
    Variant(0, 0, 0, 1),
    Variant(0, 0, 0, 1, 1),
)
# Those for a vector of bytes of channels at a time.
BLOCK_VARIANTS = (
    Variant(3, 3, 1, 2, 2),
    Variant(3, 3, 2, 1, 2),
    Variant(5, 5, 1, 4, 2),
    Variant(5, 5, 2, 2, 2),
)
# In how many pieces, side by side in a row, blocks of fewer channels than a vector has bytes can come: all 64, 32 or 16.
BLOCK_PIECES = (1, 2, 4)
