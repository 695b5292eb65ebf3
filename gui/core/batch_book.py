"""A batch judged against its ground truth, in the order people want. NOTE: Qt-free; main thread only."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gui.core.batch import Batch, BatchItem

EXPORTED_LABELS = 5


class Verdict(Enum):
    """What became of one file; the value is the word people read."""

    WAITING = "waiting"
    FAILED = "no label"
    UNKNOWN = "no ground truth"
    RIGHT = "right"
    WRONG = "wrong"


class Order(Enum):
    """In which order the files stand; files that wait are always last."""

    GIVEN = "as given"
    UNSURE = "least sure first"
    SURE = "surest first"
    ERRORS = "errors first"


class BatchBook:
    """Keeps pace with a growing batch; the work per update is that of the new files only."""

    def __init__(self) -> None:
        self._items: list[BatchItem] = []
        self._truth: Mapping[Path, int] = {}
        self._verdicts: list[Verdict] = []
        self._sure: list[float] = []
        self.total = 0

    def update(self, batch: Batch | None) -> range:
        """Take over what is new; return the places that changed (everything where another batch begins)."""
        items = batch.items if batch else ()
        known, self.total = len(self._items), batch.total if batch else 0
        if len(items) < known or (known and items[known - 1] is not self._items[-1]):
            self._items, self._verdicts, self._sure, known = [], [], [], 0
        for item in items[known:]:
            self._items.append(item)
            self._verdicts.append(self._judge(item))
            self._sure.append(item.top[0].probability if item.top else -1.0)
        return range(known, len(self._items))

    def set_truth(self, truth: Mapping[Path, int]) -> None:
        """Judge by the class that ``truth`` gives each path."""
        self._truth = truth
        self._verdicts = [self._judge(item) for item in self._items]

    def _judge(self, item: BatchItem) -> Verdict:
        if not item.top:
            return Verdict.FAILED
        wanted = self._truth.get(item.path)
        if wanted is None:
            return Verdict.UNKNOWN
        return Verdict.RIGHT if item.top[0].index == wanted else Verdict.WRONG

    @property
    def done(self) -> int:
        """Files that were processed."""
        return len(self._items)

    def item(self, place: int) -> BatchItem | None:
        """Return the file at ``place`` of the batch, None where it waits."""
        return self._items[place] if place < len(self._items) else None

    def verdict(self, place: int) -> Verdict:
        """Return what became of the file at ``place``."""
        return self._verdicts[place] if place < len(self._verdicts) else Verdict.WAITING

    def truth(self, place: int) -> int | None:
        """Return the class that the file at ``place`` shows, None where that is not known."""
        item = self.item(place)
        return self._truth.get(item.path) if item else None

    def count(self, verdict: Verdict) -> int:
        """Return how many of the processed files have a verdict."""
        return self._verdicts.count(verdict)

    def accuracy(self) -> float | None:
        """Return the share of right first labels among files with ground truth, None where there are none."""
        judged = self.count(Verdict.RIGHT) + self.count(Verdict.WRONG)
        return self.count(Verdict.RIGHT) / judged if judged else None

    def places(self, order: Order) -> NDArray[np.intp]:
        """Return the places of all files, int [total], in ``order``."""
        done = len(self._items)
        sure = np.array(self._sure)
        if order is Order.GIVEN:
            return np.arange(self.total)
        if order is Order.ERRORS:
            rank = {Verdict.WRONG: 0, Verdict.FAILED: 1, Verdict.UNKNOWN: 2, Verdict.RIGHT: 3}
            ranks = np.array([rank[verdict] for verdict in self._verdicts])
            sorted_done = np.lexsort((-sure, ranks)) if done else np.empty(0, np.intp)
        else:
            sorted_done = np.argsort(sure if order is Order.UNSURE else -sure, kind="stable")
        return np.concatenate((sorted_done, np.arange(done, self.total)))

    # --- export ---

    def csv(self, names: Sequence[str]) -> str:
        """Return every processed file as a line of CSV; ``names`` are the classes' names."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        labels = [
            f"{kind}_{place}" for place in range(1, EXPORTED_LABELS + 1) for kind in ("label", "probability")
        ]
        writer.writerow(("file", "verdict", "truth", *labels, "error"))
        for record in self._records(names):
            cells = [
                cell for label in record["labels"] for cell in (label["name"], f"{label['probability']:.6f}")
            ]
            cells += [""] * (2 * EXPORTED_LABELS - len(cells))
            writer.writerow((record["file"], record["verdict"], record["truth"], *cells, record["error"]))
        return text.getvalue()

    def json(self, names: Sequence[str]) -> str:
        """Return every processed file, and the accuracy, as JSON."""
        files = self._records(names)
        return json.dumps({"total": self.total, "accuracy": self.accuracy(), "files": files}, indent=1)

    def _records(self, names: Sequence[str]) -> list[dict[str, Any]]:
        return [
            {
                "file": str(item.path),
                "verdict": self._verdicts[place].value,
                "truth": class_name(self.truth(place), names),
                "labels": [
                    {"index": one.index, "name": one.name, "probability": one.probability} for one in item.top
                ],
                "error": item.error,
            }
            for place, item in enumerate(self._items)
        ]


def class_name(index: int | None, names: Sequence[str]) -> str:
    """Return a class's name, its number where it has none, nothing where there is no class."""
    if index is None:
        return ""
    return names[index] if index < len(names) else f"class {index}"


def read_truth(folder: Path, names: Sequence[str]) -> dict[Path, int]:
    """Return the class that each picture of ``folder`` shows, as names of files and sub-folders say.

    Raises:
        EngineError: the folder cannot be read, or nothing in it has a label.
    """
    # Imported here: the window does not wait for what only a batch with ground truth needs.
    from engine.runtime.validation.folder import Classes, read_folder

    found = read_folder(folder, Classes(len(names), tuple(names)))
    return {picture.path: picture.class_index for picture in found.pictures}
