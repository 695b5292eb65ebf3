"""The one-slot mailbox."""

from threading import Event, Thread

from gui.core.slot import LatestSlot


def test_the_newest_wins_and_the_replaced_one_comes_back():
    slot: LatestSlot[int] = LatestSlot()
    assert slot.put(1) is None
    assert slot.put(2) == 1
    assert slot.take() == 2
    assert slot.take() is None


def test_waiting_sender_keeps_the_order_and_loses_nothing():
    slot: LatestSlot[int] = LatestSlot()
    stored: list[bool] = []
    sender = Thread(target=lambda: stored.extend(slot.put_when_empty(n, Event()) for n in range(100)))
    sender.start()
    received = [slot.take(timeout_s=10.0) for _ in range(100)]
    sender.join(10.0)
    assert received == list(range(100))
    assert stored == [True] * 100


def test_waiting_sender_gives_up_when_told():
    slot: LatestSlot[int] = LatestSlot()
    slot.put(1)
    abort = Event()
    abort.set()
    assert not slot.put_when_empty(2, abort)
    assert slot.take() == 1
