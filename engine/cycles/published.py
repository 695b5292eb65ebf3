"""What the chips' maker publishes: latencies of known networks, each with its source, to stand beside the modelled ones."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from statistics import median

SAME_NETWORK = (
    0.03  # relative difference in MACs and weights: other class counts and split channels stay below it
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One published latency: 8 bit, one C7x core, milliseconds per frame."""

    device: str
    network: str
    latency_ms: float
    source: str


@dataclass(frozen=True, slots=True)
class Network:
    """How a published network is recognised."""

    name: str
    title: str
    macs: int
    weights: int


@dataclass(frozen=True, slots=True)
class PublishedLatency:
    """All published figures of one network on one device."""

    network: Network
    figures: tuple[Figure, ...]

    @property
    def median_ms(self) -> float:
        """Their median."""
        return median(figure.latency_ms for figure in self.figures)

    @property
    def range_ms(self) -> tuple[float, float]:
        """The smallest and the largest."""
        values = [figure.latency_ms for figure in self.figures]
        return min(values), max(values)


def recognise(macs: int, weights: int) -> Network | None:
    """Return the published network with these useful MACs and this number of weights, if there is one."""

    def distance(network: Network) -> float:
        return max(abs(macs / network.macs - 1), abs(weights / network.weights - 1))

    best = min(_read()[0], key=distance)
    return best if distance(best) <= SAME_NETWORK else None


def published_latency(macs: int, weights: int, device: str) -> PublishedLatency | None:
    """Return what is published of the network with these MACs and weights on ``device``, if anything."""
    network = recognise(macs, weights)
    if network is None:
        return None
    found = tuple(f for f in _read()[1] if f.network == network.name and f.device == device)
    return PublishedLatency(network, found) if found else None


def published_figures() -> Sequence[Figure]:
    """Return every published figure that ships with the program."""
    return _read()[1]


@cache
def _read() -> tuple[tuple[Network, ...], tuple[Figure, ...]]:
    table = tomllib.loads((resources.files("engine.cycles") / "published.toml").read_text(encoding="utf-8"))
    networks = tuple(Network(name, **entry) for name, entry in table["networks"].items())
    return networks, tuple(Figure(**entry) for entry in table["figures"])
