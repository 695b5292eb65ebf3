"""Modelled cycles of one layer on one SoC: a pure function of descriptor, shapes, tile and ``SocSpec``."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from itertools import product
from math import ceil

from engine.cycles.geometry import Constants, Geometry, Tensors, geometry
from engine.program.descriptors import Descriptor, Reshape, inputs_of
from engine.program.program import Memory, Tile
from engine.soc import SocSpec


class Bound(Enum):
    """What a layer's time mostly consists of."""

    COMPUTE = "compute"
    MEMORY = "memory"
    OVERHEAD = "overhead"


@dataclass(frozen=True, slots=True)
class Traffic:
    """Bytes that DMA moves between L2 and each of the larger memories."""

    msmc_bytes: float = 0.0
    ddr_bytes: float = 0.0

    def __add__(self, other: "Traffic") -> "Traffic":
        return Traffic(self.msmc_bytes + other.msmc_bytes, self.ddr_bytes + other.ddr_bytes)

    def scaled(self, factor: float) -> "Traffic":
        """Return this traffic times ``factor``."""
        return Traffic(self.msmc_bytes * factor, self.ddr_bytes * factor)


@dataclass(frozen=True, slots=True)
class Demand:
    """What a tiled layer asks of one core; the constants of the modelled clock are not in it yet.

    ``mma_cycles`` are those of the core loop, panels rounded up; ``slot_macs`` are the panel slots that it
    occupies, K without the bias row and N unpadded. ``head`` must arrive before the first kernel call,
    ``weights`` are those of the first load; ``stream`` moves while kernels run, ``tail`` leaves after the
    last call.
    """

    mma_cycles: float
    vector_ops: float
    calls: int
    macs: int
    slot_macs: float
    weights: Traffic
    head: Traffic
    stream: Traffic
    tail: Traffic
    reads: Traffic
    writes: Traffic


@dataclass(frozen=True, slots=True)
class LayerCycles:
    """Modelled cycles of one layer, under the names of TI's per-layer trace (given in brackets).

    ``layer`` [Layer Cycles] is the sum of ``setup``, ``prefetch``, ``coefficient_copy``, ``pipe_up``,
    ``pipe_down`` and of ``kernel`` and ``streaming``, the shorter of which hides behind the longer in part.
    ``slot_macs`` are the panel slots that the core loop occupies; bytes are those of all cores together.
    """

    layer: float
    kernel: float  # [kernelOnlyCycles] core loop and its calls
    core_loop: float  # [coreLoopCycles]
    setup: float  # [LayerSetupCycles]
    pipe_up: float  # [dmaPipeupCycles] first input tile
    pipe_down: float  # [dmaPipeDownCycles] last output tile
    prefetch: float  # [PrefetchCycles] first weights from DDR
    coefficient_copy: float  # [copyKerCoeffCycles] first weights from MSMC
    streaming: float  # DMA that runs beside the kernels
    macs: int
    slot_macs: float
    ddr_read_bytes: float
    ddr_write_bytes: float
    msmc_bytes: float

    @property
    def exposed_dma(self) -> float:
        """Cycles in which the core waits for DMA."""
        return self.layer - self.setup - self.kernel

    @property
    def utilization(self) -> float:
        """Core-loop utilization: useful MACs over occupied panel slots; 0 for layers without MMA."""
        return self.macs / self.slot_macs if self.slot_macs else 0.0

    @property
    def bound(self) -> Bound:
        """The largest of kernel, exposed DMA and set-up."""
        parts = {Bound.OVERHEAD: self.setup, Bound.COMPUTE: self.kernel, Bound.MEMORY: self.exposed_dma}
        return max(parts, key=lambda part: parts[part])


NOTHING = LayerCycles(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0, 0.0, 0.0, 0.0, 0.0)


def cycles(
    descriptor: Descriptor,
    tensors: Tensors,
    constants: Constants,
    soc: SocSpec,
    tile: Tile | None = None,
    resident: bool = False,
) -> LayerCycles:
    """Return the modelled cycles of ``descriptor``; ``tile`` None takes the layer in one piece.

    ``resident`` says that its weights are in MSMC already, from an earlier frame.
    """
    if in_place(descriptor, tensors):
        return NOTHING
    shape = geometry(descriptor, tensors, constants)
    return price(demand(shape, moves(descriptor, shape, tensors, resident), soc, tile), soc)


def in_place(d: Descriptor, tensors: Tensors) -> bool:
    """Return whether ``d`` is a reshape whose output lies on its input: nothing to do."""
    if not isinstance(d, Reshape):
        return False
    x, y = tensors[d.input], tensors[d.output]
    return x.offset >= 0 and (x.memory, x.offset) == (y.memory, y.offset)


@dataclass(frozen=True, slots=True)
class Cut:
    """How often a layer's loops run on one core: ``passes`` over positions, ``loads`` of weights, ``bands`` of a window."""

    rows: int
    channels: int
    tile_rows: int
    tile_columns: int
    tile_channels: int
    passes: int
    loads: int
    weights_stay: bool
    bands: int = 1


def cut(shape: Geometry, soc: SocSpec, tile: Tile | None) -> Cut:
    """Return one core's share of the rows (of the channels where rows are few), cut as ``tile`` says."""
    by_rows = shape.rows >= soc.cores
    rows = ceil(shape.rows / soc.cores) if by_rows else shape.rows
    channels = shape.channels if by_rows else ceil(shape.channels / soc.cores)
    if tile is None:
        return Cut(rows, channels, rows, shape.columns, channels, 1, 1, True)
    tile_rows, tile_channels = min(rows, tile.rows), min(channels, tile.channels)
    tile_columns = tile.columns or shape.columns
    passes = ceil(rows / tile_rows) * ceil(shape.columns / tile_columns)
    loads = ceil(channels / tile_channels)
    stay, bands = tile.weights_stay, tile.bands
    return Cut(rows, channels, tile_rows, tile_columns, tile_channels, passes, loads, stay, bands)


@dataclass(frozen=True, slots=True)
class Moves:
    """Bytes that a layer reads and writes once, by memory."""

    source: Traffic
    target: Traffic
    weights: Traffic


def moves(descriptor: Descriptor, shape: Geometry, tensors: Tensors, resident: bool) -> Moves:
    """Return where the layer's bytes lie; ``resident`` weights lie in MSMC."""
    target = tensors[descriptor.output]
    return Moves(
        source=_located((tensors[name].memory, tensors[name].nbytes) for name in inputs_of(descriptor)),
        target=_located([(target.memory, target.nbytes)]),
        weights=_located([(Memory.MSMC if resident else Memory.DDR, shape.weight_bytes)]),
    )


def demand(shape: Geometry, bytes_of: Moves, soc: SocSpec, tile: Tile | None) -> Demand:
    """Return what one core must compute and move for its share of the layer."""
    c = cut(shape, soc, tile)
    row_share, channel_share = c.rows / shape.rows, c.channels / shape.channels
    vector = shape.depth == 0
    source = bytes_of.source.scaled(row_share * channel_share if vector else row_share)
    written = bytes_of.target.scaled(row_share * channel_share)
    weights = bytes_of.weights.scaled(channel_share)
    weights_read = weights.scaled(1 if c.weights_stay else c.passes)
    read = source.scaled(c.loads if c.weights_stay and c.passes > 1 and not vector else 1)
    first_input = source.scaled(1 / (c.passes * c.loads * c.bands) if vector else 1 / c.passes)
    first_weights = weights.scaled(1 / c.loads)
    last_output = written.scaled(1 / (c.passes * c.loads))
    mma_cycles, slot_macs = _mma(shape, soc, c)
    outputs = c.rows * shape.columns * c.channels * shape.phases
    return Demand(
        mma_cycles=mma_cycles,
        vector_ops=shape.vector_ops * outputs * shape.element_bytes,
        calls=c.passes * c.loads * c.bands * (1 if shape.depthwise else shape.groups * shape.phases),
        macs=shape.macs,
        slot_macs=slot_macs * soc.cores,
        weights=first_weights,
        head=first_input,
        stream=(read + weights_read + written) + (first_input + first_weights + last_output).scaled(-1.0),
        tail=last_output,
        reads=(read + weights_read).scaled(soc.cores),
        writes=written.scaled(soc.cores),
    )


def price(d: Demand, soc: SocSpec) -> LayerCycles:
    """Return the cycles of ``d``: queues overlap within a layer, layers follow one another."""
    ddr_share = soc.ddr_peak_fraction * soc.ddr_bytes_per_s / soc.clock_hz / soc.cores
    ddr_rate = min(soc.ddr_bytes_per_cycle, ddr_share)

    def moving(t: Traffic) -> float:
        return t.msmc_bytes / soc.msmc_bytes_per_cycle + t.ddr_bytes / ddr_rate

    core_loop = d.mma_cycles + d.vector_ops / (soc.vector_bits / 8 * soc.vector_fraction)
    kernel = core_loop + d.calls * soc.call_setup_cycles
    setup = soc.layer_setup_cycles + (soc.core_sync_cycles if soc.cores > 1 else 0.0)
    pipe_up, pipe_down, streaming = moving(d.head), moving(d.tail), moving(d.stream)
    prefetch, copied = d.weights.ddr_bytes / ddr_rate, d.weights.msmc_bytes / soc.msmc_bytes_per_cycle
    body = max(kernel, streaming) + (1.0 - soc.overlap_fraction) * min(kernel, streaming)
    return LayerCycles(
        layer=setup + prefetch + copied + pipe_up + body + pipe_down,
        kernel=kernel,
        core_loop=core_loop,
        setup=setup,
        pipe_up=pipe_up,
        pipe_down=pipe_down,
        prefetch=prefetch,
        coefficient_copy=copied,
        streaming=streaming,
        macs=d.macs,
        slot_macs=d.slot_macs,
        ddr_read_bytes=d.reads.ddr_bytes,
        ddr_write_bytes=d.writes.ddr_bytes,
        msmc_bytes=d.reads.msmc_bytes + d.writes.msmc_bytes,
    )


def _located(moves: Iterable[tuple[Memory, int]]) -> Traffic:
    total = Traffic()
    for memory, nbytes in moves:
        total += Traffic(nbytes, 0.0) if memory is Memory.MSMC else Traffic(0.0, nbytes)
    return total


def _mma(g: Geometry, soc: SocSpec, c: Cut) -> tuple[float, float]:
    """Return core-loop cycles and occupied slots (in MACs) of one core's share."""
    if g.depth == 0:
        return 0.0, 0.0
    passes = list(product(_parts(c.rows, c.tile_rows), _parts(g.columns, c.tile_columns)))
    if g.depthwise:
        return _band(g, soc, c, sum(n * m * _panels(r * w, soc.panel) for (n, r), (m, w) in passes))
    panel = soc.panel // g.element_bytes
    depth_panels = _panels(
        g.depth + 1 if soc.mma_version == 1 else g.depth, panel
    )  # v1: bias is one more row of K
    loop = slots = 0.0
    for ((n, r), (m, w)), (loads, channels) in product(passes, _parts(c.channels, c.tile_channels)):
        calls = n * m * loads * g.groups * g.phases
        channel_panels = _panels(ceil(channels / g.groups), panel)
        loop += (
            calls * (channel_panels * depth_panels * _panels(r * w, panel) + 1) * panel
        )  # 1: first panel fills
        slots += calls * channel_panels * _panels(g.depth, panel) * r * w * panel**2
    return loop, slots


def _band(g: Geometry, soc: SocSpec, c: Cut, position_panels: int) -> tuple[float, float]:
    """Depthwise: a diagonal band of the panel does the work, the rest of its slots idles."""
    cycles_per_tap = c.channels * g.element_bytes**2 / soc.depthwise_macs_per_cycle
    loop = position_panels * soc.panel * g.depth * cycles_per_tap
    return loop, c.rows * g.columns * g.depth * cycles_per_tap * soc.macs_per_cycle


def _parts(size: int, tile: int) -> list[tuple[int, int]]:
    """Return (count, size) of the full tiles and of the rest."""
    return [(count, part) for count, part in ((size // tile, tile), (1, size % tile)) if count and part]


def _panels(size: int, panel: int) -> int:
    return -(-size // panel)
