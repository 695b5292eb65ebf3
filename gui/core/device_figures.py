"""What the window shows of the modelled clock: numbers and words, ready to be drawn. Nothing is measured here.

NOTE: Qt-free. The modules of the engine that price a network are imported on first use, in the thread that prices:
the picture is on the screen before they are in memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from engine.soc import SocSpec, load_soc
from gui.core.text import Written, say, say_n, word
from gui.core.what_if import WhatIf, enough_ddr_gb_per_s

if TYPE_CHECKING:
    from engine.cycles.accuracy import Accuracy
    from engine.cycles.model import LayerCycles
    from engine.cycles.prediction import Layer
    from engine.program.artifact import Artifact
    from engine.program.program import Tile
    from engine.runtime.profile import Profile


class DeviceStep(Enum):
    """Where a frame's time goes, from model to result; the values are the engine's names."""

    MODEL = "model"
    RUNTIME = "runtime"
    MAILBOX = "mailbox"
    MEMORY = "memory"
    MMA = "mma"
    RESULT = "result"


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of what is told about a layer."""

    caption: str
    text: str


@dataclass(frozen=True, slots=True)
class LayerFigures:
    """One layer: its modelled time in microseconds by what the core does, and its place in the roofline.

    ``intensity`` is useful MACs per byte moved, ``achieved`` useful MACs per cycle of all cores; 0 without MACs.
    """

    name: str
    op: str
    kernel_us: float
    waiting_us: float
    setup_us: float
    intensity: float
    achieved: float
    facts: tuple[Fact, ...]

    @property
    def total_us(self) -> float:
        """The layer's modelled time."""
        return self.kernel_us + self.waiting_us + self.setup_us

    @property
    def sentence(self) -> str:
        """The layer as one text."""
        return ", ".join((f"{self.name} ({self.op})", *(f"{f.caption} {f.text}" for f in self.facts)))


@dataclass(frozen=True, slots=True)
class Roofs:
    """What all cores together can do: useful MACs per cycle, bytes per cycle from MSMC and from DDR."""

    macs_per_cycle: float
    msmc_bytes_per_cycle: float
    ddr_bytes_per_cycle: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """A published latency of the network on the chip as it is made, and the modelled one; milliseconds, one core.

    ``modelled_ms`` is None where part of the network runs on the A72.
    """

    network: str
    chip: str
    published_ms: float
    range_ms: tuple[float, float]
    sources: tuple[str, ...]
    modelled_ms: float | None


@dataclass(frozen=True, slots=True)
class DeviceFigures:
    """Everything the window tells of one network on one chip, all of it modelled.

    ``device_ms`` is the whole frame, None where ``on_host`` names parts that run on the A72; ``modelled_ms`` is that of
    the parts on the C7x. ``enough_ddr_gb_per_s``: more DDR bandwidth than this changes nothing.
    """

    what_if: WhatIf
    device_ms: float | None
    modelled_ms: float
    on_host: tuple[str, ...]
    layers: tuple[LayerFigures, ...]
    steps_ms: Mapping[DeviceStep, float]
    roofs: Roofs
    core_loop_utilization: float
    network_utilization: float
    ddr_read_bytes: float
    ddr_write_bytes: float
    enough_ddr_gb_per_s: float
    accuracy: Accuracy
    comparison: Comparison | None

    @property
    def shares(self) -> Mapping[DeviceStep, float]:
        """Each step's share of the time, 0 to 1."""
        whole = sum(self.steps_ms.values())
        return {step: ms / whole for step, ms in self.steps_ms.items()}


class DeviceClock:
    """Prices one compiled network on any chip."""

    def __init__(self, artifact: Artifact) -> None:
        self._artifact = artifact
        self._made_ms: dict[str, float | None] = {}

    def figures(self, what_if: WhatIf) -> DeviceFigures:
        """Return what the window shows for ``what_if``; takes tens of milliseconds.

        Raises:
            WhatIfError: a number of the question is outside its limits.
            EngineError: there is no such chip, the network does not fit it, or nothing of it runs on the C7x.
        """
        from engine.cycles.accuracy import stated_accuracy
        from engine.runtime.profile import profile_artifact

        soc = what_if.spec()
        profile = profile_artifact(self._artifact, soc)
        return DeviceFigures(
            what_if=what_if,
            device_ms=profile.device_ms,
            modelled_ms=profile.modelled_ms,
            on_host=tuple(f"{place.node} ({place.op}): {place.reason}" for place in profile.host_nodes),
            layers=tuple(_layer(layer, soc) for layer in profile.layers),
            steps_ms=_steps_ms(profile),
            roofs=_roofs(soc),
            core_loop_utilization=profile.core_loop_utilization,
            network_utilization=profile.network_utilization,
            ddr_read_bytes=sum(layer.cycles.ddr_read_bytes for layer in profile.layers),
            ddr_write_bytes=sum(layer.cycles.ddr_write_bytes for layer in profile.layers),
            enough_ddr_gb_per_s=enough_ddr_gb_per_s(soc),
            accuracy=stated_accuracy(what_if.soc),
            comparison=self._comparison(profile, what_if),
        )

    def _comparison(self, profile: Profile, what_if: WhatIf) -> Comparison | None:
        published = profile.published()
        if published is None:
            return None
        return Comparison(
            network=published.network.title,
            chip=what_if.title,
            published_ms=published.median_ms,
            range_ms=published.range_ms,
            sources=tuple(figure.source for figure in published.figures),
            modelled_ms=profile.device_ms if what_if.is_made else self._as_made_ms(what_if.soc),
        )

    def _as_made_ms(self, soc: str) -> float | None:
        """Return the time on the chip as it is made: what was published can only be held against that."""
        from engine.runtime.profile import profile_artifact

        if soc not in self._made_ms:
            self._made_ms[soc] = profile_artifact(self._artifact, load_soc(soc)).device_ms
        return self._made_ms[soc]


def _steps_ms(profile: Profile) -> dict[DeviceStep, float]:
    parts = [part.steps_ms() for part in profile.predictions]
    return {step: sum(part[step.value] for part in parts) for step in DeviceStep}


def _roofs(soc: SocSpec) -> Roofs:
    ddr_share = soc.ddr_peak_fraction * soc.ddr_bytes_per_s / soc.clock_hz
    return Roofs(
        macs_per_cycle=float(soc.macs_per_cycle * soc.cores),
        msmc_bytes_per_cycle=soc.msmc_bytes_per_cycle * soc.cores,
        ddr_bytes_per_cycle=min(soc.ddr_bytes_per_cycle * soc.cores, ddr_share),
    )


def _layer(layer: Layer, soc: SocSpec) -> LayerFigures:
    cost, us = layer.cycles, 1e6 / soc.clock_hz
    moved = cost.ddr_read_bytes + cost.ddr_write_bytes + cost.msmc_bytes
    return LayerFigures(
        name=layer.name,
        op=layer.op,
        kernel_us=cost.kernel * us,
        waiting_us=cost.exposed_dma * us,
        setup_us=cost.setup * us,
        intensity=cost.macs / moved if cost.macs else 0.0,
        achieved=cost.macs / cost.layer if cost.macs else 0.0,
        facts=_facts(layer, us),
    )


def _facts(layer: Layer, us: float) -> tuple[Fact, ...]:
    cost, tile = layer.cycles, layer.tile
    shape, memory = " × ".join(map(str, layer.shape)), layer.memory.value.upper()
    read, written = amount(cost.ddr_read_bytes), amount(cost.ddr_write_bytes)
    return (
        Fact(say("output"), say("{shape} in {memory}", shape=shape, memory=memory)),
        Fact(say("time"), _time(cost, us)),
        Fact(say("utilization"), _utilization(cost)),
        Fact(say("tile"), say("none") if tile is None else _tile(tile)),
        Fact("DDR", say("{read} read, {written} written", read=read, written=written)),
        Fact("MSMC", say("{moved} read and written", moved=amount(cost.msmc_bytes))),
    )


def _time(cost: LayerCycles, us: float) -> str:
    if not cost.layer:
        return say("none, in place")
    bound = word(cost.bound.value)
    return say("{time:.1f} µs modelled, bound by {bound}", time=cost.layer * us, bound=bound)


def _utilization(cost: LayerCycles) -> str:
    if not cost.macs:
        return say("no MACs")
    return say("{percent:.0f} % of the core loop", percent=100 * cost.utilization)


def _tile(tile: Tile) -> str:
    rows = say_n("{n} row", "{n} rows", tile.rows)
    columns = say_n("{n} column", "{n} columns", tile.columns)
    channels = say_n("{n} channel", "{n} channels", tile.channels)
    size = " × ".join((rows, columns, channels) if tile.columns else (rows, channels))
    if not tile.weight_bytes:
        return size
    return say("{size}, weights {amount}", size=size, amount=amount(tile.weight_bytes))


def amount(nbytes: float) -> str:
    """Return a number of bytes in three figures with its unit."""
    for unit, size in (("MB", 1e6), ("kB", 1e3)):
        if nbytes >= size:
            return f"{Written(nbytes / size):.3g} {unit}"
    return f"{nbytes:.0f} B"
