"""How each layer is cut to fit L2: the cheapest of a few shapes, by the cycle model that the report uses as well."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from math import ceil

from engine.cycles.geometry import Constants, Geometry, Tensors, geometry
from engine.cycles.model import demand, moves, price
from engine.errors import CompileError
from engine.program.descriptors import Descriptor, Reshape
from engine.program.program import Tile
from engine.soc import SocSpec

CUTS_PRICED = 4  # of the cuts that fit, smaller ones only add calls


def tile(
    descriptor: Descriptor, tensors: Tensors, constants: Constants, soc: SocSpec, resident: bool = False
) -> Tile | None:
    """Return the cut with the fewest modelled cycles whose buffers fit L2; None for a reshape, which moves nothing.

    ``resident`` says that the weights come from MSMC instead of DDR.

    Raises:
        CompileError: not even one column of one row and one panel of channels fit L2.
    """
    if isinstance(descriptor, Reshape):
        return None
    shape = geometry(descriptor, tensors, constants)
    rows = _halves(ceil(shape.rows / soc.cores) if shape.rows >= soc.cores else shape.rows)
    choices = _fitting(shape, soc, [(r, shape.columns) for r in rows])
    choices = choices or _fitting(shape, soc, [(1, columns) for columns in _halves(shape.columns)[1:]])
    choices = choices or _fitting(shape, soc, [(1, 1)])
    if not choices and shape.reduces:
        choices = [_in_bands(shape, soc)]
    if not choices:
        raise CompileError(
            f"{descriptor.name}: {shape.input_bytes // (shape.rows * shape.columns)} bytes of input per position do not "
            f"fit the {soc.l2_bytes} bytes of L2 of {soc.name} twice; use smaller maps or fewer channels"
        )
    bytes_of = moves(descriptor, shape, tensors, resident)
    return min(choices, key=lambda t: price(demand(shape, bytes_of, soc, t), soc).layer)


def _channel_cuts(shape: Geometry, soc: SocSpec, one_position: bool) -> Iterator[int]:
    """Yield all channels, then fewer, in whole panels on the MMA; grouped layers keep all, and those without MMA, unless
    ``one_position`` is computed at a time.
    """
    yield shape.channels
    if shape.depth == 0 and one_position:
        yield from _halves(shape.channels)[1:]
    elif shape.depth and shape.groups == 1:
        yield from (channels * soc.panel for channels in _halves(ceil(shape.channels / soc.panel))[1:])


def _fitting(shape: Geometry, soc: SocSpec, cuts: Sequence[tuple[int, int]]) -> list[Tile]:
    """Return tiles of the largest few ``cuts`` (rows, columns) that fit L2; weights pass by only where none can stay."""
    channels = _channel_cuts(shape, soc, one_position=cuts == [(1, 1)])
    staying = [t for c in channels for t in _largest(shape, soc, cuts, c, stay=True)]
    if staying or not shape.depth:
        return staying
    passing = min(shape.channels, soc.panel) if shape.groups == 1 else shape.channels
    return _largest(shape, soc, cuts, passing, stay=False)


def _largest(
    shape: Geometry, soc: SocSpec, cuts: Sequence[tuple[int, int]], channels: int, stay: bool
) -> list[Tile]:
    tiles = (_buffers(shape, soc, rows, columns, channels, stay) for rows, columns in cuts)
    fitting = (t for t in tiles if t.input_bytes + t.weight_bytes + t.output_bytes <= soc.l2_bytes)
    return list(islice(fitting, CUTS_PRICED))


def _in_bands(shape: Geometry, soc: SocSpec) -> Tile:
    """Return the tile of one output whose input is read in the fewest bands of which two fit L2 beside the output."""
    one = _buffers(shape, soc, 1, 1, channels=1, stay=True)
    window_bytes = one.input_bytes // min(shape.rows * shape.columns * shape.channels, 2)
    bands = ceil(window_bytes / ((soc.l2_bytes - one.output_bytes) // 2))
    return replace(one, input_bytes=2 * ceil(window_bytes / bands), bands=bands)


def _halves(size: int) -> list[int]:
    """Return ``size``, its half, its quarter ... down to 1, rounded up."""
    sizes = [size]
    while sizes[-1] > 1:
        sizes.append(ceil(sizes[-1] / 2))
    return sizes


def _read_share(shape: Geometry, rows: int, columns: int) -> float:
    """Return the share of the input that a tile of so many rows and columns of the output needs."""
    of_rows, of_columns = rows / shape.rows, columns / shape.columns
    if shape.windows is None:
        return of_rows * of_columns
    above, beside = shape.windows
    return (1.0 if of_rows == 1 else above.share(rows)) * (1.0 if of_columns == 1 else beside.share(columns))


def _buffers(shape: Geometry, soc: SocSpec, rows: int, columns: int, channels: int, stay: bool) -> Tile:
    channels = min(channels, shape.channels)
    passes = ceil(shape.rows / rows) * ceil(shape.columns / columns)
    loads = ceil(shape.channels / channels)
    share = rows * columns / (shape.rows * shape.columns)
    input_bytes, input_parts = shape.input_bytes * _read_share(shape, rows, columns), passes
    if shape.depth == 0:  # a share of the channels needs that share of the input, as the cycle model has it
        input_bytes, input_parts = input_bytes * channels / shape.channels, passes * loads
    output_bytes = shape.output_bytes * share * channels / shape.channels
    if stay:
        weight_bytes = ceil(shape.weight_bytes / loads) * min(loads, 2)
    else:
        weight_bytes = 2 * soc.panel * soc.panel
    return Tile(
        rows=rows,
        columns=0 if columns == shape.columns else columns,
        channels=channels,
        input_bytes=ceil(input_bytes) * min(input_parts, 2),
        weight_bytes=weight_bytes,
        output_bytes=ceil(output_bytes) * min(passes * loads, 2),
        weights_stay=stay,
    )
