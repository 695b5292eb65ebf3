"""Convolutions as CONV_TILES records."""

from dataclasses import dataclass

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
    merged_groups,
    pack_parameters,
    pack_weights,
)
from engine.kernels.native.records import Form, Opcode
from engine.kernels.native.tile_patches import Map, TilePatches, gathered, in_map
from engine.kernels.native.tiles import ACCUMULATOR_BYTES, TILE_BYTES, TILE_CHANNELS, TILE_MIN_PIXELS
from engine.program.descriptors import Conv2d, Pair

# The unit takes signed and unsigned bytes as they are.
TILE_FORM = InputForm(Form.BYTES, 0, 0, 1)
# Groups of channels are joined, with zeros between them, up to the bytes of a step and two panels of outputs.
_JOINED_OUTPUTS = 2 * TILE_CHANNELS
# The weights of a panel for so many steps stay in the first-level cache from pixels to pixels.
MAX_CHUNK_STEPS = 10


def suits_tiles(isa: Isa, x: Array, y: Array, weight: Array, requant: Requant) -> bool:
    """Whether the tile unit takes a convolution of images x [H,W,C] to y."""
    pixels = y.shape[0] * y.shape[1]
    return isa.tiles and x.itemsize == weight.itemsize == 1 and not requant.raw and pixels >= TILE_MIN_PIXELS


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
    joined = max(1, min(d.group, TILE_BYTES // depth, _JOINED_OUTPUTS // each))
    groups = []
    for first, count in merged_groups(d.group, joined):
        chosen = slice(first * each, (first + count) * each)
        groups.append(_Group(block_diagonal(weight[chosen], count), first * depth, chosen))
    patches, channels = _best_patches(d, x.shape, groups, y.shape, spread)
    source = _source(commands, x, d, channels, spread)
    for group, found in zip(groups, patches, strict=True):
        _multiply(commands, isa, d, source, found, (x, y, group.outputs), requant.of(group.outputs))


def _best_patches(
    d: Conv2d,
    x_shape: tuple[int, ...],
    groups: list[_Group],
    y_shape: tuple[int, ...],
    spread: Pair,
) -> tuple[list[TilePatches], int]:
    """Return the patches of all groups that together cost least, and the channels of the map they are taken from."""
    channels = x_shape[2]
    bordered = any(d.pads) or spread != (1, 1)
    width = (x_shape[1] - 1) * spread[1] + 1 + d.pads[1] + d.pads[3]
    narrow = Map(width, channels, bordered)
    wide = Map(width, -(-channels // TILE_BYTES) * TILE_BYTES, bordered) if bordered else narrow
    copied = [gathered(d, narrow, g.weight, y_shape, g.first_channel) for g in groups]
    found = [in_map(d, wide, g.weight, y_shape, g.first_channel) for g in groups]
    direct = [patches for patches in found if patches is not None]
    if len(direct) < len(groups) or sum(p.cycles for p in copied) < sum(p.cycles for p in direct):
        return copied, narrow.channels
    return direct, wide.channels


def _source(commands: CommandList, x: Array, d: Conv2d, channels: int, spread: Pair) -> Source:
    if any(d.pads) or spread != (1, 1):
        return bordered_source(commands, x, TILE_FORM, d.pads, channels, spread)
    return tensor_source(commands, x)


def _multiply(
    commands: CommandList,
    isa: Isa,
    d: Conv2d,
    source: Source,
    patches: TilePatches,
    tensors: tuple[Array, Array, slice],
    requant: Requant,
) -> None:
    """Append one record; ``tensors`` = x, y and the channels of y that are written."""
    x, y, chosen = tensors
    weights = pack_weights(patches.matrix, 2, isa, plain=True)
    parameters = pack_parameters(requant, 2, isa.lanes, plain=True)
    fields: dict[str, int] = {}
    areas = {"patches": (Area.PATCHES, 0)}
    tiles, panels, band = len(patches.first_pixels), patches.panels, patches.band()
    longest = min(band + 1, tiles)
    if patches.segment_offsets is not None:
        fields |= {
            "segments": len(patches.segment_offsets),
            "segment_offsets": commands.blob(patches.segment_offsets),
        }
        areas["patches"] = (Area.PATCHES, longest * patches.height * patches.patch_stride)
    steps = len(patches.step_offsets)
    # Accumulators kept between chunks are written one tile late, so every thread needs two tiles.
    chunks = -(-steps // MAX_CHUNK_STEPS) if tiles >= 2 * commands.threads else 1
    if chunks > 1:
        areas["accumulators"] = (Area.ACCUMULATORS, longest * ACCUMULATOR_BYTES)
    source.place(fields, areas)
    halves = [-(-n // 2) for n in (tiles, panels)]
    commands.add(
        Opcode.CONV_TILES, areas, **fields, patch_stride=patches.patch_stride, steps=steps,
        chunks=chunks, chunk_steps=-(-steps // chunks),
        step_offsets=commands.blob(patches.step_offsets), tiles=tiles, height=patches.height,
        table=commands.blob(np.stack([patches.first_patches, patches.first_pixels], axis=1)), band=band,
        config=commands.blob(_configuration(patches)), signed=int(x.dtype == np.int8), segment_bytes=patches.segment_bytes,
        width=y.shape[1], row_stride=d.stride[0] * source.width * source.channels,
        column_stride=d.stride[1] * source.channels, weights=commands.blob(weights),
        step_bytes=patches.row_bytes * TILE_CHANNELS, panel_bytes=weights.shape[1], parameters=commands.blob(parameters),
        parameter_bytes=parameters.shape[1], common=commands.blob(common_block(requant, isa.lanes)), panels=panels,
        channels=chosen.stop - chosen.start, out=commands.address(y) + chosen.start, out_stride=y.shape[2],
        finish=requant.finish, split_panels=int(halves[1] * tiles < halves[0] * panels),
    )  # fmt: skip


def _configuration(patches: TilePatches) -> NDArray[np.uint8]:
    """Return the unit's configuration: palette 1; bytes per row of each tile from byte 16 on, rows from byte 48 on."""
    config = np.zeros(64, np.uint8)
    config[0] = 1
    row_bytes, rows = config[16:32].view(np.uint16), config[48:56]
    row_bytes[:] = [64, 64, 64, 64, patches.row_bytes, 0, 64, 64]
    rows[:] = [*[patches.height] * 5, 0, *[patches.row_bytes // 4] * 2]
    return config
