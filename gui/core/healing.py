"""What the pipeline mended by itself, counted. NOTE: Qt-free, safe from any thread."""

from __future__ import annotations

from enum import Enum
from threading import Lock


class Repair(Enum):
    """What was mended; the value is the text people read."""

    SOURCE_RETRIED = "source opened again"
    SOURCE_ABANDONED = "silent source given up and opened anew"
    STAND_IN_SHOWN = "demo pictures stood in"
    ENGINE_RESTARTED = "engine started again"
    THREAD_RESTARTED = "thread started again"


class Repairs:
    """Counts of every kind of repair since the start."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts = dict.fromkeys(Repair, 0)

    def count(self, repair: Repair) -> None:
        """One more repair of this kind."""
        with self._lock:
            self._counts[repair] += 1

    def of(self, repair: Repair) -> int:
        """Return how often this was mended."""
        return self._counts[repair]

    def snapshot(self) -> dict[str, int]:
        """Return the count of every kind that occurred, by its text."""
        with self._lock:
            return {repair.value: count for repair, count in self._counts.items() if count}
