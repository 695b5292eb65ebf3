"""Files that were put aside because they are damaged: the newest are kept for whoever asks why. NOTE: Qt-free."""

from __future__ import annotations

import contextlib
import re
import time
from pathlib import Path

MOST_KEPT = 3
_BESIDE = ("", "-wal", "-shm")
"""Endings of a file and of what SQLite keeps beside it."""


def name_aside(path: Path, word: str) -> Path:
    """Return the name under which ``path`` is put aside now: ``word`` says why."""
    return path.with_name(f"{path.stem}.{word}-{time.time_ns()}{path.suffix}")


def forget_oldest(aside: Path) -> None:
    """Remove all but ``MOST_KEPT`` of the files put aside like ``aside``, the oldest first and never ``aside`` itself.

    The names tell their age. What cannot be removed stays: another program may hold it.
    """
    kind, _, _ = aside.stem.rpartition("-")
    pattern = re.compile(rf"{re.escape(kind)}-(\d+){re.escape(aside.suffix)}")
    aged = [
        (int(found[1]), path) for path in aside.parent.iterdir() if (found := pattern.fullmatch(path.name))
    ]
    others = sorted((age, path) for age, path in aged if path != aside)
    for _, path in others[: max(0, len(others) - MOST_KEPT + 1)]:
        for ending in _BESIDE:
            with contextlib.suppress(OSError):
                path.with_name(path.name + ending).unlink()
