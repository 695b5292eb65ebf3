"""Sources that never answer: how many are given up before no other is opened."""

from __future__ import annotations

import itertools
from queue import Queue
from types import SimpleNamespace

from gui.core.counters import Drops
from gui.core.healing import Repair, Repairs
from gui.core.status import Status
from gui.workers.capture import CaptureTiming
from gui.workers.source_keeper import SourceKeeper
from tests.gui.fakes import EndlessSource, FakeSource, end_never, never

AT_ONCE = CaptureTiming(
    opening_abandoned_after_s=0.0, first_retry_s=0.0, hurried_retry_s=0.0, stand_in_after_s=0.0
)


class Blocked(FakeSource):
    """Tells that it is being opened, and never comes back from that."""

    def __init__(self, opening: Queue[Blocked]) -> None:
        super().__init__(reconnects=True)
        self._opening = opening

    def open(self) -> None:
        self._opening.put(self)
        never()


def test_four_drivers_that_hang_are_given_up_and_no_fifth():
    opening: Queue[Blocked] = Queue()
    nobody = SimpleNamespace(clear=lambda *_: None)
    repairs = Repairs()
    keeper = SourceKeeper(
        nobody, nobody, Drops(), Status(lambda _: None), repairs, itertools.count(), AT_ONCE, EndlessSource
    )
    keeper.open(lambda: Blocked(opening))
    opening.get(timeout=10)
    for _ in range(4):
        keeper.look_after()
        opening.get(timeout=10)
    for _ in range(3):
        keeper.look_after()
    threads = keeper.threads()
    keeper.stop()
    end_never()
    for thread in threads:
        thread.join(10)
    assert len(threads) == 5
    assert repairs.of(Repair.SOURCE_ABANDONED) == 4
    assert opening.empty()
