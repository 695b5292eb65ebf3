"""Vitals and alarms: what is watched, patience, margins, and the words."""

import pytest

from gui.monitor.alarms import PATIENCE_NS, AlarmBoard, Quantity, Rule
from gui.monitor.vitals import WINDOW_S, FrameCounts, Vitals, VitalsMeter

MS = 1_000_000
S = 1_000_000_000
NOTHING = FrameCounts(0, 0)
LATENCY = Rule(Quantity.LATENCY, 50.0)


def test_vitals_of_a_steady_picture():
    meter = VitalsMeter(0)
    for number in range(1, 301):  # 30 frames per second over the window
        meter.add(number * S // 30, (10 + number % 20) * MS)
    vitals = meter.sample(10 * S, NOTHING, 0.96)
    assert vitals.fps == pytest.approx(30.0)
    assert vitals.latency_p95_ms == pytest.approx(28.0, abs=0.5)
    assert vitals.age_ms == pytest.approx(10.0)
    assert vitals.agreement == 0.96


def test_a_picture_that_stands_still_grows_old_and_its_rate_falls():
    meter = VitalsMeter(0)
    for number in range(300):
        meter.add(number * S // 30, 20 * MS)
    assert meter.sample(15 * S, NOTHING, None).age_ms == pytest.approx(5_053, abs=1)
    assert meter.sample(15 * S, NOTHING, None).fps == pytest.approx(15.0, abs=0.2)
    assert meter.sample(30 * S, NOTHING, None).fps == 0.0
    assert meter.sample(30 * S, NOTHING, None).latency_p95_ms is None


def test_rates_are_unknown_until_the_window_was_watched():
    meter = VitalsMeter(0)
    meter.add(S, 5 * MS)
    vitals = meter.sample(2 * S, FrameCounts(10, 5), None)
    assert (vitals.fps, vitals.dropped) == (None, None)
    meter.restart(20 * S)
    assert meter.sample(21 * S, NOTHING, None) == Vitals(age_ms=1000.0)


def test_the_share_of_drops_is_that_of_the_window():
    meter = VitalsMeter(0)
    for second in range(31):
        counts = FrameCounts(second * 100, 0 if second < 20 else (second - 20) * 25)
        vitals = meter.sample(second * S, counts, None)
    assert vitals.dropped == pytest.approx(0.25)
    assert WINDOW_S == 10.0


class Watch:
    """A board and the time."""

    def __init__(self, *rules: Rule) -> None:
        self.board = AlarmBoard(rules)
        self.now_ns = 0

    def see(self, seconds: float, **vitals) -> list:
        news = []
        for _ in range(round(seconds * 2)):
            self.now_ns += S // 2
            news += self.board.watch(Vitals(**vitals), self.now_ns)
        return news


def test_an_alarm_is_raised_after_patience_and_ended_with_a_margin():
    watch = Watch(LATENCY)
    assert watch.see(2.5, latency_p95_ms=80.0) == []
    (alarm,) = watch.see(2, latency_p95_ms=81.0)
    assert not alarm.ended
    assert alarm.text == "latency p95 is 81 ms, more than 50 ms; look for the slow stage in the latency plot"
    assert watch.see(60, latency_p95_ms=85.0) == []
    assert watch.board.active[0].value == 85.0
    assert watch.see(60, latency_p95_ms=48.0) == [], "within the margin"
    (end,) = watch.see(4, latency_p95_ms=44.0)
    assert end.ended
    assert end.text == "latency p95 is well again: 44 ms"
    assert watch.board.active == ()


def test_short_excursions_raise_nothing():
    watch = Watch(LATENCY)
    for _ in range(20):
        assert watch.see(2, latency_p95_ms=500.0) == []
        assert watch.see(1, latency_p95_ms=10.0) == []
    assert PATIENCE_NS == 3 * S


@pytest.mark.parametrize(
    ("quantity", "limit", "field", "bad", "good", "words"),
    [
        (Quantity.AGE, 1000.0, "age_ms", 1500.0, 40.0, "picture age is 1500 ms, more than 1000 ms"),
        (Quantity.FPS, 25.0, "fps", 12.3, 30.0, "frame rate is 12.3 fps, less than 25.0 fps"),
        (Quantity.DROPPED, 0.5, "dropped", 0.75, 0.1, "share of dropped frames is 75 %, more than 50 %"),
        (
            Quantity.AGREEMENT,
            0.95,
            "agreement",
            0.5,
            1.0,
            "agreement of float and 8 bit is 50 %, less than 95 %",
        ),
    ],
)
def test_every_quantity_can_raise_and_end(quantity, limit, field, bad, good, words):
    watch = Watch(Rule(quantity, limit))
    (alarm,) = watch.see(5, **{field: bad})
    assert alarm.text.startswith(words)
    (end,) = watch.see(5, **{field: good})
    assert end.ended


def test_what_is_not_measured_any_more_ends_its_alarm():
    watch = Watch(Rule(Quantity.AGREEMENT, 0.9))
    watch.see(5, agreement=0.1)
    (end,) = watch.see(1)
    assert end.text == "agreement of float and 8 bit is not measured any more"
    assert watch.see(10) == []


def test_rules_can_be_changed_while_alarms_stand():
    watch = Watch(LATENCY, Rule(Quantity.FPS, 10.0))
    assert len(watch.see(5, latency_p95_ms=99.0, fps=1.0)) == 2
    watch.board.set_rules([LATENCY])
    assert [alarm.rule for alarm in watch.board.active] == [LATENCY]
