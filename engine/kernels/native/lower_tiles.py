"""Convolutions as CONV_TILES records."""

from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from engine.ir.graph import Array
from engine.kernels.native.commands import Area, CommandList
from engine.kernels.native.inputs import InputForm, Source, bordered_source, tensor_source
from engine.kernels.native.isa import Isa
from engine.kernels.native.panels import (
    Requant,
    block_diagonal,
    common_block,
    end_to_end,
    merged_groups,
    pack_parameters,
    pack_weights,
)
from engine.kernels.native.records import Form, Opcode
from engine.kernels.native.tile_patches import Map, TilePatches, gathered, in_lines, in_map
from engine.kernels.native.tiles import (
    ACCUMULATOR_BYTES,
    NARROW_CHANNELS,
    PANEL_CHANNELS,
    TILE_BYTES,
    TILE_MIN_PIXELS,
)
from engine.program.descriptors import Conv2d, Pair

# The unit takes signed and unsigned bytes as they are.
TILE_FORM = InputForm(Form.BYTES, 0, 0, 1)
# Weights of a panel that are used from pixels to pixels stay in the first-level cache: of a narrow one for so many steps at a
# time, of a wide one if it has no more steps than this.
_CHUNK_STEPS = 10
_WIDE_STEPS = 4
# Results of so short patches are made faster from the vector registers in which they were summed than from memory.
_SHORT_PATCH = 16
# Two threads share so few tiles by their channels: each then reads half of the weights, which are large in such layers.
_FEW_TILES = 4


def suits_tiles(isa: Isa, x: Array, y: Array, weight: Array) -> bool:
    """Whether the tile unit takes a convolution of images x [H,W,C] to y; weights are [O,kh,kw,C / groups]."""
    pixels = y.shape[0] * y.shape[1]
    short = weight.shape[3] == x.shape[2] and prod(weight.shape[1:]) <= _SHORT_PATCH
    return isa.tiles and x.itemsize == weight.itemsize == 1 and pixels >= TILE_MIN_PIXELS and not short


@dataclass(frozen=True, slots=True)
class _Group:
    """Groups of channels taken as one: weights int8 [O,kh,kw,C], the first input channel, the channels of the output."""

    weight: Array
    first_channel: int
    outputs: slice


def lower_tiles(
    commands: CommandList,
    isa: Isa,
    d: Conv2d,
    arrays: tuple[Array, Array, Array],
    requant: Requant,
    spread: Pair = (1, 1),
) -> None:
    """Append a convolution of one image; ``arrays`` = x [H,W,C], y [H,W,O], weights [O,kh,kw,C / groups]."""
    x, y, weight = arrays
    each, depth = len(weight) // d.group, weight.shape[3]
    # Groups are joined, with zeros between them, up to the bytes of a step and a panel of outputs.
    joined = max(1, min(d.group, TILE_BYTES // depth, PANEL_CHANNELS // each))
    groups = []
    for first, count in merged_groups(d.group, joined):
        chosen = slice(first * each, (first + count) * each)
        groups.append(_Group(block_diagonal(weight[chosen], count), first * depth, chosen))
    patches, chosen_map = _best_patches(d, x, groups, y.shape, spread)
    if chosen_map.slack:
        source = bordered_source(commands, x, TILE_FORM, d.pads, chosen_map.channels, spread)
    else:
        source = tensor_source(commands, x)
    for group, found in zip(groups, patches, strict=True):
        _multiply(commands, isa, d, source, found, (x, y), group, requant.of(group.outputs))


def _best_patches(
    d: Conv2d,
    x: Array,
    groups: list[_Group],
    y_shape: tuple[int, ...],
    spread: Pair,
) -> tuple[list[TilePatches], Map]:
    """Return the patches of all groups that together cost least, and the map they are taken from."""
    _, width, channels = x.shape
    bordered = any(d.pads) or spread != (1, 1)
    width = (width - 1) * spread[1] + 1 + d.pads[1] + d.pads[3]
    aligned = not bordered and x.ctypes.data % TILE_BYTES == 0
    maps = [Map(width, channels, bordered, aligned)]
    if bordered and channels % TILE_BYTES:
        maps.append(Map(width, -(-channels // TILE_BYTES) * TILE_BYTES, bordered))
    ways = ((gathered, maps[0]), (in_lines, maps[0]), *((in_map, source) for source in maps))
    candidates = []
    for find, source in ways:
        found = [find(d, source, g.weight, y_shape, g.first_channel) for g in groups]
        usable = [patches for patches in found if patches is not None]
        if len(usable) == len(groups):
            cycles = sum(p.cycles(len(g.weight)) for p, g in zip(usable, groups, strict=True))
            candidates.append((cycles, usable, source))
    _, patches, chosen = min(candidates, key=lambda candidate: candidate[0])
    return patches, chosen


def _multiply(
    commands: CommandList,
    isa: Isa,
    d: Conv2d,
    source: Source,
    patches: TilePatches,
    tensors: tuple[Array, Array],
    group: _Group,
    requant: Requant,
) -> None:
    """Append one record; ``tensors`` = x, y."""
    (x, y), channels = tensors, len(group.weight)
    steps = len(patches.step_offsets)
    wide = 0 if requant.raw else _wide_panels(channels, steps)
    panels = wide + max(0, -(-(channels - wide * PANEL_CHANNELS) // NARROW_CHANNELS))
    matrix = patches.matrix(group.weight)
    weights, parameters = _panels(matrix, requant, isa, wide * PANEL_CHANNELS)
    fields: dict[str, int] = {}
    areas = {"patches": (Area.PATCHES, 0)}
    split_panels = panels > 1 and len(patches.first_pixels) <= _FEW_TILES
    if split_panels:
        commands.by_channels.add(d.output)
    tiles, band = len(patches.first_pixels), patches.band(channels)
    longest = min(band, tiles)
    if patches.segment_offsets is not None:
        fields["segments"] = len(patches.segment_offsets)
        fields["segment_offsets"] = commands.blob(patches.segment_offsets)
        areas["patches"] = (Area.PATCHES, longest * patches.height * patches.patch_stride)
    chunks = -(-steps // _CHUNK_STEPS)
    if chunks > 1:
        areas["accumulators"] = (Area.ACCUMULATORS, longest * ACCUMULATOR_BYTES)
    source.place(fields, areas)
    commands.add(
        Opcode.CONV_TILES, areas, **fields, patch_stride=patches.patch_stride, steps=steps, chunks=chunks,
        chunk_steps=-(-steps // chunks), step_offsets=commands.blob(patches.step_offsets), tiles=tiles,
        height=patches.height, table=commands.blob(_table(patches, y.shape[2] * y.itemsize)),
        band=band, config=commands.blob(tile_configuration(patches.height, patches.row_bytes)), signed=int(x.dtype == np.int8),
        groups=patches.row_bytes // 4, wide_panels=wide, segment_bytes=patches.segment_bytes, width=y.shape[1],
        row_stride=d.stride[0] * source.width * source.channels, column_stride=d.stride[1] * source.channels,
        weights=commands.blob(weights), half_panel_bytes=len(matrix) * NARROW_CHANNELS,
        parameters=commands.blob(parameters), common=commands.blob(common_block(requant, isa.lanes)), panels=panels,
        channels=channels, out=commands.address(y) + group.outputs.start * y.itemsize,
        out_stride=patches.pixel_step * y.shape[2] * y.itemsize, element_bytes=y.itemsize,
        half_parameter_bytes=parameters.nbytes // (wide + panels), finish=requant.finish, unsigned=int(requant.unsigned),
        split_panels=int(split_panels),
    )  # fmt: skip


def _wide_panels(channels: int, steps: int) -> int:
    """Return how many panels are wide: all that can be, unless their weights would leave the first-level cache."""
    if steps > _WIDE_STEPS:
        return 0
    whole, rest = divmod(channels, PANEL_CHANNELS)
    return whole + int(rest > NARROW_CHANNELS)


def _panels(
    matrix: Array, requant: Requant, isa: Isa, split: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return weights and parameters, all panels one behind another: wide ones of the channels before ``split``, then narrow.

    All but whole wide panels have the plain order of channels, so that no more tiles are needed than there are times 16.
    """
    channels = int(matrix.shape[1])
    split = min(split, channels)
    whole = split // PANEL_CHANNELS * PANEL_CHANNELS
    weights, parameters = [], []
    for start, stop, nr in ((0, whole, 4), (whole, split, 4), (split, channels, 2)):
        if start < stop:
            plain = start >= whole
            weights.append(pack_weights(matrix[:, start:stop], nr, isa, plain))
            parameters.append(pack_parameters(requant.of(slice(start, stop)), nr, isa.lanes, plain))
    return end_to_end(weights), end_to_end(parameters)


def _table(patches: TilePatches, out_stride: int) -> NDArray[np.int64]:
    first_groups = patches.first_rows() // 4
    return np.stack([patches.first_patches, patches.first_pixels * out_stride, first_groups], axis=1)


def tile_configuration(height: int, row_bytes: int) -> NDArray[np.uint8]:
    """Return the unit's configuration for ``height`` pixels and ``row_bytes`` of their patches.

    Palette 1; bytes per row of each tile from byte 16 on, rows from byte 48 on.
    """
    config = np.zeros(64, np.uint8)
    config[0] = 1
    config[16:32].view(np.uint16)[:] = [TILE_BYTES] * 4 + [row_bytes, 0, TILE_BYTES, TILE_BYTES]
    config[48:56] = [height] * 5 + [0, row_bytes // 4, row_bytes // 4]
    return config
