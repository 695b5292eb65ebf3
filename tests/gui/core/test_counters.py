"""Every captured frame is settled exactly once."""

from hypothesis import given
from hypothesis import strategies as st

from gui.core.counters import DropReason, Drops

EVENTS = st.lists(
    st.tuples(st.integers(0, 9), st.sampled_from(["captured", "shown", *DropReason])), max_size=60
)


@given(EVENTS)
def test_the_books_balance_whatever_happens(events):
    drops, captured = Drops(), set()
    for seq, event in events:
        if event == "captured":
            if seq not in captured:
                drops.count_captured(seq)
                captured.add(seq)
        elif event == "shown":
            drops.count_shown(seq)
        else:
            drops.count_dropped(seq, event)
        assert drops.captured == drops.shown + drops.dropped + drops.in_flight
    assert drops.captured == len(captured)
    assert sum(drops.snapshot().values()) == drops.dropped


def test_a_painted_frame_is_not_dropped_later():
    drops = Drops()
    drops.count_captured(7)
    drops.count_shown(7)
    drops.count_dropped(7, DropReason.NOT_PAINTED)
    assert (drops.shown, drops.dropped, drops.in_flight) == (1, 0, 0)


def test_each_reason_has_its_own_count():
    drops = Drops()
    for seq, reason in enumerate(DropReason):
        drops.count_captured(seq)
        drops.count_dropped(seq, reason)
    assert all(drops.count(reason) == 1 for reason in DropReason)
    assert drops.snapshot() == {reason.value: 1 for reason in DropReason}


def test_a_reason_that_never_occurred_is_not_told_and_labels_are_counted_one_by_one():
    drops = Drops()
    drops.count_captured(1)
    drops.count_dropped(1, DropReason.PAUSED)
    assert drops.snapshot() == {"paused": 1}
    for expected in (1, 2, 3):
        drops.count_inferred()
        assert drops.inferred == expected
