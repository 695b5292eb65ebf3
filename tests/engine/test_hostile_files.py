"""Damaged and hostile files that once were not answered by one clear line; most were found by ``tests.fuzz``."""

import json
import os
import resource
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from onnx import helper

from engine.compiler.compile import CompileOptions, compile_model
from engine.errors import ArtifactError, CalibrationError, CompileError, EngineError, ModelError
from engine.importers import import_model
from engine.importers.options import ImportOptions
from engine.importers.param_yaml import read_description
from engine.program.artifact import read_artifact, write_artifact
from engine.program.program import Memory
from engine.program.verify import verify_program
from engine.quant.calibration import from_json, read_table
from engine.runtime.model_cache import cache_key
from engine.soc import load_soc
from tests.engine.importers.onnx_models import model
from tests.engine.program.small import small_artifact, small_program

HUGE = "1" + "0" * 400


@pytest.mark.parametrize(
    "text",
    [
        f'{{"format": "lens7-calibration-1", "frames": 1, "tensors": {{"a": {{"low": [{HUGE}]}}}}}}',
        '{"format": "lens7-calibration-1", "frames": 1e999, "tensors": {}}',
        "[" * 100_000,
    ],
)
def test_a_calibration_table_of_impossible_numbers_is_refused(text):
    with pytest.raises(CalibrationError, match="calibration table"):
        from_json(text)


@pytest.mark.parametrize("number", [HUGE, "1e999", "-.inf", ".nan"])
def test_a_description_with_impossible_numbers_is_refused(tmp_path, number):
    (tmp_path / "net.onnx").write_bytes(b"x")
    description = tmp_path / "param.yaml"
    description.write_text(f"session:\n  model_path: net.onnx\n  input_mean: [{number}, 1, 1]\n")
    with pytest.raises(ModelError, match="input_mean must be one or three numbers"):
        read_description(description, ImportOptions())


def test_half_a_character_in_an_artifact_is_refused(tmp_path):
    folder = tmp_path / "artifact"
    write_artifact(small_artifact(), folder)
    header = json.loads((folder / "artifact.json").read_text())
    header["model"] = "\ud800"
    (folder / "artifact.json").write_text(json.dumps(header))
    with pytest.raises(ArtifactError, match="digest differs"):
        read_artifact(folder)


@pytest.mark.parametrize("arena_bytes", [10**30, 1 << 31, -64])
def test_a_program_that_asks_for_impossible_memory_is_refused(arena_bytes):
    program = replace(small_program(), arena_bytes={Memory.DDR: arena_bytes})
    with pytest.raises(ArtifactError, match="bytes of memory, allowed are"):
        verify_program(program)


def test_a_network_too_large_for_ddr_is_refused_before_float_needs_four_times_its_memory(
    tmp_path, monkeypatch
):
    weights = {"w0": np.ones((16, 3, 1, 1), np.float32), "w": np.ones((16, 16, 1, 1), np.float32)}
    maps = [
        "x",
        *(f"c{i}" for i in range(12)),
    ]  # 16 channels of 15 million pixels each, all read again by the sum
    nodes = [
        helper.make_node("Conv", [maps[i], "w" if i else "w0"], [maps[i + 1]]) for i in range(len(maps) - 1)
    ]
    nodes.append(helper.make_node("Sum", maps[1:], ["s"]))
    nodes.append(helper.make_node("GlobalAveragePool", ["s"], ["y"]))
    path = tmp_path / "large.onnx"
    path.write_bytes(model(nodes, {"x": (1, 3, 3900, 3900)}, ["y"], weights).SerializeToString())
    monkeypatch.setattr(
        "engine.compiler.compile.calibrate", lambda *_, **__: pytest.fail("the float network was run")
    )
    with pytest.raises(CompileError, match=r"^large\.onnx does not fit tda4vm: \d+ bytes are missing"):
        compile_model(path, tmp_path / "out")
    assert sorted(tmp_path.iterdir()) == [path]


def test_a_name_that_is_no_text_is_refused(tmp_path):
    network = model([helper.make_node("Relu", ["x"], ["result"])], {"x": (1, 3, 8, 8)}, ["result"])
    path = tmp_path / "m.onnx"
    path.write_bytes(network.SerializeToString().replace(b"result", b"re\xff\xfelt"))
    with pytest.raises(ModelError, match="a name in it is no UTF-8 text"):
        import_model(path)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc and RLIMIT_AS")
def test_reading_a_small_artifact_sets_little_memory_aside(tmp_path):
    folder = tmp_path / "artifact"
    write_artifact(small_artifact(), folder)
    in_use = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (in_use + (256 << 20), before[1]))
    try:
        assert read_artifact(folder).segments
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.mark.parametrize(
    "read",
    [
        lambda pipe: import_model("efficientnet_lite0", ImportOptions(labels=pipe)),
        lambda pipe: cache_key("efficientnet_lite0", CompileOptions(model=ImportOptions(labels=pipe))),
        lambda pipe: cache_key(str(pipe.rename(pipe.with_suffix(".tflite"))), CompileOptions()),
        lambda pipe: load_soc(str(pipe)),
        read_table,
    ],
    ids=["labels", "digest of labels", "digest of a model", "soc", "calibration"],
)
def test_nobody_waits_for_a_pipe_that_is_given_as_a_file(tmp_path, read):
    pipe = tmp_path / "pipe.toml"
    os.mkfifo(pipe)
    with pytest.raises(EngineError, match="no such file|no regular file"):
        read(pipe)
