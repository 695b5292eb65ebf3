"""``lens7 profile`` as a user runs it."""

import json
from pathlib import Path

import pytest

from engine.cli.app import app
from engine.cli.edge import run
from tests.small_disk import fill, small_disk

TOPOLOGY = Path(__file__).parents[4] / "shared" / "data" / "topologies" / "mobilenet_v2.onnx"
pytestmark = pytest.mark.skipif(not TOPOLOGY.exists(), reason="the topologies are not beside the project")


def test_json_is_one_document_and_files_are_written(tmp_path, capsys):
    trace, html = tmp_path / "trace.json", tmp_path / "report.html"
    arguments = [
        "profile",
        str(TOPOLOGY),
        "--json",
        "--soc",
        "am69a",
        "--cores",
        "4",
        "--trace",
        str(trace),
        "--html",
        str(html),
    ]
    assert run(app, arguments) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["soc"], document["cores"]) == ("am69a", 4)
    assert json.loads(trace.read_text(encoding="utf-8"))["traceEvents"]
    assert html.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_people_read_modelled_and_published_time(capsys):
    assert run(app, ["profile", str(TOPOLOGY)]) == 0
    text = capsys.readouterr().out
    assert "ms per frame, modelled" in text
    assert "published for MobileNetV2 1.0 on this chip, one core: median 2.36 ms" in text


@pytest.mark.parametrize("option", ["--html", "--trace"])
def test_a_full_disk_is_one_line_and_leaves_no_empty_file(option, tmp_path, capsys):
    with small_disk(tmp_path / "disk", "64k") as disk:
        filler = fill(disk)
        assert run(app, ["profile", str(TOPOLOGY), option, str(disk / "out")]) == 1
        captured = capsys.readouterr()
        assert (
            captured.err
            == f"lens7: cannot write {disk / 'out'}: No space left on device; choose another file\n"
        )
        assert list(disk.iterdir()) == [filler]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--soc", "tda4"], "did you mean tda4vm"),
        (["--clock", "0"], "clock_hz must be a finite number of Hz above 0"),
        (["--cores", "2"], "cores of tda4vm: allowed are 1 to 1"),
        (["--html", "/nowhere/report.html"], "cannot write"),
    ],
)
def test_a_wrong_choice_is_one_clear_line(arguments, problem, capsys):
    assert run(app, ["profile", str(TOPOLOGY), *arguments]) == 1
    error = capsys.readouterr().err
    assert problem in error
    assert len(error.strip().splitlines()) == 1
