"""One thread's work for the inference loop: its session, the frame in its hands, and the patience with it. NOTE: Qt-free."""

from __future__ import annotations

import time
from dataclasses import dataclass
from threading import Event, Thread
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from gui.core.batch import BatchItem
from gui.core.frame import Frame
from gui.core.unnamed import Unnamed

if TYPE_CHECKING:
    from engine import Result, SessionInfo
    from engine.program.artifact import Artifact


class SessionLike(Protocol):
    """What the pipeline needs of ``engine.Session``."""

    @property
    def info(self) -> SessionInfo:
        """What runs."""

    @property
    def artifact(self) -> Artifact | None:
        """The compiled network; None where none is behind it."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The class names, in the order of the logits."""

    def run(self, image: NDArray[np.uint8]) -> Result:
        """Label one RGB picture."""

    def close(self) -> None:
        """Stop the device."""


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """A frame on its way to the engine."""

    frame: Frame
    source: Event
    """Set once the frame's source was closed; also names that source."""
    in_order: bool
    again: bool = False
    """A file that has been counted already."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file that could not be read: takes its place in the order of the batch."""

    item: BatchItem
    source: Event


@dataclass(frozen=True, slots=True)
class EngineTiming:
    """Patience with the engine, in seconds.

    A frame in work for ``hung_after_s``, or for ``hung_after_runs`` times the slowest run so far, is given up; the first
    run of a set that is slow by design (``reference``) may take ``first_run_s``.
    """

    stalled_after_s: float = 0.4
    hung_after_s: float = 10.0
    hung_after_runs: float = 20.0
    first_run_s: float = 600.0
    failures_before_restart: int = 3
    first_restart_s: float = 0.5
    longest_restart_s: float = 10.0
    most_restarts: int = 5
    most_hung: int = 5
    """Threads that may hang in an engine at once: nothing ends them but the end of the process."""
    healthy_runs: int = 300

    def restart_s(self, attempt: int) -> float:
        """Return the wait before the ``attempt``-th restart (from 1): doubled each time, up to the longest."""
        return min(self.longest_restart_s, self.first_restart_s * 2.0 ** min(attempt - 1, 16))


class Shift:
    """The work of one thread: its session, and the frame in its hands."""

    def __init__(self) -> None:
        self.abandoned = Event()
        self.session: SessionLike | None = None
        self.job: Job | None = None
        self.busy_since_ns: int | None = None
        self.slowest_run_ns = 0
        self.failures = 0
        self.good_runs = 0
        self.unnamed: Unnamed | None = None
        """Why the last answer named nothing."""
        self.thread: Thread | None = None

    def busy_s(self) -> float:
        """Return how long the engine has worked on the frame in hand, in seconds; 0 without one."""
        since_ns = self.busy_since_ns
        return 0.0 if since_ns is None else (time.monotonic_ns() - since_ns) / 1e9
