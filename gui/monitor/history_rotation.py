"""Lets the oldest history go, by age and by size, a slice at a time. NOTE: Qt-free.

No clock is asked: age is counted in days on which something was recorded. A clock that is wrong, by years even, so adds
a day of its own and takes one away, where the calendar would take all.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from gui.monitor.minute import MINUTE_US

SLICE_FRAMES = 20_000
DAY_MINUTES = 1440
_FREED_PAGES = 1000
_END_US = 1 << 62


@dataclass(frozen=True, slots=True)
class Limits:
    """How much history is kept; ``age_days`` counts days (UTC) on which something was recorded."""

    size_bytes: int = 500_000_000
    age_days: int = 30


# Each row is the first minute of a recorded day, the newest first; a day costs one look into the index.
_RECORDED_DAY = f"""
WITH RECURSIVE day(first) AS (
    SELECT (SELECT max(minute) FROM minute) / {DAY_MINUTES} * {DAY_MINUTES}
    UNION ALL
    SELECT (SELECT max(minute) FROM minute WHERE minute < first) / {DAY_MINUTES} * {DAY_MINUTES}
    FROM day WHERE first IS NOT NULL
)
SELECT first FROM day WHERE first IS NOT NULL LIMIT 1 OFFSET ?
"""


def rotate(database: sqlite3.Connection, limits: Limits) -> bool:
    """Delete at most ``SLICE_FRAMES`` of the oldest frames beyond the limits; return whether more are to go.

    Minutes and events are small and go by age alone. Freed pages are given back to the disk.
    """
    oldest_us = _oldest_kept_us(database, limits.age_days)
    _forget_minutes_before(database, oldest_us)
    row = database.execute(
        "SELECT date_us FROM frame ORDER BY date_us LIMIT 1 OFFSET ?", (SLICE_FRAMES,)
    ).fetchone()
    slice_end_us = row[0] if row else _END_US
    too_large = _used_bytes(database) > limits.size_bytes
    until_us = slice_end_us if too_large else min(slice_end_us, oldest_us)
    database.execute("DELETE FROM frame WHERE date_us < ?", (until_us,))
    # As a script, which runs to its end: ``execute`` stops after the first page, as the statement has no columns.
    database.executescript(f"PRAGMA incremental_vacuum({_FREED_PAGES})")
    return row is not None and (too_large or slice_end_us < oldest_us)


def _oldest_kept_us(database: sqlite3.Connection, days: int) -> int:
    """Return when the oldest of the newest ``days`` recorded days began, 0 while there are not more."""
    row = database.execute(_RECORDED_DAY, (days - 1,)).fetchone()
    return row[0] * MINUTE_US if row else 0


def _forget_minutes_before(database: sqlite3.Connection, oldest_us: int) -> None:
    for table in ("minute", "minute_drops"):
        database.execute(f"DELETE FROM {table} WHERE minute < ?", (oldest_us // MINUTE_US,))
    database.execute("DELETE FROM event WHERE date_us < ?", (oldest_us,))
    database.execute("DELETE FROM session WHERE ended_us < ?", (oldest_us,))


def _used_bytes(database: sqlite3.Connection) -> int:
    """Return the size of the file without its free pages."""
    (pages,) = database.execute("PRAGMA page_count").fetchone()
    (free,) = database.execute("PRAGMA freelist_count").fetchone()
    (page_bytes,) = database.execute("PRAGMA page_size").fetchone()
    return int((pages - free) * page_bytes)
