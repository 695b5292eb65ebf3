"""Brings a list of the newest first up to date under its reader's eyes."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import TypeVar

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QListWidget, QListWidgetItem

T = TypeVar("T")


def renew(
    shown: QListWidget,
    before: Sequence[T],
    now: Sequence[T],
    item: Callable[[T], QListWidgetItem],
    same: Callable[[T, T], bool] = operator.is_,
) -> None:
    """Let ``shown``, which holds ``before``, hold ``now``: what came goes on top, what fell off goes from the end.

    ``shown`` scrolls by the pixel. Whoever has scrolled down goes on reading the same line; at the top the newest
    comes into view.
    """
    bar = shown.verticalScrollBar()
    read = None if bar.value() == bar.minimum() else shown.itemAt(QPoint(1, 1))
    read_at = shown.visualItemRect(read).top() if read is not None else 0
    added = _added(before, now, same)
    kept = len(now) - added
    while shown.count() > kept:
        gone = shown.takeItem(shown.count() - 1)
        read = None if gone is read else read
    for place in range(added):
        shown.insertItem(place, item(now[place]))
    if added and read is not None:
        shown.doItemsLayout()
        bar.setValue(bar.value() + shown.visualItemRect(read).top() - read_at)


def _added(before: Sequence[T], now: Sequence[T], same: Callable[[T, T], bool]) -> int:
    """Return how many of ``now`` stand before those that were there already."""
    for added in range(len(now)):
        kept = len(now) - added
        if kept <= len(before) and all(map(same, now[added:], before)):
            return added
    return len(now)
