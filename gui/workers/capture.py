"""The capture thread: one source, opened again when it is lost, watched for standing still. NOTE: Qt-free."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event, Lock

import numpy as np

from gui.capture.attract import AttractSource
from gui.capture.source import FrameSource, Picture, UnreadablePictureError
from gui.core.batch import BatchItem
from gui.core.counters import DropReason, Drops
from gui.core.errors import CaptureError
from gui.core.frame import Frame
from gui.core.healing import Repair, Repairs
from gui.core.state import Severity, SourceInfo, SourceState
from gui.core.status import Status
from gui.core.text import say
from gui.workers.inference import InferenceLoop

PREDECESSOR_PATIENCE_S = 2.5
IDLE_S = 0.1
HURRIED_TRIES = 6


@dataclass(frozen=True, slots=True)
class CaptureTiming:
    """Patience with a source, in seconds.

    A picture stands still for at most ``stalled_at_latest_s`` before that is said, however slow the source was before.
    ``stand_in_after_s`` without a picture the demo pictures stand in; 0: never.
    """

    stalled_after_s: float = 1.0
    stalled_at_latest_s: float = 1.7
    abandoned_after_s: float = 4.0
    opening_abandoned_after_s: float = 15.0
    first_retry_s: float = 0.5
    hurried_retry_s: float = 2.0
    longest_retry_s: float = 10.0
    stand_in_after_s: float = 10.0

    def retry_s(self, attempt: int) -> float:
        """Return the wait before the ``attempt``-th try (from 1).

        It is doubled each time, up to ``hurried_retry_s`` for the first tries (about ten seconds, while nothing stands
        in for the picture), then up to ``longest_retry_s``.
        """
        doubled_s = self.first_retry_s * 2.0 ** min(attempt - 1, 16)
        if attempt <= HURRIED_TRIES:
            return min(self.hurried_retry_s, self.longest_retry_s, doubled_s)
        doubled_s = self.hurried_retry_s * 2.0 ** min(attempt - HURRIED_TRIES, 16)
        return min(self.longest_retry_s, doubled_s)


class CaptureLoop:
    """Reads one source until told to stop. ``run`` is the thread; it may block in a driver and be abandoned."""

    def __init__(
        self,
        make_source: Callable[[], FrameSource],
        inference: InferenceLoop,
        drops: Drops,
        status: Status,
        repairs: Repairs,
        seqs: Iterator[int],
        timing: CaptureTiming,
        attempt: int = 0,
        place: int | None = None,
    ) -> None:
        """``place`` is that of the file of a batch to show once all have been read; None: the last."""
        self._make_source = make_source
        self._inference = inference
        self._drops = drops
        self._status = status
        self._repairs = repairs
        self._seqs = seqs
        self._timing = timing
        self._attempt = attempt
        self._wake = Event()
        self._lock = Lock()
        self._steps = 0
        self.place = place
        """Once all files of a batch have been read, that of the one read last: it is not in the view if it cannot be read."""
        self._again = False
        self._paused = False
        self._source: FrameSource | None = None
        self._picture: Picture | None = None
        self._active_ns: int | None = None
        self._switching = False
        """Whether the device is being opened or closed, which takes longer than a read."""
        self._blocked_since_ns: int | None = None
        self._interval_ns = 0.0
        self.last_picture_ns = 0
        self.on_picture: Callable[[], None] = _nothing
        self.stop = Event()
        self.done = Event()

    # --- from the main thread ---

    def request_stop(self) -> None:
        """End ``run`` as soon as the source lets it."""
        self.stop.set()
        self._wake.set()

    def set_paused(self, paused: bool) -> None:
        """Hold the picture; a camera is still drained, so that it goes on with the present."""
        self._paused = paused
        self._wake.set()

    def step(self, offset: int) -> None:
        """Jump in a show of pictures."""
        with self._lock:
            self._steps += offset
        self._wake.set()

    def show(self, place: int) -> None:
        """Jump to a file of a batch that has been read to its end, by its place from 0."""
        with self._lock:
            self._steps = place - (self.place or 0)
        self._wake.set()

    def again(self) -> None:
        """Pass the last picture on once more where no new one comes by itself: paused, or at the end."""
        self._again = True
        self._wake.set()

    def wake(self) -> None:
        """Somebody is there: a show that stands in for an empty stand ends."""
        if isinstance(source := self._source, AttractSource):
            source.wake()

    @property
    def attracting(self) -> bool:
        """Whether a show stands in for an empty stand."""
        source = self._source
        return isinstance(source, AttractSource) and source.attracting

    @property
    def attempt(self) -> int:
        """How often the source was tried again since its last frame."""
        return self._attempt

    @property
    def is_worth_retrying(self) -> bool:
        """Whether the source is a device or stream that may come back."""
        source = self._source
        return source is not None and source.reconnects

    def is_stalled(self) -> bool:
        """Return whether the source has been silent for longer than its own rhythm explains."""
        timing = self._timing
        limit_s = min(max(timing.stalled_after_s, 2.5e-9 * self._interval_ns), timing.stalled_at_latest_s)
        return not self._switching and max(self._silent_s(), self._blocked_s()) > limit_s

    def is_hopeless(self) -> bool:
        """Return whether a device blocks for so long that its thread is better given up."""
        timing = self._timing
        limit_s = timing.opening_abandoned_after_s if self._switching else timing.abandoned_after_s
        return self._silent_s() > limit_s

    def _silent_s(self) -> float:
        source, active_ns = self._source, self._active_ns
        if source is None or not source.reconnects or active_ns is None:
            return 0.0
        return (time.monotonic_ns() - active_ns) / 1e9

    def _blocked_s(self) -> float:
        """How long ``read`` has not returned: a file on a disk that does not answer, too."""
        since_ns = self._blocked_since_ns
        return 0.0 if since_ns is None else (time.monotonic_ns() - since_ns) / 1e9

    # --- the thread ---

    def run(self, predecessor_done: Event | None = None) -> None:
        """Read until stopped or ended; wait first for the source before, which may hold the same device."""
        if predecessor_done is not None:
            predecessor_done.wait(PREDECESSOR_PATIENCE_S)
        try:
            self._source = self._make_source()
            self._report(SourceState.STARTING, self._source.info)
            self._live_on(self._source)
            self._hold_last()
        except CaptureError as error:
            self._fail(str(error))
        except Exception as error:  # noqa: BLE001 - the edge of this thread
            self._fail(_named(say("source"), _kind_and_text(error)))
        finally:
            self._active_ns = None
            self.done.set()

    def _live_on(self, source: FrameSource) -> None:
        """Open and read, again and again where the source is worth it."""
        if self._attempt:
            self._wait_to_retry()
        while not self.stop.is_set():
            try:
                self._open(source)
                self._read_all(source)
                return
            except CaptureError as error:
                if not source.reconnects or self.stop.is_set():
                    raise
                self._lose(str(error))
            except Exception as error:  # a driver may raise anything, and may come back
                if not source.reconnects:
                    raise
                self._lose(_named(source.info.title, _kind_and_text(error)))
            finally:
                self._close(source)
            self._wait_to_retry()

    def _open(self, source: FrameSource) -> None:
        self._switching, self._active_ns = True, time.monotonic_ns()
        source.open()
        self._switching, self._active_ns = False, time.monotonic_ns()
        if source.total is not None:
            self._status.begin_batch(self.stop, source.total)

    def _close(self, source: FrameSource) -> None:
        self._switching, self._active_ns, self._blocked_since_ns = True, time.monotonic_ns(), None
        source.close()
        self._active_ns = None

    def _lose(self, text: str) -> None:
        self._attempt += 1
        if self._attempt == 1:
            self._status_post(Severity.WARNING, say("{problem}; trying again", problem=text))
        self._report(SourceState.LOST)

    def _wait_to_retry(self) -> None:
        if self.stop.wait(self._timing.retry_s(self._attempt)):
            return
        self._repairs.count(Repair.SOURCE_RETRIED)
        self._report(SourceState.RETRYING)

    def _read_all(self, source: FrameSource) -> None:
        """Read to the end of the source, then look through it where it is a batch."""
        due_ns = time.monotonic_ns()
        while not self.stop.is_set():
            if not self._may_read(source):
                continue
            due_ns = self._pace(due_ns, source.period_ns)
            if not self._read_one(source):
                break
        with self._lock:
            last = (source.total or 0) - 1
            self._steps, self.place = 0 if self.place is None else self.place - last, last
        self._report(SourceState.ENDED, source.info)
        while source.total and not self.stop.is_set():
            if offset := self._take_steps():
                source.step(offset)
                self._read_one(source)
                self._report(SourceState.ENDED, source.info)
            else:
                self._pass_on_again()
                self._idle()

    def _may_read(self, source: FrameSource) -> bool:
        """Apply steps through a show of pictures; while paused, wait a little and return False without one."""
        offset = self._take_steps()
        if offset and source.total is None:
            source.step(offset)
            return True
        if self._paused:
            self._pass_on_again()
        if not self._paused or self._must_drain(source):
            return True
        self._idle()
        return False

    def _take_steps(self) -> int:
        with self._lock:
            offset, self._steps = self._steps, 0
            if self.place is not None:
                self.place += offset
        return offset

    def _hold_last(self) -> None:
        """The source has ended and is closed; its last picture stays in the view, and may be passed on again."""
        while not self.stop.is_set():
            self._pass_on_again()
            self._idle()

    def _idle(self) -> None:
        self._wake.wait(IDLE_S)
        self._wake.clear()

    @staticmethod
    def _must_drain(source: FrameSource) -> bool:
        return source.is_live and source.period_ns is None

    def _pace(self, due_ns: int, period_ns: int | None) -> int:
        """Wait until ``due_ns`` where the source has a pace of its own; return when the next frame is due."""
        if period_ns is None:
            return due_ns
        while (wait_ns := due_ns - time.monotonic_ns()) > 0 and not self.stop.is_set():
            self.stop.wait(wait_ns / 1e9)
        return max(due_ns + period_ns, time.monotonic_ns() - period_ns)

    def _read_one(self, source: FrameSource) -> bool:
        """Read and pass on one picture; return False at the end of the source."""
        self._blocked_since_ns = time.monotonic_ns()
        try:
            picture = source.read()
        except UnreadablePictureError as error:
            self._count_unreadable(str(error), error.path)
            return True
        finally:
            self._blocked_since_ns = None
        if picture is None or self.stop.is_set():
            return False
        if problem := _problem(picture):
            self._count_unreadable(_named(source.info.title, problem), picture.path)
            return True
        self._pass_on(source, picture)
        return True

    def _pass_on(self, source: FrameSource, picture: Picture) -> None:
        self._note_frame(source)
        frame = self._frame(picture)
        if self._paused and self._must_drain(source):
            self._drops.count_dropped(frame.seq, DropReason.PAUSED)
            return
        self._picture, self._again = picture, False
        if source.is_live:
            self._inference.offer(frame, self.stop)
        else:
            self._inference.deliver(frame, self.stop)

    def _frame(self, picture: Picture) -> Frame:
        frame = Frame(picture.image, next(self._seqs), picture.captured_ns, picture.name, picture.path)
        self._drops.count_captured(frame.seq)
        return frame

    def _pass_on_again(self) -> None:
        """Pass the held picture on as if captured now; it counts as a frame, and not as a file of the batch."""
        picture = self._picture
        if self._again and picture is not None:
            self._again = False
            frame = self._frame(replace(picture, captured_ns=time.monotonic_ns()))
            self._inference.deliver(frame, self.stop, again=True)

    def _note_frame(self, source: FrameSource) -> None:
        """The source lives: remember its rhythm, and that it needs no further try."""
        now_ns = time.monotonic_ns()
        if self._active_ns is not None:
            self._interval_ns += 0.1 * (min(now_ns - self._active_ns, 2_000_000_000) - self._interval_ns)
        self._active_ns = self.last_picture_ns = now_ns
        self.on_picture()
        if self._attempt:
            self._attempt = 0
            text = say("{source}: the picture is back", source=source.info.title)
            self._status_post(Severity.INFO, text)
        self._report(SourceState.LIVE, source.info)

    def _count_unreadable(self, text: str, path: Path | None) -> None:
        seq = next(self._seqs)
        self._drops.count_captured(seq)
        self._drops.count_dropped(seq, DropReason.DECODE_FAILED)
        self._status_post(Severity.WARNING, text)
        if path is not None:
            self._inference.refuse(BatchItem(path, error=text), self.stop)

    def _fail(self, text: str) -> None:
        self._status_post(Severity.BAD, text)
        self._report(SourceState.FAILED)

    def _status_post(self, severity: Severity, text: str) -> None:
        if not self.stop.is_set():
            self._status.post(severity, text)

    def _report(self, state: SourceState, info: SourceInfo | None = None) -> None:
        self._status.set_source(self.stop, state, info, self._attempt)


def _nothing() -> None:
    """Nobody listens."""


def _problem(picture: Picture) -> str:
    """Return why a picture cannot go on, empty if it can: drivers and files do not always keep their word."""
    image = picture.image
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
        return say(
            "expected an RGB picture of bytes, got {kind} {shape}", kind=image.dtype, shape=image.shape
        )
    return ""


def _named(title: str, problem: str) -> str:
    return f"{title}: {problem}"


def _kind_and_text(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
