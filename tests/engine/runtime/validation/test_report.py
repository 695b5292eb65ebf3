from dataclasses import replace
from pathlib import Path

import pytest

from engine.runtime.validation.folder import Classes
from engine.runtime.validation.layers import LayerError
from engine.runtime.validation.report import ValidationReport
from tests.engine.program.small import small_artifact
from tests.engine.runtime.validation.tiny import outcome


def report_of(*outcomes, **changes):
    made = ValidationReport(
        artifact=small_artifact(), folder=Path("nowhere"), classes=Classes(8, ()), where="one process", outcomes=outcomes,
        skipped=(), layers=(), layer_images=0, notes=(), wall_ns=10**9,
    )  # fmt: skip
    return replace(made, **changes)


FOUR = (
    outcome("both_right", 1, 1, 1, device_ms=1.0),
    outcome("won", 2, 3, 2, device_ms=2.0),
    outcome("lost", 3, 3, 4, device_ms=3.0),
    outcome("both_wrong_alike", 4, 2, 2, device_ms=4.0),
)


def test_accuracy_agreement_won_and_lost():
    document = report_of(*FOUR, outcome("lost_too", 7, 7, 6)).document()
    assert document["float"] == {"top1": 0.6, "top5": 1.0}
    assert document["device"] == {"top1": 0.4, "top5": 0.8}
    assert document["agreement"] == pytest.approx(0.4)
    assert (document["won"], document["lost"], document["net_loss"]) == (["won"], ["lost", "lost_too"], 1)
    assert [x["file"] for x in document["disagreements"]] == ["won", "lost", "lost_too"]
    assert document["disagreements"][1]["device"] == {"index": 4, "name": "class 4"}


def test_host_time_is_that_of_the_device_network():
    report = report_of(*FOUR)
    assert report.host_ms(50, 100) == [2.5, 4.0]
    shares = report.shares()
    assert shares["decode"] == pytest.approx(4 / (4 + 2 + 8 + 10))
    assert shares["device_network"] == pytest.approx(10 / 24)
    assert shares["preprocess"] == pytest.approx(2 / 24)
    assert sum(shares.values()) == pytest.approx(1)
    document = report_of(*FOUR, wall_ns=2_500_000_000).document()
    assert document["wall_s"] == 2.5
    assert document["host_ms"] == pytest.approx({"p50": 2.5, "p95": 3.85, "p99": 3.97})  # of 1, 2, 3, 4


def test_worst_classes_are_those_lost_against_float_then_those_most_wrong():
    pictures = [
        outcome("a1", 1, 1, 5), outcome("a2", 1, 1, 1),  # one lost of two
        outcome("b1", 2, 3, 3), outcome("b2", 2, 3, 5),  # wrong in both networks
        outcome("c1", 3, 3, 4), outcome("c2", 3, 3, 4), outcome("c3", 3, 3, 3),  # two lost of three
        outcome("d1", 4, 4, 4),
    ]  # fmt: skip
    found = report_of(*pictures).confusions()
    assert [c.class_index for c in found] == [3, 1, 2]
    assert (found[0].images, found[0].float_right, found[0].device_right) == (3, 3, 1)
    assert found[0].named == ((4, 2), (3, 1))
    assert found[2].named == ((3, 1), (5, 1))


def layer(name, noise_added):
    return LayerError(name, "Conv2d", name, 0.9, 1.0, 10.0, 0.1, noise_added)


def test_worst_layers_are_the_noisiest_and_silent_ones_none():
    layers = tuple(layer(str(i), noise) for i, noise in enumerate([0.1, 0.0, 0.3, 0.2, 0.05, 0.04, 0.01]))
    assert [x.name for x in report_of(*FOUR, layers=layers).worst_layers()] == ["2", "3", "0", "4", "5"]
    assert report_of(*FOUR, layers=(layer("quiet", 0.0),)).worst_layers() == []


def test_people_read_the_same_figures():
    rows = dict(report_of(*FOUR).rows())
    assert rows["device top-1 / top-5"] == "50.0% / 100.0%"
    assert rows["won / lost / net loss"] == "1 / 1 / 0"
    assert rows["chip (modelled)"] == "not modelled"
