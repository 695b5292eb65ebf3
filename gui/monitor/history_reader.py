"""Reads history: the days there are, a day by minutes, frames of a span, events, sessions. NOTE: Qt-free."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gui.core.latency import Stage
from gui.core.text import say
from gui.monitor.history_file import (
    MINUTE_STAGE_COLUMNS,
    QUANTILES,
    STAGE_COLUMNS,
    DamagedHistoryError,
    explained,
    open_for_reading,
)
from gui.monitor.minute import MINUTE_US

MOST_ZOOMED_FRAMES = 120_000
MOST_EVENTS = 5_000
FRAME_COLUMNS = (
    "date_us", "session", "engine", "label", "permyriad",
    *(f"{column}_us" for column in STAGE_COLUMNS.values()), "modelled_us",
)  # fmt: skip
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Span:
    """From ``start_us`` up to, not including, ``end_us``; microseconds since 1970 UTC."""

    start_us: int
    end_us: int


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One run of the program."""

    id: int
    span: Span
    version: str
    machine: str
    frames: int


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event; ``kind`` and ``severity`` are words."""

    date_us: int
    kind: str
    severity: str
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Minutes:
    """Summaries of minutes in order of time, one row [n] each; NaN where no frame passed a stage.

    ``stages_ms`` float64 [n, 4] holds p50, p95, p99 and the maximum as measured, ``modelled_ms`` the chip's time.
    """

    start_us: Integers
    session: Integers
    frames: Integers
    labelled: Integers
    captured: Integers
    dropped: Integers
    compared: Integers
    agreed: Integers
    stages_ms: dict[Stage, Floats]
    modelled_ms: Floats
    labels: tuple[str, ...]
    engines: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """Painted frames in order of time, one row [n] each; -1 is no engine, no label.

    Not ``complete`` if the span holds more than were asked for.
    """

    date_us: Integers
    stages_ms: dict[Stage, Floats]
    modelled_ms: Floats
    engine: Integers
    label: Integers
    complete: bool


class HistoryReader:
    """Reads one history file; every method belongs to the thread that made it.

    Raises:
        HistoryError: from any method, if the file cannot be read or is damaged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._database = open_for_reading(path)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def __enter__(self) -> HistoryReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def days(self) -> list[date]:
        """Return the days, in this place's time, of which there is something, oldest first."""
        with self._reading():
            minutes = self._database.execute("SELECT DISTINCT minute FROM minute").fetchall()
            return sorted({_local(minute * MINUTE_US).date() for (minute,) in minutes})

    def sessions(self) -> list[SessionRow]:
        """Return the runs of the program, oldest first."""
        with self._reading():
            rows = self._database.execute(
                "SELECT id, started_us, ended_us, version, machine,"
                " (SELECT coalesce(sum(frames), 0) FROM minute WHERE minute.session = session.id)"
                " FROM session ORDER BY started_us, id"
            ).fetchall()
            return [
                SessionRow(
                    int(number), Span(int(start), int(end) + 1), str(version), str(machine), int(frames)
                )
                for number, start, end, version, machine, frames in rows
            ]

    def minutes(self, span: Span, session: int | None = None) -> Minutes:
        """Return the minutes that touch ``span``, of one session or of all."""
        columns = "minute, session, label, engine, frames, labelled, captured, dropped, compared, agreed, modelled_us"
        where, values = _in_minutes(span, session)
        with self._reading():
            rows = self._database.execute(
                f"SELECT {columns}, {', '.join(MINUTE_STAGE_COLUMNS)} FROM minute WHERE {where} ORDER BY minute",
                values,
            ).fetchall()
            labels, engines = self.labels(), self.engines()
            table = np.array(rows, np.float64).reshape(len(rows), 11 + len(MINUTE_STAGE_COLUMNS))
            whole = np.nan_to_num(table[:, :10], nan=-1.0).astype(np.int64)
        quantiles_ms = table[:, 11:].reshape(len(rows), len(STAGE_COLUMNS), len(QUANTILES)) / 1000
        return Minutes(
            start_us=whole[:, 0] * MINUTE_US,
            session=whole[:, 1],
            labels=tuple(labels.get(label, "") for label in whole[:, 2].tolist()),
            engines=tuple(engines.get(engine, "") for engine in whole[:, 3].tolist()),
            frames=whole[:, 4],
            labelled=whole[:, 5],
            captured=whole[:, 6],
            dropped=whole[:, 7],
            compared=whole[:, 8],
            agreed=whole[:, 9],
            modelled_ms=table[:, 10] / 1000,
            stages_ms={stage: quantiles_ms[:, place] for place, stage in enumerate(STAGE_COLUMNS)},
        )

    def frames(self, span: Span, session: int | None = None, most: int = MOST_ZOOMED_FRAMES) -> Frames:
        """Return the frames painted in ``span``, of one session or of all; at most the first ``most`` of them."""
        rows = list(self.frame_rows(span, session, most + 1))
        complete, rows = len(rows) <= most, rows[:most]
        with self._reading():
            table = np.array(rows, np.float64).reshape(len(rows), len(FRAME_COLUMNS))
            whole = np.nan_to_num(table[:, :4], nan=-1.0).astype(np.int64)
        return Frames(
            date_us=whole[:, 0],
            engine=whole[:, 2],
            label=whole[:, 3],
            stages_ms={stage: table[:, 5 + place] / 1000 for place, stage in enumerate(STAGE_COLUMNS)},
            modelled_ms=table[:, -1] / 1000,
            complete=complete,
        )

    def frame_rows(
        self, span: Span, session: int | None, most: int
    ) -> Generator[tuple[int | None, ...], None, None]:
        """Yield the values of ``FRAME_COLUMNS`` as they are kept, in order of time; close it before the reader."""
        where, values = _in_microseconds(span, session)
        with self._reading():
            yield from self._database.execute(
                f"SELECT {', '.join(FRAME_COLUMNS)} FROM frame WHERE {where} ORDER BY date_us LIMIT ?",
                (*values, most),
            )

    def drops(self, span: Span, session: int | None = None) -> dict[str, int]:
        """Return how many frames were dropped in the minutes that touch ``span``, by reason, most first."""
        where, values = _in_minutes(span, session)
        with self._reading():
            rows = self._database.execute(
                f"SELECT reason, sum(frames) FROM minute_drops WHERE {where} GROUP BY reason ORDER BY 2 DESC, 1",
                values,
            ).fetchall()
            return {str(reason): int(frames) for reason, frames in rows}

    def events(self, span: Span, session: int | None = None) -> list[EventRow]:
        """Return the events of ``span`` in order of time, at most the first ``MOST_EVENTS``."""
        where, values = _in_microseconds(span, session)
        with self._reading():
            rows = self._database.execute(
                f"SELECT date_us, kind, severity, text FROM event WHERE {where} ORDER BY date_us, id LIMIT ?",
                (*values, MOST_EVENTS),
            ).fetchall()
            return [
                EventRow(int(moment), str(kind), str(severity), str(text))
                for moment, kind, severity, text in rows
            ]

    def labels(self) -> dict[int, str]:
        """Return the names of the labels by their number in table ``frame``."""
        with self._reading():
            rows = self._database.execute("SELECT id, name FROM label").fetchall()
            return {int(number): str(name) for number, name in rows}

    def engines(self) -> dict[int, str]:
        """Return a line about each engine by its number in table ``frame``."""
        with self._reading():
            rows = self._database.execute(
                "SELECT id, model, soc, recipe, kernels, threads FROM engine"
            ).fetchall()
            return {
                int(number): f"{model} on {soc}, recipe {recipe}, {kernels} kernels, threads {threads}"
                for number, model, soc, recipe, kernels, threads in rows
            }

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Explain what SQLite refuses, and values that no history holds: the tables' types hold in our files only."""
        with explained(self.path):
            try:
                yield
            except (TypeError, ValueError, OverflowError) as error:
                text = say("history {path}: damaged ({reason})", path=self.path, reason=error)
                raise DamagedHistoryError(text) from error


def per_second(minutes: Minutes, counts: Integers, span: Span) -> Floats:
    """Return ``counts`` [n] of minutes as rates over the part of each that ``span`` covers, NaN below one second."""
    start_us = np.maximum(minutes.start_us, span.start_us)
    covered_s = (np.minimum(minutes.start_us + MINUTE_US, span.end_us) - start_us) / 1e6
    rates: Floats = np.where(covered_s >= 1.0, counts / np.maximum(covered_s, 1.0), np.nan)
    return rates


def day_span(day: date) -> Span:
    """Return the span of a day in this place's time, 23 or 25 hours long where the clocks change."""
    start = datetime.combine(day, time()).astimezone()
    end = datetime.combine(day + timedelta(days=1), time()).astimezone()
    return Span(round(start.timestamp() * 1e6), round(end.timestamp() * 1e6))


def local_text(date_us: int) -> str:
    """Return a date in this place's time, to the second."""
    try:
        return _local(date_us).strftime("%Y-%m-%d %H:%M:%S")
    except ValueError as error:
        return str(error)


def _local(date_us: int) -> datetime:
    try:
        return datetime.fromtimestamp(date_us / 1e6).astimezone()
    except (OverflowError, OSError) as error:
        raise ValueError(f"{date_us} is no date") from error


def _in_minutes(span: Span, session: int | None) -> tuple[str, tuple[int, ...]]:
    """Return condition and values for the minutes that touch ``span``."""
    values = (int(span.start_us // MINUTE_US), int((span.end_us - 1) // MINUTE_US))
    if session is None:
        return "minute BETWEEN ? AND ?", values
    return "minute BETWEEN ? AND ? AND session = ?", (*values, session)


def _in_microseconds(span: Span, session: int | None) -> tuple[str, tuple[int, ...]]:
    """Return condition and values for what is dated within ``span``."""
    values = (int(span.start_us), int(span.end_us))  # NumPy's integers would be bound as blobs
    if session is None:
        return "date_us >= ? AND date_us < ?", values
    return "date_us >= ? AND date_us < ? AND session = ?", (*values, session)
