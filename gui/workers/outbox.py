"""The way of finished frames to the window: one slot, every frame accounted for. NOTE: Qt-free."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event

from gui.core.counters import DropReason, Drops
from gui.core.frame import Shown
from gui.core.latency import LatencyStatistics
from gui.core.slot import LatestSlot

PAINT_PATIENCE_S = 0.1

PaintedListener = Callable[[Shown, int, int], None]


class Outbox:
    """Filled by the capture and inference threads, emptied by the main thread."""

    def __init__(self, drops: Drops, latency: LatencyStatistics, ring: Callable[[], None]) -> None:
        self._drops = drops
        self._latency = latency
        self._ring = ring
        self._slot: LatestSlot[Shown] = LatestSlot()
        self._painted = Event()
        self._taken: Shown | None = None
        self._last_painted: Shown | None = None
        self._listeners: list[PaintedListener] = []

    def post(self, shown: Shown) -> None:
        """Offer a frame; it replaces one that the window has not taken yet."""
        self._give_up(self._slot.put(shown), shown)
        self._ring()

    def post_in_order(self, shown: Shown) -> None:
        """Offer a frame that must not be skipped: give the window time to paint it before the next is offered.

        A hidden window paints nothing: then the frame was processed, and counts as not painted.
        """
        self._painted.clear()
        self.post(shown)
        self._painted.wait(PAINT_PATIENCE_S)

    def take(self) -> Shown | None:
        """Return the newest frame not taken yet; the one taken before counts as dropped if it was not painted."""
        shown = self._slot.take()
        if shown is not None:
            self._give_up(self._taken, shown)
            self._taken = shown
        return shown

    def mark_painted(self, shown: Shown, painted_ns: int, paint_ns: int) -> None:
        """``shown`` is on the screen since ``painted_ns`` monotonic, which took ``paint_ns``; only the first time counts."""
        if shown is self._last_painted:
            return
        self._last_painted = shown
        self._drops.count_shown(shown.frame.seq)
        self._painted.set()
        self._latency.add(shown, painted_ns, paint_ns)
        for listener in self._listeners:
            listener(shown, painted_ns, paint_ns)

    def on_painted(self, listener: PaintedListener) -> None:
        """Call ``listener(shown, painted_ns, paint_ns)`` in the main thread for every frame painted from now on."""
        self._listeners.append(listener)

    def clear(self) -> None:
        """Drop what the window has not taken: its source was closed."""
        for shown in (self._slot.take(), self._taken):
            if shown is not None:
                self._drops.count_dropped(shown.frame.seq, DropReason.SOURCE_CLOSED)
        self._taken = None

    def _give_up(self, old: Shown | None, new: Shown) -> None:
        # The same frame comes twice where it is first shown while the engine still loads, then with its labels.
        if old is not None and old.frame.seq != new.frame.seq:
            self._drops.count_dropped(old.frame.seq, DropReason.NOT_PAINTED)
