"""History: what was written is what is read; minutes, days, engines, events, clocks."""

import sqlite3
import stat
from datetime import datetime

import numpy as np
import pytest

from gui.core.frame import Frame, Shown
from gui.core.latency import Stage
from gui.core.state import Severity
from gui.monitor.history_reader import FRAME_COLUMNS, HistoryReader, Span, day_span
from gui.monitor.history_rotation import Limits
from gui.monitor.records import Counts, EngineRecord, EventKind, EventRecord, FrameRecord
from tests.gui.monitor.diary import ENGINE, NOON_NS, SECOND_NS, Diary, frame, frames_of

EVER = Span(0, 1 << 60)


@pytest.fixture
def diary(tmp_path):
    made = Diary(tmp_path / "history.sqlite")
    yield made
    made.writer.close()


def read(diary):
    return HistoryReader(diary.path)


def test_a_frame_comes_back_as_it_was(diary):
    now_ns = diary.clock.monotonic_ns
    diary.writer.write([ENGINE, frame(now_ns, run_ms=4.0, label="banana")], Counts(captured=1))
    with read(diary) as reader:
        frames = reader.frames(EVER)
        assert frames.date_us.tolist() == [NOON_NS // 1000]
        assert {stage: ms.tolist() for stage, ms in frames.stages_ms.items()} == {
            Stage.QUEUE: [0.3],
            Stage.PREPROCESS: [0.5],
            Stage.RUN: [4.0],
            Stage.POSTPROCESS: [0.1],
            Stage.PAINT: [0.7],
            Stage.AGE: [13.0],
        }
        assert frames.modelled_ms.tolist() == [2.4]
        assert reader.labels()[frames.label[0]] == "banana"
        assert "efficientnet_lite0 on tda4vm, recipe lens7" in reader.engines()[frames.engine[0]]
        assert frames.complete


def test_an_unlabelled_frame_has_no_engine_and_no_run_time(diary):
    record = FrameRecord(diary.clock.monotonic_ns, 1_000_000, 20_000_000)
    diary.writer.write([ENGINE, record], Counts())
    with read(diary) as reader:
        frames = reader.frames(EVER)
        assert np.isnan(frames.stages_ms[Stage.RUN]).all()
        assert frames.stages_ms[Stage.AGE].tolist() == [20.0]
        assert (frames.engine.tolist(), frames.label.tolist()) == ([-1], [-1])
        assert np.isnan(frames.modelled_ms).all()


def test_records_are_made_of_what_was_painted_and_hold_no_picture():
    from engine import Label
    from gui.core.frame import StageTimes

    image = np.zeros((2, 2, 3), np.uint8)
    shown = Shown(Frame(image, 0, 100), image, (Label(3, "cup", 0.5),), StageTimes(1, 2, 3, 4))
    record = FrameRecord.of(shown, 160, 10)
    assert (record.age_ns, record.label, record.probability, record.times) == (60, "cup", 0.5, shown.times)
    assert not any(isinstance(getattr(record, name), np.ndarray) for name in FrameRecord.__slots__)


def test_minutes_sum_up_their_frames(diary):
    counted = Counts()
    shown = 0
    for batch in frames_of(diary.clock, seconds=150, fps=30):
        shown += len(batch)
        counted = Counts(shown + shown // 10, shown // 2, shown // 3, {"newer frame arrived": shown // 10})
        diary.writer.write(batch, counted)
    with read(diary) as reader:
        minutes, frames = reader.minutes(EVER), reader.frames(EVER)
        assert minutes.frames.tolist() == [1800, 1800, 900]
        assert minutes.labelled.tolist() == [1800, 1800, 900]
        assert minutes.captured.sum() == counted.captured
        assert minutes.dropped.sum() == counted.dropped["newer frame arrived"]
        assert minutes.agreed.sum() == counted.agreed
        assert minutes.compared.sum() == counted.compared
        assert reader.drops(EVER) == counted.dropped
        second = (frames.date_us >= minutes.start_us[1]) & (frames.date_us < minutes.start_us[2])
        expected = np.percentile(frames.stages_ms[Stage.RUN][second], (50, 95, 99, 100))
        assert minutes.stages_ms[Stage.RUN][1] == pytest.approx(expected, abs=0.001)
        assert minutes.labels[0] in ("coffee mug", "espresso", "banana", "keyboard")


def test_a_minute_tells_its_engine_its_label_and_how_many_frames_have_one(diary):
    now_ns = diary.clock.monotonic_ns
    frames = [frame(now_ns + 1000 * n, label=name) for n, name in enumerate(("cup", "mug", "mug"), 1)]
    diary.writer.write([ENGINE, FrameRecord(now_ns, 1_000_000, 20_000_000), *frames], Counts())
    with read(diary) as reader:
        minutes = reader.minutes(EVER)
        assert (minutes.frames.tolist(), minutes.labelled.tolist()) == ([4], [3])
        assert minutes.labels == ("mug",)
        assert minutes.engines == tuple(reader.engines().values())
        assert minutes.modelled_ms.tolist() == [2.4]


def test_probabilities_are_kept_in_ten_thousandths(diary):
    now_ns = diary.clock.monotonic_ns
    shares = (0.0, 0.12344, 0.99996, 1.0, float("nan"))
    frames = [frame(now_ns + 1000 * n, probability=share) for n, share in enumerate(shares)]
    diary.writer.write([ENGINE, *frames], Counts())
    with read(diary) as reader:
        rows = list(reader.frame_rows(EVER, None, 10))
    assert [row[FRAME_COLUMNS.index("permyriad")] for row in rows] == [0, 1234, 10_000, 10_000, None]


def test_a_minute_without_a_picture_is_there_and_says_so(diary):
    diary.writer.write([], Counts())
    with read(diary) as reader:
        minutes = reader.minutes(EVER)
        assert minutes.frames.tolist() == [0]
        assert np.isnan(minutes.stages_ms[Stage.AGE]).all()


def test_a_batch_across_minutes_is_divided(diary):
    clock = diary.clock
    early, clock.monotonic_ns = clock.monotonic_ns, clock.monotonic_ns + 90 * SECOND_NS
    clock.wall_ns += 90 * SECOND_NS
    diary.writer.write(
        [frame(early), frame(early + 59 * SECOND_NS), frame(early + 61 * SECOND_NS)], Counts(3)
    )
    with read(diary) as reader:
        minutes = reader.minutes(EVER)
        assert minutes.frames.tolist() == [2, 1]
        assert minutes.captured.tolist() == [3, 0]


def test_frames_of_one_microsecond_keep_their_order(diary):
    now_ns = diary.clock.monotonic_ns
    diary.writer.write([frame(now_ns, run_ms=ms) for ms in (1.0, 2.0, 3.0)], Counts())
    with read(diary) as reader:
        assert reader.frames(EVER).stages_ms[Stage.RUN].tolist() == [1.0, 2.0, 3.0]


def test_engines_change_within_a_session(diary):
    other = EngineRecord("mobilenet", "am68a", "ti", "numpy", 2)
    now_ns = diary.clock.monotonic_ns
    diary.writer.write([ENGINE, frame(now_ns), other, frame(now_ns + 1000)], Counts())
    diary.writer.write([frame(now_ns + 2000), ENGINE, frame(now_ns + 3000)], Counts())
    with read(diary) as reader:
        lines = reader.engines()
        models = [lines[number].split()[0] for number in reader.frames(EVER).engine.tolist()]
        assert models == ["efficientnet_lite0", "mobilenet", "mobilenet", "efficientnet_lite0"]


def test_events_are_kept_in_order_and_cleaned(diary):
    now_ns = diary.clock.monotonic_ns
    nasty = "broken \x1b[31m name \udcff" + "x" * 1000
    diary.writer.write(
        [
            EventRecord(now_ns, EventKind.MESSAGE, Severity.INFO, "camera found"),
            EventRecord(now_ns + SECOND_NS, EventKind.ALARM, Severity.BAD, nasty),
        ],
        Counts(),
    )
    with read(diary) as reader:
        first, second = reader.events(EVER)
        assert (first.kind, first.severity, first.text) == ("message", "info", "camera found")
        assert second.date_us - first.date_us == 1_000_000
        assert second.text.isprintable()
        assert len(second.text) <= 500


def test_sessions_are_told_apart_and_one_can_be_read_alone(tmp_path):
    for _ in range(2):
        diary = Diary(tmp_path / "history.sqlite")
        diary.writer.write([frame(diary.clock.monotonic_ns)], Counts(captured=1))
        diary.clock.pass_s(10)
        diary.writer.write([], Counts(captured=1))
        diary.writer.close()
    with read(diary) as reader:
        first, second = reader.sessions()
        assert (first.frames, second.frames) == (1, 1)
        assert first.span.end_us - first.span.start_us == pytest.approx(10_000_000, abs=1)
        assert first.machine == "test machine"
        assert reader.frames(EVER).date_us.size == 2
        assert reader.frames(EVER, second.id).date_us.size == 1
        assert reader.minutes(EVER, first.id).session.tolist() == [first.id]


def test_days_are_those_of_this_place(diary):
    diary.writer.write([frame(diary.clock.monotonic_ns)], Counts())
    today = datetime.fromtimestamp(NOON_NS / 1e9).date()
    with read(diary) as reader:
        assert reader.days() == [today]
        assert reader.frames(day_span(today)).date_us.size == 1


def test_a_zoom_that_holds_too_much_says_so(diary):
    now_ns = diary.clock.monotonic_ns
    diary.writer.write([frame(now_ns + 1000 * n) for n in range(10)], Counts())
    with read(diary) as reader:
        assert not reader.frames(EVER, most=9).complete
        assert reader.frames(EVER, most=9).date_us.size == 9
        assert reader.frames(EVER, most=10).complete


def test_a_clock_set_back_changes_no_order(diary):
    clock = diary.clock
    diary.writer.write([frame(clock.monotonic_ns)], Counts())
    clock.pass_s(1)
    clock.wall_ns -= 3600 * SECOND_NS
    diary.writer.write([frame(clock.monotonic_ns)], Counts())
    clock.pass_s(1)
    diary.writer.write([frame(clock.monotonic_ns)], Counts())
    with read(diary) as reader:
        assert np.diff(reader.frames(EVER).date_us).tolist() == [1_000_000, 1_000_000]
        (event,) = reader.events(EVER)
    assert event.kind == "clock"
    assert event.text == "the clock was set back by 3600 s; history goes on in its own order"
    assert diary.texts == [event.text]


def test_a_clock_set_forward_or_a_sleep_is_followed(diary):
    clock = diary.clock
    diary.writer.write([frame(clock.monotonic_ns)], Counts())
    clock.wall_ns += 7200 * SECOND_NS
    clock.pass_s(1)
    diary.writer.write([frame(clock.monotonic_ns)], Counts())
    with read(diary) as reader:
        assert np.diff(reader.frames(EVER).date_us).tolist() == [7_201_000_000]
    assert "forward by 7200 s" in diary.texts[0]


def test_a_clock_set_back_and_then_right_again_is_caught_up_with(diary):
    clock = diary.clock
    diary.writer.write([], Counts())
    for jump_s in (-100, 150):
        clock.wall_ns += jump_s * SECOND_NS
        diary.writer.write([frame(clock.monotonic_ns)], Counts())
        clock.pass_s(1)
    with read(diary) as reader:
        assert np.diff(reader.frames(EVER).date_us).tolist() == [51_000_000]


def test_the_file_is_readable_by_its_owner_alone(diary):
    diary.writer.write([frame(diary.clock.monotonic_ns)], Counts())
    files = list(diary.path.parent.glob("history.sqlite*"))
    assert len(files) == 3  # the database and SQLite's two beside it
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def record_and_rotate(diary, pause_s):
    """Keep one frame, the machine then being off for so long."""
    diary.writer.write([frame(diary.clock.monotonic_ns)], Counts())
    while diary.writer.rotate():
        pass
    diary.clock.pass_s(pause_s)


def test_age_lets_old_days_go(tmp_path):
    diary = Diary(tmp_path / "history.sqlite", Limits(age_days=2))
    for pause_s in (86_400, 3 * 86_400, 60):
        record_and_rotate(diary, pause_s)
    with read(diary) as reader:
        assert reader.frames(EVER).date_us.size == 2
        assert reader.minutes(EVER).frames.tolist() == [1, 1]
        assert len(reader.days()) == 2
        assert np.diff(reader.frames(EVER).date_us).tolist() == [3 * 86_400_000_000]
    diary.writer.close()


def test_a_day_ends_at_midnight_of_utc(tmp_path):
    """Noon's minute, the diary's first, is the 534th of its day."""
    diary = Diary(tmp_path / "history.sqlite", Limits(age_days=1))
    diary.clock.pass_s((1440 - 534 - 2) * 60)
    for kept in (1, 2, 1):  # 23:58, 23:59 and 0:00, which lets the day before go
        record_and_rotate(diary, 60)
        with read(diary) as reader:
            assert reader.frames(EVER).date_us.size == kept
    diary.writer.close()


@pytest.mark.parametrize("wrong_days", [31, 400, 36_500])
def test_a_wrong_clock_deletes_no_history(tmp_path, wrong_days):
    diary = Diary(tmp_path / "history.sqlite", Limits(age_days=30))
    for _ in range(20):
        record_and_rotate(diary, 86_400)
    diary.clock.wall_ns += wrong_days * 86_400 * SECOND_NS
    record_and_rotate(diary, 60)
    diary.writer.close()
    later = Diary(tmp_path / "history.sqlite", Limits(age_days=30))
    later.clock.wall_ns += 21 * 86_400 * SECOND_NS  # right again at the next start
    record_and_rotate(later, 60)
    with read(later) as reader:
        assert reader.frames(EVER).date_us.size == 22
        assert reader.minutes(EVER).frames.sum() == 22
        assert len(reader.days()) == 22
    later.writer.close()


def test_a_day_of_a_wrong_clock_counts_as_one_day(tmp_path):
    diary = Diary(tmp_path / "history.sqlite", Limits(age_days=5))
    for _ in range(5):
        record_and_rotate(diary, 86_400)
    diary.clock.wall_ns += 400 * 86_400 * SECOND_NS
    record_and_rotate(diary, 60)
    with read(diary) as reader:
        assert len(reader.days()) == 5
    diary.writer.close()


def test_size_lets_the_oldest_frames_go_and_keeps_the_minutes(tmp_path):
    diary = Diary(tmp_path / "history.sqlite", Limits(size_bytes=1_000_000))
    for batch in frames_of(diary.clock, seconds=40, fps=2000):
        diary.writer.write(batch, Counts())
    while diary.writer.rotate():
        pass
    diary.writer.close()
    with read(diary) as reader:
        frames = reader.frames(EVER)
        assert 0 < frames.date_us.size < 40_000
        assert reader.minutes(EVER).frames.sum() == 80_000
    assert diary.path.stat().st_size < 1_200_000


def test_reading_is_possible_while_another_writes(diary):
    diary.writer.write([frame(diary.clock.monotonic_ns)], Counts())
    with read(diary) as reader:
        assert reader.frames(EVER).date_us.size == 1
        diary.clock.pass_s(1)
        diary.writer.write([frame(diary.clock.monotonic_ns)], Counts())
        assert reader.frames(EVER).date_us.size == 2


def test_two_windows_write_one_history(tmp_path):
    one, two = Diary(tmp_path / "h.sqlite"), Diary(tmp_path / "h.sqlite")
    for diary in (one, two, one, two):
        diary.clock.pass_s(1)
        diary.writer.write([ENGINE, frame(diary.clock.monotonic_ns)], Counts())
    with read(one) as reader:
        assert [session.frames for session in reader.sessions()] == [2, 2]
        assert reader.frames(EVER).date_us.size == 4
    assert one.texts == two.texts == []
    for diary in (one, two):
        diary.writer.close()


def test_a_reader_cannot_write(diary):
    diary.writer.write([], Counts())
    with read(diary) as reader, pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader._database.execute("DELETE FROM frame")
