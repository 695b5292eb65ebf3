"""``lens7 validate`` in this process over the tiny classifier: documents, lines, exit statuses."""

import json
from importlib.util import find_spec

import pytest

from engine.cli.app import app
from engine.cli.edge import run
from engine.cli.validate import skipped_lines
from engine.runtime.validation.folder import Skipped
from tests.engine.runtime.validation.tiny import NAMES, write_model, write_pictures


@pytest.fixture
def lens7(tmp_cache, tmp_path, capsys):
    """Run ``lens7 validate`` over the tiny classifier and give status, standard output and standard error."""
    write_model(tmp_path / "tiny.onnx")
    (tmp_path / "names.txt").write_text("\n".join(NAMES), encoding="utf-8")
    network = (
        "validate",
        str(tmp_path / "tiny.onnx"),
        "--labels",
        str(tmp_path / "names.txt"),
        "--recipe",
        "ti",
    )

    def lens7(*arguments):
        status = run(app, [*network, *map(str, arguments)])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return lens7


@pytest.fixture
def folder(tmp_path):
    write_pictures(tmp_path / "photos", 6)
    return tmp_path / "photos"


def test_json_is_one_document_and_nothing_else(lens7, folder):
    status, out, err = lens7("--images", folder, "--json", "--limit", 5)
    document = json.loads(out)
    assert (status, err, document["images"]) == (0, "", 5)
    assert document["layers"][0]["op"] == "DataConvert"


def test_people_get_tables_and_a_page(lens7, folder, tmp_path):
    status, out, err = lens7("--images", folder, "--html", tmp_path / "report.html")
    assert (status, err) == (0, "")
    for words in ("agreement", "measured", "modelled", "layers that hurt most"):
        assert words in out
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_bad_pictures_are_told_counted_and_end_in_status_1(lens7, folder):
    (folder / "0003_cut.png").write_bytes((folder / "0000_0.png").read_bytes()[:60])
    (folder / "0042_beyond.png").write_bytes((folder / "0000_0.png").read_bytes())
    status, out, err = lens7("--images", folder, "--json")
    document = json.loads(out)
    assert (status, document["images"], len(document["skipped"])) == (1, 6, 2)
    assert sorted(line.partition(":")[0] for line in err.splitlines()) == ["0003_cut.png", "0042_beyond.png"]


def test_one_class_only_is_a_note_and_no_failure(lens7, folder):
    status, _, err = lens7("--images", folder, "--json", "--limit", 1)
    assert status == 0
    assert "show one class, 0 (ant)" in err


HAS_DASK = find_spec("distributed") is not None


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--images", "{folder}/nowhere"), "nowhere: no such folder; give one that holds pictures"),
        (("--images", "{folder}", "--html", "{folder}/no/such/report.html"), "there is no folder"),
        (("--images", "{folder}", "--html", "{folder}"), "it is a folder"),
        # names the address where Dask is installed, and what to install where it is not
        (
            ("--images", "{folder}", "--scheduler", "nonsense"),
            "nonsense" if HAS_DASK else "pip install 'dask[distributed]'",
        ),
    ],
)
def test_failures_are_one_line(lens7, folder, arguments, line):
    status, out, err = lens7(*(argument.format(folder=folder) for argument in arguments))
    assert (status, out) == (1, "")
    assert len(err.strip().splitlines()) == 1
    assert line in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "--images"),
        (("--images", ".", "--workers", "2", "--scheduler", "tcp://host:1"), "--workers"),
    ],
)
def test_wrong_usage(lens7, arguments, words):
    status, _, err = lens7(*arguments)
    assert status == 2
    assert words in err


def test_pictures_with_one_reason_share_a_line():
    lost = [Skipped(file, "the scheduler was lost") for file in ("a.jpg", "b.jpg", "c.jpg")]
    assert skipped_lines([*lost, Skipped("d.jpg", "the file is empty")]) == [
        "3 pictures from a.jpg to c.jpg: the scheduler was lost",
        "d.jpg: the file is empty",
    ]
