"""Where the tile unit finds the patches of a convolution: in a map, a row of pixels at a time, or gathered first."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.ir.graph import Array
from engine.kernels.native.tiles import NARROW_CHANNELS, RESULT_ROWS, TILE_BYTES, TILE_HEIGHT
from engine.program.descriptors import Conv2d

# Estimated cycles: the products of a step of 32 channels; reading its tiles, if all rows of patches lie across cache lines the
# second figure more; copying a piece of a patch, and beginning a patch.
_PRODUCT_CYCLES, _READ_CYCLES, _CROSSING_CYCLES = 33, 24, 48
_PIECE_CYCLES, _PATCH_CYCLES = 5, 8
# Patches and results of one band of tiles stay in the first-level cache, or in the second where weights are large.
_BAND_BYTES, _LONG_BAND_BYTES, _LARGE_WEIGHTS_BYTES = 192 * 1024, 768 * 1024, 512 * 1024
_MIN_BAND_TILES = 4


@dataclass(frozen=True, slots=True)
class TilePatches:
    """The fields of a CONV_TILES record that say where patches are; weights have the same order.

    Every step takes ``row_bytes`` of a patch, every tap as many steps. ``first_patches`` [tiles]: where each tile's patches
    begin; ``first_pixels`` [tiles]: its first pixel. Patches are gathered from segments of ``segment_bytes`` at
    ``segment_offsets``, or lie in the map where that is None.
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

    def matrix(self, weight: Array) -> Array:
        """Return weights int8 [O,kh,kw,C] as [K, O], every tap filled up to whole steps with zeros."""
        taps = weight.reshape(len(weight), self.taps, -1)
        padded = np.zeros(
            (len(weight), self.taps, len(self.step_offsets) // self.taps * self.row_bytes), np.int8
        )
        padded[:, :, : taps.shape[2]] = taps
        return padded.reshape(len(weight), -1).T

    def cycles(self, channels: int) -> float:
        """Return the estimated time of gathering patches and of all steps for so many results per pixel."""
        halves = -(-channels // NARROW_CHANNELS)
        step = max(_PRODUCT_CYCLES, _READ_CYCLES + _CROSSING_CYCLES * self._crossing())
        steps = len(self.first_pixels) * len(self.step_offsets) * halves * step
        if self.segment_offsets is None:
            return steps
        pieces = len(self.segment_offsets) * -(-self.segment_bytes // TILE_BYTES)
        return steps + (int(self.first_pixels[-1]) + self.height) * (pieces * _PIECE_CYCLES + _PATCH_CYCLES)

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
        return max(_MIN_BAND_TILES, budget // (self.height * (self.patch_stride + channels)))


@dataclass(frozen=True, slots=True)
class Map:
    """A feature map of ``width`` pixels of ``channels`` bytes per row; ``slack``: a vector may be read past its end."""

    width: int
    channels: int
    slack: bool


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
