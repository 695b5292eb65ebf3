"""3x3 convolutions as WINOGRAD records, where that is faster."""

from math import prod

import numpy as np
from numpy.typing import NDArray

from engine.ir.graph import Array
from engine.kernels.native.commands import Area, CommandList
from engine.kernels.native.inputs import InputForm, bordered_source, byte_form
from engine.kernels.native.isa import Isa
from engine.kernels.native.panels import Requant, common_block, pack_parameters, pack_weights
from engine.kernels.native.records import Opcode
from engine.kernels.native.tiles import WINOGRAD_NR, WINOGRAD_ROWS
from engine.kernels.native.winograd_7x7 import TAPS, TILES
from engine.kernels.native.winograd_tiles import FACTORS, LONG, POINTS, POSITIONS, VALUES, Cut, tiling
from engine.program.descriptors import Conv2d

# 64 times what an accumulator is without its bias must fit int32.
_SUM_LIMIT = 1 << 25
# Of a band's transformed inputs. Every band reads all weights, which costs more than inputs from the third-level cache.
_BAND_BYTES, _LONGEST_BAND = 2 * 1024 * 1024, 56
# Estimated times, in dot products, of a vector of a tile's inputs brought to the 36 positions, of one of outputs brought back.
_INPUT_DOTS, _OUTPUT_DOTS = 200, 170
# Bytes of weights that arrive from the third-level cache or memory during a dot product, per lane: every band needs all of
# them.
_WEIGHT_BYTES_PER_LANE = 0.3
# Of a product whose weights are transformed in registers: each loads an input of its own.
_DOTS_7X7 = 1.3
# From so many outputs on, two threads share panels: transforming all inputs in both costs less than both reading all weights.
_MANY_OUTPUTS = 256


def winograd_form(dtype: np.dtype[np.generic]) -> InputForm:
    """Return the form of inputs: signed bytes."""
    return byte_form(dtype, signed=True)


def suits_winograd(isa: Isa, d: Conv2d, arrays: tuple[Array, Array, Array], requant: Requant) -> bool:
    """Whether a convolution can be computed so, and is estimated to be faster; ``arrays`` = x [H,W,C], y, weights [O,3,3,C]."""
    x, y, weight = arrays
    plain = weight.shape[1:3] == (3, 3) and d.stride == d.dilation == (1, 1) and d.group == 1
    if not (isa.winograd and plain and x.itemsize == weight.itemsize == y.itemsize == 1 and not requant.raw):
        return False
    if x.shape[2] % (2 * isa.lanes) or len(weight) < isa.lanes:
        return False
    largest = int(np.abs(weight.reshape(len(weight), -1), dtype=np.int32).sum(axis=1).max()) << 7
    return largest < _SUM_LIMIT and _dots(isa, y, weight) < _conv_dots(isa, y, weight)


def _dots(isa: Isa, y: Array, weight: Array) -> float:
    """Return the estimated time of one thread in dot products of vectors."""
    outputs, depth = len(weight), int(weight.shape[3])
    down, across = Cut.of(y.shape[0]), Cut.of(y.shape[1])
    tiles, panels = sum(down) * sum(across), -(-outputs // (WINOGRAD_NR * isa.lanes))
    bands = -(-tiles // _band(tiles, depth, isa))
    products = down.products * across.products * (depth // 2) * panels * WINOGRAD_NR
    weight_bytes = bands * POSITIONS * depth * panels * WINOGRAD_NR * isa.lanes * 2
    transforms = depth / (2 * isa.lanes) * _INPUT_DOTS + panels * WINOGRAD_NR * _OUTPUT_DOTS
    if _is_7x7(isa, y):
        return products * _DOTS_7X7 + tiles * transforms
    return max(products, weight_bytes / (_WEIGHT_BYTES_PER_LANE * isa.lanes)) + tiles * transforms


def _is_7x7(isa: Isa, y: Array) -> bool:
    """Return whether weights are transformed in registers."""
    return isa.winograd_7x7 and y.shape[:2] == (7, 7)


def _conv_dots(isa: Isa, y: Array, weight: Array) -> float:
    """Return the estimated time of the CONV command in dot products of vectors."""
    taps = 4 if isa.byte_dot else 2
    return prod(y.shape[:2]) * prod(weight.shape[1:]) / taps * -(-len(weight) // isa.lanes)


def _band(tiles: int, depth: int, isa: Isa) -> int:
    """Return how many tiles to work on before going on to the next ones."""
    height = WINOGRAD_ROWS[isa.registers]
    limit = max(2 * height, min(_LONGEST_BAND, _BAND_BYTES // (POSITIONS * depth * 2)))
    each = -(-tiles // -(-tiles // limit))
    return -(-each // height) * height


def lower_winograd(
    commands: CommandList, isa: Isa, d: Conv2d, arrays: tuple[Array, Array, Array], requant: Requant
) -> None:
    """Append a convolution of one image; ``requant`` is for accumulators of inputs in ``winograd_form``."""
    x, y, weight = arrays
    (places, ends), depth = tiling(*y.shape[:2]), x.shape[2]
    top, left = d.pads[:2]
    below, beside = (
        Cut.of(out).inputs - size - before
        for out, size, before in zip(y.shape[:2], x.shape[:2], (top, left), strict=True)
    )
    source = bordered_source(commands, x, winograd_form(x.dtype), (top, left, below, beside), depth)
    band, width = _band(len(places), depth, isa), WINOGRAD_NR * isa.lanes
    sum_step, taps, seven = _apart(band * width * 4), _packed_taps(weight, isa), _is_7x7(isa, y)
    steps, patch_bytes = _steps_7x7(depth, isa) if seven else _steps(band, depth, isa)
    weights = _bytes_7x7(taps, isa) if seven else _transformed(taps)
    parameters = pack_parameters(requant, WINOGRAD_NR, isa.lanes)
    split_panels = len(weights) > 1 and len(weight) >= _MANY_OUTPUTS
    if split_panels:
        commands.by_channels.add(d.output)
    fields = steps | dict(zip(("narrow_end", "whole_end", "low_end"), ends, strict=True))
    areas = {
        "patches": (Area.PATCHES, patch_bytes), "sums": (Area.ACCUMULATORS, POSITIONS * sum_step),
        "bounce": (Area.BOUNCE, LONG * (LONG + 1) * width * 4), "zeros": (Area.ZEROS, width * 4),
    }  # fmt: skip
    source.place(fields, areas)
    commands.add(
        Opcode.WINOGRAD, areas, **fields, row_bytes=source.width * depth, depth=depth, tiles=len(places),
        places=commands.blob(places), band=band, sum_step=sum_step, seven=int(seven), weights=commands.blob(weights),
        parameters=commands.blob(parameters), parameter_bytes=parameters.shape[1],
        common=commands.blob(common_block(requant, isa.lanes)), panels=len(weights), channels=y.shape[2],
        out=commands.address(y), width=y.shape[1], finish=requant.finish, unsigned=int(requant.unsigned),
        split_panels=int(split_panels),
    )  # fmt: skip


def _apart(nbytes: int) -> int:
    """Return how far positions lie apart: an odd number of cache lines, so that they do not fall on the same cache sets."""
    return (-(-nbytes // 64) | 1) * 64


def _steps(band: int, depth: int, isa: Isa) -> tuple[dict[str, int], int]:
    """Return how transformed inputs are laid out, position by position, and their bytes."""
    step = _apart(band * depth * 2)
    steps = {
        "row_step": POINTS * step,
        "patch_step": step,
        "tile_step": depth * 2,
        "vector_step": isa.lanes * 4,
    }
    return steps, POSITIONS * step


def _steps_7x7(depth: int, isa: Isa) -> tuple[dict[str, int], int]:
    """Return the same for ``winograd_7x7``: within a row of positions vector by vector of channels."""
    nbytes = isa.lanes * 4
    steps = {
        "row_step": depth * 2 * POINTS * TILES, "patch_step": TILES * nbytes, "tile_step": nbytes,
        "vector_step": POINTS * TILES * nbytes,
    }  # fmt: skip
    return steps, POINTS * steps["row_step"]


def _packed_taps(weight: Array, isa: Isa) -> NDArray[np.int16]:
    """Return weights [O,3,3,C] as panels [ceil(O / (nr * lanes)), 9, values]."""
    taps = weight.reshape(len(weight), TAPS, -1).astype(np.int16).transpose(1, 2, 0)
    return np.stack([pack_weights(tap, WINOGRAD_NR, isa, plain=False).view(np.int16) for tap in taps], axis=1)


def _transformed(taps: NDArray[np.int16]) -> NDArray[np.uint8]:
    """Return 24 G g Gt 24 of packed taps as panels [.., bytes], position by position."""
    transformed = np.empty((len(taps), POSITIONS, taps.shape[2]), np.int16)
    rows = np.array(FACTORS, np.float32)[:, None] * np.array(VALUES, np.float32)
    both = np.kron(rows, rows)  # sums below 2^24: exact in float32
    for panel, out in zip(taps, transformed, strict=True):
        out[...] = both @ panel.astype(np.float32)
    return transformed.reshape(len(taps), -1).view(np.uint8)


def _bytes_7x7(taps: NDArray[np.int16], isa: Isa) -> NDArray[np.uint8]:
    """Return packed taps as ``winograd_7x7`` reads them: panels [.., bytes]."""
    by_vector = taps.reshape(len(taps), TAPS, -1, WINOGRAD_NR, 2 * isa.lanes).transpose(0, 3, 2, 1, 4)
    return np.ascontiguousarray(by_vector.astype(np.int8)).reshape(len(taps), -1).view(np.uint8)
