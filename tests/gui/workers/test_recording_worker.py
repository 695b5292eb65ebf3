"""The recording thread: everything kept or counted, limits of size and disk, errors told."""

import time
from collections import namedtuple
from threading import Thread

import numpy as np
import pytest

from engine import Label, Result
from gui.core.frame import Frame, StageTimes
from gui.monitor.recording import RecordingError, RecordingFacts, RecordingReader, Taken
from gui.monitor.records import EngineRecord
from gui.workers import recording_worker
from gui.workers.recording_worker import MOST_WAITING, RecordingWorker

FACTS = RecordingFacts("0.1", "today", "fake", EngineRecord("fake", "tda4vm", "lens7", "numpy", 1))
LARGE = 1 << 40


def taken(seq: int) -> Taken:
    image = np.random.default_rng(seq).integers(0, 256, (60, 80, 3)).astype(np.uint8)
    logits = np.arange(4, dtype=np.float32) + seq
    result = Result((Label(3, "cup", 0.9),), logits, 1000, 2000, 3000, 1.5, image[:32, :32])
    return Taken(Frame(image, seq, seq * 1000), result, StageTimes(1000, 1000, 2000, 3000))


class Session:
    """A worker in its thread."""

    def __init__(self, path, limit_bytes=LARGE) -> None:
        self.told: list[str] = []
        self.worker = RecordingWorker(path, FACTS, limit_bytes, lambda _, text: self.told.append(text))
        self.thread = Thread(target=self.worker.run)

    def finish(self) -> None:
        self.worker.stop()
        if not self.thread.ident:
            self.thread.start()
        self.thread.join(10)
        assert not self.thread.is_alive()


def test_what_waits_when_it_is_stopped_is_kept(tmp_path):
    session = Session(tmp_path / "a.lens7rec")
    for seq in range(MOST_WAITING):
        session.worker.offer(taken(seq))
    session.finish()
    status = session.worker.status
    assert (status.frames, status.dropped, status.running) == (MOST_WAITING, 0, False)
    assert session.told == [f"recorded {MOST_WAITING} frames in {tmp_path / 'a.lens7rec'}"]
    with RecordingReader(tmp_path / "a.lens7rec") as reader:
        assert [frame.seq for frame in reader.frames()] == list(range(MOST_WAITING))
        assert status.size_bytes == reader.path.stat().st_size


def test_without_a_place_frames_are_dropped_and_counted(tmp_path):
    session = Session(tmp_path / "a.lens7rec")
    for seq in range(MOST_WAITING + 3):
        session.worker.offer(taken(seq))
    session.finish()
    assert session.worker.status.frames == MOST_WAITING
    assert session.worker.status.dropped == 3


def test_the_limit_ends_the_recording_and_says_so(tmp_path):
    session = Session(tmp_path / "a.lens7rec", limit_bytes=20_000)
    session.worker.offer(taken(0))
    session.thread.start()
    session.thread.join(10)
    assert not session.thread.is_alive()
    assert not session.worker.status.running
    assert "its limit of 0 MB is reached; the recording ends" in session.told[0]
    session.worker.offer(taken(1))
    with RecordingReader(tmp_path / "a.lens7rec") as reader:
        assert reader.count() == 1


def test_a_disk_nearly_full_ends_the_recording(tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(recording_worker.shutil, "disk_usage", lambda _: usage(10, 9, 1_000_000))
    session = Session(tmp_path / "a.lens7rec")
    session.worker.offer(taken(0))
    session.finish()
    assert "less than 500 MB are left on the disk" in session.told[0]


def test_a_file_taken_away_ends_the_recording_and_says_so(tmp_path):
    session = Session(tmp_path / "a.lens7rec")
    session.worker.offer(taken(0))
    session.thread.start()
    deadline_s = time.monotonic() + 10
    while not session.worker.status.frames and time.monotonic() < deadline_s:
        pass
    (tmp_path / "a.lens7rec").unlink()
    session.worker.offer(taken(1))
    session.thread.join(10)
    assert not session.thread.is_alive()
    assert session.told == [
        f"recording {tmp_path / 'a.lens7rec'}: the file was taken away; the recording ends with 1 frame"
    ]


def test_frames_that_wait_when_a_recording_ends_by_itself_are_counted_and_let_go(tmp_path):
    (tmp_path / "a.lens7rec").write_bytes(b"")
    session = Session(tmp_path / "a.lens7rec")
    for seq in range(MOST_WAITING):
        session.worker.offer(taken(seq))
    session.finish()
    assert (session.worker.status.frames, session.worker.status.dropped) == (0, MOST_WAITING)
    assert not session.worker._waiting


def test_frames_that_could_not_be_written_are_counted(tmp_path, monkeypatch):
    def full(*_):
        raise RecordingError("database or disk is full")

    monkeypatch.setattr(recording_worker.RecordingWriter, "write", full)
    session = Session(tmp_path / "a.lens7rec")
    session.worker.offer(taken(1))
    session.finish()
    assert session.told == ["database or disk is full; the recording ends with 0 frames"]
    assert (session.worker.status.frames, session.worker.status.dropped) == (0, 1)


@pytest.mark.parametrize("name", ["taken.lens7rec", "taken.lens7rec/inside.lens7rec"])
def test_a_file_that_cannot_be_made_is_told(tmp_path, name):
    (tmp_path / "taken.lens7rec").write_bytes(b"")
    session = Session(tmp_path / name)
    session.finish()
    assert len(session.told) == 1
    assert session.told[0].startswith("recording ")
