"""One-slot mailbox between two threads: the newest item wins, or the sender waits. NOTE: Qt-free."""

from __future__ import annotations

from threading import Condition, Event
from typing import Generic, TypeVar

Item = TypeVar("Item")

_POLL_S = 0.05


class LatestSlot(Generic[Item]):
    """Holds at most one item; safe from any thread."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._item: Item | None = None

    def put(self, item: Item) -> Item | None:
        """Store ``item`` and return the one it replaces, None if the slot was empty."""
        with self._changed:
            replaced, self._item = self._item, item
            self._changed.notify_all()
        return replaced

    def put_when_empty(self, item: Item, abort: Event) -> bool:
        """Store ``item`` as soon as the slot is empty; return False if ``abort`` was set before."""
        with self._changed:
            while self._item is not None:
                if abort.is_set():
                    return False
                self._changed.wait(_POLL_S)
            self._item = item
            self._changed.notify_all()
        return True

    def take(self, timeout_s: float = 0.0) -> Item | None:
        """Return the item and empty the slot, None if none comes within ``timeout_s``."""
        with self._changed:
            if self._item is None and timeout_s > 0.0:
                self._changed.wait_for(lambda: self._item is not None, timeout_s)
            item, self._item = self._item, None
            self._changed.notify_all()
        return item
