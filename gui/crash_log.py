"""What a crash leaves behind: versions, the last events and where each thread was; never a picture. NOTE: Qt-free.

While the program runs its log is called ``running-PID.log``; a clean end removes it. One that is found without its
process is a crash, and is kept as ``crash-DATE-PID.log`` for this user's eyes alone.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import platform
import time
import traceback
from collections import deque
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import platformdirs
import psutil

from gui.core.program import program_version

KEPT_EVENTS = 200
KEPT_CRASHES = 10
MOST_BYTES = 256 << 10
MOST_LINE_CHARS = 1000
CLOCK_TOLERANCE_S = 2.0


def default_folder() -> Path:
    """Return where this platform keeps crash logs."""
    return platformdirs.user_state_path("lens7") / "crashes"


class CrashLog:
    """The log of this run. Where its folder cannot be written, nothing is kept and nothing fails."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / f"running-{os.getpid()}.log"
        self._file: IO[bytes] | None = None
        self._events: deque[str] = deque(maxlen=KEPT_EVENTS)
        self._began_s = time.monotonic()
        self._had_faulthandler = faulthandler.is_enabled()

    def begin(self) -> tuple[Path, ...]:
        """Start the log; return the logs of crashes that were found and kept since the last start."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            crashes = self._keep_crashes()
            number = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        except OSError:
            return ()  # the program is no worse off than without a log
        self._file = os.fdopen(number, "r+b", buffering=0)
        self._write(self._header())
        faulthandler.enable(self._file, all_threads=True)
        return crashes

    def note(self, text: str) -> None:
        """Keep one event with the seconds since the start; the oldest give way."""
        line = " ".join(text.split())[:MOST_LINE_CHARS]
        event = f"{time.monotonic() - self._began_s:10.3f} s  {line}\n"
        self._events.append(event)
        self._write(event)

    def note_exception(self, error: BaseException) -> None:
        """Keep an uncaught exception with its traceback, which names places in the source and no values."""
        for line in traceback.format_exception(error):
            for part in line.rstrip().splitlines():
                self.note(part.rstrip())

    def end(self) -> None:
        """The program ends as it should: nothing is left behind."""
        if self._file is None:
            return
        if self._had_faulthandler:
            faulthandler.enable()
        else:
            faulthandler.disable()
        self._file.close()
        self._file = None
        self._path.unlink(missing_ok=True)

    def _header(self) -> str:
        return (
            f"Lens7 {program_version()}, Python {platform.python_version()}, {platform.platform()}\n"
            f"started {datetime.now(UTC).isoformat(timespec='seconds')}, process {os.getpid()}\n"
            "The last events, and after a crash where each thread was. No pictures are ever kept here.\n\n"
        )

    def _write(self, text: str) -> None:
        if self._file is None:
            return
        try:
            if self._file.tell() > MOST_BYTES:
                self._file.seek(0)
                self._file.truncate()
                text = self._header() + "".join(self._events)
            self._file.write(text.encode("utf-8", "replace"))
        except OSError:  # the disk is full: the events stay in memory, as far as they fit
            return

    def _keep_crashes(self) -> tuple[Path, ...]:
        crashes = []
        for path in sorted(self._folder.glob("running-*.log")):
            number = path.stem.removeprefix("running-")
            with contextlib.suppress(FileNotFoundError):  # another window that starts just now was quicker
                if path == self._path or not _is_written_by(number, path):
                    date = datetime.fromtimestamp(path.stat().st_mtime, UTC).strftime("%Y%m%dT%H%M%S")
                    crashes.append(path.rename(self._folder / f"crash-{date}-{number}.log"))
        for path in sorted(self._folder.glob("crash-*.log"))[:-KEPT_CRASHES]:
            path.unlink(missing_ok=True)
        return tuple(crashes)


def _is_written_by(number: str, path: Path) -> bool:
    """Return whether process ``number`` runs and is older than the log: a younger one has got the number of the dead."""
    try:
        return psutil.Process(int(number)).create_time() <= path.stat().st_mtime + CLOCK_TOLERANCE_S
    except (psutil.Error, ValueError, OverflowError):
        return False
