"""Where the tile unit finds the patches of a convolution: in a map, a row of pixels at a time, or gathered first."""

from dataclasses import dataclass
from math import gcd

import numpy as np
from numpy.typing import NDArray

from engine.ir.graph import Array
from engine.kernels.native.tiles import NARROW_CHANNELS, RESULT_ROWS, TILE_BYTES, TILE_HEIGHT
from engine.program.descriptors import Conv2d

# Estimated cycles: the products of a step of 32 channels; reading its tiles, if all rows of patches lie across cache lines the
# second figure more; copying a piece of a patch, and beginning a patch; a byte of results that do not lie one behind another.
_PRODUCT_CYCLES, _READ_CYCLES, _CROSSING_CYCLES = 33, 24, 30
_PIECE_CYCLES, _PATCH_CYCLES = 5, 8
_FAR_BYTE_CYCLES = 0.17
# Patches and results of one band of tiles stay in the first-level cache, or in the second where weights are large.
_BAND_BYTES, _LONG_BAND_BYTES, _LARGE_WEIGHTS_BYTES = 192 * 1024, 768 * 1024, 512 * 1024
_MIN_BAND_TILES = 4


@dataclass(frozen=True, slots=True)
class TilePatches:
    """The fields of a CONV_TILES record that say where patches are; weights have the same order.

    Every step takes ``row_bytes`` of a patch, every tap as many steps. ``first_patches`` [tiles]: where each tile's patches
    begin; ``first_pixels`` [tiles]: its first pixel; the others follow ``pixel_step`` apart. Patches are gathered from
    segments of ``segment_bytes`` at ``segment_offsets``, or lie in the map where that is None. ``leads`` [tiles]: so many
    bytes before a tile's patches are read as if they belonged to them, by weights that are zero; none where that is None.
    """

    taps: int
    row_bytes: int
    patch_stride: int
    step_offsets: NDArray[np.int64]
    height: int
    first_patches: NDArray[np.int64]
    first_pixels: NDArray[np.int64]
    segment_offsets: NDArray[np.int64] | None = None
    segment_bytes: int = 0
    pixel_step: int = 1
    leads: NDArray[np.int64] | None = None

    def matrix(self, weight: Array) -> Array:
        """Return weights int8 [O,kh,kw,C] as [K, O]: zeros for the longest lead, and every tap filled up to whole steps."""
        taps = weight.reshape(len(weight), self.taps, -1)
        lead = self._longest_lead()
        tap_bytes = lead + len(self.step_offsets) // self.taps * self.row_bytes
        padded = np.zeros((len(weight), self.taps, tap_bytes), np.int8)
        padded[:, :, lead : lead + taps.shape[2]] = taps
        return padded.reshape(len(weight), -1).T

    def first_rows(self) -> NDArray[np.int64]:
        """Return the row of ``matrix`` [tiles] that belongs to the first byte that each tile reads."""
        leads = np.zeros_like(self.first_patches) if self.leads is None else self.leads
        return self._longest_lead() - leads

    def _longest_lead(self) -> int:
        return 0 if self.leads is None else int(self.leads.max())

    def cycles(self, channels: int) -> float:
        """Return the estimated time of gathering patches and of all steps for so many results per pixel."""
        halves = -(-channels // NARROW_CHANNELS)
        products = _PRODUCT_CYCLES * self.height / TILE_HEIGHT
        step = max(products, _READ_CYCLES + _CROSSING_CYCLES * self._crossing())
        steps = len(self.first_pixels) * len(self.step_offsets) * halves * step
        pixels = int(self.first_pixels[-1]) + self.height
        if self.segment_offsets is not None:
            pieces = len(self.segment_offsets) * -(-self.segment_bytes // TILE_BYTES)
            return steps + pixels * (pieces * _PIECE_CYCLES + _PATCH_CYCLES)
        return steps + (pixels * channels * _FAR_BYTE_CYCLES if self.pixel_step > 1 else 0)

    def _crossing(self) -> float:
        """Return which part of all rows of patches lie across cache lines."""
        strides = np.array([self.patch_stride, TILE_BYTES])
        # All rows begin at multiples of this.
        apart = int(np.gcd.reduce(np.concatenate([self.first_patches, self.step_offsets, strides])))
        return max(0, self.row_bytes - apart) / TILE_BYTES

    def band(self, channels: int) -> int:
        """Return how many tiles to work on before going on to the next ones."""
        weight_bytes = len(self.step_offsets) * self.row_bytes * channels
        budget = _LONG_BAND_BYTES if weight_bytes > _LARGE_WEIGHTS_BYTES else _BAND_BYTES
        return max(
            _MIN_BAND_TILES, budget // (self.height * (self.patch_stride // self.pixel_step + channels))
        )


@dataclass(frozen=True, slots=True)
class Map:
    """A feature map of ``width`` pixels of ``channels`` bytes per row.

    ``slack``: a vector may be read past its end. ``aligned``: it begins a cache line.
    """

    width: int
    channels: int
    slack: bool
    aligned: bool = False


def in_map(
    d: Conv2d, source: Map, weight: Array, y_shape: tuple[int, ...], first_channel: int
) -> TilePatches | None:
    """Return patches of channels from ``first_channel`` on that are read where they lie; None where that cannot be.

    ``weight`` is int8 [O,kh,kw,C]. A step takes one tap's channels, or an equal part of them, or all of a short kernel row.
    """
    outputs, kh, kw, depth = weight.shape
    height, width, _ = y_shape
    pixel, row = source.channels, source.width * source.channels
    if (kh, kw) == (1, 1) == d.stride and (height == 1 or source.width == width):
        height, width = 1, height * width  # one row of pixels
    taps = [ki * d.dilation[0] * row + kj * d.dilation[1] * pixel for ki in range(kh) for kj in range(kw)]
    if d.dilation[1] == 1 and depth == pixel and kw * depth <= TILE_BYTES:
        depth, taps = kw * depth, taps[::kw]
    if width < RESULT_ROWS:
        return None
    tile, columns = _starts(width)
    rows, columns = np.repeat(np.arange(height), len(columns)), np.tile(columns, height)
    parts = -(-depth // TILE_BYTES)
    equal = -(-depth // (4 * parts)) * 4
    found = []
    for row_bytes in dict.fromkeys((equal, TILE_BYTES if parts > 1 else equal)):
        if source.slack or depth % row_bytes == 0:
            offsets = [first_channel + tap + row_bytes * k for tap in taps for k in range(parts)]
            found.append(TilePatches(
                len(taps), row_bytes, d.stride[1] * pixel, np.array(offsets, np.int64), tile,
                rows * (d.stride[0] * row) + columns * (d.stride[1] * pixel), rows * width + columns,
            ))  # fmt: skip
    return min(found, key=lambda patches: patches.cycles(outputs), default=None)


def in_lines(
    d: Conv2d, source: Map, weight: Array, y_shape: tuple[int, ...], first_channel: int
) -> TilePatches | None:
    """Return patches of a 1x1 convolution that are whole cache lines; None where that cannot be or changes nothing.

    Of pixels of 480 bytes every second one begins a line, and the others begin half a line later. So a tile takes every
    second pixel, from the beginning of a line on; at the ends of a pixel's lines lie bytes of the pixels beside it.
    """
    (_, kh, kw, channels), pixels = weight.shape, y_shape[0] * y_shape[1]
    apart = TILE_BYTES // gcd(channels, TILE_BYTES)
    one_row = (kh, kw) == (1, 1) == d.stride and channels == source.channels and source.width == y_shape[1]
    if not (one_row and source.aligned) or apart == 1 or channels % 4 or pixels // apart < RESULT_ROWS:
        return None
    first = np.arange(apart)
    counts = -(-(pixels - first) // apart)
    leads = first * channels % TILE_BYTES
    steps = int(np.max(-(-(leads + channels) // TILE_BYTES)))
    # Only lines of the tensor are read: where they are too few behind the last pixel, tiles begin a line earlier.
    last_lines = ((first + (counts - 1) * apart) * channels - leads) // TILE_BYTES + steps
    leads = leads + TILE_BYTES * (last_lines > -(-pixels * channels // TILE_BYTES))
    begin = first * channels - leads
    if begin.min() < 0:
        return None
    most, fewest = int(counts[0]), int(counts[-1])
    height = min(-(-most // -(-most // TILE_HEIGHT)), fewest)
    rows = np.minimum(np.arange(0, most, height)[:, None], counts - height)  # [tiles, apart]
    return TilePatches(
        1, TILE_BYTES, apart * channels, TILE_BYTES * np.arange(steps), height, (begin + rows * (apart * channels)).reshape(-1),
        (first + rows * apart).reshape(-1), pixel_step=apart, leads=np.broadcast_to(leads, rows.shape).reshape(-1),
    )  # fmt: skip


def gathered(
    d: Conv2d, source: Map, weight: Array, y_shape: tuple[int, ...], first_channel: int
) -> TilePatches:
    """Return patches copied together: any kernel, stride, dilation and subset of channels."""
    _, kh, kw, depth = weight.shape
    pixel, row = source.channels, source.width * source.channels
    joined = d.dilation[1] == 1 and depth == source.channels  # a kernel row is one run of bytes
    columns = [0] if joined else [kj * d.dilation[1] * pixel for kj in range(kw)]
    segments = [first_channel + ki * d.dilation[0] * row + column for ki in range(kh) for column in columns]
    nbytes = kh * kw * depth
    row_bytes = min(TILE_BYTES, -(-nbytes // 4) * 4)
    steps = -(-nbytes // row_bytes)
    tile, first_pixels = _starts(y_shape[0] * y_shape[1])
    stride = steps * TILE_BYTES
    return TilePatches(
        1, row_bytes, stride, row_bytes * np.arange(steps), tile, first_pixels * stride, first_pixels,
        np.array(segments, np.int64), depth * (kw if joined else 1),
    )  # fmt: skip


def _starts(pixels: int) -> tuple[int, NDArray[np.int64]]:
    """Return the height of tiles that are as equal as possible, and where they start; the last overlaps the one before."""
    tiles = -(-pixels // TILE_HEIGHT)
    height = -(-pixels // tiles)
    return height, np.minimum(np.arange(tiles) * height, pixels - height)
