"""A recording: what the network saw, losslessly, and what it answered; one file, readable by its owner alone.

NOTE: Qt-free. The file is an SQLite database, so that a killed program leaves a recording that opens.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.host.picture_header import picture_size
from gui.core.errors import GuiError
from gui.core.frame import Frame, StageTimes
from gui.core.text import say
from gui.monitor.history_batch import clean
from gui.monitor.records import EngineRecord

if TYPE_CHECKING:
    from engine import Result

SUFFIX = ".lens7rec"
APPLICATION_ID = 0x4C375243  # "L7RC"
VERSION = 1
PREVIEW_WIDTH_PX = 320
_PNG_LEVEL = 1  # 87 KB in 4 ms for a photograph of 224x224; level 6 needs 14 ms for 3 % less
_JPEG_QUALITY = 75
_MAX_CELL_BYTES = 32 << 20
_MAX_SIDE_PX = 2048
_MAX_CLASSES = 1 << 20

_SCHEMA = f"""
BEGIN IMMEDIATE;
CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE label (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
CREATE TABLE frame (
    seq INTEGER PRIMARY KEY, captured_us INTEGER NOT NULL, digest BLOB NOT NULL, input BLOB NOT NULL,
    preview BLOB NOT NULL, logits BLOB NOT NULL, queue_us INTEGER NOT NULL, preprocess_us INTEGER NOT NULL,
    run_us INTEGER NOT NULL, postprocess_us INTEGER NOT NULL, modelled_us INTEGER
) STRICT;
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {VERSION};
COMMIT;
"""
_TABLES = {"fact", "label", "frame"}
# With this ends an SQLite journal that names another file, which is deleted after the journal was used.
_SUPER_JOURNAL = bytes.fromhex("d9d505f920a163d7")


class RecordingError(GuiError):
    """A recording cannot be written or read."""


@dataclass(frozen=True, slots=True)
class RecordingFacts:
    """What made a recording. ``model`` is what opens the model again: a built-in name or a path."""

    version: str
    started: str
    model: str
    engine: EngineRecord


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """One labelled frame on its way into a recording."""

    frame: Frame
    result: Result
    times: StageTimes


@dataclass(frozen=True, slots=True, eq=False)
class RecordedFrame:
    """One frame of a recording: input uint8 RGB [h, w, 3], logits float32 [n]; ``digest`` is that of the input."""

    seq: int
    captured_us: int
    digest: bytes
    pixels: NDArray[np.uint8]
    logits: NDArray[np.float32]
    times: StageTimes
    modelled_ms: float | None


class RecordingWriter:
    """Writes a new file; used by one thread.

    Raises:
        RecordingError: from any method, if the file exists already or cannot be written.
    """

    def __init__(self, path: Path, facts: RecordingFacts) -> None:
        self.path = path
        self.frames = 0
        self.size_bytes = 0
        self._labels: set[int] = set()
        with self._explained():
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
            self._database = sqlite3.connect(path, isolation_level=None)
            self._database.execute("PRAGMA synchronous = NORMAL")
            self._database.executescript(_SCHEMA)
            self._database.executemany("INSERT INTO fact VALUES (?, ?)", _fact_rows(facts))

    def write(self, frames: Iterable[Taken]) -> None:
        """Add frames and commit them."""
        taken = tuple(frames)
        rows = [_row(each) for each in taken]
        if not self.path.exists():
            raise RecordingError(_named(self.path, say("the file was taken away")))
        with self._explained():
            self._database.execute("BEGIN IMMEDIATE")
            self._database.executemany(f"INSERT INTO frame VALUES ({', '.join('?' * 11)})", rows)
            self._name_labels(taken)
            self._database.execute("COMMIT")
            self.size_bytes = self.path.stat().st_size
        self.frames += len(rows)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _name_labels(self, frames: Iterable[Taken]) -> None:
        found = {label.index: clean(label.name) for taken in frames for label in taken.result.top}
        new = {index: name for index, name in found.items() if index not in self._labels}
        self._database.executemany("INSERT INTO label VALUES (?, ?)", new.items())
        self._labels |= new.keys()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise RecordingError(_named(self.path, str(error))) from error
        except OSError as error:
            raise RecordingError(_named(self.path, error.strerror or str(error))) from error


class RecordingReader:
    """Reads a recording, whoever made it.

    Raises:
        RecordingError: from any method, if there is no such file, or it is no recording, or damaged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.is_file():
            raise RecordingError(_named(path, say("no such file")))
        with self._explained():
            self._database = _connect_to_read(path)
        try:
            with self._explained():
                self._verify()
                self.facts = self._read_facts()
        except RecordingError:
            self._database.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def __enter__(self) -> RecordingReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def count(self) -> int:
        """Return the number of frames."""
        with self._explained():
            return int(self._database.execute("SELECT count(*) FROM frame").fetchone()[0])

    def labels(self) -> dict[int, str]:
        """Return the names of the classes that were among the first five of any frame."""
        with self._explained():
            rows = self._database.execute("SELECT id, name FROM label").fetchall()
            return {int(index): clean(str(name)) for index, name in rows}

    def frames(self) -> Iterator[RecordedFrame]:
        """Yield the frames in the order they were taken."""
        with self._explained():
            rows = self._database.execute(
                "SELECT seq, captured_us, digest, input, logits, queue_us, preprocess_us, run_us, postprocess_us,"
                " modelled_us FROM frame ORDER BY seq"
            )
            for row in rows:
                yield _recorded(row)

    def preview(self, seq: int) -> bytes:
        """Return the JPEG preview of one frame."""
        with self._explained():
            row = self._database.execute("SELECT preview FROM frame WHERE seq = ?", (seq,)).fetchone()
            if row is None or not isinstance(row[0], bytes):
                raise ValueError(f"frame {seq} has no preview")
            return row[0]

    def _verify(self) -> None:
        database = self._database
        (application_id,) = database.execute("PRAGMA application_id").fetchone()
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if application_id != APPLICATION_ID:
            raise ValueError("not a Lens7 recording")
        if version != VERSION:
            raise ValueError(f"format {version}, this program reads {VERSION}")
        kinds = dict(database.execute("SELECT name, type FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"))
        if set(kinds) != _TABLES or set(kinds.values()) != {"table"}:
            raise ValueError("its tables are not those of a recording")

    def _read_facts(self) -> RecordingFacts:
        facts = {str(name): clean(str(value)) for name, value in self._database.execute("SELECT * FROM fact")}
        engine = EngineRecord(
            facts["engine.model"], facts["engine.soc"], facts["engine.recipe"], facts["engine.kernels"],
            int(facts["engine.threads"]),
        )  # fmt: skip
        return RecordingFacts(facts["version"], facts["started"], facts["model"], engine)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, ValueError, TypeError, OverflowError, OSError) as error:
            said = " ".join(str(error).split())[:200]  # SQLite quotes the file
            raise RecordingError(_named(self.path, said)) from error
        except KeyError as error:
            raise RecordingError(_named(self.path, f"it does not say its {error}")) from error


def _named(path: Path, reason: str) -> str:
    return say("recording {path}: {reason}", path=path, reason=reason)


def _connect_to_read(path: Path) -> sqlite3.Connection:
    """Return a connection that can only read; a commit in which the recording program was killed is undone first."""
    address = path.absolute().as_uri()
    database = _connect(f"{address}?mode=ro")
    try:
        database.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.Error as error:
        database.close()
        if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_READONLY_ROLLBACK:
            raise
        _undo_last_commit(path)
        return _connect(f"{address}?mode=ro")
    return database


def _connect(address: str) -> sqlite3.Connection:
    database = sqlite3.connect(address, uri=True, isolation_level=None)
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MAX_CELL_BYTES)
    database.execute("PRAGMA trusted_schema = OFF")
    return database


def _undo_last_commit(path: Path) -> None:
    """Let SQLite take back what the journal beside the recording says was not finished."""
    with path.with_name(path.name + "-journal").open("rb") as journal:
        journal.seek(-len(_SUPER_JOURNAL), os.SEEK_END)
        if journal.read() == _SUPER_JOURNAL:
            raise ValueError("its journal leads to other files, which a recording never does")
    database = _connect(f"{path.absolute().as_uri()}?mode=rw")
    try:
        database.execute("SELECT 1 FROM sqlite_master").fetchone()
    finally:
        database.close()


def digest_of(pixels: NDArray[np.uint8]) -> bytes:
    """Return 16 bytes that name an input uint8 [h, w, 3]."""
    return hashlib.blake2b(
        np.ascontiguousarray(pixels).data, digest_size=16, salt=b"%dx%d" % pixels.shape[:2]
    ).digest()


def _fact_rows(facts: RecordingFacts) -> list[tuple[str, str]]:
    engine = [(f"engine.{each.name}", str(getattr(facts.engine, each.name))) for each in fields(EngineRecord)]
    return [("version", facts.version), ("started", facts.started), ("model", facts.model), *engine]


def _row(taken: Taken) -> tuple[int | bytes | None, ...]:
    result, times, pixels = taken.result, taken.times, taken.result.pixels
    assert pixels is not None
    return (
        taken.frame.seq,
        taken.frame.captured_ns // 1000,
        digest_of(pixels),
        _encoded(pixels, ".png", [cv2.IMWRITE_PNG_COMPRESSION, _PNG_LEVEL]),
        _encoded(_shrunk(taken.frame.image), ".jpg", [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY]),
        result.logits.astype("<f4").tobytes(),
        times.queue_ns // 1000,
        times.preprocess_ns // 1000,
        times.run_ns // 1000,
        times.postprocess_ns // 1000,
        None if result.device_ms is None else round(result.device_ms * 1000),
    )


def _encoded(image: NDArray[np.uint8], suffix: str, options: list[int]) -> bytes:
    done, data = cv2.imencode(suffix, cv2.cvtColor(image, cv2.COLOR_RGB2BGR), options)
    assert done, suffix
    return data.tobytes()


def _shrunk(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = image.shape[:2]
    if width <= PREVIEW_WIDTH_PX:
        return image
    size_wh = (PREVIEW_WIDTH_PX, max(1, height * PREVIEW_WIDTH_PX // width))
    return cv2.resize(image, size_wh, interpolation=cv2.INTER_AREA)  # type: ignore[return-value]


def _recorded(row: tuple[int | bytes | None, ...]) -> RecordedFrame:
    number, captured_us, digest, png, logits, *times_us, modelled_us = row
    seq = _whole(number)
    if not (isinstance(png, bytes) and isinstance(logits, bytes) and isinstance(digest, bytes)):
        raise ValueError(f"frame {seq} is damaged")
    pixels = _decoded(png, f"frame {seq}")
    if digest_of(pixels) != digest:
        raise ValueError(f"the picture of frame {seq} is damaged")
    if not logits or len(logits) % 4 or len(logits) > 4 * _MAX_CLASSES:
        raise ValueError(f"the answer of frame {seq} is damaged")
    times_ns = [1000 * _whole(each) for each in times_us]
    return RecordedFrame(
        seq, _whole(captured_us), digest, pixels, np.frombuffer(logits, "<f4").astype(np.float32),
        StageTimes(*times_ns), None if modelled_us is None else _whole(modelled_us) / 1000,
    )  # fmt: skip


def _whole(value: int | bytes | None) -> int:
    if not isinstance(value, int):
        raise ValueError(f"expected a whole number, got {value!r:.40}")
    return value


def _decoded(png: bytes, name: str) -> NDArray[np.uint8]:
    """Return the RGB picture of PNG bytes; its size is looked at before it is decoded."""
    size_wh = picture_size(png)
    if (
        size_wh is None
        or not png.startswith(b"\x89PNG")
        or not 1 <= min(size_wh) <= max(size_wh) <= _MAX_SIDE_PX
    ):
        raise ValueError(f"{name} holds no picture of at most {_MAX_SIDE_PX} pixels a side")
    try:
        image = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR_RGB)
    except cv2.error as error:
        raise ValueError(f"{name} cannot be decoded ({error.err})") from error
    if image is None:
        raise ValueError(f"{name} cannot be decoded")
    return image  # type: ignore[return-value]
