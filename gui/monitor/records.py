"""What history keeps: painted frames, engines, events; never a picture. NOTE: Qt-free."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from gui.core.frame import Shown, StageTimes
from gui.core.state import Severity

if TYPE_CHECKING:
    from engine import SessionInfo

MAX_TEXT = 500
"""Longer texts are cut before they are kept: what a file or a device calls itself is not ours to trust."""


class EventKind(Enum):
    """What sort of thing happened; the value is kept in the file and read by people."""

    MESSAGE = "message"
    ALARM = "alarm"
    ALARM_ENDED = "alarm ended"
    CLOCK = "clock"
    LOST = "history lost"


@dataclass(frozen=True, slots=True)
class FrameRecord:
    """One painted frame: monotonic end of painting, measured stages, modelled device time, first label.

    ``times`` is None and ``label`` empty for a frame that no engine labelled.
    """

    painted_ns: int
    paint_ns: int
    age_ns: int
    times: StageTimes | None = None
    device_ms: float | None = None
    label: str = ""
    probability: float = 0.0

    @classmethod
    def of(cls, shown: Shown, painted_ns: int, paint_ns: int) -> FrameRecord:
        """Return what history keeps of a painted frame; the picture itself is let go."""
        age_ns = max(0, painted_ns - shown.frame.captured_ns)
        if not shown.answer:
            return cls(painted_ns, paint_ns, age_ns, shown.times, shown.device_ms)
        best = shown.answer[0]
        return cls(painted_ns, paint_ns, age_ns, shown.times, shown.device_ms, best.name, best.probability)


@dataclass(frozen=True, slots=True)
class EngineRecord:
    """What labels the frames from here on."""

    model: str
    soc: str
    recipe: str
    kernels: str
    threads: int

    @classmethod
    def of(cls, info: SessionInfo) -> EngineRecord:
        """Return what history keeps of a session's description."""
        return cls(info.model, info.soc, info.recipe, info.kernels, info.threads)


@dataclass(frozen=True, slots=True)
class EventRecord:
    """Something worth finding the day after."""

    monotonic_ns: int
    kind: EventKind
    severity: Severity
    text: str


Record = FrameRecord | EngineRecord | EventRecord


@dataclass(frozen=True, slots=True)
class Counts:
    """Running totals since the program started; history keeps how much they grew in each minute."""

    captured: int = 0
    compared: int = 0
    agreed: int = 0
    dropped: dict[str, int] = field(default_factory=dict)

    def since(self, before: Counts) -> Counts:
        """Return how much each total has grown since ``before``."""
        return Counts(
            self.captured - before.captured,
            self.compared - before.compared,
            self.agreed - before.agreed,
            {reason: count - before.dropped.get(reason, 0) for reason, count in self.dropped.items()},
        )
