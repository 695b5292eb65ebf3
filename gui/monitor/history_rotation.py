"""Lets the oldest history go, by age and by size, a slice at a time. NOTE: Qt-free."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from gui.monitor.minute import MINUTE_US

SLICE_FRAMES = 20_000
DAY_US = 86_400_000_000
_FREED_PAGES = 1000


@dataclass(frozen=True, slots=True)
class Limits:
    """How much history is kept."""

    size_bytes: int = 500_000_000
    age_days: int = 30


def rotate(database: sqlite3.Connection, limits: Limits, now_us: int) -> bool:
    """Delete at most ``SLICE_FRAMES`` of the oldest frames beyond the limits; return whether more are to go.

    Minutes and events are small and go by age alone. Freed pages are given back to the disk.
    """
    oldest_us = now_us - limits.age_days * DAY_US
    cut = (oldest_us // MINUTE_US,)
    for table in ("minute", "minute_drops"):
        database.execute(f"DELETE FROM {table} WHERE minute < ?", cut)
    database.execute("DELETE FROM event WHERE date_us < ?", (oldest_us,))
    database.execute("DELETE FROM session WHERE ended_us < ?", (oldest_us,))
    row = database.execute(
        "SELECT date_us FROM frame ORDER BY date_us LIMIT 1 OFFSET ?", (SLICE_FRAMES,)
    ).fetchone()
    slice_end_us = row[0] if row else now_us
    too_large = _used_bytes(database) > limits.size_bytes
    until_us = slice_end_us if too_large else min(slice_end_us, oldest_us)
    database.execute("DELETE FROM frame WHERE date_us < ?", (until_us,))
    # As a script, which runs to its end: ``execute`` stops after the first page, as the statement has no columns.
    database.executescript(f"PRAGMA incremental_vacuum({_FREED_PAGES})")
    return row is not None and (too_large or slice_end_us < oldest_us)


def _used_bytes(database: sqlite3.Connection) -> int:
    """Return the size of the file without its free pages."""
    (pages,) = database.execute("PRAGMA page_count").fetchone()
    (free,) = database.execute("PRAGMA freelist_count").fetchone()
    (page_bytes,) = database.execute("PRAGMA page_size").fetchone()
    return int((pages - free) * page_bytes)
