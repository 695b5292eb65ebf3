"""The command line contract: documents, exit statuses, one clear line per error."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import pytest
from onnx import helper

import assets
from engine.cli.app import app
from engine.cli.edge import run
from tests.engine.importers.onnx_models import model, save

# Recipe ``ti`` runs the network often, which takes a minute by NumPy alone.
RECIPE, OTHER_RECIPE = ("ti", "lens7") if find_spec("llvmlite") else ("lens7", "ti")
ENVIRONMENT_KEYS = ("PATH", "HOME", "LANG")


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def lens7(cache):
    """Run the engine's commands as a user does, in a process of their own; the compiled model is kept between tests."""

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        environment = {key: os.environ[key] for key in ENVIRONMENT_KEYS if key in os.environ}
        environment["XDG_CACHE_HOME"] = str(cache)
        command = [sys.executable, "-m", "engine", *map(str, arguments)]
        return subprocess.run(
            command, capture_output=True, text=True, env=environment, timeout=100, check=False
        )

    return run


COFFEE, PANDA = assets.path("demo/coffee_cup.jpg"), assets.path("demo/giant_panda.jpg")


def one_line_error(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    return done.stderr


def test_classify_names_pictures_and_goes_on_after_a_bad_one(lens7, tmp_path):
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(COFFEE.read_bytes()[:2000])
    done = lens7("classify", COFFEE, bad, PANDA, "--json", "--soc", "am68a")
    assert done.returncode == 1, done.stderr
    first, second, third = (json.loads(line) for line in done.stdout.splitlines())
    assert first["top"][0]["label"] == "espresso"
    assert len(first["top"]) == 5
    assert 1 >= first["top"][0]["probability"] >= first["top"][1]["probability"] >= 0
    assert set(first["host_ms"]) == {"preprocess", "run", "postprocess"}
    assert min(first["host_ms"].values()) > 0
    assert "device_ms" in first
    assert set(second) == {"file", "error"}
    assert third["top"][0]["label"] == "giant panda"


def test_every_kernel_set_prints_the_same_probabilities(lens7):
    tops = []
    for kernels in ("numpy", "auto"):
        done = lens7("classify", COFFEE, "--json", "--soc", "am68a", "--kernels", kernels)
        assert done.returncode == 0, done.stderr
        tops.append(json.loads(done.stdout)["top"])
    assert tops[0] == tops[1]


def test_compile_writes_an_artifact_that_classify_takes(lens7, tmp_path):
    done = lens7(
        "compile",
        "efficientnet_lite0",
        "--out",
        tmp_path / "net",
        "--json",
        "--soc",
        "am68a",
        "--recipe",
        RECIPE,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert set(report) == {
        "artifact", "layers", "subgraphs", "on_device", "on_host", "weights_bytes", "ddr_bytes", "msmc_bytes", "l2_bytes",
        "seconds",
    }  # fmt: skip
    assert report["subgraphs"] == 1
    assert report["on_host"] == []
    named = lens7("classify", COFFEE, "--model", tmp_path / "net", "--json")
    assert json.loads(named.stdout)["top"][0]["label"] == "espresso"
    as_it_is = ("--soc", "am68a", "--recipe", RECIPE, "--cores", "1", "--clock", "1000")
    same = lens7("classify", COFFEE, "--model", tmp_path / "net", "--json", *as_it_is)
    assert json.loads(same.stdout)["top"] == json.loads(named.stdout)["top"]
    for command, option, value in (
        (("classify", COFFEE, "--model"), "--soc", "tda4vm"),
        (("classify", COFFEE, "--model"), "--recipe", OTHER_RECIPE),
        (("profile",), "--soc", "tda4vm"),
        (("classify", COFFEE, "--model"), "--clock", "700"),
        (("bench",), "--soc", "am69a"),
    ):
        line = one_line_error(lens7(*command, tmp_path / "net", option, value))
        assert f"not {value}" in line
        assert str(tmp_path / "net") in line
    assert "--mean" in one_line_error(lens7("classify", COFFEE, "--model", tmp_path / "net", "--mean", "0"))
    slower = json.loads(lens7("profile", tmp_path / "net", "--clock", "500", "--json").stdout)
    assert slower["clock_hz"] == 500e6
    assert slower["device_ms"] > 1.5 * json.loads(named.stdout)["device_ms"]


def test_validate_and_bench_documents(lens7, tmp_path):
    (tmp_path / "0504_mug.jpg").write_bytes(COFFEE.read_bytes())
    (tmp_path / "0388_panda.jpg").write_bytes(PANDA.read_bytes())
    done = lens7("validate", "efficientnet_lite0", "--images", tmp_path, "--soc", "am68a", "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["images"] == 2
    assert document["float"] == {"top1": 0.5, "top5": 1.0}
    assert document["agreement"] == 1.0
    assert document["logit_cosine"] > 0.98
    done = lens7("bench", "efficientnet_lite0", "--soc", "am68a", "--seconds", "0.3", "--json")
    document = json.loads(done.stdout)
    assert document["macs"] == pytest.approx(385e6, rel=0.03)
    assert 0 < document["host_ms"]["min"] <= document["host_ms"]["p50"] <= document["host_ms"]["p99"]


def test_why_selfcheck_and_socs(lens7):
    nodes = json.loads(lens7("why", "efficientnet_lite0", "--json").stdout)["nodes"]
    assert {node["place"] for node in nodes} == {"device"}
    check = json.loads(lens7("selfcheck", "--json").stdout)
    assert check["golden"] == "ok"
    socs = json.loads(lens7("socs", "--json").stdout)["socs"]
    assert next(soc["name"] for soc in socs) == "tda4vm"
    assert all(figure["source"] for soc in socs for figure in soc["figures"].values())


def test_one_clear_line_per_error(lens7, tmp_path):
    (tmp_path / "net.onnx").write_bytes(b"")
    (tmp_path / "text.tflite").write_text("no model")
    assert "net.onnx" in one_line_error(lens7("classify", COFFEE, "--model", tmp_path / "net.onnx"))
    assert "text.tflite" in one_line_error(lens7("classify", COFFEE, "--model", tmp_path / "text.tflite"))
    assert "nowhere.onnx" in one_line_error(lens7("classify", COFFEE, "--model", "nowhere.onnx"))
    assert "did you mean tda4vm" in one_line_error(lens7("classify", COFFEE, "--soc", "tda4wm"))
    assert "no such folder" in one_line_error(
        lens7("validate", "efficientnet_lite0", "--images", tmp_path / "none")
    )
    assert "no artifact folder" in one_line_error(lens7("compile", "efficientnet_lite0", "--out", tmp_path))


def test_networks_that_no_single_picture_fits_are_refused_by_file_name(lens7, tmp_path):
    for shape, reason in (
        ((4, 3, 16, 16), "takes 4 pictures at a time"),
        ((1, 1, 16, 16), "is no RGB picture"),
        ((1, 10), "is no RGB picture"),
    ):
        file = save(tmp_path, model([helper.make_node("Relu", ["x"], ["y"])], {"x": shape}, ["y"]))
        line = one_line_error(lens7("compile", file, "--out", tmp_path / "out"))
        assert "model.onnx: " in line
        assert reason in line
        assert sorted(tmp_path.iterdir()) == [file]


def test_a_network_of_one_number_is_told_to_name_no_class(lens7, tmp_path):
    nodes = [helper.make_node("Conv", ["x", "w"], ["c"]), helper.make_node("GlobalAveragePool", ["c"], ["y"])]
    weights = {"w": np.ones((1, 3, 1, 1), np.float32)}
    file = save(tmp_path, model(nodes, {"x": (1, 3, 16, 16)}, ["y"], weights))
    done = lens7("classify", COFFEE, "--model", file)
    assert (done.returncode, done.stdout) == (0, "")
    assert "one number, which names no class" in done.stderr
    assert json.loads(lens7("classify", COFFEE, "--model", file, "--json").stdout)["top"] == []


COMMON = [
    *("--soc", "am68a", "--recipe", "ti", "--kernels", "numpy", "--threads", "1", "--cores", "1", "--clock", "800"),
    *("--mean", "1,2,3", "--scale", "0.5", "--size", "224x224", "--resize", "256", "--layout", "NCHW"),
    *("--labels", "names.txt", "--random-weights", "3"),
]  # fmt: skip


@pytest.mark.parametrize(
    "words", [["classify", "x.jpg", "--model"], ["compile", "--out", "x"], ["validate"], ["bench"], ["profile"], ["why"]]
)  # fmt: skip
def test_every_command_with_a_model_takes_the_same_options(capsys, words):
    images = ["--images", "."] if words == ["validate"] else []
    assert run(app, [*words, "nowhere.onnx", *images, *COMMON]) == 1
    assert "nowhere.onnx" in capsys.readouterr().err


def test_more_labels_than_classes_is_wrong_usage(lens7):
    done = lens7("classify", COFFEE, "--top", "1001", "--soc", "am68a", "--json")
    assert done.returncode == 2
    assert "1000 classes" in done.stderr
    assert done.stdout == ""


def test_of_fewer_classes_than_five_all_are_named(lens7, tmp_path):
    weights = np.random.default_rng(0).normal(size=(3, 3, 8, 8)).astype(np.float32)
    nodes = [helper.make_node("Conv", ["x", "w"], ["c"]), helper.make_node("Flatten", ["c"], ["y"])]
    network = save(tmp_path, model(nodes, {"x": (1, 3, 8, 8)}, ["y"], {"w": weights}))
    done = lens7("classify", COFFEE, "--model", network, "--kernels", "numpy", "--json")
    assert done.returncode == 0, done.stderr
    assert sorted(each["index"] for each in json.loads(done.stdout)["top"]) == [0, 1, 2]
    assert lens7("classify", COFFEE, "--model", network, "--kernels", "numpy", "--top", "4").returncode == 2


def test_a_taken_folder_is_refused_before_the_work(capsys, tmp_path):
    (tmp_path / "something").write_text("")
    assert run(app, ["compile", "nowhere.onnx", "--out", str(tmp_path)]) == 1
    assert "no artifact folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ("classify", "FILE", "--model", "nowhere.onnx"),
        ("compile", "nowhere.onnx", "--out", "FILE"),
        ("validate", "nowhere.onnx", "--images", "nowhere", "--html", "FILE"),
        ("profile", "nowhere.onnx", "--html", "FILE", "--trace", "FILE"),
    ],
)
def test_what_cannot_be_read_is_no_wrong_usage_where_it_is_a_picture_or_is_written(
    monkeypatch, tmp_path, capsys, words
):
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    assert run(app, [str(file) if word == "FILE" else word for word in words]) == 1
    assert "is not readable" not in capsys.readouterr().err


def test_wrong_usage_is_exit_status_2(lens7):
    assert lens7("classify").returncode == 2
    assert lens7("nonsense").returncode == 2
    assert lens7("classify", COFFEE, "--mean", "red").returncode == 2


def test_debug_shows_the_traceback(lens7):
    done = lens7("classify", COFFEE, "--soc", "nothing", "--debug")
    assert done.returncode != 0
    assert "Traceback" in done.stderr


def test_pictures_that_are_bombs_or_nothing(lens7, tmp_path):
    huge = tmp_path / "huge.png"
    encoded = bytearray(cv2.imencode(".png", np.zeros((8, 8, 3), np.uint8))[1].tobytes())
    encoded[16:24] = (20_000).to_bytes(4, "big") * 2
    huge.write_bytes(encoded)
    (tmp_path / "empty.jpg").write_bytes(b"")
    (tmp_path / "text.jpg").write_text("not a picture")
    pictures = (huge, tmp_path / "empty.jpg", tmp_path / "text.jpg", tmp_path / "none.jpg")
    done = lens7("classify", *pictures, "--soc", "am68a", "--json")
    errors = [json.loads(line)["error"] for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert "20000x20000" in errors[0]
    assert "empty" in errors[1]
    assert "not a picture" in errors[2]
    assert "none.jpg" in errors[3]


def test_scores_that_are_no_numbers_name_no_class_and_the_json_stays_json(lens7, tmp_path):
    """The network divides by its activations: by zero, where a picture is black."""
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["c"]),
        helper.make_node("GlobalAveragePool", ["c"], ["g"]),
        helper.make_node("Flatten", ["g"], ["f"]),
        helper.make_node("Reciprocal", ["f"], ["y"]),
    ]
    constants = {"w": np.linspace(0.1, 1, 15, dtype=np.float32).reshape(5, 3, 1, 1)}
    network = save(tmp_path, model(nodes, {"x": (1, 3, 8, 8)}, ["y"], constants))
    folder = tmp_path / "pictures"
    folder.mkdir()
    for name, value in (("0001_black.png", 0), ("0002_white.png", 255)):
        cv2.imwrite(str(folder / name), np.full((8, 8, 3), value, np.uint8))
    bare = ("--json", "--mean", "0", "--scale", "0.004")
    done = lens7("classify", *sorted(folder.iterdir()), "--model", network, *bare)
    assert done.returncode == 1, done.stderr
    assert done.stderr == ""
    black, white = (json.loads(line, parse_constant=pytest.fail) for line in done.stdout.splitlines())
    assert "NaN or infinite" in black["error"]
    assert len(white["top"]) == 5
    done = lens7("validate", network, "--images", folder, *bare)
    assert done.returncode == 1, done.stderr
    assert "0001_black.png: the scores of the float network are NaN or infinite" in done.stderr
    assert "Warning" not in done.stderr
    assert json.loads(done.stdout, parse_constant=pytest.fail)["images"] == 1


@pytest.mark.parametrize("words", [["compile"], ["validate"], ["why"]])
def test_what_takes_no_artifact_folder_offers_none(capsys, words):
    assert run(app, [*words, "--help"]) == 0
    assert "or an artifact folder" not in " ".join(capsys.readouterr().out.replace("│", " ").split())
