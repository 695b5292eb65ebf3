"""Keeps pictures coming: opens the source, gives up one that never answers, lets others stand in. NOTE: Qt-free.

Public methods belong to the main thread, which calls ``look_after`` several times a second.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from threading import Event, Thread

from gui.capture.source import FrameSource
from gui.core.counters import DropReason, Drops
from gui.core.healing import Repair, Repairs
from gui.core.state import Severity, SourceState
from gui.core.status import Status
from gui.core.text import say
from gui.workers.capture import CaptureLoop, CaptureTiming
from gui.workers.inference import InferenceLoop
from gui.workers.outbox import Outbox

JOIN_PATIENCE_S = 3.0  # a camera's read gives up after two
ABANDONED_JOIN_PATIENCE_S = 0.1
MOST_ABANDONED = 4

SourceMaker = Callable[[], FrameSource]


class SourceKeeper:
    """Owns the capture threads: one for the open source, at most one for what stands in, and abandoned ones."""

    def __init__(
        self,
        inference: InferenceLoop,
        outbox: Outbox,
        drops: Drops,
        status: Status,
        repairs: Repairs,
        seqs: Iterator[int],
        timing: CaptureTiming,
        make_stand_in: SourceMaker,
    ) -> None:
        self._inference = inference
        self._outbox = outbox
        self._drops = drops
        self._status = status
        self._repairs = repairs
        self._seqs = seqs
        self._timing = timing
        self.stand_in_after_s = timing.stand_in_after_s
        self._make_stand_in = make_stand_in
        self._loop: CaptureLoop | None = None
        self._maker: SourceMaker | None = None
        self._stand_in: CaptureLoop | None = None
        self._threads: list[tuple[CaptureLoop, Thread]] = []
        self._picture_ns = 0
        self._paused = False
        self._closed = False

    def open(self, maker: SourceMaker) -> None:
        """Replace the open source."""
        self._picture_ns = time.monotonic_ns()
        self._paused = False
        self._dismiss_stand_in()
        self._open(maker, 0)

    def step(self, offset: int) -> None:
        """Jump in a show of pictures."""
        if self._loop is not None:
            self._loop.step(offset)

    def show(self, place: int) -> None:
        """Jump to a file of a batch."""
        if self._loop is not None:
            self._loop.show(place)

    def again(self) -> None:
        """Show the picture of a source that has ended, or is held, once more: it looks different now."""
        if self._loop is not None:
            self._loop.again()

    def read_again(self) -> None:
        """Read all files of a batch once more, and come back to the one in the view."""
        if self._loop is not None and self._maker is not None:
            self._open(self._maker, 0, same_batch=True)

    def wake(self) -> None:
        """Somebody is there: the open source itself is shown."""
        if self._loop is not None:
            self._loop.wake()

    @property
    def attracting(self) -> bool:
        """Whether a show stands in for an empty stand."""
        return self._loop is not None and self._loop.attracting

    def set_paused(self, paused: bool) -> None:
        """Hold the picture, or go on with the present."""
        self._paused = paused
        for loop in (self._loop, self._stand_in):
            if loop is not None:
                loop.set_paused(paused)

    def stop(self) -> None:
        """Ask every thread to end."""
        self._closed = True
        for loop, _ in self._threads:
            loop.request_stop()

    def join(self) -> None:
        """Wait for the threads; not for those that were given up."""
        for loop, thread in self._threads:
            awaited = loop is self._loop or loop is self._stand_in
            thread.join(JOIN_PATIENCE_S if awaited else ABANDONED_JOIN_PATIENCE_S)

    def threads(self) -> tuple[Thread, ...]:
        """Return the threads that were started last."""
        return tuple(thread for _, thread in self._threads)

    def look_after(self) -> None:
        """Notice a source that stands still; one that never comes back is opened anew, and others stand in for it."""
        self._threads = [pair for pair in self._threads if pair[1].is_alive()]
        loop, maker = self._loop, self._maker
        if loop is None or maker is None:
            return
        if loop.is_hopeless() and len(self._threads) <= MOST_ABANDONED:
            info = self._status.source_info
            title = info.title if info else say("source")
            text = say("{source}: does not answer; opening it again", source=title)
            self._status.post(Severity.WARNING, text)
            self._repairs.count(Repair.SOURCE_ABANDONED)
            self._picture_ns = max(self._picture_ns, loop.last_picture_ns)
            self._open(maker, loop.attempt + 1)
        elif loop.is_stalled():
            self._status.set_source(loop.stop, SourceState.STALLED, retries=loop.attempt)
        self._look_after_stand_in()

    def _open(self, maker: SourceMaker, attempt: int, same_batch: bool = False) -> None:
        """Start a capture thread for a new source; the one before ends in its own time."""
        if self._closed:
            return
        before = self._loop
        if before is not None:
            before.request_stop()
            self._inference.clear(DropReason.SOURCE_CLOSED)
            self._outbox.clear()
        loop = self._start(maker, attempt, before, same_batch)
        self._loop, self._maker = loop, maker

    def _start(
        self, maker: SourceMaker, attempt: int, before: CaptureLoop | None, same_batch: bool
    ) -> CaptureLoop:
        loop = CaptureLoop(
            maker,
            self._inference,
            self._drops,
            self._status,
            self._repairs,
            self._seqs,
            self._timing,
            attempt,
            before.place if before is not None and same_batch else None,
        )
        loop.set_paused(self._paused)
        loop.on_picture = self._dismiss_stand_in
        self._status.own_source(loop.stop, same_batch)
        state = SourceState.LOST if attempt else SourceState.STARTING
        self._status.set_source(loop.stop, state, retries=attempt)
        # A source that is given up may never let go of its thread: nobody waits for that.
        self._run(loop, before.done if before is not None and not attempt else None)
        return loop

    def _run(self, loop: CaptureLoop, predecessor_done: Event | None) -> None:
        thread = Thread(target=loop.run, args=(predecessor_done,), name="capture", daemon=True)
        self._threads.append((loop, thread))
        thread.start()

    # --- what stands in while a camera or stream gives no picture ---

    def _look_after_stand_in(self) -> None:
        loop, after_s = self._loop, self.stand_in_after_s
        if loop is None or self._stand_in is not None or not (after_s and loop.is_worth_retrying):
            return
        silent_ns = time.monotonic_ns() - max(self._picture_ns, loop.last_picture_ns)
        if silent_ns > after_s * 1e9:
            self._call_stand_in()

    def _call_stand_in(self) -> None:
        source = self._make_stand_in()
        stand_in = CaptureLoop(
            lambda: source,
            self._inference,
            self._drops,
            self._status,
            self._repairs,
            self._seqs,
            self._timing,
        )
        stand_in.set_paused(self._paused)
        # Told first: a picture that comes from now on finds it, and takes that back.
        self._status.set_stand_in(source.info)
        self._stand_in = stand_in
        self._repairs.count(Repair.STAND_IN_SHOWN)
        self._run(stand_in, None)

    def _dismiss_stand_in(self) -> None:
        """End the stand-in: called for every picture of the open source, from its thread."""
        stand_in, self._stand_in = self._stand_in, None
        if stand_in is not None:
            stand_in.request_stop()
            self._status.set_stand_in(None)
