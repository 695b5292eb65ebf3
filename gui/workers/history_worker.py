"""The history thread: takes records from any thread without waiting, commits them twice a second. NOTE: Qt-free."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from threading import Event, Lock

from gui.core.state import Severity
from gui.core.text import say, say_n
from gui.monitor.history_file import HistoryError
from gui.monitor.history_writer import HistoryWriter
from gui.monitor.records import Counts, EventKind, EventRecord, Record

COMMIT_EVERY_S = 0.5
ROTATE_EVERY_S = 5.0
KEPT_RECORDS = 20_000
"""Records that wait for a disk that cannot be written, more than five minutes at 60 frames per second."""
FIRST_RETRY_S, LONGEST_RETRY_S = 1.0, 15.0


class HistoryWorker:
    """``add`` may be called by any thread; ``run`` is the thread."""

    def __init__(
        self,
        make_writer: Callable[[], HistoryWriter],
        totals: Callable[[], Counts],
        tell: Callable[[Severity, str], None],
    ) -> None:
        self._make_writer = make_writer
        self._totals = totals
        self._tell = tell
        self._lock = Lock()
        self._waiting: deque[Record] = deque()
        self._stopped = Event()
        self._retry_s = 0.0
        self._unsaid = 0
        self.lost = 0
        self.written = 0
        self.problem = ""

    def add(self, record: Record) -> None:
        """Keep a record; while nothing can be written the oldest give way, and are counted."""
        with self._lock:
            self._waiting.append(record)
            if len(self._waiting) > KEPT_RECORDS:
                self._waiting.popleft()
                self.lost += 1
                self._unsaid += 1

    def stop(self) -> None:
        """End ``run`` once what waits is written."""
        self._stopped.set()

    def run(self) -> None:
        """Write until stopped."""
        writer = self._make_writer()
        rotate_at_s = time.monotonic() + ROTATE_EVERY_S
        while not self._stopped.wait(max(COMMIT_EVERY_S, self._retry_s)):
            self._commit(writer)
            if time.monotonic() >= rotate_at_s and not self.problem:
                rotate_at_s = self._rotate(writer)
        self._commit(writer)
        writer.close()

    def _commit(self, writer: HistoryWriter) -> None:
        with self._lock:
            records = tuple(self._waiting)
            self._waiting.clear()
            unsaid = self._unsaid
        written = records
        if unsaid:
            text = say_n(
                "{n} record was lost while the history could not be written",
                "{n} records were lost while the history could not be written",
                unsaid,
            )
            written = (*records, EventRecord(time.monotonic_ns(), EventKind.LOST, Severity.WARNING, text))
        try:
            writer.write(written, self._totals())
        except HistoryError as error:
            self._put_back(records, str(error))
            return
        except Exception as error:  # noqa: BLE001 - the edge of this thread: what comes next must still be kept
            self._give_up(writer, len(records), error)
            return
        with self._lock:
            self._unsaid -= unsaid
        self.written += len(written)
        if self.problem:
            self.problem, self._retry_s = "", 0.0
            self._tell(Severity.INFO, _again(unsaid))

    def _put_back(self, records: tuple[Record, ...], problem: str) -> None:
        with self._lock:
            self._waiting.extendleft(reversed(records))
            while len(self._waiting) > KEPT_RECORDS:
                self._waiting.popleft()
                self.lost += 1
                self._unsaid += 1
        if problem != self.problem:
            self.problem = problem
            text = say(
                "{problem}; the picture goes on, and so does history once it can be written", problem=problem
            )
            self._tell(Severity.WARNING, text)
        self._retry_s = min(LONGEST_RETRY_S, max(FIRST_RETRY_S, 2 * self._retry_s))

    def _give_up(self, writer: HistoryWriter, count: int, error: Exception) -> None:
        """Count records that no file takes, however often they are tried."""
        writer.close()
        with self._lock:
            self.lost += count
            self._unsaid += count
        text = say_n(
            "history: {n} record cannot be kept ({kind}: {error})",
            "history: {n} records cannot be kept ({kind}: {error})",
            count,
            kind=type(error).__name__,
            error=error,
        )
        self._tell(Severity.BAD, text)

    def _rotate(self, writer: HistoryWriter) -> float:
        """Rotate one slice; return when the next is due."""
        try:
            more = writer.rotate()
        except HistoryError as error:
            self._tell(Severity.WARNING, say("{error}; old history is not deleted now", error=error))
            more = False
        return time.monotonic() + (COMMIT_EVERY_S if more else ROTATE_EVERY_S)


def _again(lost: int) -> str:
    if not lost:
        return say("history is written again")
    return say_n(
        "history is written again; {n} record was lost",
        "history is written again; {n} records were lost",
        lost,
    )
