"""Depthwise convolutions as DEPTHWISE records."""

import numpy as np
from numpy.typing import NDArray

from engine.ir.graph import Array
from engine.kernels.native.commands import Area, CommandList
from engine.kernels.native.inputs import InputForm, bordered_source, tensor_source
from engine.kernels.native.isa import Isa
from engine.kernels.native.panels import Requant, channel_order, common_block, pack_parameters
from engine.kernels.native.records import Form, Opcode
from engine.kernels.native.variants import (
    BLOCK_PIECES,
    BLOCK_VARIANTS,
    GENERAL,
    GENERAL_NARROW,
    TILE_COLUMNS,
    VARIANTS,
    Variant,
)
from engine.program.descriptors import Conv2d, Pair

# Interleaved rows stay in the first-level cache, nearly so where it has 32 KB.
INTERLEAVED_BYTES = 24 * 1024
# Up to this many channels times groups, rows are interleaved in one run; beyond, 64 channels at a time.
WHOLE_ROW_CHANNELS = 400


def lower_depthwise(
    commands: CommandList,
    isa: Isa,
    d: Conv2d,
    arrays: tuple[Array, Array, Array],
    requant: Requant,
    form: InputForm,
) -> None:
    """Append a depthwise convolution of one image; ``arrays`` = x [H,W,C], y [Ho,Wo,C], weight [C,kh,kw,1]."""
    x, y, weight = arrays
    h, w, channels = x.shape
    _, kh, kw, _ = weight.shape
    number = _block_variant(isa, d, (kh, kw), y, requant)
    if number is not None:
        _lower_blocks(commands, isa, d, arrays, requant.without_offset(), form, number)
        return
    stored = -(-channels // isa.lanes) * isa.lanes
    if stored == channels:
        source = tensor_source(commands, x)
    else:
        source = bordered_source(commands, x, InputForm(Form.BYTES, 0, 0, 1), (0, 0, 0, 0), stored)
    number = _variant(d, (kh, kw), y, requant)
    variant = VARIANTS[number]
    needed = (variant.rows - 1) * d.stride[0] + kh
    tap_groups = -(-needed // (4 if isa.byte_dot else 2))
    strip, block = _strip_and_block(d, (kh, kw), y.shape[1], stored, tap_groups, variant.columns)
    wanted = (strip - 1) * d.stride[1] + (kw - 1) * d.dilation[1] + 1
    areas = {
        "zeros": (Area.ZEROS, w * stored),
        "interleaved": (Area.PATCHES, tap_groups * wanted * block * 4),
        "bounce": (Area.BOUNCE, variant.rows * strip * isa.lanes),
    }
    fields: dict[str, int] = {}
    source.place(fields, areas)
    weights = _weights(weight, isa, variant.rows, d.stride[0], tap_groups)
    parameters = pack_parameters(requant, 1, isa.lanes)
    commands.add(
        Opcode.DEPTHWISE, areas, **fields, height=h, width=w, stored=stored, channels=channels, variant=number,
        rows=variant.rows, tap_groups=tap_groups, kernel_w=kw, stride_h=d.stride[0], stride_w=d.stride[1],
        dilation_h=d.dilation[0], dilation_w=d.dilation[1], top=d.pads[0], left=d.pads[1], out=commands.address(y),
        out_height=y.shape[0], out_width=y.shape[1], element_bytes=y.itemsize, weights=commands.blob(weights),
        weight_bytes=weights.shape[1], parameters=commands.blob(parameters), parameter_bytes=parameters.shape[1],
        common=commands.blob(common_block(requant, isa.lanes)), finish=requant.finish, strip=strip, block=block,
        flip=form.flip, needed_rows=needed, signed=int(form.form is Form.SIGNED),
    )  # fmt: skip


def _block_variant(isa: Isa, d: Conv2d, kernel: Pair, y: Array, requant: Requant) -> int | None:
    """Return the variant for whole blocks of channels that fits, or None."""
    channels, width = y.shape[2], 4 * isa.lanes
    if not isa.depthwise_blocks:
        return None
    for number, variant in enumerate(BLOCK_VARIANTS):
        # Through the buffer every column is read and written often: blocks that lie across cache lines are too slow there.
        at_once = variant.tap_groups(4) == 1
        suits = at_once or channels % 32 == 0
        enough = channels >= width or (at_once and _last_pieces(variant, y, width) > 1)
        if suits and enough and _fits(variant, d, kernel, y, requant):
            return number
    return None


def _last_pieces(variant: Variant, y: Array, width: int) -> int:
    """Return in how many pieces the last block comes: 1 where it has all channels, or overlaps the block before."""
    rest = y.shape[2] % width
    pieces = width // rest if rest else 1
    columns = -(-y.shape[1] // pieces)
    usable = variant.tap_groups(4) == 1 and pieces in BLOCK_PIECES and columns >= variant.columns
    return pieces if usable and rest * pieces == width else 1


def _lower_blocks(
    commands: CommandList,
    isa: Isa,
    d: Conv2d,
    arrays: tuple[Array, Array, Array],
    requant: Requant,
    form: InputForm,
    number: int,
) -> None:
    """Append a depthwise convolution in blocks of channels; what dot products do not take as it is, is turned round first."""
    x, y, weight = arrays
    if form.as_it_is:
        source, pads = tensor_source(commands, x), d.pads
    else:
        source, pads = bordered_source(commands, x, form, d.pads, x.shape[2]), (0, 0, 0, 0)
    h, w, channels = source.height, source.width, source.channels
    variant, width = BLOCK_VARIANTS[number], 4 * isa.lanes
    tap_groups = variant.tap_groups(4)
    strip = _strip(d, variant.kernel_w, y.shape[1], tap_groups * width, variant.columns)
    wanted = (strip - 1) * d.stride[1] + variant.kernel_w
    areas = {
        "zeros": (Area.ZEROS, w * channels),
        "interleaved": (Area.PATCHES, tap_groups * wanted * width * 4),
    }
    fields: dict[str, int] = {}
    source.place(fields, areas)
    pieces = _last_pieces(variant, y, width)
    blocks = _block_channels(channels, width, pieces)
    order = channel_order(4, isa.lanes, plain=False).reshape(-1)
    weights = [
        _weights(weight[chosen[order]], isa, variant.rows, d.stride[0], tap_groups).reshape(1, -1)
        for chosen in blocks
    ]
    parameters = [pack_parameters(requant.of(chosen), 4, isa.lanes) for chosen in blocks]
    by_channels = d.input in commands.by_channels
    if by_channels:
        commands.by_channels.add(d.output)
    commands.add(
        Opcode.DEPTHWISE_BLOCKS, areas, **fields, height=h, width=w, channels=channels, blocks=len(blocks), variant=number,
        rows=variant.rows, tap_groups=tap_groups, kernel_w=variant.kernel_w, stride_h=d.stride[0], stride_w=d.stride[1],
        top=pads[0], left=pads[1], out=commands.address(y), out_height=y.shape[0], out_width=y.shape[1],
        weights=commands.blob(np.concatenate(weights)), weight_bytes=weights[0].size,
        parameters=commands.blob(np.concatenate(parameters)), parameter_bytes=parameters[0].size,
        common=commands.blob(common_block(requant, isa.lanes)), finish=requant.finish, strip=strip,
        unsigned=int(requant.unsigned), last_pieces=pieces, piece_columns=-(-y.shape[1] // pieces),
        needed_rows=(variant.rows - 1) * d.stride[0] + variant.kernel_h, by_channels=int(by_channels),
    )  # fmt: skip


def _block_channels(channels: int, width: int, pieces: int) -> list[NDArray[np.intp]]:
    """Return the channels of each block, ``width`` numbers; those of a last one in ``pieces`` are repeated."""
    starts = range(0, channels, width) if pieces == 1 else range(0, channels - width // pieces, width)
    blocks = [min(start, channels - width) + np.arange(width) for start in starts]
    if pieces > 1:
        rest = width // pieces
        blocks.append(np.tile(np.arange(channels - rest, channels), pieces))
    return blocks


def _fits(variant: Variant, d: Conv2d, kernel: Pair, y: Array, requant: Requant) -> bool:
    """Whether ``variant`` computes ``d`` with output ``y``."""
    same = kernel == (variant.kernel_h, variant.kernel_w) and d.stride == (variant.stride, variant.stride)
    large = y.shape[0] >= variant.rows and y.shape[1] >= variant.columns
    return same and large and d.dilation == (1, 1) and not requant.raw


def _variant(d: Conv2d, kernel: tuple[int, int], y: Array, requant: Requant) -> int:
    """Return the fastest depthwise variant that fits."""
    for number, variant in enumerate(VARIANTS):
        if _fits(variant, d, kernel, y, requant):
            return number
    return GENERAL if y.shape[1] >= TILE_COLUMNS and not requant.raw else GENERAL_NARROW


def _strip_and_block(
    d: Conv2d, kernel: tuple[int, int], width: int, stored: int, tap_groups: int, columns: int
) -> tuple[int, int]:
    """Return output columns and channels to interleave at a time: all channels if that leaves a fair strip."""
    block = stored if tap_groups * stored <= WHOLE_ROW_CHANNELS or stored < 64 else 64
    return _strip(d, kernel[1], width, tap_groups * block, columns), block


def _strip(d: Conv2d, kernel_w: int, width: int, lanes: int, columns: int) -> int:
    """Return how many of ``width`` output columns to interleave at a time, ``lanes`` per input column; at least ``columns``."""
    budget = INTERLEAVED_BYTES // (lanes * 4)
    longest = max(columns, (budget - (kernel_w - 1) * d.dilation[1] - 1) // d.stride[1] + 1)
    strips = -(-width // longest)
    return max(columns, -(-width // strips))  # strips of equal length: the last one overlaps little


def _weights(weight: Array, isa: Isa, rows: int, stride: int, tap_groups: int) -> NDArray[np.uint8]:
    """Return weights [ceil(C / lanes), bytes]: per vector of channels [group][kernel column][row][lane][tap]."""
    taps, dtype = (4, np.int8) if isa.byte_dot else (2, np.int16)
    channels, kh, kw, _ = weight.shape
    count = -(-channels // isa.lanes)
    shifted = np.zeros((count * isa.lanes, tap_groups * taps, kw, rows), dtype)
    for row in range(rows):
        shifted[:channels, row * stride : row * stride + kh, :, row] = weight[..., 0]
    split = shifted.reshape(count, isa.lanes, tap_groups, taps, kw, rows)
    packed = np.ascontiguousarray(split.transpose(0, 2, 4, 5, 1, 3))  # vector, group, kj, row, lane, tap
    return packed.reshape(count, -1).view(np.uint8)
