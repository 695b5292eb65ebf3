"""The way of finished frames to the window: each is shown once or dropped for one reason, and timed when painted."""

from __future__ import annotations

import numpy as np
import pytest

from gui.core.counters import DropReason, Drops
from gui.core.frame import Frame, Shown
from gui.core.latency import WARM_UP_FRAMES, LatencyStatistics, Stage
from gui.workers.outbox import Outbox

IMAGE = np.zeros((2, 2, 3), np.uint8)


class Desk:
    """An outbox with the books that it keeps."""

    def __init__(self) -> None:
        self.drops, self.latency, self.rings = Drops(), LatencyStatistics(), 0
        self.outbox = Outbox(self.drops, self.latency, self.ring)

    def ring(self) -> None:
        self.rings += 1

    def post(self, seq: int) -> Shown:
        """Offer frame ``seq``, captured at that many milliseconds."""
        shown = Shown(Frame(IMAGE, seq, seq * 1_000_000), IMAGE)
        self.drops.count_captured(seq)
        self.outbox.post(shown)
        return shown


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_the_newest_wins_and_each_frame_is_settled_once(desk):
    desk.post(1)
    second = desk.post(2)
    assert desk.outbox.take() is second
    assert desk.outbox.take() is None
    third = desk.post(3)
    assert desk.outbox.take() is third  # the second was taken and never painted
    desk.outbox.mark_painted(third, 0, 0)
    assert desk.drops.snapshot() == {"replaced before painting": 2}
    assert (desk.drops.shown, desk.drops.in_flight, desk.rings) == (1, 0, 3)


def test_a_frame_that_comes_again_with_its_labels_is_not_dropped(desk):
    bare = desk.post(1)
    labelled = Shown(bare.frame, IMAGE)
    desk.outbox.post(labelled)
    assert desk.outbox.take() is labelled
    desk.outbox.mark_painted(labelled, 0, 0)
    assert (desk.drops.shown, desk.drops.dropped) == (1, 0)


def test_only_the_first_painting_is_timed_and_told(desk):
    told: list[tuple[Shown, int, int]] = []
    desk.outbox.on_painted(lambda *painted: told.append(painted))
    frames = [desk.post(seq) for seq in range(WARM_UP_FRAMES + 1)]
    for shown in frames:
        for late_ms in (40, 900):
            desk.outbox.mark_painted(shown, shown.frame.captured_ns + late_ms * 1_000_000, 2_000_000)
    assert told == [(shown, shown.frame.captured_ns + 40_000_000, 2_000_000) for shown in frames]
    assert desk.latency.percentiles(Stage.AGE).max_ms == pytest.approx(40.0)
    assert desk.latency.percentiles(Stage.PAINT).max_ms == pytest.approx(2.0)


def test_when_its_source_is_closed_what_was_not_painted_is_dropped_for_that(desk):
    desk.post(1)
    desk.outbox.take()
    desk.post(2)
    desk.outbox.clear()
    assert desk.drops.count(DropReason.SOURCE_CLOSED) == desk.drops.dropped == 2
    assert desk.outbox.take() is None
