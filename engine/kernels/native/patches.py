"""Where a convolution's tiles find their patches: in the tensor, in a bordered map row by row, or gathered first."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.ir.graph import Array
from engine.kernels.native.commands import CommandList
from engine.kernels.native.inputs import InputForm, Source
from engine.kernels.native.isa import Isa
from engine.kernels.native.tiles import TILE_ROWS
from engine.program.descriptors import Conv2d

# Patches of one band stay in a 32 KB first-level cache together with a strip of weights.
BAND_BYTES = 20 * 1024
MAX_BAND_PIXELS = 512
# Weights larger than this come from the third-level cache at every band, so bands are long then.
LARGE_WEIGHTS_BYTES = 256 * 1024
LONG_BAND_BYTES = 256 * 1024
# Tiles that do not divide a row overlap; up to this much double work costs less than gathering.
TOLERATED_OVERLAP = 1.15


@dataclass(frozen=True, slots=True)
class Patches:
    """The fields of a CONV record that say where patches are; runs of weights have the same order.

    Patches are gathered from segments of ``segment_bytes`` at ``offsets``, or copied and XORed with ``flip`` where that is not
    0, or lie in the map.
    """

    patch_stride: int
    runs: int
    run_step: int
    groups: int
    band: int
    granule: int = 1
    by_row: int = 0
    row_stride: int = 0
    column_stride: int = 0
    segment_bytes: int = 0
    offsets: NDArray[np.int64] | None = None
    flip: int = 0

    def fields(self, commands: CommandList) -> dict[str, int]:
        """Return the record's fields."""
        names = (
            "patch_stride",
            "runs",
            "run_step",
            "groups",
            "band",
            "granule",
            "by_row",
            "row_stride",
            "column_stride",
            "flip",
        )
        found = {name: int(getattr(self, name)) for name in names}
        if self.offsets is not None:
            found |= {"segments": len(self.offsets), "segment_offsets": commands.blob(self.offsets)}
            found["segment_bytes"] = self.segment_bytes
        return found

    @property
    def copied_bytes(self) -> int:
        """Scratch memory for one band of patches that are gathered or flipped."""
        return self.band * self.patch_stride if self.offsets is not None or self.flip else 0

    def matrix(self, weight: Array, form: InputForm) -> Array:
        """Return weights [O,kh,kw,C] as [K, O], every run filled up to whole groups with zeros."""
        dtype = np.int8 if form.element_bytes == 1 else np.int16
        runs = weight.reshape(len(weight), self.runs, -1)
        padded = np.zeros((self.runs, self.groups * form.taps, len(weight)), dtype)
        padded[:, : runs.shape[2]] = runs.transpose(1, 2, 0)
        return padded.reshape(-1, len(weight))


def direct_patches(pixels: int, depth: int, channels: int, form: InputForm) -> Patches:
    """Return patches that lie one behind another: 1x1 convolutions and fully connected layers."""
    stride = depth * form.element_bytes
    band = _band(pixels, stride, stride * channels)
    return Patches(stride, 1, 0, depth // form.taps, band, flip=form.flip)


def row_patches(
    d: Conv2d, source: Source, shape: tuple[int, ...], y_shape: tuple[int, ...], form: InputForm, isa: Isa
) -> Patches | None:
    """Return patches read from a bordered map, one row of pixels at a time; None where gathering is better.

    A kernel row is one run of bytes, so it must not be dilated, and the row of pixels should fill its tiles.
    """
    channels, kh, kw, depth = shape
    width, run = y_shape[1], kw * depth
    tiles = TILE_ROWS[isa.registers][2]
    overlap = -(-width // tiles) * tiles / width
    heavy = kh * run * channels > LARGE_WEIGHTS_BYTES
    # Each run is filled up to whole groups, which must not cost much either.
    filling = -(-run // form.taps) * form.taps / run
    if d.dilation[1] != 1 or depth != source.channels or heavy or overlap * filling > TOLERATED_OVERLAP * 1.2:
        return None
    pixel = source.channels * form.element_bytes
    row = source.width * pixel
    groups = -(-run // form.taps)
    return Patches(
        d.stride[1] * pixel, kh, d.dilation[0] * row, groups, width, width, 1,
        row_stride=d.stride[0] * row, column_stride=d.stride[1] * pixel,
    )  # fmt: skip


def gathered_patches(
    d: Conv2d, source: Source, shape: tuple[int, ...], first_channel: int, pixels: int, form: InputForm
) -> Patches:
    """Return patches copied together: any kernel, stride, dilation and subset of channels."""
    channels, kh, kw, depth = shape
    pixel = source.channels * form.element_bytes
    row = source.width * pixel
    joined = d.dilation[1] == 1 and depth == source.channels  # a kernel row is one run of bytes
    columns = [0] if joined else [kj * d.dilation[1] * pixel for kj in range(kw)]
    start = first_channel * form.element_bytes
    offsets = np.array([start + ki * d.dilation[0] * row + c for ki in range(kh) for c in columns], np.int64)
    groups = -(-kh * kw * depth // form.taps)
    band = _band(pixels, groups * 4, groups * 4 * channels)
    nbytes = depth * form.element_bytes * (kw if joined else 1)
    return Patches(
        groups * 4, 1, 0, groups, band, row_stride=d.stride[0] * row, column_stride=d.stride[1] * pixel,
        segment_bytes=nbytes, offsets=offsets,
    )  # fmt: skip


def _band(pixels: int, patch_bytes: int, weight_bytes: int) -> int:
    """Return how many pixels to work on before going on to the next ones."""
    budget = LONG_BAND_BYTES if weight_bytes > LARGE_WEIGHTS_BYTES else BAND_BYTES
    band = max(84, min(MAX_BAND_PIXELS, budget // patch_bytes))  # 84 fills the tiles of every width
    return min(pixels, band // 84 * 84)
