"""One batch of records on its way into the history, inside a transaction that somebody else commits. NOTE: Qt-free."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from gui.core.latency import Stage
from gui.monitor.history_file import MINUTE_STAGE_COLUMNS
from gui.monitor.minute import MINUTE_US, Minute, StagesUs
from gui.monitor.records import MAX_TEXT, Counts, EngineRecord, EventRecord, FrameRecord, Record
from gui.monitor.timeline import Timeline

_FRAME_VALUES = ", ".join("?" * (6 + len(Stage)))
_MINUTE_VALUES = ", ".join("?" * (11 + len(MINUTE_STAGE_COLUMNS)))


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a session has come in a file: what the next batch goes on from."""

    session: int
    totals: Counts
    minute: Minute | None = None
    last_us: int = 0
    engine: EngineRecord | None = None
    engine_id: int | None = None


class Batch:
    """Inserts records in the order they happened, then the summary of the running minute."""

    def __init__(
        self, database: sqlite3.Connection, progress: Progress, timeline: Timeline, totals: Counts
    ) -> None:
        self._database = database
        self._timeline = timeline
        self._totals = totals
        self._at = progress

    def insert(self, records: Sequence[Record]) -> None:
        """Insert ``records``."""
        if self._at.engine is not None and self._at.engine_id is None:
            self._use_engine(self._at.engine)  # the file is another one than before
        for _, group in groupby(records, lambda record: isinstance(record, FrameRecord)):
            some = list(group)
            frames = [record for record in some if isinstance(record, FrameRecord)]
            if frames:
                self._insert_frames(frames)
            for record in some:
                if isinstance(record, EngineRecord):
                    self._use_engine(record)
                elif isinstance(record, EventRecord):
                    self._insert_event(record)

    def finish(self, now_us: int) -> Progress:
        """Sum up the running minute and mark the session as alive until now; return how far it has come."""
        now_us = max(now_us, self._at.last_us)
        self._sum_up(self._enter(now_us // MINUTE_US))
        self._database.execute("UPDATE session SET ended_us = ? WHERE id = ?", (now_us, self._at.session))
        return replace(self._at, totals=self._totals)

    def _use_engine(self, engine: EngineRecord) -> None:
        values = (*map(clean, (engine.model, engine.soc, engine.recipe, engine.kernels)), engine.threads)
        self._database.execute(
            "INSERT OR IGNORE INTO engine (model, soc, recipe, kernels, threads) VALUES (?, ?, ?, ?, ?)",
            values,
        )
        (engine_id,) = self._database.execute(
            "SELECT id FROM engine WHERE (model, soc, recipe, kernels, threads) = (?, ?, ?, ?, ?)", values
        ).fetchone()
        self._at = replace(self._at, engine=engine, engine_id=engine_id)

    def _insert_event(self, event: EventRecord) -> None:
        date_us = self._timeline.date_us(event.monotonic_ns)
        self._database.execute(
            "INSERT INTO event (date_us, session, kind, severity, text) VALUES (?, ?, ?, ?, ?)",
            (date_us, self._at.session, event.kind.value, event.severity.value, clean(event.text)),
        )

    def _insert_frames(self, frames: list[FrameRecord]) -> None:
        labels = {name: self._label_id(name) for name in {frame.label for frame in frames if frame.label}}
        for number, group in groupby(self._dated(frames), lambda pair: pair[0] // MINUTE_US):
            some = list(group)
            minute = self._enter(number).with_frames(
                [_stages_us(frame) for _, frame in some],
                [labels.get(frame.label) for _, frame in some],
                self._at.engine_id,
                _modelled_us(some[-1][1]),
            )
            self._at = replace(self._at, minute=minute)
            self._database.executemany(
                f"INSERT INTO frame VALUES ({_FRAME_VALUES})",
                [self._row(date_us, frame, labels.get(frame.label)) for date_us, frame in some],
            )

    def _dated(self, frames: list[FrameRecord]) -> list[tuple[int, FrameRecord]]:
        """Give each frame a date later than the one before: two frames of one microsecond both have a place."""
        dated, last_us = [], self._at.last_us
        for frame in frames:
            last_us = max(self._timeline.date_us(frame.painted_ns), last_us + 1)
            dated.append((last_us, frame))
        self._at = replace(self._at, last_us=last_us)
        return dated

    def _row(self, date_us: int, frame: FrameRecord, label: int | None) -> tuple[int | None, ...]:
        known = label is not None and math.isfinite(frame.probability)
        return (
            date_us,
            self._at.session,
            self._at.engine_id if frame.times is not None else None,
            label,
            round(frame.probability * 10_000) if known else None,
            *_stages_us(frame),
            _modelled_us(frame),
        )

    def _label_id(self, name: str) -> int:
        text = clean(name)
        self._database.execute("INSERT OR IGNORE INTO label (name) VALUES (?)", (text,))
        (label_id,) = self._database.execute("SELECT id FROM label WHERE name = ?", (text,)).fetchone()
        return int(label_id)

    def _enter(self, number: int) -> Minute:
        """Return the running minute; the one before is summed up when its time is over."""
        minute = self._at.minute
        if minute is None:
            minute = Minute(number, self._at.totals)
        elif minute.number != number:
            self._sum_up(minute)
            minute = Minute(number, self._totals)
        self._at = replace(self._at, minute=minute)
        return minute

    def _sum_up(self, minute: Minute) -> None:
        session = self._at.session
        row = minute.row(session, self._totals)
        self._database.execute(f"INSERT OR REPLACE INTO minute VALUES ({_MINUTE_VALUES})", row)
        dropped = self._totals.since(minute.before).dropped
        self._database.executemany(
            "INSERT OR REPLACE INTO minute_drops VALUES (?, ?, ?, ?)",
            [(minute.number, session, clean(reason), count) for reason, count in dropped.items() if count],
        )


def clean(text: str) -> str:
    """Return text that any file and any screen takes: no control characters, no halves of pairs, not too long."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text[:MAX_TEXT])
    return printable.encode("utf-8", "replace").decode("utf-8")


def _stages_us(frame: FrameRecord) -> StagesUs:
    """Return the frame's stages in the order of ``Stage``."""
    times = frame.times
    if times is None:
        return None, None, None, None, frame.paint_ns // 1000, frame.age_ns // 1000
    stages_ns = (
        times.queue_ns,
        times.preprocess_ns,
        times.run_ns,
        times.postprocess_ns,
        frame.paint_ns,
        frame.age_ns,
    )
    return tuple(stage_ns // 1000 for stage_ns in stages_ns)


def _modelled_us(frame: FrameRecord) -> int | None:
    return None if frame.device_ms is None else round(frame.device_ms * 1000)
