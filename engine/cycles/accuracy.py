"""How far the modelled clock is off: errors on published latencies of networks that its calibration had not seen."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Absolute relative errors (0.1 = 10 %) with one topology left out of the fit at a time."""

    median: float
    worst: float

    def __str__(self) -> str:
        return f"typically {self.median:.0%} off, at worst {self.worst:.0%}, on published networks it was not fitted to"


def stated_accuracy(device: str) -> Accuracy:
    """Return the accuracy on ``device``, or that over all devices where nothing is published for it."""
    overall, devices = _read()
    return devices.get(device, overall)


@cache
def _read() -> tuple[Accuracy, Mapping[str, Accuracy]]:
    table = tomllib.loads((resources.files("engine.cycles") / "accuracy.toml").read_text(encoding="utf-8"))
    devices = {name: Accuracy(**entry) for name, entry in table["devices"].items()}
    return Accuracy(**table["overall"]), devices
