"""The history file: its tables, opening it for writing or reading, putting a damaged one aside. NOTE: Qt-free."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import platformdirs

from gui.core.aside import forget_oldest, name_aside
from gui.core.errors import GuiError
from gui.core.latency import Stage
from gui.core.text import say

APPLICATION_ID = 0x4C374849  # "L7HI"
VERSION = 1
BUSY_TIMEOUT_S = 2.0
MAX_CELL_BYTES = 1 << 16
_WAL_BYTES = 4 << 20

QUANTILES = (50, 95, 99, 100)
STAGE_COLUMNS = {stage: stage.name.lower() for stage in Stage}
MINUTE_STAGE_COLUMNS = tuple(
    f"{column}_p{quantile}_us" for column in STAGE_COLUMNS.values() for quantile in QUANTILES
)

# Times are integers in microseconds: dates since 1970 UTC, stages as measured. ``modelled_us`` is the chip's time.
_SCHEMA = f"""
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA journal_mode = WAL;
BEGIN IMMEDIATE;
CREATE TABLE session (
    id INTEGER PRIMARY KEY, started_us INTEGER NOT NULL, ended_us INTEGER NOT NULL,
    version TEXT NOT NULL, machine TEXT NOT NULL
) STRICT;
CREATE TABLE engine (
    id INTEGER PRIMARY KEY, model TEXT NOT NULL, soc TEXT NOT NULL, recipe TEXT NOT NULL, kernels TEXT NOT NULL,
    threads INTEGER NOT NULL, UNIQUE (model, soc, recipe, kernels, threads)
) STRICT;
CREATE TABLE label (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE frame (
    date_us INTEGER NOT NULL, session INTEGER NOT NULL, engine INTEGER, label INTEGER, permyriad INTEGER,
    {", ".join(f"{column}_us INTEGER" for column in STAGE_COLUMNS.values())}, modelled_us INTEGER,
    PRIMARY KEY (date_us, session)
) STRICT, WITHOUT ROWID;
CREATE TABLE minute (
    minute INTEGER NOT NULL, session INTEGER NOT NULL, engine INTEGER, label INTEGER,
    frames INTEGER NOT NULL, labelled INTEGER NOT NULL, captured INTEGER NOT NULL, dropped INTEGER NOT NULL,
    compared INTEGER NOT NULL, agreed INTEGER NOT NULL, modelled_us INTEGER,
    {", ".join(f"{column} INTEGER" for column in MINUTE_STAGE_COLUMNS)},
    PRIMARY KEY (minute, session)
) STRICT, WITHOUT ROWID;
CREATE TABLE minute_drops (
    minute INTEGER NOT NULL, session INTEGER NOT NULL, reason TEXT NOT NULL, frames INTEGER NOT NULL,
    PRIMARY KEY (minute, session, reason)
) STRICT, WITHOUT ROWID;
CREATE TABLE event (
    id INTEGER PRIMARY KEY, date_us INTEGER NOT NULL, session INTEGER NOT NULL, kind TEXT NOT NULL,
    severity TEXT NOT NULL, text TEXT NOT NULL
) STRICT;
CREATE INDEX event_by_date ON event (date_us);
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {VERSION};
COMMIT;
"""
TABLES = frozenset({"session", "engine", "label", "frame", "minute", "minute_drops", "event"})


class HistoryError(GuiError):
    """The history file cannot be read or written."""


class DamagedHistoryError(HistoryError):
    """The file is no history, or is damaged."""


class ForeignHistoryError(HistoryError):
    """The file is a history of a newer program."""


def default_path() -> Path:
    """Return where this platform keeps the history."""
    return platformdirs.user_state_path("lens7") / "history.sqlite"


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn SQLite's and the system's errors into one line that names the file.

    Raises:
        DamagedHistoryError: the file is no database or its structure is broken.
        HistoryError: it cannot be opened, read or written.
    """
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        # A missing table or column is an SQLITE_ERROR: the file is a database, but not this one.
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR):
            text = say("history {path}: damaged ({reason})", path=path, reason=_one_line(error))
            raise DamagedHistoryError(text) from error
        raise HistoryError(_named(path, _one_line(error))) from error
    except UnicodeDecodeError as error:  # SQLite's message quotes a name from the file
        text = say("history {path}: damaged ({reason})", path=path, reason=say("broken names"))
        raise DamagedHistoryError(text) from error
    except OSError as error:
        raise HistoryError(_named(path, error.strerror or str(error))) from error


def _named(path: Path, reason: str) -> str:
    return say("history {path}: {reason}", path=path, reason=reason)


def _one_line(error: sqlite3.Error) -> str:
    """Return SQLite's message, which may quote pages of a damaged file, as a short line."""
    return " ".join(str(error).split())[:200]


def open_for_writing(path: Path) -> sqlite3.Connection:
    """Return a connection to the history at ``path``, made new and readable by this user alone if there is none.

    Raises:
        DamagedHistoryError, ForeignHistoryError, HistoryError: it is damaged, of a newer program, or cannot be written.
    """
    with explained(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite's own files beside it take its mode
        path.chmod(0o600)
        database = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    try:
        with explained(path):
            _harden(database)
            if not database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                _create(database)
            _verify(database, path)
            database.execute("PRAGMA synchronous = NORMAL")
            database.execute(f"PRAGMA journal_size_limit = {_WAL_BYTES}")
    except HistoryError:
        database.close()
        raise
    return database


def open_for_reading(path: Path) -> sqlite3.Connection:
    """Return a connection that can only read; another program may write meanwhile.

    Raises:
        DamagedHistoryError, ForeignHistoryError, HistoryError: there is no such file, it is no history, or it cannot be
            read.
    """
    if not path.is_file():
        reason = say("no such file; give a history that the window has recorded")
        raise HistoryError(_named(path, reason))
    database = None
    try:
        with explained(path):
            database = _connect_to_read(path)
            _harden(database)
            _verify(database, path)
    except HistoryError:
        if database is not None:
            database.close()
        raise
    return database


def keep_aside(path: Path, identity: tuple[int, int] | None) -> Path | None:
    """Rename a damaged history and SQLite's files beside it; return the new name. Only the newest such are kept.

    None if another window has done so already: then the file at ``path`` is not the one with this ``identity``.
    """
    with explained(path):
        if identity is not None and identity != identity_of(path):
            return None
        aside = name_aside(path, "damaged")
        path.rename(aside)
        for ending in ("-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                path.with_name(path.name + ending).rename(aside.with_name(aside.name + ending))
        forget_oldest(aside)
    return aside


def identity_of(path: Path) -> tuple[int, int] | None:
    """Return device and number of the file, None if there is none: a file deleted under SQLite goes unnoticed."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def _connect_to_read(path: Path) -> sqlite3.Connection:
    address = path.absolute().as_uri()
    database = sqlite3.connect(f"{address}?mode=ro", uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    try:
        database.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        # On a read-only disk SQLite cannot make its files beside a WAL database; without a log it needs none.
        if path.with_name(path.name + "-wal").exists():
            raise
        database.close()
        return sqlite3.connect(f"{address}?immutable=1", uri=True, isolation_level=None)
    return database


def _harden(database: sqlite3.Connection) -> None:
    """Let a file made by somebody else do nothing but hold rows."""
    database.execute("PRAGMA trusted_schema = OFF")
    database.execute("PRAGMA cell_size_check = ON")
    database.text_factory = lambda text: text.decode("utf-8", "replace")
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_CELL_BYTES)


def _create(database: sqlite3.Connection) -> None:
    try:
        database.executescript(_SCHEMA)
    except sqlite3.OperationalError as error:
        if "already exists" not in str(error):  # another window was quicker
            raise
        database.execute("ROLLBACK")


def _verify(database: sqlite3.Connection, path: Path) -> None:
    (application_id,) = database.execute("PRAGMA application_id").fetchone()
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if application_id != APPLICATION_ID:
        raise DamagedHistoryError(_named(path, say("not a Lens7 history")))
    if version > VERSION:
        reason = say(
            "written by a newer Lens7 (format {version}, this one reads {known})",
            version=version,
            known=VERSION,
        )
        raise ForeignHistoryError(_named(path, reason))
    kinds = dict(database.execute("SELECT name, type FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"))
    if {name for name, kind in kinds.items() if kind == "table"} != TABLES:
        raise DamagedHistoryError(_named(path, say("its tables are not those of a history")))
    if set(kinds.values()) - {"table", "index"}:
        reason = say("holds views or triggers, which a history never does")
        raise DamagedHistoryError(_named(path, reason))
