"""A batch judged: verdicts, accuracy, orders, export, ground truth from names."""

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import EngineError
from engine.runtime.postprocess import Label
from gui.core.batch import Batch, BatchItem
from gui.core.batch_book import BatchBook, Order, Verdict, class_name, read_truth

NAMES = ("cup", "mug", "pot")


def item(name: str, index: int | None, probability: float = 0.5) -> BatchItem:
    if index is None:
        return BatchItem(Path(name), error=f"{name} is no picture")
    return BatchItem(Path(name), (Label(index, NAMES[index], probability),))


ITEMS = (item("a", 0, 0.9), item("b", 1, 0.4), item("c", None), item("d", 2, 0.7), item("e", 1, 0.2))
TRUTH = {Path("a"): 0, Path("b"): 0, Path("d"): 1, Path("c"): 2}


def book(items: tuple[BatchItem, ...] = ITEMS, total: int = 7) -> BatchBook:
    made = BatchBook()
    made.set_truth(TRUTH)
    made.update(Batch(items, total))
    return made


def test_every_file_has_its_verdict() -> None:
    verdicts = [book().verdict(place) for place in range(7)]
    assert verdicts == [
        Verdict.RIGHT,
        Verdict.WRONG,
        Verdict.FAILED,
        Verdict.WRONG,
        Verdict.UNKNOWN,
        Verdict.WAITING,
        Verdict.WAITING,
    ]
    assert book().accuracy() == pytest.approx(1 / 3)
    assert BatchBook().accuracy() is None


@pytest.mark.parametrize(
    ("order", "places"),
    [
        (Order.GIVEN, [0, 1, 2, 3, 4, 5, 6]),
        (Order.SURE, [0, 3, 1, 4, 2, 5, 6]),
        (Order.UNSURE, [2, 4, 1, 3, 0, 5, 6]),
        (Order.ERRORS, [3, 1, 2, 4, 0, 5, 6]),
    ],
)
def test_files_stand_in_the_order_asked_for(order: Order, places: list[int]) -> None:
    assert book().places(order).tolist() == places


@given(st.lists(st.integers(0, 5), min_size=1, max_size=6), st.sampled_from(Order))
def test_a_growing_batch_ends_like_one_given_at_once(steps: list[int], order: Order) -> None:
    grown = BatchBook()
    grown.set_truth(TRUTH)
    for done in sorted(steps):
        grown.update(Batch(ITEMS[:done], 7))
    grown.update(Batch(ITEMS, 7))
    assert grown.places(order).tolist() == book().places(order).tolist()
    assert sorted(grown.places(order).tolist()) == list(range(7))


def test_another_batch_replaces_the_first() -> None:
    kept = book()
    other = (item("x", 0), item("y", 1), item("z", 2), item("a", 1), item("b", 0), item("q", 0))
    assert kept.update(Batch(other, 6)) == range(6)
    assert kept.item(0) is other[0]
    assert kept.count(Verdict.WRONG) == 1
    assert kept.update(None) == range(0)
    assert kept.total == 0


def test_truth_may_come_late() -> None:
    late = BatchBook()
    late.update(Batch(ITEMS, 7))
    assert late.accuracy() is None
    late.set_truth(TRUTH)
    assert late.accuracy() == pytest.approx(1 / 3)


def test_the_export_holds_every_file() -> None:
    rows = list(csv.DictReader(io.StringIO(book().csv(NAMES))))
    assert [row["file"] for row in rows] == list("abcde")
    assert (rows[1]["verdict"], rows[1]["truth"], rows[1]["label_1"]) == ("wrong", "cup", "mug")
    assert rows[2]["error"] == "c is no picture"
    document = json.loads(book().json(NAMES))
    assert document["accuracy"] == pytest.approx(1 / 3)
    assert document["files"][0]["labels"] == [{"index": 0, "name": "cup", "probability": 0.9}]


def test_class_names_fall_back_to_numbers() -> None:
    assert [class_name(index, NAMES) for index in (None, 1, 9)] == ["", "mug", "class 9"]


def test_truth_is_read_from_folders_and_names(tmp_path: Path) -> None:
    for name in ("mug/x.jpg", "0/y.png", "2_z.jpg", "unnamed.jpg"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.touch()
    truth = read_truth(tmp_path, NAMES)
    assert {str(path.relative_to(tmp_path)): index for path, index in truth.items()} == {
        "mug/x.jpg": 1,
        "0/y.png": 0,
        "2_z.jpg": 2,
    }
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(EngineError, match="no picture"):
        read_truth(empty, NAMES)


def test_fifty_thousand_files_are_sorted_in_a_moment() -> None:
    items = tuple(item(f"{place}", place % 3, (place * 7919 % 1000) / 1000) for place in range(50_000))
    large = BatchBook()
    large.update(Batch(items, 50_000))
    for order in Order:
        assert np.array_equal(np.sort(large.places(order)), np.arange(50_000))
