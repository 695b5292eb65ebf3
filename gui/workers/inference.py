"""The inference thread: frames in, labelled frames out; live frames never wait for it. NOTE: Qt-free."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from threading import Condition, Event
from typing import TYPE_CHECKING, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from gui.core.batch import BatchItem
from gui.core.counters import DropReason, Drops
from gui.core.frame import Frame, Shown, StageTimes
from gui.core.slot import LatestSlot
from gui.core.state import EngineState, Severity
from gui.core.status import Status
from gui.workers.outbox import Outbox

if TYPE_CHECKING:
    from engine import Result, SessionInfo

ENGINE_STALL_NS = 400_000_000
FAILURES_BEFORE_GIVING_UP = 3
LARGEST_PAINTED_PIXELS = 3840 * 2160
_POLL_S = 0.1


class SessionLike(Protocol):
    """What the pipeline needs of ``engine.Session``."""

    @property
    def info(self) -> SessionInfo:
        """What runs."""

    def run(self, image: NDArray[np.uint8]) -> Result:
        """Label one RGB picture."""

    def close(self) -> None:
        """Stop the device."""


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    frame: Frame
    source: Event
    """Set once the frame's source was closed; also names that source."""
    in_order: bool


@dataclass(frozen=True, slots=True)
class _Refusal:
    """A file that could not be read: takes its place in the order of the batch."""

    item: BatchItem
    source: Event


class InferenceLoop:
    """Owns the session in use. ``run`` is the thread; everything else may be called from any thread."""

    def __init__(self, drops: Drops, status: Status, outbox: Outbox) -> None:
        self._drops = drops
        self._status = status
        self._outbox = outbox
        self._slot: LatestSlot[_Job | _Refusal] = LatestSlot()
        self._stopped = Event()
        self._session_changed = Condition()
        self._session: SessionLike | None = None
        self._next_session: SessionLike | None = None
        self._failures = 0
        self._busy_since_ns: int | None = None
        self.run_total_ns = 0

    def offer(self, frame: Frame, source: Event) -> None:
        """Take a live frame: the newest wins. While the engine stalls it is shown at once, without labels."""
        if self.is_stalled():
            self.clear(DropReason.REPLACED_BY_NEWER)
            self._outbox.post(Shown(frame, to_bgra(frame.image)))
            return
        self._drop(self._slot.put(_Job(frame, source, in_order=False)), DropReason.REPLACED_BY_NEWER)

    def deliver(self, frame: Frame, source: Event) -> None:
        """Take a frame that must not be skipped; wait for the ones before it."""
        if not self._slot.put_when_empty(_Job(frame, source, in_order=True), source):
            self._drops.count_dropped(frame.seq, DropReason.SOURCE_CLOSED)

    def refuse(self, item: BatchItem, source: Event) -> None:
        """Take the failure of a file, after the frames delivered before it."""
        self._slot.put_when_empty(_Refusal(item, source), source)

    def clear(self, reason: DropReason) -> None:
        """Drop the waiting frame."""
        self._drop(self._slot.take(), reason)

    def _drop(self, job: _Job | _Refusal | None, reason: DropReason) -> None:
        if isinstance(job, _Job):
            self._drops.count_dropped(job.frame.seq, reason)

    def use(self, session: SessionLike) -> None:
        """Label frames with ``session`` from the next one on; the one before is closed."""
        with self._session_changed:
            superseded, self._next_session = self._next_session, session
            self._session_changed.notify_all()
        if superseded is not None:
            superseded.close()

    def is_stalled(self) -> bool:
        """Return whether the engine has worked on one frame for too long to keep the picture waiting."""
        since_ns = self._busy_since_ns
        return since_ns is not None and time.monotonic_ns() - since_ns > ENGINE_STALL_NS

    def stop(self) -> None:
        """End ``run`` after the frame in work."""
        self._stopped.set()
        with self._session_changed:
            self._session_changed.notify_all()

    def run(self) -> None:
        """Work until stopped."""
        while not self._stopped.is_set():
            job = self._slot.take(_POLL_S)
            self._change_session()
            if isinstance(job, _Job):
                self._work(job)
            elif job is not None:
                self._status.add_batch_item(job.source, job.item)
        self._change_session()
        if self._session is not None:
            self._session.close()

    def _change_session(self) -> None:
        with self._session_changed:
            session, self._next_session = self._next_session, None
        if session is not None:
            if self._session is not None:
                self._session.close()
            self._session, self._failures = session, 0

    def _work(self, job: _Job) -> None:
        taken_ns = time.monotonic_ns()
        if self._session is None and job.in_order:
            self._wait_for_session(job)
        if job.source.is_set():
            self._drops.count_dropped(job.frame.seq, DropReason.SOURCE_CLOSED)
            return
        result = self._label(job)
        shown = _shown(job.frame, result, taken_ns)
        if job.source.is_set():
            self._drops.count_dropped(job.frame.seq, DropReason.SOURCE_CLOSED)
        elif job.in_order:
            self._outbox.post_in_order(shown)
        else:
            self._outbox.post(shown)

    def _wait_for_session(self, job: _Job) -> None:
        """Show the frame without labels, and keep it until the engine that is being prepared can label it."""
        self._outbox.post(Shown(job.frame, to_bgra(job.frame.image)))
        with self._session_changed:
            while self._next_session is None and self._status.engine_state in (
                EngineState.COMPILING,
                EngineState.LOADING,
            ):
                if self._stopped.is_set() or job.source.is_set():
                    return
                self._session_changed.wait(_POLL_S)
        self._change_session()

    def _label(self, job: _Job) -> Result | None:
        """Return the engine's answer, None without an engine or if it fails: then the frame is shown unlabelled."""
        if self._session is None:
            return None
        self._busy_since_ns = time.monotonic_ns()
        try:
            result = self._session.run(job.frame.image)
        except Exception as error:  # noqa: BLE001 - the edge of this thread: the picture must go on
            self._fail(job, error)
            return None
        finally:
            self._busy_since_ns = None
        self._failures = 0
        self.run_total_ns += result.run_ns
        self._drops.count_inferred()
        if job.frame.path is not None:
            self._status.add_batch_item(job.source, BatchItem(job.frame.path, tuple(result.top)))
        return result

    def _fail(self, job: _Job, error: Exception) -> None:
        self._failures += 1
        text = f"engine: {error}" if str(error) else f"engine: {type(error).__name__}"
        if job.frame.path is not None:
            self._status.add_batch_item(job.source, BatchItem(job.frame.path, error=text))
        if self._failures < FAILURES_BEFORE_GIVING_UP:
            self._status.post(Severity.WARNING, text)
            return
        assert self._session is not None
        self._session.close()
        self._session = None
        self._status.post(Severity.BAD, f"{text}; choose a model to start it again")
        self._status.set_session(None)
        self._status.set_engine(EngineState.FAILED)


def to_bgra(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return RGB uint8 HWC as BGRA uint8 HWC, scaled down where it is larger than any screen."""
    height, width = image.shape[:2]
    if height * width > LARGEST_PAINTED_PIXELS:
        scale = math.sqrt(LARGEST_PAINTED_PIXELS / (height * width))
        size_wh = (max(1, int(width * scale)), max(1, int(height * scale)))
        image = cv2.resize(image, size_wh, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    return cv2.cvtColor(image, cv2.COLOR_RGB2BGRA)  # type: ignore[return-value]


def _shown(frame: Frame, result: Result | None, taken_ns: int) -> Shown:
    bgra = to_bgra(frame.image)
    if result is None:
        return Shown(frame, bgra)
    queue_ns = max(0, taken_ns - frame.captured_ns)
    times = StageTimes(queue_ns, result.preprocess_ns, result.run_ns, result.postprocess_ns)
    return Shown(frame, bgra, tuple(result.top), times, result.device_ms)
