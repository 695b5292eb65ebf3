import json
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from engine.errors import ValidationError
from engine.runtime.validation import run
from engine.runtime.validation.run import ValidateOptions, validate
from tests.engine.runtime.validation.tiny import NAMES, found_in, write_pictures

# What depends on the machine and the moment; everything else must not depend on who measures.
MEASURED_HERE = {"host_ms", "host_shares", "wall_s", "memory", "where", "kernels"}


def figures(report):
    return {key: value for key, value in report.document().items() if key not in MEASURED_HERE}


@pytest.fixture(scope="module")
def alone(tiny, pictures):
    return validate(*tiny, found_in(tiny, pictures), options=ValidateOptions("numpy"))


def test_document_honours_the_contract(alone):
    document = json.loads(json.dumps(alone.document(), allow_nan=False))
    contract = {
        "images", "float", "device", "agreement", "won", "lost", "logit_cosine", "host_ms", "device_ms",
    }  # fmt: skip
    assert contract <= set(document)
    assert document["images"] == 10
    assert set(document["float"]) == set(document["device"]) == {"top1", "top5"}
    assert document["float"]["top5"] == document["device"]["top5"] == 1.0, "there are only five classes"
    assert 0.9 < document["logit_cosine"] <= 1.0
    assert document["net_loss"] == len(document["lost"]) - len(document["won"])
    assert 0 < document["host_ms"]["p50"] <= document["host_ms"]["p95"]
    assert sum(document["host_shares"].values()) == pytest.approx(1.0)
    assert document["layer_images"] == run.LAYER_PICTURES
    assert [layer["tensor"] for layer in document["layers"]][-1] == "logits"
    assert document["memory"]["weights_bytes"] > 0


def test_two_processes_give_the_figures_of_one(tiny, pictures, alone):
    told = []
    both = validate(
        *tiny,
        found_in(tiny, pictures),
        options=ValidateOptions("numpy", workers=2),
        progress=lambda *step: told.append(step),
    )
    assert figures(both) == figures(alone)
    assert both.where == "2 processes"
    assert told[-1] == ("pictures", 1.0)
    assert len(told) == 10


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        (ValidateOptions("numpy"), ("run_here", None)),
        (ValidateOptions("numpy", workers=2), ("run_processes", None, 2)),
        (
            ValidateOptions("numpy", workers=2, scheduler="tcp://host:8786"),
            ("run_cluster", "tcp://host:8786"),
        ),
    ],
    ids=["one process", "two processes", "cluster"],
)
def test_who_was_chosen_measures_and_the_whole_time_is_kept(tiny, pictures, monkeypatch, options, asked):
    found, now_ns, measure_here = [], iter((1_000, 5_000)), run.run_here
    for name in ("run_here", "run_processes", "run_cluster"):

        def measure(job, tasks, *where, name=name):
            found.append((name, *where))
            return measure_here(job, tasks, None)

        monkeypatch.setattr(run, name, measure)
    monkeypatch.setattr(run, "time", SimpleNamespace(perf_counter_ns=now_ns.__next__))
    report = validate(*tiny, found_in(tiny, pictures, 1), options)
    assert found == [asked]
    assert report.wall_ns == 4_000


def test_every_kernel_set_gives_the_same_figures(tiny, pictures, alone):
    law = validate(*tiny, found_in(tiny, pictures), options=ValidateOptions("reference"))
    assert figures(law) == figures(alone)
    assert (law.kernels, alone.kernels) == ("reference", "numpy")


def test_bad_pictures_are_counted_and_good_ones_done(tiny, tmp_path):
    write_pictures(tmp_path, 5)
    (tmp_path / "0001_empty.png").write_bytes(b"")
    (tmp_path / "0002_text.jpg").write_text("no picture", encoding="utf-8")
    (tmp_path / "0007_beyond.png").write_bytes((tmp_path / "0000_0.png").read_bytes())
    (tmp_path / "nameless.png").write_bytes((tmp_path / "0000_0.png").read_bytes())
    report = validate(*tiny, found_in(tiny, tmp_path), options=ValidateOptions("numpy"))
    assert report.document()["images"] == 5
    reasons = {skipped.file: skipped.reason for skipped in report.skipped}
    assert set(reasons) == {"0001_empty.png", "0002_text.jpg", "0007_beyond.png", "nameless.png"}
    assert reasons["0001_empty.png"] == "the file is empty"
    assert "0 to 4 are possible" in reasons["0007_beyond.png"]


def test_nothing_measurable_is_refused_in_one_line(tiny, tmp_path):
    (tmp_path / "0001_a.png").write_bytes(b"")
    (tmp_path / "0002_b.png").write_bytes(b"")
    with pytest.raises(
        ValidationError, match=r"none of its 2 labelled pictures .* 0001_a.png: the file is empty"
    ):
        validate(*tiny, found_in(tiny, tmp_path))


def test_one_class_only_is_noted(tiny, tmp_path):
    image = np.zeros((20, 20, 3), np.uint8)
    for name in ("3_a.png", "3_b.png"):
        cv2.imwrite(str(tmp_path / name), image)
    (note,) = validate(*tiny, found_in(tiny, tmp_path)).notes
    assert f"3 ({NAMES[3]})" in note


def test_layers_are_measured_on_a_sample_spread_over_the_pictures(tiny, pictures, monkeypatch):
    monkeypatch.setattr(run, "LAYER_PICTURES", 3)
    report = validate(*tiny, found_in(tiny, pictures, 9), options=ValidateOptions("numpy"))
    sampled = [index for index, outcome in enumerate(report.outcomes) if outcome.layers]
    assert sampled == [0, 3, 6]
    assert report.layer_images == 3
