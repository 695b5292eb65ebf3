from dataclasses import replace

import pytest

from gui.core.conditions import NEUTRAL, Conditions
from gui.core.confidence import CAPACITY, SPAN_S, ConfidenceTrace
from tests.gui.widgets.fake_pipeline import shown


def sure(probability, conditions=NEUTRAL):
    return replace(shown(labels=(("cup", probability),)), conditions=conditions)


def test_the_curve_holds_what_was_painted_in_the_last_half_minute():
    trace = ConfidenceTrace()
    for second in range(40):
        trace.add(sure(second / 100), 1000.0 + second)
    times_s, values = trace.series(1039.0)
    assert times_s[0] == -SPAN_S
    assert times_s[-1] == 0.0
    assert values.tolist() == pytest.approx([second / 100 for second in range(9, 40)])


def test_the_oldest_make_room():
    trace = ConfidenceTrace()
    unsure, certain = sure(0.25), sure(0.75)
    for place in range(CAPACITY + 3):
        trace.add(unsure if place < CAPACITY else certain, 5.0 + place * 1e-4)
    times_s, values = trace.series(6.0)
    assert len(values) == CAPACITY
    assert values[-4:].tolist() == [0.25, 0.75, 0.75, 0.75]
    assert (times_s[1:] > times_s[:-1]).all()


def test_frames_without_labels_leave_a_gap():
    trace = ConfidenceTrace()
    trace.add(sure(0.5), 1.0)
    assert (trace.name, trace.probability) == ("cup", 0.5)
    trace.add(shown(labels=()), 2.0)
    assert (trace.name, trace.probability) == ("", None)
    assert trace.series(2.0)[1].tolist() == [0.5]


def test_it_knows_when_the_picture_was_made_harder():
    trace, dark = ConfidenceTrace(), Conditions(brightness=-40)
    for at_s, conditions in ((1.0, NEUTRAL), (2.0, dark), (3.0, dark), (4.0, NEUTRAL)):
        trace.add(sure(0.5, conditions), at_s)
    assert trace.changes(5.0) == [-3.0, -1.0]
    assert trace.changes(33.0) == [-29.0]
