"""An hour at the stand at 30 frames per second, through the real writer; `python -m tests.bench.history_day` does eight."""

import time

import pytest

from gui.monitor.history_reader import HistoryReader, Span, day_span
from gui.monitor.records import Counts
from tests.gui.monitor.diary import ENGINE, SECOND_NS, Diary, frame

FRAMES = 108_000
FRAMES_PER_BATCH = 600  # twenty seconds: forty commits in one


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    diary = Diary(tmp_path_factory.mktemp("day") / "history.sqlite")
    diary.writer.write([ENGINE], Counts())
    shown = 0
    while shown < FRAMES:
        start_ns = diary.clock.monotonic_ns
        diary.clock.pass_s(FRAMES_PER_BATCH / 30)
        batch = [
            frame(
                start_ns + number * SECOND_NS // 30,
                3.0 + (shown + number) * 37 % 1000 / 400,
                f"label {number % 40}",
            )
            for number in range(FRAMES_PER_BATCH)
        ]
        shown += FRAMES_PER_BATCH
        diary.writer.write(batch, Counts(shown + shown // 20, 0, 0, {"newer frame arrived": shown // 20}))
    diary.writer.close()
    return diary


def test_eight_such_hours_take_less_than_150_mb(day):
    assert 8 * day.path.stat().st_size < 150_000_000


def test_its_view_opens_in_less_than_300_ms(day):
    start_s = time.perf_counter()
    with HistoryReader(day.path) as reader:
        span = day_span(reader.days()[-1])
        minutes, events, drops = reader.minutes(span), reader.events(span), reader.drops(span)
    took_s = time.perf_counter() - start_s
    assert took_s < 0.3
    assert minutes.frames.sum() > 0
    assert events == []
    assert set(drops) == {"newer frame arrived"}


def test_half_an_hour_of_it_is_zoomed_into_frame_by_frame(day):
    with HistoryReader(day.path) as reader:
        minutes = reader.minutes(Span(0, 1 << 60))
        assert minutes.frames.sum() == FRAMES
        assert minutes.dropped.sum() == FRAMES // 20
        start_s = time.perf_counter()
        frames = reader.frames(Span(minutes.start_us[10], minutes.start_us[40]))
        took_s = time.perf_counter() - start_s
    assert frames.date_us.size == 54_000
    assert frames.complete
    assert took_s < 1.0
