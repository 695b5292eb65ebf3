"""The recording thread: keeps what the network saw while frames go on; what it has no time for is counted. NOTE: Qt-free."""

from __future__ import annotations

import shutil
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Condition

from gui.core.state import Severity
from gui.core.text import say, say_n
from gui.monitor.recording import RecordingError, RecordingFacts, RecordingWriter, Taken

MOST_WAITING = 8
"""Frames that wait; a picture of 4K holds 25 MB."""
SPARED_DISK_BYTES = 500_000_000
_POLL_S = 0.2


@dataclass(frozen=True, slots=True)
class RecordingStatus:
    """How a recording does; ``running`` is False once it has ended, for whatever reason."""

    path: Path
    frames: int
    dropped: int
    size_bytes: int
    limit_bytes: int
    running: bool


class RecordingWorker:
    """``offer`` may be called by any thread and never waits; ``run`` is the thread."""

    def __init__(
        self, path: Path, facts: RecordingFacts, limit_bytes: int, tell: Callable[[Severity, str], None]
    ) -> None:
        self._path = path
        self._facts = facts
        self._limit_bytes = limit_bytes
        self._tell = tell
        self._changed = Condition()
        self._waiting: deque[Taken] = deque()
        self._stopped = False
        self._frames = self._dropped = self._size_bytes = 0

    @property
    def status(self) -> RecordingStatus:
        """How it does now."""
        return RecordingStatus(
            self._path, self._frames, self._dropped, self._size_bytes, self._limit_bytes, not self._stopped
        )

    def offer(self, taken: Taken) -> None:
        """Record a frame; without a place for it, it is dropped and counted."""
        with self._changed:
            if self._stopped:
                return
            if len(self._waiting) >= MOST_WAITING:
                self._dropped += 1
                return
            self._waiting.append(taken)
            self._changed.notify()

    def stop(self) -> None:
        """End ``run`` once what waits is written."""
        with self._changed:
            self._stopped = True
            self._changed.notify()

    def run(self) -> None:
        """Record until stopped, or until the limit or the disk is full."""
        try:
            writer = RecordingWriter(self._path, self._facts)
        except RecordingError as error:
            self._end()
            self._tell(Severity.BAD, str(error))
            return
        try:
            self._record(writer)
            text = say_n(
                "recorded {n} frame in {path}", "recorded {n} frames in {path}", self._frames, path=self._path
            )
            self._tell(Severity.INFO, text)
        except RecordingError as error:
            text = say_n(
                "{error}; the recording ends with {n} frame",
                "{error}; the recording ends with {n} frames",
                self._frames,
                error=error,
            )
            self._tell(Severity.BAD, text)
        finally:
            self._end()
            writer.close()

    def _end(self) -> None:
        """Take no more; what still waits is let go, and counted."""
        with self._changed:
            self._stopped = True
            self._dropped += len(self._waiting)
            self._waiting.clear()

    def _record(self, writer: RecordingWriter) -> None:
        while (frames := self._next()) is not None:
            try:
                writer.write(frames)
            except Exception:
                with self._changed:
                    self._dropped += len(frames)
                raise
            self._frames, self._size_bytes = writer.frames, writer.size_bytes
            if problem := self._problem():
                text = say(
                    "recording {path}: {problem}; the recording ends", path=self._path, problem=problem
                )
                self._tell(Severity.WARNING, text)
                return

    def _next(self) -> list[Taken] | None:
        """Wait for frames; return those there are, None when stopped and nothing waits."""
        with self._changed:
            while not self._waiting:
                if self._stopped:
                    return None
                self._changed.wait(_POLL_S)
            frames = list(self._waiting)
            self._waiting.clear()
            return frames

    def _problem(self) -> str:
        if self._size_bytes >= self._limit_bytes:
            return say("its limit of {limit:.0f} MB is reached", limit=self._limit_bytes / 1e6)
        try:
            free_bytes = shutil.disk_usage(self._path.parent).free
        except OSError as error:
            return error.strerror or str(error)
        if free_bytes >= SPARED_DISK_BYTES:
            return ""
        return say("less than {spared:.0f} MB are left on the disk", spared=SPARED_DISK_BYTES / 1e6)
