"""The inference thread: frames in, labelled frames out; live frames never wait for it. NOTE: Qt-free.

The thread may hang inside the engine. Then its *shift* is given up: its frame is accounted for, a new thread begins
a shift of its own, and the old one ends without a word if it ever wakes up.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from threading import Condition, Event, Thread, current_thread
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from gui.core.batch import BatchItem
from gui.core.conditions import NEUTRAL, Conditions, apply
from gui.core.counters import DropReason, Drops
from gui.core.frame import Frame, Labelled, Shown, StageTimes
from gui.core.picture_pool import PicturePool
from gui.core.slot import LatestSlot
from gui.core.state import EngineState, Severity
from gui.core.status import Status
from gui.core.text import say, word
from gui.core.unnamed import Unnamed, why_unnamed
from gui.workers.calm_labels import CalmLabels
from gui.workers.outbox import Outbox
from gui.workers.shift import EngineTiming, Job, Refusal, SessionLike, Shift

if TYPE_CHECKING:
    from engine import Label, Result

MAX_OVERLOAD = 100.0
LARGEST_PAINTED_PIXELS = 3840 * 2160
_POLL_S = 0.1
PREPARING = (EngineState.COMPILING, EngineState.LOADING, EngineState.RESTARTING)
"""While there is no engine yet and one is on its way, frames that must not be skipped wait."""


LabelledListener = Callable[[Labelled], None]


class InferenceLoop:
    """Owns the session in use. ``run`` is the thread; everything else may be called from any thread."""

    def __init__(
        self, drops: Drops, status: Status, outbox: Outbox, timing: EngineTiming | None = None
    ) -> None:
        self._drops = drops
        self._status = status
        self._outbox = outbox
        self._timing = timing or EngineTiming()
        self._slot: LatestSlot[Job | Refusal] = LatestSlot()
        self._stopped = Event()
        self._session_changed = Condition()
        self._next_session: SessionLike | None = None
        self._shift = Shift()
        self._abandoned: list[Thread] = []
        self._overload = 1.0
        self._conditions = NEUTRAL
        self._calm = CalmLabels()
        self._pool = PicturePool()
        self._labelled_listeners: list[LabelledListener] = []
        self.failures = 0
        """How often an engine was closed because it failed on several frames in a row."""
        self.run_total_ns = 0

    def on_labelled(self, listener: LabelledListener) -> None:
        """Call ``listener`` in the inference thread for every frame labelled from now on; it must not wait."""
        self._labelled_listeners.append(listener)

    # --- the watch over it ---

    def is_stalled(self) -> bool:
        """Return whether the engine has worked on one frame for too long to keep the picture waiting."""
        return self._shift.busy_s() > self._timing.stalled_after_s

    def is_hung(self) -> bool:
        """Return whether the engine has worked on one frame for so long that its thread is better given up."""
        shift, timing = self._shift, self._timing
        limit_s = max(timing.hung_after_s, timing.hung_after_runs * shift.slowest_run_ns / 1e9)
        if shift.session is not None and shift.session.info.kernels == "reference" and not shift.good_runs:
            limit_s = max(limit_s, timing.first_run_s)
        return shift.busy_s() > limit_s

    def has_died(self) -> bool:
        """Return whether the thread ended though nobody stopped it."""
        thread = self._shift.thread
        return thread is not None and not thread.is_alive() and not self._stopped.is_set()

    @property
    def good_runs(self) -> int:
        """Frames labelled in a row without a failure by the engine in use."""
        return self._shift.good_runs

    def abandon(self) -> None:
        """Give up the thread that hangs or died: a new one may ``run`` at once. Its frame counts as dropped."""
        before = self._shift
        before.abandoned.set()
        if before.thread is not None:
            self._abandoned = [thread for thread in (*self._abandoned, before.thread) if thread.is_alive()]
        self._shift = Shift()
        job = before.job
        if job is not None:
            self._drops.count_dropped(job.frame.seq, DropReason.ENGINE_GAVE_UP)
            self._report_item(job, error=say("engine: {error}", error=word(DropReason.ENGINE_GAVE_UP.value)))

    @property
    def hung_threads(self) -> int:
        """How many of the threads given up still hang."""
        return sum(thread.is_alive() for thread in self._abandoned)

    def set_overload(self, factor: float) -> None:
        """Slow the engine down ``factor`` times (1 to ``MAX_OVERLOAD``) from the next frame on; 1 is its own speed."""
        self._overload = min(max(factor, 1.0), MAX_OVERLOAD)

    @property
    def overload(self) -> float:
        """How many times slower than itself the engine is made to be."""
        return self._overload

    def set_conditions(self, conditions: Conditions) -> None:
        """Let every picture from the next one on look as under ``conditions``, to the engine and to the window."""
        self._conditions = conditions

    @property
    def conditions(self) -> Conditions:
        """What happens to the pictures."""
        return self._conditions

    def set_smoothing(self, smoothing: bool) -> None:
        """Average the labels of live pictures over the last moments, or show each frame's own."""
        self._calm.on = smoothing

    @property
    def smoothing(self) -> bool:
        """Whether labels are averaged."""
        return self._calm.on

    # --- frames in ---

    def offer(self, frame: Frame, source: Event) -> None:
        """Take a live frame: the newest wins. While the engine stalls it is shown at once, without labels."""
        if self.is_stalled():
            self.clear(DropReason.REPLACED_BY_NEWER)
            self._outbox.post(_shown(*self._under_conditions(frame)))
            return
        self._drop(self._slot.put(Job(frame, source, in_order=False)), DropReason.REPLACED_BY_NEWER)

    def deliver(self, frame: Frame, source: Event, again: bool = False) -> None:
        """Take a frame that must not be skipped; wait for the ones before it. ``again``: its file is counted already."""
        if not self._slot.put_when_empty(Job(frame, source, in_order=True, again=again), source):
            self._drops.count_dropped(frame.seq, DropReason.SOURCE_CLOSED)

    def refuse(self, item: BatchItem, source: Event) -> None:
        """Take the failure of a file, after the frames delivered before it."""
        self._slot.put_when_empty(Refusal(item, source), source)

    def clear(self, reason: DropReason) -> None:
        """Drop the waiting frame."""
        self._drop(self._slot.take(), reason)

    def _drop(self, job: Job | Refusal | None, reason: DropReason) -> None:
        if isinstance(job, Job):
            self._drops.count_dropped(job.frame.seq, reason)

    def use(self, session: SessionLike) -> None:
        """Label frames with ``session`` from the next one on; the one before is closed."""
        with self._session_changed:
            superseded, self._next_session = self._next_session, session
            self._session_changed.notify_all()
        if superseded is not None:
            superseded.close()

    def stop(self) -> None:
        """End ``run`` after the frame in work."""
        self._stopped.set()
        with self._session_changed:
            self._session_changed.notify_all()

    # --- the thread ---

    def run(self) -> None:
        """Work until stopped or abandoned."""
        shift = self._shift
        shift.thread = current_thread()
        while not (self._stopped.is_set() or shift.abandoned.is_set()):
            job = self._slot.take(_POLL_S)
            self._change_session(shift)
            if isinstance(job, Job):
                self._work_safely(shift, job)
            elif job is not None:
                self._status.add_batch_item(job.source, job.item)
        if not shift.abandoned.is_set():
            self._change_session(shift)
        self._close(shift.session)

    def _close(self, session: SessionLike | None) -> None:
        """Stop a session's device; one that does not want to is left to itself."""
        try:
            if session is not None:
                session.close()
        except Exception as error:  # noqa: BLE001 - a broken device must not take the next one along
            self._status.post(Severity.WARNING, say("engine: it did not close ({error})", error=error))

    def _change_session(self, shift: Shift) -> None:
        with self._session_changed:
            if shift.abandoned.is_set():
                return
            session, self._next_session = self._next_session, None
        if session is not None:
            self._close(shift.session)
            shift.session, shift.failures, shift.good_runs, shift.slowest_run_ns = session, 0, 0, 0
            shift.unnamed = None
            self._calm.restart()

    def _work_safely(self, shift: Shift, job: Job) -> None:
        shift.job = job
        try:
            self._work(shift, job)
        except Exception as error:  # noqa: BLE001 - the edge of this thread: the picture must go on
            text = say("picture: {kind}: {error}", kind=type(error).__name__, error=error)
            self._status.post(Severity.BAD, text)
            self._show_bare(job)
        shift.job = None  # after what ends the thread it stays: ``abandon`` then accounts for its frame

    def _show_bare(self, job: Job) -> None:
        """Show the frame as it came, without labels: whatever failed, the picture must not freeze."""
        try:
            self._outbox.post(Shown(job.frame, paintable(job.frame.image)))
        except Exception:  # noqa: BLE001 - then it is this picture that cannot be shown
            self._drops.count_dropped(job.frame.seq, DropReason.NOT_PROCESSED)

    def _work(self, shift: Shift, job: Job) -> None:
        taken_ns = time.monotonic_ns()
        if shift.session is None and job.in_order:
            self._wait_for_session(shift, job)
        if job.source.is_set():
            self._drops.count_dropped(job.frame.seq, DropReason.SOURCE_CLOSED)
            return
        # The conditions' time is the source's, not the engine's: it is no stage, and counts in the frame's age alone.
        frame, conditions = self._under_conditions(job.frame)
        job = replace(job, frame=frame)
        result = self._label(shift, job)
        if shift.abandoned.is_set():
            return
        shown = _shown(frame, conditions, result, taken_ns)
        if result is not None and shift.session is not None and not job.in_order:
            shown = self._calm.calm(shown, result.logits, shift.session.labels, job.source)
        if job.source.is_set():
            self._drops.count_dropped(job.frame.seq, DropReason.SOURCE_CLOSED)
        elif job.in_order:
            self._outbox.post_in_order(shown)
        else:
            self._outbox.post(shown)
        if result is not None and shown.times is not None and shift.session is not None:
            self._tell_listeners(Labelled(frame, result, shown.times, shift.session.info))

    def _tell_listeners(self, labelled: Labelled) -> None:
        """Tell who watches from the side, once the frame is on its way."""
        for listener in self._labelled_listeners:
            listener(labelled)

    def _wait_for_session(self, shift: Shift, job: Job) -> None:
        """Show the frame without labels, and keep it until the engine that is being prepared can label it."""
        self._outbox.post(_shown(*self._under_conditions(job.frame)))
        with self._session_changed:
            while self._next_session is None and self._status.engine_state in PREPARING:
                if self._stopped.is_set() or shift.abandoned.is_set() or job.source.is_set():
                    return
                self._session_changed.wait(_POLL_S)
        self._change_session(shift)

    def _under_conditions(self, frame: Frame) -> tuple[Frame, Conditions]:
        """Return the frame as a camera under the conditions of this moment would give it, and those."""
        conditions = self._conditions
        if conditions.neutral:
            return frame, conditions
        image = apply(frame.image, conditions, frame.seq, self._pool)
        return replace(frame, image=image), conditions

    def _label(self, shift: Shift, job: Job) -> Result | None:
        """Return the engine's answer, None without an engine or if it fails: then the frame is shown unlabelled."""
        if shift.session is None:
            if not shift.abandoned.is_set():
                self._report_item(job, error=word(EngineState.FAILED.word))
            return None
        shift.busy_since_ns = began_ns = time.monotonic_ns()
        try:
            result = self._slowed(shift, shift.session.run(job.frame.image))
        except Exception as error:  # noqa: BLE001 - the edge of this thread: the picture must go on
            self._fail(shift, job, error)
            return None
        finally:
            shift.busy_since_ns = None
        if shift.abandoned.is_set():
            return None
        shift.slowest_run_ns = max(shift.slowest_run_ns, time.monotonic_ns() - began_ns)
        shift.failures = 0
        shift.good_runs += 1
        self.run_total_ns += result.run_ns
        self._drops.count_inferred()
        self._note_unnamed(shift, shift.session.info.model, why_unnamed(result))
        self._report_item(job, tuple(result.top), word(shift.unnamed.value) if shift.unnamed else "")
        return result

    def _note_unnamed(self, shift: Shift, model: str, unnamed: Unnamed | None) -> None:
        """Say why an answer names nothing, once for all that follow it."""
        if unnamed not in (None, shift.unnamed):
            text = say("{model}: {why}; choose another model", model=model, why=word(unnamed.value))
            self._status.post(Severity.WARNING, text)
        shift.unnamed = unnamed

    def _report_item(self, job: Job, top: tuple[Label, ...] = (), error: str = "") -> None:
        """Report the result of a file."""
        if job.frame.path is not None and not job.again:
            self._status.add_batch_item(job.source, BatchItem(job.frame.path, top, error))

    def _slowed(self, shift: Shift, result: Result) -> Result:
        """Wait as long as an engine ``overload`` times slower would have taken longer; the wait is part of its run."""
        if self._overload <= 1.0:
            return result
        began_ns = time.monotonic_ns()
        due_ns = began_ns + (self._overload - 1.0) * result.run_ns
        while (wait_s := (due_ns - time.monotonic_ns()) / 1e9) > 0 and not shift.abandoned.is_set():
            if self._stopped.wait(min(wait_s, _POLL_S)):
                break
        return replace(result, run_ns=result.run_ns + time.monotonic_ns() - began_ns)

    def _fail(self, shift: Shift, job: Job, error: Exception) -> None:
        if shift.abandoned.is_set():
            return
        shift.failures += 1
        shift.good_runs = 0
        text = say("engine: {error}", error=str(error) or type(error).__name__)
        self._report_item(job, error=text)
        self._status.post(Severity.WARNING, text)
        if shift.failures >= self._timing.failures_before_restart:
            self._close(shift.session)
            shift.session = None
            # The state changes before the next frame is taken: files wait for the engine that is started again.
            self._status.set_session(None)
            self._status.set_engine(EngineState.RESTARTING)
            self.failures += 1


def paintable(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return RGB uint8 HWC C-contiguous, scaled down where it is larger than any screen."""
    height, width = image.shape[:2]
    if height * width > LARGEST_PAINTED_PIXELS:
        scale = math.sqrt(LARGEST_PAINTED_PIXELS / (height * width))
        size_wh = (max(1, int(width * scale)), max(1, int(height * scale)))
        return cv2.resize(image, size_wh, interpolation=cv2.INTER_AREA)  # type: ignore[return-value]
    return np.ascontiguousarray(image)


def _shown(frame: Frame, conditions: Conditions, result: Result | None = None, taken_ns: int = 0) -> Shown:
    rgb = paintable(frame.image)
    if result is None:
        return Shown(frame, rgb, conditions=conditions)
    queue_ns = max(0, taken_ns - frame.captured_ns)
    times = StageTimes(queue_ns, result.preprocess_ns, result.run_ns, result.postprocess_ns)
    return Shown(
        frame, rgb, tuple(result.top), times, result.device_ms, conditions, unnamed=why_unnamed(result)
    )
