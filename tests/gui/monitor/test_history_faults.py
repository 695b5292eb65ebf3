"""What a history does when disk, file or another program misbehave: it says so, and loses nothing silently."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.core.state import Severity
from gui.monitor import history_file
from gui.monitor.history_file import DamagedHistoryError, HistoryError, open_for_reading
from gui.monitor.history_reader import HistoryReader, Span
from gui.monitor.records import Counts
from gui.workers import history_worker
from gui.workers.history_worker import HistoryWorker
from tests.gui.monitor.diary import Clock, Diary, frame

EVER = Span(0, 1 << 60)


def frames_in(path: Path) -> int:
    with HistoryReader(path) as reader:
        return reader.frames(EVER).date_us.size


def note(diary: Diary, count: int = 1) -> None:
    diary.clock.pass_s(1)
    diary.writer.write(
        [frame(diary.clock.monotonic_ns + 1000 * n) for n in range(count)], Counts(captured=count)
    )


@pytest.fixture
def diary(tmp_path):
    made = Diary(tmp_path / "history.sqlite")
    yield made
    made.writer.close()


@pytest.mark.parametrize("rubbish", [b"this is no database", b"SQLite format 3\0" + bytes(200), bytes(4096)])
def test_a_file_that_is_no_history_is_kept_aside(diary, rubbish):
    diary.path.write_bytes(rubbish)
    note(diary)
    (aside,) = diary.path.parent.glob("history.damaged-*.sqlite")
    assert aside.read_bytes() == rubbish
    assert frames_in(diary.path) == 1
    ((severity, text),) = diary.told
    assert severity is Severity.WARNING
    assert str(diary.path) in text
    assert f"kept as {aside.name}, and a new one is begun" in text


def test_a_disk_that_damages_every_history_is_not_filled_with_them(diary):
    for number in range(6):
        diary.writer.close()
        diary.path.write_bytes(b"damage %d" % number)
        note(diary)
    kept = sorted(path.read_bytes() for path in diary.path.parent.glob("history.damaged-*.sqlite"))
    assert kept == [b"damage 3", b"damage 4", b"damage 5"]
    assert frames_in(diary.path) == 1


def test_another_programs_database_is_kept_aside(diary):
    other = sqlite3.connect(diary.path)
    other.execute("CREATE TABLE bookmarks (url TEXT)")
    other.close()
    note(diary)
    assert len(list(diary.path.parent.glob("history.damaged-*.sqlite"))) == 1
    assert "not a Lens7 history" in diary.texts[0]


def test_a_newer_programs_history_is_left_alone(diary):
    note(diary)
    diary.writer.close()
    database = sqlite3.connect(diary.path)
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(HistoryError, match="written by a newer Lens7 \\(format 99, this one reads 1\\)"):
        note(diary)
    assert not list(diary.path.parent.glob("history.damaged-*"))


def test_a_history_damaged_while_it_is_open_is_replaced(diary):
    note(diary, 3000)
    diary.writer.close()
    content = bytearray(diary.path.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    diary.path.write_bytes(content)
    note(diary)
    assert frames_in(diary.path) == 1
    assert "a new one is begun" in diary.texts[-1]


def test_a_vanished_file_is_made_anew_and_said_so(diary):
    note(diary)
    for file in diary.path.parent.glob("history.sqlite*"):
        file.unlink()
    note(diary)
    assert frames_in(diary.path) == 1
    assert diary.texts == [f"history {diary.path}: the file was taken away; a new one is begun"]


def test_a_vanished_folder_is_made_anew(tmp_path):
    diary = Diary(tmp_path / "folder" / "history.sqlite")
    note(diary)
    shutil.rmtree(tmp_path / "folder")
    note(diary)
    assert frames_in(diary.path) == 1
    diary.writer.close()


def test_a_full_disk_is_said_and_the_batch_can_be_given_again(diary):
    note(diary)
    database = diary.writer._database
    (pages,) = database.execute("PRAGMA page_count").fetchone()
    database.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(HistoryError, match="full"):
        note(diary, 5000)
    assert frames_in(diary.path) == 1
    database.execute("PRAGMA max_page_count = 100000")
    note(diary, 5000)
    assert frames_in(diary.path) == 5001


def test_a_locked_history_is_said_and_goes_on_afterwards(diary, monkeypatch):
    monkeypatch.setattr(history_file, "BUSY_TIMEOUT_S", 0.01)
    note(diary)
    other = sqlite3.connect(diary.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(HistoryError, match="locked"):
        note(diary)
    other.execute("ROLLBACK")
    other.close()
    note(diary)
    assert frames_in(diary.path) == 2


@pytest.fixture
def public_folder():
    """Give a folder that an unprivileged user can reach, and become one: root may write everywhere."""
    folder = Path(tempfile.mkdtemp(prefix="lens7-test-"))
    folder.chmod(0o755)
    user = os.geteuid()
    yield folder, lambda: os.seteuid(65534) if user == 0 else None
    if user == 0:
        os.seteuid(0)
    folder.chmod(0o700)
    shutil.rmtree(folder)


def test_a_read_only_folder_is_said(public_folder):
    folder, become_unprivileged = public_folder
    folder.chmod(0o555)
    become_unprivileged()
    with pytest.raises(HistoryError, match=r"history\.sqlite: Permission denied"):
        note(Diary(folder / "history.sqlite"))


def test_a_history_on_a_read_only_disk_can_be_read(public_folder):
    folder, become_unprivileged = public_folder
    diary = Diary(folder / "history.sqlite")
    note(diary, 7)
    diary.writer.close()
    diary.path.chmod(0o444)
    folder.chmod(0o555)
    become_unprivileged()
    assert frames_in(diary.path) == 7


def test_no_file_is_a_clear_error(tmp_path):
    with pytest.raises(HistoryError, match="no such file"):
        open_for_reading(tmp_path / "nothing")


@pytest.mark.parametrize(
    "statement", ["CREATE VIEW v AS SELECT 1", "CREATE TABLE more (x)", "DROP TABLE event"]
)
def test_a_history_with_other_things_in_it_is_refused(diary, statement):
    note(diary)
    diary.writer.close()
    database = sqlite3.connect(diary.path)
    database.execute(statement)
    database.close()
    with pytest.raises(DamagedHistoryError):
        open_for_reading(diary.path)


@given(data=st.data())
def test_a_history_with_flipped_bytes_is_read_or_refused(data):
    """Whatever a damaged file says: figures or one clear error, and never anything else."""
    with tempfile.TemporaryDirectory() as folder:
        diary = Diary(Path(folder, "history.sqlite"))
        note(diary, 50)
        diary.writer.close()
        content = bytearray(diary.path.read_bytes())
        for _ in range(data.draw(st.integers(1, 20))):
            content[data.draw(st.integers(100, len(content) - 1))] = data.draw(st.integers(0, 255))
        diary.path.write_bytes(content)
        try:
            with HistoryReader(diary.path) as reader:
                for look in (reader.sessions, reader.days, reader.labels, reader.engines):
                    look()
                for look in (reader.minutes, reader.frames, reader.events, reader.drops):
                    look(EVER)
        except HistoryError as error:
            assert str(diary.path) in str(error)


WRITER = """
import sys
from pathlib import Path
from tests.gui.monitor.diary import Diary, frames_of
from gui.monitor.records import Counts
diary = Diary(Path(sys.argv[1]))
written = 0
for batch in frames_of(diary.clock, 1e6, 60):
    diary.writer.write(batch, Counts())
    written += len(batch)
    print(written, flush=True)
"""


def test_a_killed_writer_loses_nothing_that_was_committed(tmp_path):
    """Kill -9 in the midst of writing, again and again: the file opens, and holds every committed batch whole."""
    path = tmp_path / "history.sqlite"
    committed = 0
    for round_ in range(3):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
        )
        said = 0
        for line in process.stdout:
            said = int(line)
            if said >= 300 * (round_ + 1):
                break
        process.send_signal(signal.SIGKILL)
        said = max([said, *(int(line) for line in process.stdout.read().split("\n")[:-1])])
        process.stdout.close()
        process.wait()
        found = frames_in(path)
        assert said <= found - committed <= said + 30  # the batch in work may just have been committed
        assert found % 30 == 0
        committed = found
    with HistoryReader(path) as reader:
        assert len(reader.sessions()) == 3
        assert reader.minutes(EVER).frames.sum() == committed


class Stuck:
    """A worker over a diary, run by the test one commit at a time."""

    def __init__(self, diary: Diary) -> None:
        self.told: list[str] = []
        self.worker = HistoryWorker(lambda: diary.writer, Counts, lambda _, text: self.told.append(text))
        self.writer = diary.writer

    def commit(self) -> None:
        self.worker._commit(self.writer)


def test_the_worker_keeps_records_while_nothing_can_be_written(diary, monkeypatch):
    monkeypatch.setattr(history_worker, "KEPT_RECORDS", 10)
    stuck, clock = Stuck(diary), Clock()
    diary.path.mkdir()
    for number in range(8):
        stuck.worker.add(frame(clock.monotonic_ns + number * 1_000_000))
    stuck.commit()
    stuck.commit()
    assert len(stuck.told) == 1
    assert "the picture goes on" in stuck.told[0]
    assert (stuck.worker.lost, stuck.worker.written) == (0, 0)
    for number in range(8, 14):
        stuck.worker.add(frame(clock.monotonic_ns + number * 1_000_000))
    assert stuck.worker.lost == 4
    diary.path.rmdir()
    stuck.commit()
    assert frames_in(diary.path) == 10
    assert stuck.told[1:] == ["history is written again; 4 records were lost"]
    with HistoryReader(diary.path) as reader:
        (event,) = reader.events(EVER)
        assert event.text == "4 records were lost while the history could not be written"


def test_a_long_fault_tells_of_every_record_lost_in_it(diary, monkeypatch):
    monkeypatch.setattr(history_worker, "KEPT_RECORDS", 10)
    stuck, clock = Stuck(diary), Clock()
    diary.path.mkdir()
    for round_ in range(3):
        for number in range(10):
            stuck.worker.add(frame(clock.monotonic_ns + (10 * round_ + number) * 1_000_000))
        stuck.commit()
    diary.path.rmdir()
    stuck.commit()
    assert frames_in(diary.path) == 10
    assert (stuck.worker.lost, stuck.worker.written) == (20, 11)
    assert stuck.told[1:] == ["history is written again; 20 records were lost"]
    with HistoryReader(diary.path) as reader:
        (event,) = reader.events(EVER)
        assert event.text == "20 records were lost while the history could not be written"
    stuck.commit()
    with HistoryReader(diary.path) as reader:
        assert len(reader.events(EVER)) == 1


def test_a_record_that_no_file_takes_is_counted_and_the_next_ones_are_kept(diary):
    stuck, clock = Stuck(diary), Clock()
    stuck.worker.add(replace(frame(clock.monotonic_ns), device_ms=float("inf")))
    stuck.commit()
    assert stuck.worker.lost == 1
    assert stuck.told == [
        "history: 1 record cannot be kept (OverflowError: cannot convert float infinity to integer)"
    ]
    stuck.worker.add(frame(clock.monotonic_ns + 1_000_000))
    stuck.commit()
    assert frames_in(diary.path) == 1
    with HistoryReader(diary.path) as reader:
        assert [event.kind for event in reader.events(EVER)] == ["history lost"]


def test_the_worker_writes_what_waits_when_it_is_stopped(diary):
    worker = HistoryWorker(lambda: Diary(diary.path).writer, Counts, lambda *_: None)
    worker.add(frame(Clock().monotonic_ns))
    thread = Thread(target=worker.run)
    thread.start()
    worker.stop()
    thread.join(10)
    assert not thread.is_alive()
    assert frames_in(diary.path) == 1
    assert worker.written == 1
