"""A chip that somebody asks about: one that is made, or the same with other cores, clock or memories. NOTE: Qt-free."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING

from engine.soc import SocSpec, load_soc
from gui.core.errors import GuiError
from gui.core.text import Written, say, say_n, word

if TYPE_CHECKING:
    from engine.program.artifact import Artifact

BYTES_PER_KB = 1024


class WhatIfError(GuiError):
    """A chip that the model cannot answer for."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a number of the question may be; ``stops`` are the values that a slider offers."""

    word: str
    unit: str
    low: float
    high: float
    decimals: int
    stops: tuple[float, ...]

    @property
    def name(self) -> str:
        """The number's name in the window's language."""
        return word(self.word)

    def text(self, value: float) -> str:
        """Return ``value`` with its unit, as exactly as it is offered."""
        return f"{Written(value):.{self.decimals}f} {self.unit}"

    def check(self, value: float) -> None:
        """Accept ``value``.

        Raises:
            WhatIfError: it is not a number between the limits.
        """
        if not (math.isfinite(value) and self.low <= value <= self.high):
            text = say(
                "{name} of {value:g} {unit}: allowed are {low:g} to {high:g} {unit}",
                name=self.name,
                value=value,
                unit=self.unit,
                low=self.low,
                high=self.high,
            )
            raise WhatIfError(text)


class Number(Enum):
    """The numbers that may be changed; the value names the field of ``WhatIf``."""

    CLOCK = "clock_mhz"
    DDR = "ddr_gb_per_s"
    L2 = "l2_kb"


LIMITS = {
    Number.CLOCK: Limits("clock", "MHz", 50, 4000, 0, tuple(float(mhz) for mhz in range(100, 2050, 50))),
    Number.DDR: Limits(
        "DDR bandwidth", "GB/s", 0.5, 200, 1,
        (1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 18, 20, 25, 30, 35, 40, 50, 60, 70, 80, 100),
    ),
    Number.L2: Limits(
        "L2", "KB", 16, 8192, 0,
        (32, 48, 64, 96, 128, 160, 192, 224, 320, 448, 640, 896, 1280, 1792, 2560, 3584),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The question: ``clock_mhz`` in 1e6 Hz, ``ddr_gb_per_s`` in 1e9 bytes per second, ``l2_kb`` in 1024 bytes per core.

    ``weights_in_msmc``: weights that fit beside the activations stay there from frame to frame.
    """

    soc: str
    cores: int
    clock_mhz: float
    ddr_gb_per_s: float
    l2_kb: float
    weights_in_msmc: bool

    @classmethod
    def chip(cls, soc: str) -> WhatIf:
        """Return the chip as it is made, one core per frame.

        Raises:
            SocError: no such SoC.
        """
        spec = _chip(soc)
        return cls(
            soc=soc,
            cores=spec.cores,
            clock_mhz=spec.clock_hz / 1e6,
            ddr_gb_per_s=spec.ddr_bytes_per_s / 1e9,
            l2_kb=spec.l2_bytes / BYTES_PER_KB,
            weights_in_msmc=spec.weights_in_msmc,
        )

    @classmethod
    def compiled(cls, artifact: Artifact) -> WhatIf:
        """Return the chip that ``artifact`` was compiled for.

        Raises:
            SocError: no SoC of that name ships with the program.
        """
        made = cls.chip(artifact.soc)
        return replace(made, cores=artifact.cores, clock_mhz=artifact.clock_hz / 1e6)

    @property
    def max_cores(self) -> int:
        """How many cores the chip has."""
        return _chip(self.soc).max_cores

    @property
    def title(self) -> str:
        """The chip's name as people read it."""
        return self.soc.upper()

    @property
    def is_made(self) -> bool:
        """Whether this is a chip as it is made, one core per frame: the one whose latencies are published."""
        return self == WhatIf.chip(self.soc)

    def value(self, number: Number) -> float:
        """Return one of the numbers."""
        return float(getattr(self, number.value))

    def with_value(self, number: Number, value: float) -> WhatIf:
        """Return the question with another number; ``spec`` is where it is checked."""
        match number:
            case Number.CLOCK:
                return replace(self, clock_mhz=value)
            case Number.DDR:
                return replace(self, ddr_gb_per_s=value)
            case Number.L2:
                return replace(self, l2_kb=value)

    def spec(self) -> SocSpec:
        """Return the chip as the clock's model knows it.

        Raises:
            WhatIfError: a number outside its limits.
            SocError: no such SoC, or more cores than it has.
        """
        for number, limits in LIMITS.items():
            limits.check(self.value(number))
        return replace(
            load_soc(self.soc, cores=self.cores),
            clock_hz=self.clock_mhz * 1e6,
            ddr_bytes_per_s=self.ddr_gb_per_s * 1e9,
            l2_bytes=round(self.l2_kb * BYTES_PER_KB),
            weights_in_msmc=self.weights_in_msmc,
        )

    def differences(self) -> tuple[str, ...]:
        """Return in words what is not as in the chip as it is made."""
        made, words = WhatIf.chip(self.soc), []
        if self.cores != made.cores:
            words.append(say_n("{n} core", "{n} cores", self.cores))
        for number, limits in LIMITS.items():
            value = self.value(number)
            if value != made.value(number):
                words.append(f"{limits.name} {limits.text(value)}")
        if self.weights_in_msmc != made.weights_in_msmc:
            words.append(say("weights in MSMC") if self.weights_in_msmc else say("weights in DDR"))
        return tuple(words)


def enough_ddr_gb_per_s(spec: SocSpec) -> float:
    """Return the DDR bandwidth above which the cores' own DMA is the limit, so that more changes nothing."""
    return spec.ddr_bytes_per_cycle * spec.clock_hz * spec.cores / spec.ddr_peak_fraction / 1e9


@cache
def _chip(soc: str) -> SocSpec:
    return load_soc(soc)
