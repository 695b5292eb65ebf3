"""What this machine tells of itself: processor load and temperature, measured. NOTE: Qt-free; belongs to one thread."""

from __future__ import annotations

from dataclasses import dataclass

import psutil

_PROCESSORS = ("coretemp", "k10temp", "zenpower", "cpu_thermal", "soc_thermal", "acpitz")
_HOTTEST_BELIEVED_C = 150.0


@dataclass(frozen=True, slots=True)
class MachineLoad:
    """Measured since the sample before; per cent of one core for the program, of all cores for the machine."""

    program_percent: float
    machine_percent: float
    rss_mb: float
    temperature_c: float | None
    """The processor's hottest sensor, None where the machine tells none."""


class MachineMeter:
    """Samples by psutil; sensors may take milliseconds, so not for the main thread."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._process.cpu_percent(None)
        psutil.cpu_percent(None)

    def sample(self) -> MachineLoad:
        """Return the load since the last sample (since construction for the first)."""
        return MachineLoad(
            program_percent=self._process.cpu_percent(None),
            machine_percent=psutil.cpu_percent(None),
            rss_mb=self._process.memory_info().rss / 1e6,
            temperature_c=_temperature_c(),
        )


def _temperature_c() -> float | None:
    """Return the hottest sensor of the first known processor driver."""
    read = getattr(psutil, "sensors_temperatures", None)  # not on Windows and macOS
    sensors = read() if read else {}
    for driver in _PROCESSORS:
        values = [one.current for one in sensors.get(driver, ()) if 0.0 < one.current < _HOTTEST_BELIEVED_C]
        if values:
            return float(max(values))
    return None
