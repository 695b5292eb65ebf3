"""Recordings: lossless, private, bit-identical in replay; differences listed; damaged files refused."""

import sqlite3
import stat
import struct
import tempfile
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Session
from gui.core.frame import Frame, StageTimes
from gui.monitor.recording import (
    RecordedFrame,
    RecordingError,
    RecordingFacts,
    RecordingReader,
    RecordingWriter,
    Taken,
    digest_of,
)
from gui.monitor.records import EngineRecord
from gui.monitor.replay import Answer, ReplayError, compare, recorded_answers, replay
from tests.engine.program.small import small_artifact

FACTS = RecordingFacts(
    "0.1", "2026-05-01T10:00:00+02:00", "small", EngineRecord("small", "tda4vm", "ti", "reference", 1)
)


def pictures(count: int, seed: int = 0):
    random = np.random.default_rng(seed)
    return [random.integers(0, 256, (30, 40, 3)).astype(np.uint8) for _ in range(count)]


def taken(session: Session, images) -> list[Taken]:
    found = []
    for seq, image in enumerate(images):
        result = session.run(image)
        times = StageTimes(1_234_567 + seq, result.preprocess_ns, result.run_ns, result.postprocess_ns)
        result = replace(result, device_ms=2.3456 if seq % 2 else None)
        found.append(Taken(Frame(image, seq * 2, seq * 33_333_333), result, times))
    return found


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A recording of 20 frames, and what the network saw and said."""
    path = tmp_path_factory.mktemp("recording") / "day.lens7rec"
    with Session(small_artifact(), "reference") as session:
        frames = taken(session, pictures(20))
    writer = RecordingWriter(path, FACTS)
    writer.write(frames[:12])
    writer.write(frames[12:])
    assert (writer.frames, writer.size_bytes) == (20, path.stat().st_size)
    writer.close()
    return path, frames


def test_everything_comes_back_bit_by_bit(recorded):
    path, frames = recorded
    with RecordingReader(path) as reader:
        assert reader.facts == FACTS
        assert reader.count() == 20
        read = list(reader.frames())
        for got, given_ in zip(read, frames, strict=True):
            assert got.seq == given_.frame.seq
            np.testing.assert_array_equal(got.pixels, given_.result.pixels)
            np.testing.assert_array_equal(got.logits, given_.result.logits)
            assert got.captured_us == given_.frame.captured_ns // 1000
            for stage in ("queue_ns", "preprocess_ns", "run_ns", "postprocess_ns"):
                assert getattr(got.times, stage) == getattr(given_.times, stage) // 1000 * 1000
        assert [got.modelled_ms for got in read] == [None, 2.346] * 10
        assert set(reader.labels().values()) == {"ant", "bee", "cat", "dog"}


def test_the_preview_is_a_picture(recorded):
    path, _ = recorded
    with RecordingReader(path) as reader:
        preview = cv2.imdecode(np.frombuffer(reader.preview(4), np.uint8), cv2.IMREAD_COLOR)
        assert preview.shape == (30, 40, 3)
        with pytest.raises(RecordingError, match="frame 5 has no preview"):
            reader.preview(5)


@pytest.mark.parametrize(
    ("size_hw", "preview_hw"),
    [((30, 320), (30, 320)), ((90, 321), (89, 320)), ((720, 1280), (180, 320)), ((1, 2000), (1, 320))],
)
def test_the_preview_is_at_most_320_pixels_wide(recorded, tmp_path, size_hw, preview_hw):
    image = np.zeros((*size_hw, 3), np.uint8)
    writer = RecordingWriter(tmp_path / "wide.lens7rec", FACTS)
    writer.write([replace(recorded[1][0], frame=Frame(image, 0, 0))])
    writer.close()
    with RecordingReader(tmp_path / "wide.lens7rec") as reader:
        preview = cv2.imdecode(np.frombuffer(reader.preview(0), np.uint8), cv2.IMREAD_COLOR)
    assert preview.shape[:2] == preview_hw


def test_a_recording_is_readable_by_its_owner_alone_and_never_overwritten(recorded):
    path, _ = recorded
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(RecordingError, match="File exists"):
        RecordingWriter(path, FACTS)


@pytest.mark.parametrize("kernels", ["reference", "numpy"])
def test_replay_is_bit_identical_on_every_kernel_set(recorded, kernels):
    path, _ = recorded
    done = []
    with RecordingReader(path) as reader, Session(small_artifact(), kernels) as session:
        again = list(replay(reader.frames(), session, done.append))
        comparison = compare(recorded_answers(reader.frames()), again)
    assert comparison.is_identical
    assert comparison.frames == 20
    assert done == list(range(1, 21))


class Shifted:
    """A network that says something else of every third picture."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.calls = 0

    def run_pixels(self, pixels):
        logits = self.session.run_pixels(pixels)
        self.calls += 1
        return logits if self.calls % 3 else logits[::-1].copy()


def test_every_frame_that_differs_is_listed(recorded):
    path, frames = recorded
    with RecordingReader(path) as reader, Session(small_artifact(), "reference") as session:
        comparison = compare(recorded_answers(reader.frames()), replay(reader.frames(), Shifted(session)))
        document = comparison.document(reader.labels())
    assert not comparison.is_identical
    assert [each.seq for each in comparison.differences] == [frames[n].frame.seq for n in range(2, 20, 3)]
    assert document["identical"] == 20 - 6
    first = document["differences"][0]
    logits = frames[2].result.logits
    assert [each["index"] for each in first["a"]] == np.argsort(-logits, kind="stable").tolist()
    assert [each["index"] for each in first["b"]] == np.argsort(-logits[::-1], kind="stable").tolist()
    assert first["largest_logit_difference"] == pytest.approx(np.abs(logits - logits[::-1]).max())
    assert first["first_label_differs"] == (logits.argmax() != logits[::-1].argmax())


def answer(seq: int, name: bytes, *logits: float) -> Answer:
    return Answer(seq, name, np.array(logits, np.float32), 1_000_000)


def test_runs_are_paired_by_their_pictures_not_by_their_numbers():
    a = [answer(0, b"x", 1, 2), answer(1, b"y", 3, 4), answer(2, b"x", 5, 6)]
    b = [answer(7, b"y", 3, 4), answer(8, b"x", 1, 2), answer(9, b"z", 0, 0)]
    comparison = compare(a, b)
    assert (comparison.frames, comparison.missing) == (2, 2)
    assert comparison.differences == ()
    assert not comparison.is_identical


def test_runs_that_cannot_be_compared_are_refused():
    with pytest.raises(ReplayError, match="no picture in common"):
        compare([answer(0, b"x", 1, 2)], [answer(0, b"y", 1, 2)])
    with pytest.raises(ReplayError, match="2 classes in one run and 3 in the other"):
        compare([answer(0, b"x", 1, 2)], [answer(0, b"x", 1, 2, 3)])


def test_answers_that_are_no_numbers_are_the_same_if_their_bits_are():
    assert compare([answer(0, b"x", np.nan, 1)], [answer(0, b"x", np.nan, 1)]).is_identical


def test_answers_that_are_no_numbers_name_nothing():
    (one,) = compare([answer(0, b"x", np.nan, 1)], [answer(0, b"x", 0, 1)]).differences
    assert (one.best_a, one.best_b, one.first_differs) == ((), (1, 0), True)


def test_a_transposed_picture_is_another_input():
    pixels = np.zeros((4, 6, 3), np.uint8)
    assert digest_of(pixels) != digest_of(pixels.reshape(6, 4, 3))


@pytest.mark.parametrize("content", [b"", b"nothing", b"SQLite format 3\0" + bytes(100)])
def test_what_is_no_recording_is_refused(tmp_path, content):
    path = tmp_path / "x.lens7rec"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match="recording .*x.lens7rec"):
        RecordingReader(path)
    with pytest.raises(RecordingError, match="no such file"):
        RecordingReader(tmp_path / "y.lens7rec")


def test_a_refusal_is_one_line_whatever_the_file_says(recorded, tmp_path):
    path = tmp_path / "b.lens7rec"
    path.write_bytes(
        recorded[0].read_bytes().replace(b"postprocess_us INTEGER", b'postprocess_us"INTEGER', 1)
    )
    with pytest.raises(RecordingError, match="malformed database schema") as caught:
        RecordingReader(path)
    assert "\n" not in str(caught.value)


def killed_in_a_commit(recorded, folder: Path) -> Path:
    """Return a recording as a kill in the middle of a commit leaves it: pages half written, their old content in a journal."""
    path = folder / "killed.lens7rec"
    path.write_bytes(recorded[0].read_bytes())
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA cache_size = 1")
    database.execute("BEGIN")
    database.execute("DELETE FROM frame")
    database.executemany("INSERT INTO label VALUES (?, ?)", [(1000 + n, "x" * 1000) for n in range(100)])
    left = {each.name: each.read_bytes() for each in folder.iterdir()}
    database.rollback()
    database.close()
    for name, content in left.items():
        (folder / name).write_bytes(content)
    assert left.keys() == {"killed.lens7rec", "killed.lens7rec-journal"}
    assert left["killed.lens7rec"] != recorded[0].read_bytes()
    return path


def test_a_recording_whose_program_was_killed_in_a_commit_opens_without_it(recorded, tmp_path):
    path = killed_in_a_commit(recorded, tmp_path)
    with RecordingReader(path) as reader:
        assert reader.count() == len(list(reader.frames())) == 20
    assert list(tmp_path.iterdir()) == [path]


def test_a_journal_that_leads_to_other_files_is_refused(recorded, tmp_path):
    """SQLite deletes a super-journal that a journal names once nothing refers to it: any file, if somebody else wrote it."""
    path = killed_in_a_commit(recorded, tmp_path)
    journal, prey = path.with_name(path.name + "-journal"), tmp_path / "prey"
    prey.write_bytes(b"")
    name = str(prey).encode()
    content = journal.read_bytes() + b"\0\0\0\1" + name + struct.pack(">II", len(name), sum(name))
    journal.write_bytes(content + bytes.fromhex("d9d505f920a163d7"))
    with pytest.raises(RecordingError, match="its journal leads to other files"):
        RecordingReader(path)
    assert prey.exists()


def test_a_recording_of_another_format_is_refused(recorded, tmp_path):
    path = tmp_path / "newer.lens7rec"
    path.write_bytes(recorded[0].read_bytes())
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 2")
    database.close()
    with pytest.raises(RecordingError, match="format 2, this program reads 1"):
        RecordingReader(path)


def test_a_picture_too_large_is_refused_before_it_is_decoded(recorded, tmp_path):
    path = tmp_path / "large.lens7rec"
    path.write_bytes(recorded[0].read_bytes())
    png = cv2.imencode(".png", np.zeros((4000, 4000), np.uint8))[1].tobytes()
    database = sqlite3.connect(path)
    database.execute("UPDATE frame SET input = ? WHERE seq = 0", (png,))
    database.commit()
    database.close()
    with RecordingReader(path) as reader, pytest.raises(RecordingError, match="at most 2048 pixels"):
        next(reader.frames())


@given(data=st.data())
def test_flipped_bytes_are_read_as_they_were_or_refused(recorded, data):
    """A recording vouches for its pictures: a changed one is refused, never replayed."""
    path, frames = recorded
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 10))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with tempfile.TemporaryDirectory() as folder:
        damaged = Path(folder, "day.lens7rec")
        damaged.write_bytes(content)
        try:
            with RecordingReader(damaged) as reader:
                reader.labels()
                found: list[RecordedFrame] = list(reader.frames())
        except RecordingError as error:
            assert str(damaged) in str(error)
            return
    inputs = {digest_of(each.result.pixels) for each in frames}
    assert {digest_of(frame.pixels) for frame in found} <= inputs
