"""A simulated network between this device and a cloud: how long each part of a request takes. NOTE: Qt-free.

Everything here is simulated and labelled so; what the function itself takes is measured elsewhere.
"""

from __future__ import annotations

import math
import random
import time
from dataclasses import dataclass, field
from threading import Event
from typing import Protocol

PACKET_BYTES = 1460  # what one Ethernet packet carries of a TCP stream
MOST_REPAIRS = 20


@dataclass(frozen=True, slots=True)
class Network:
    """A path to a cloud. ``jitter_ms`` is the most that chance adds to a request, half of it on average.

    ``loss`` is the share of packets lost, 0 to 0.5; each repair of a lost packet takes one more round trip.
    """

    round_trip_ms: float = 40.0
    upload_mbit_s: float = 20.0
    download_mbit_s: float = 100.0
    jitter_ms: float = 10.0
    loss: float = 0.0


@dataclass(frozen=True, slots=True)
class Delays:
    """What the network adds to one direction of one request, in milliseconds, part by part."""

    round_trip_ms: float
    bandwidth_ms: float
    jitter_ms: float
    loss_ms: float

    @property
    def total_ms(self) -> float:
        """All parts together."""
        return self.round_trip_ms + self.bandwidth_ms + self.jitter_ms + self.loss_ms


def upload(network: Network, size_bytes: int, chance: random.Random) -> Delays:
    """Return the delays of a request's way up: half the round trip, half the jitter."""
    return _delays(network, size_bytes, network.upload_mbit_s, chance)


def download(network: Network, size_bytes: int, chance: random.Random) -> Delays:
    """Return the delays of an answer's way down."""
    return _delays(network, size_bytes, network.download_mbit_s, chance)


def _delays(network: Network, size_bytes: int, mbit_s: float, chance: random.Random) -> Delays:
    return Delays(
        round_trip_ms=network.round_trip_ms / 2,
        bandwidth_ms=size_bytes * 8 / (mbit_s * 1000),
        jitter_ms=chance.uniform(0.0, network.jitter_ms / 2),
        loss_ms=_repairs(size_bytes, network.loss, chance) * network.round_trip_ms,
    )


def _repairs(size_bytes: int, loss: float, chance: random.Random) -> int:
    """Return how often lost packets had to be sent again until all have arrived."""
    missing = max(1, math.ceil(size_bytes / PACKET_BYTES))
    for repairs in range(MOST_REPAIRS):
        missing = sum(chance.random() < loss for _ in range(missing)) if loss else 0
        if not missing:
            return repairs
    return MOST_REPAIRS


class Clock(Protocol):
    """Time that passes; a test has its own."""

    def now_ns(self) -> int:
        """Return monotonic nanoseconds."""

    def wait(self, seconds: float, end: Event) -> bool:
        """Wait for ``seconds``, or until ``end`` is set; return whether it is."""


class RealClock:
    """The machine's time."""

    def now_ns(self) -> int:
        """Return monotonic nanoseconds."""
        return time.monotonic_ns()

    def wait(self, seconds: float, end: Event) -> bool:
        """Wait for ``seconds``, or until ``end`` is set; return whether it is."""
        return end.wait(seconds) if seconds > 0 else end.is_set()


@dataclass(slots=True)
class Plug:
    """The cable: pulled, every transfer under way ends at once, as where a network card loses its link."""

    pulled: Event = field(default_factory=Event)

    def pull(self) -> None:
        """Cut the connection."""
        self.pulled.set()

    def put_back(self) -> None:
        """Mend it."""
        self.pulled.clear()
