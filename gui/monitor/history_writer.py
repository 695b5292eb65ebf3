"""Writes history: one transaction per batch, and the answers to faults of disk and file. NOTE: Qt-free."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gui.core.state import Severity
from gui.core.text import say
from gui.monitor import history_file
from gui.monitor.history_batch import Batch, Progress, clean
from gui.monitor.history_file import DamagedHistoryError, HistoryError, explained
from gui.monitor.history_rotation import Limits, rotate
from gui.monitor.records import Counts, EngineRecord, EventKind, EventRecord, Record
from gui.monitor.timeline import Timeline

Tell = Callable[[Severity, str], None]


@dataclass(frozen=True, slots=True)
class Recorder:
    """Who writes: version of the program and a line about the machine."""

    version: str
    machine: str


class HistoryWriter:
    """Owned by one thread. ``write`` keeps a batch wholly or not at all; ``tell`` gets lines for the user."""

    def __init__(
        self,
        path: Path,
        recorder: Recorder,
        tell: Tell,
        limits: Limits | None = None,
        wall_ns: Callable[[], int] = time.time_ns,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
        totals: Counts | None = None,
    ) -> None:
        """``totals`` are those of now: history keeps how much they grow."""
        self.path = path
        self._recorder = recorder
        self._tell = tell
        self._limits = limits or Limits()
        self._wall_ns, self._monotonic_ns = wall_ns, monotonic_ns
        self._started_ns = monotonic_ns()
        self._timeline = Timeline(wall_ns(), self._started_ns)
        self._engine: EngineRecord | None = None
        self._totals = totals or Counts()
        self._database: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None
        self._progress: Progress | None = None
        self._news: list[EventRecord] = []

    def write(self, records: Sequence[Record], totals: Counts) -> None:
        """Commit ``records``, in the order they happened, and the totals as they are now.

        A damaged file is put aside, a file that is gone is made anew; both are told.

        Raises:
            HistoryError: nothing can be written now; nothing of the batch is kept, and it may be given again.
        """
        self._check_clock()
        records = [*records, *self._news]
        try:
            self._notice_vanished()
            self._commit(records, totals)
        except DamagedHistoryError as error:
            self._put_aside(error)
            self._commit(records, totals)
        self._totals = totals
        self._news.clear()

    def rotate(self) -> bool:
        """Let the oldest history go, a slice at a time; return whether there is more to do.

        Raises:
            HistoryError: nothing can be written now.
        """
        if self._database is None:
            return False
        with explained(self.path):
            return rotate(self._database, self._limits)

    def close(self) -> None:
        """Close the file; ``write`` would open it again."""
        if self._database is not None:
            self._database.close()
        self._database = self._progress = self._identity = None

    def _check_clock(self) -> None:
        now_ns = self._monotonic_ns()
        text = self._timeline.check(self._wall_ns(), now_ns)
        if text:
            self._tell(Severity.WARNING, text)
            self._news.append(EventRecord(now_ns, EventKind.CLOCK, Severity.WARNING, text))

    def _notice_vanished(self) -> None:
        if self._database is None:
            return
        with explained(self.path):
            vanished = history_file.identity_of(self.path) != self._identity
        if vanished:
            self.close()
            text = say("history {path}: the file was taken away; a new one is begun", path=self.path)
            self._tell(Severity.WARNING, text)

    def _put_aside(self, error: DamagedHistoryError) -> None:
        identity = self._identity
        self.close()
        aside = history_file.keep_aside(self.path, identity)
        if aside is None:
            text = say("{error}; another window has put it aside, and a new one is begun", error=error)
        else:
            text = say("{error}; it is kept as {name}, and a new one is begun", error=error, name=aside.name)
        self._tell(Severity.WARNING, text)

    def _opened(self) -> tuple[sqlite3.Connection, Progress]:
        if self._database is None or self._progress is None:
            with explained(self.path):
                self._identity = history_file.identity_of(self.path)
                self._database = history_file.open_for_writing(self.path)
                self._identity = history_file.identity_of(self.path)
                self._progress = Progress(
                    self._begin_session(self._database), self._totals, engine=self._engine
                )
        return self._database, self._progress

    def _begin_session(self, database: sqlite3.Connection) -> int:
        started_us = self._timeline.date_us(self._started_ns)
        values = (started_us, started_us, clean(self._recorder.version), clean(self._recorder.machine))
        statement = "INSERT INTO session (started_us, ended_us, version, machine) VALUES (?, ?, ?, ?)"
        session = database.execute(statement, values).lastrowid
        assert session is not None
        return session

    def _commit(self, records: Sequence[Record], totals: Counts) -> None:
        database, progress = self._opened()
        try:
            with explained(self.path):
                database.execute("BEGIN IMMEDIATE")
                batch = Batch(database, progress, self._timeline, totals)
                batch.insert(records)
                progress = batch.finish(self._timeline.date_us(self._monotonic_ns()))
                database.execute("COMMIT")
        except HistoryError:
            self._roll_back(database)
            raise
        self._progress, self._engine = progress, progress.engine

    def _roll_back(self, database: sqlite3.Connection) -> None:
        try:
            if database.in_transaction:
                database.rollback()
        except sqlite3.Error:  # the disk is gone: only a new connection helps
            self.close()
