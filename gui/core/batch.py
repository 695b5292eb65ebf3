"""Results of a batch of files: every one is processed, in order. NOTE: Qt-free."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine import Label


@dataclass(frozen=True, slots=True)
class BatchItem:
    """One file of a batch: its labels, or the one line that says why it has none."""

    path: Path
    top: tuple[Label, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """The files done so far, in order, and how many there are."""

    items: tuple[BatchItem, ...]
    total: int

    @property
    def failed(self) -> int:
        """Files without labels because of an error."""
        return sum(bool(item.error) for item in self.items)
