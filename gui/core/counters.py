"""Counts where every captured frame went. NOTE: Qt-free, safe from any thread."""

from __future__ import annotations

from enum import Enum
from threading import Lock


class DropReason(Enum):
    """Why a captured frame was not shown; the value is the text people read."""

    REPLACED_BY_NEWER = "newer frame arrived"
    NOT_PAINTED = "replaced before painting"
    DECODE_FAILED = "could not be decoded"
    PAUSED = "paused"
    SOURCE_CLOSED = "source was closed"
    ENGINE_GAVE_UP = "engine gave no answer"
    NOT_PROCESSED = "could not be processed"


class Drops:
    """Ledger of frames: each captured frame is settled exactly once, as shown or as dropped for one reason.

    At every moment ``captured == shown + sum(drops) + in_flight``.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._in_flight: set[int] = set()
        self._dropped = dict.fromkeys(DropReason, 0)
        self._captured = 0
        self._inferred = 0
        self._shown = 0

    def count_captured(self, seq: int) -> None:
        """Frame ``seq`` has come from the source and is in flight from now on."""
        with self._lock:
            self._captured += 1
            self._in_flight.add(seq)

    def count_inferred(self) -> None:
        """The engine has labelled one frame."""
        with self._lock:
            self._inferred += 1

    def count_shown(self, seq: int) -> None:
        """Frame ``seq`` was painted; only its first painting counts."""
        with self._lock:
            if seq in self._in_flight:
                self._in_flight.remove(seq)
                self._shown += 1

    def count_dropped(self, seq: int, reason: DropReason) -> None:
        """Frame ``seq`` will not be painted; ignored if it already was painted or dropped."""
        with self._lock:
            if seq in self._in_flight:
                self._in_flight.remove(seq)
                self._dropped[reason] += 1

    @property
    def captured(self) -> int:
        """Frames that came from sources."""
        return self._captured

    @property
    def inferred(self) -> int:
        """Frames that the engine labelled."""
        return self._inferred

    @property
    def shown(self) -> int:
        """Frames that were painted."""
        return self._shown

    @property
    def in_flight(self) -> int:
        """Frames captured and neither painted nor dropped yet."""
        return len(self._in_flight)

    @property
    def dropped(self) -> int:
        """Frames dropped, all reasons together."""
        return sum(self._dropped.values())

    def count(self, reason: DropReason) -> int:
        """Frames dropped for one reason."""
        return self._dropped[reason]

    def snapshot(self) -> dict[str, int]:
        """Return the count of every reason that occurred, by its text."""
        with self._lock:
            return {reason.value: count for reason, count in self._dropped.items() if count}
