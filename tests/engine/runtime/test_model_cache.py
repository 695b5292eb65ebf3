import os
import shutil
from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import onnx
import pytest
from onnx import helper

from engine.compiler.compile import CompileOptions, compile_model
from engine.errors import ArtifactError, EngineError, ModelError
from engine.importers import ImportOptions
from engine.program import artifact as artifact_folder
from engine.program.artifact import replace_artifact, write_artifact
from engine.quant.options import QuantOptions
from engine.runtime import cache_limits, model_cache, storage
from tests.engine.importers.onnx_models import model
from tests.engine.program.small import small_artifact

OPTIONS = CompileOptions(recipe="ti")


@pytest.fixture
def compiled(monkeypatch):
    """Count compilations; each writes the small artifact."""
    calls = []

    def compile_model(model, folder, options, progress, cache_dir=None):
        calls.append(model)
        write_artifact(small_artifact(), folder)

    monkeypatch.setattr(model_cache, "compile_model", compile_model)
    return calls


def test_a_model_is_compiled_once(compiled, tmp_path):
    for _ in range(2):
        assert model_cache.load_cached("efficientnet_lite0", OPTIONS, tmp_path).model == "small"
    assert compiled == ["efficientnet_lite0"]


def test_the_cache_keeps_what_was_used_last_and_no_leftovers(compiled, tmp_path, monkeypatch):
    monkeypatch.setattr(cache_limits, "MOST_ARTIFACTS", 2)
    leftover = tmp_path / "artifacts" / ".compiled-x"
    leftover.mkdir(parents=True)
    os.utime(leftover, (1_000_000_000, 1_000_000_000))
    socs = (
        "tda4vm",
        "am68a",
        "tda4vm",
        "am69a",
        "tda4vm",
    )  # the first is used again before there are too many
    for soc in socs:
        model_cache.load_cached("efficientnet_lite0", replace(OPTIONS, soc=soc), tmp_path)
    assert len(compiled) == 3
    kept = {path.name.split("-")[1] for path in (tmp_path / "artifacts").iterdir()}
    assert kept == {"tda4vm", "am69a"}


def test_other_options_and_other_file_contents_are_other_artifacts(tmp_path):
    file = tmp_path / "net.onnx"
    file.write_bytes(b"one")
    first = model_cache.cache_key(str(file), OPTIONS)
    assert first != model_cache.cache_key(str(file), replace(OPTIONS, soc="am68a"))
    iterated = replace(OPTIONS, quantization=QuantOptions(calibration_iterations=7))
    assert first != model_cache.cache_key(str(file), iterated)
    (tmp_path / "elsewhere").mkdir()
    shutil.copy(file, tmp_path / "elsewhere")
    assert first == model_cache.cache_key(str(tmp_path / "elsewhere" / file.name), OPTIONS)
    file.write_bytes(b"two")
    assert first != model_cache.cache_key(str(file), OPTIONS)


def network(weights_file=None):
    """Return a network whose only weight lies in the file, or beside it."""
    proto = model(
        [helper.make_node("Conv", ["x", "w"], ["y"])],
        {"x": (1, 3, 8, 8)},
        ["y"],
        {"w": np.ones((4, 3, 1, 1), np.float32)},
    )
    if weights_file is not None:
        tensor = proto.graph.initializer[0]
        tensor.ClearField("raw_data")
        tensor.data_location = onnx.TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value=weights_file)
    return proto.SerializeToString()


def test_other_weights_beside_the_file_are_another_artifact(tmp_path):
    file, weights = tmp_path / "net.onnx", tmp_path / "net.onnx.data"
    file.write_bytes(network("net.onnx.data"))
    missing = model_cache.cache_key(str(file), OPTIONS)
    weights.write_bytes(np.ones(12, np.float32).tobytes())
    first = model_cache.cache_key(str(file), OPTIONS)
    weights.write_bytes(np.zeros(12, np.float32).tobytes())
    assert len({missing, first, model_cache.cache_key(str(file), OPTIONS)}) == 3
    (tmp_path / "readme.txt").write_text("nothing that the network reads")
    weights.write_bytes(np.ones(12, np.float32).tobytes())
    assert model_cache.cache_key(str(file), OPTIONS) == first


def test_a_description_stands_for_the_network_that_it_names(tmp_path):
    file, description = tmp_path / "net.onnx", tmp_path / "param.yaml"
    file.write_bytes(network())
    description.write_text("session: {model_path: net.onnx, input_mean: [1, 2, 3]}")
    models = (tmp_path, description, file)
    first = [model_cache.cache_key(str(each), OPTIONS) for each in models]
    description.write_text("session: {model_path: net.onnx, input_mean: [1, 2, 4]}")
    second = [model_cache.cache_key(str(each), OPTIONS) for each in models]
    file.write_bytes(network()[:-1])
    third = [model_cache.cache_key(str(each), OPTIONS) for each in models]
    assert all(len(set(keys)) == 3 for keys in zip(first, second, third, strict=True))


def test_other_labels_and_other_calibration_pictures_are_another_artifact(tmp_path):
    labels, pictures = tmp_path / "labels.txt", tmp_path / "pictures"
    labels.write_text("a\nb\n")
    pictures.mkdir()
    (pictures / "one.png").write_bytes(b"1")
    options = replace(OPTIONS, calibration=pictures, model=ImportOptions(labels=labels))
    keys = [model_cache.cache_key("efficientnet_lite0", options)]
    labels.write_text("a\nc\n")
    keys.append(model_cache.cache_key("efficientnet_lite0", options))
    (pictures / "two.png").write_bytes(b"2")
    keys.append(model_cache.cache_key("efficientnet_lite0", options))
    assert len(set(keys)) == 3


def test_another_content_of_a_soc_file_is_another_artifact(tmp_path):
    soc = tmp_path / "chip.toml"
    soc.write_text("one")
    first = model_cache.cache_key("efficientnet_lite0", replace(OPTIONS, soc=str(soc)))
    soc.write_text("two")
    assert model_cache.cache_key("efficientnet_lite0", replace(OPTIONS, soc=str(soc))) != first


def test_what_another_version_compiled_is_compiled_again(monkeypatch, tmp_path):
    files = (
        "quant/weights.py",
        "soc/tda4vm.toml",
        "importers/deep/onnx.py",
        "kernels/conv2d.py",
        "quant/README.md",
    )
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("before")
    monkeypatch.setattr(model_cache, "resources", SimpleNamespace(files=lambda package: tmp_path))
    keys = [model_cache.cache_key("efficientnet_lite0", OPTIONS)]
    for name in files:
        (tmp_path / name).write_text("changed")
        keys.append(model_cache.cache_key("efficientnet_lite0", OPTIONS))
    # The kernels and the documents do not decide what is compiled.
    assert [before != after for before, after in pairwise(keys)] == [True, True, True, False, False]


def test_a_soc_file_anywhere_is_compiled_for_inside_the_cache(compiled, tmp_path, monkeypatch):
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    (tmp_path / "chip.toml").write_text("one")
    cache = tmp_path / "cache"
    model_cache.load_cached("efficientnet_lite0", replace(OPTIONS, soc="../chip.toml"), cache)
    (folder,) = (cache / "artifacts").iterdir()
    assert folder.name.startswith("efficientnet_lite0-chip-ti-")
    assert model_cache.is_artifact(folder)


def test_a_damaged_cached_artifact_is_compiled_again_a_given_one_is_refused(compiled, tmp_path):
    model_cache.load_cached("efficientnet_lite0", OPTIONS, tmp_path)
    (folder,) = (tmp_path / "artifacts").iterdir()
    (folder / "constants.bin").write_bytes(b"")
    assert model_cache.load_cached("efficientnet_lite0", OPTIONS, tmp_path).model == "small"
    assert len(compiled) == 2
    (folder / "constants.bin").write_bytes(b"")
    with pytest.raises(ArtifactError, match="edited or truncated"):
        model_cache.load_cached(str(folder), OPTIONS, tmp_path)


def test_a_process_that_compiles_the_same_at_the_same_time_does_not_disturb(monkeypatch, tmp_path):
    def another_process(new, folder):
        replace_artifact(new, folder)
        if folder.parent.name == "artifacts":
            shutil.rmtree(folder)  # it is about to put its own there

    monkeypatch.setattr(model_cache, "compile_model", lambda *args: write_artifact(small_artifact(), args[1]))
    for module in (artifact_folder, model_cache):
        monkeypatch.setattr(module, "replace_artifact", another_process)
    assert model_cache.load_cached("efficientnet_lite0", OPTIONS, tmp_path).model == "small"
    assert not list((tmp_path / "artifacts").iterdir())


def test_a_kept_artifact_that_is_replaced_while_it_is_read_is_read_again(compiled, monkeypatch, tmp_path):
    model_cache.load_cached("efficientnet_lite0", OPTIONS, tmp_path)
    others = ["another process's"]

    def read_header(of):
        header = as_it_is(of)
        for name in others:
            others.remove(name)
            write_artifact(replace(small_artifact(), model=name), of)
        return header

    as_it_is = artifact_folder._read_header
    monkeypatch.setattr(artifact_folder, "_read_header", read_header)
    assert model_cache.load_cached("efficientnet_lite0", OPTIONS, tmp_path).model == "another process's"
    assert len(compiled) == 1


@pytest.mark.parametrize("problem", ["full", "no folder"])
def test_without_a_cache_the_model_is_compiled_for_this_run(compiled, monkeypatch, tmp_path, problem):
    cache, notes = tmp_path / "cache", []
    if problem == "full":
        monkeypatch.setattr(storage.shutil, "disk_usage", lambda folder: SimpleNamespace(free=1 << 20))
    else:
        cache.write_text("a file is in the way")
    artifact = model_cache.load_cached("efficientnet_lite0", OPTIONS, cache, note=notes.append)
    assert artifact.model == "small"
    assert len(compiled) == len(notes) == 1
    assert "for this run only" in notes[0]
    assert not cache.is_dir() or not any(cache.iterdir())


@pytest.mark.parametrize("stem", ["n" * 250, "\N{GRINNING FACE}" * 62], ids=["one byte", "four bytes"])
def test_a_model_whose_name_is_as_long_as_names_can_be(compiled, tmp_path, stem):
    file = tmp_path / f"{stem}.onnx"
    file.write_bytes(network())
    for _ in range(2):
        assert model_cache.load_cached(str(file), OPTIONS, tmp_path / "cache").model == "small"
    assert len(compiled) == 1


@pytest.mark.parametrize("letters", [256, 5000])
def test_a_longer_name_is_refused_in_one_line(letters, tmp_path):
    with pytest.raises(ModelError, match="too long"):
        model_cache.load_cached("n" * letters, OPTIONS, tmp_path)
    with pytest.raises(ModelError, match="too long"):
        compile_model("n" * letters, tmp_path / "net")


def test_a_missing_model_file_is_named(tmp_path):
    with pytest.raises(ModelError, match="nothing.onnx"):
        model_cache.cache_key(str(tmp_path / "nothing.onnx"), OPTIONS)


@pytest.mark.parametrize("what", ["labels", "soc"])
def test_other_missing_files_are_not_called_models(tmp_path, what):
    missing = tmp_path / "nothing.toml"
    options = replace(
        OPTIONS, **{"soc": str(missing)} if what == "soc" else {"model": ImportOptions(labels=missing)}
    )
    with pytest.raises(
        EngineError, match=r"nothing\.toml: cannot be read \(No such file or directory\)"
    ) as refused:
        model_cache.cache_key("efficientnet_lite0", options)
    assert "model file" not in str(refused.value)
