"""When a figure of the live pipeline is good, worth a look, or bad: one table of thresholds. NOTE: Qt-free."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from gui.core.text import Written
from gui.core.theme import Mark


class Figure(Enum):
    """A figure with a verdict; the value is the word people read."""

    FPS = "shown frames"
    AGE = "frame age p95"
    QUEUE = "queue wait p95"
    RUN = "network run p95"
    DROPPED = "dropped frames"
    CPU = "this program's CPU"
    MACHINE = "whole machine's CPU"
    TEMPERATURE = "temperature"


@dataclass(frozen=True, slots=True)
class Limits:
    """``warn`` and ``bad`` are the values from which on (``rising``), or below which, the verdict changes."""

    unit: str
    warn: float
    bad: float
    rising: bool = True
    decimals: int = 1

    def verdict(self, value: float | None) -> Mark:
        """Return the mark of ``value``, UNKNOWN where there is none."""
        if value is None:
            return Mark.UNKNOWN
        if self._is_past(value, self.bad):
            return Mark.BAD
        return Mark.WARNING if self._is_past(value, self.warn) else Mark.GOOD

    def _is_past(self, value: float, limit: float) -> bool:
        return value >= limit if self.rising else value < limit

    def text(self, value: float | None) -> str:
        """Return ``value`` with its unit in fixed decimals, a dash where there is none."""
        return "–" if value is None else f"{Written(value):.{self.decimals}f} {self.unit}"


# The picture is fluent from 24 frames per second on and below 15 a slide show; people notice a delay of 100 ms, and two
# frames of a 60 Hz camera (35 ms) is what the program promises. Processors slow themselves down from about 95 °C on.
LIMITS = {
    Figure.FPS: Limits("fps", warn=24.0, bad=15.0, rising=False),
    Figure.AGE: Limits("ms", warn=50.0, bad=100.0),
    Figure.QUEUE: Limits("ms", warn=16.7, bad=50.0),
    Figure.RUN: Limits("ms", warn=16.7, bad=66.7),
    Figure.DROPPED: Limits("%", warn=5.0, bad=25.0),
    Figure.CPU: Limits("%", warn=150.0, bad=300.0, decimals=0),
    Figure.MACHINE: Limits("%", warn=80.0, bad=95.0, decimals=0),
    Figure.TEMPERATURE: Limits("°C", warn=80.0, bad=95.0, decimals=0),
}
WORDS = {Mark.GOOD: "good", Mark.WARNING: "warning", Mark.BAD: "bad", Mark.UNKNOWN: "unknown"}
