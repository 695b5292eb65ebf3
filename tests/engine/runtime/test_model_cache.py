from dataclasses import replace

import pytest

from engine.compiler.compile import CompileOptions
from engine.errors import ArtifactError, ModelError
from engine.program.artifact import write_artifact
from engine.runtime import model_cache
from tests.engine.program.small import small_artifact

OPTIONS = CompileOptions(recipe="ti")


@pytest.fixture
def compiled(monkeypatch):
    """Count compilations; each writes the small artifact."""
    calls = []

    def compile_model(model, folder, options, progress):
        calls.append(model)
        write_artifact(small_artifact(), folder)

    monkeypatch.setattr(model_cache, "compile_model", compile_model)
    return calls


def test_a_model_is_compiled_once(compiled, tmp_path):
    for _ in range(2):
        assert model_cache.load_cached("efficientnet_lite0", OPTIONS, tmp_path).model == "small"
    assert compiled == ["efficientnet_lite0"]


def test_other_options_and_other_file_contents_are_other_artifacts(tmp_path):
    file = tmp_path / "net.onnx"
    file.write_bytes(b"one")
    first = model_cache.cache_key(str(file), OPTIONS)
    assert first != model_cache.cache_key(str(file), replace(OPTIONS, soc="am68a"))
    file.write_bytes(b"two")
    assert first != model_cache.cache_key(str(file), OPTIONS)


def test_a_damaged_cached_artifact_is_compiled_again_a_given_one_is_refused(compiled, tmp_path):
    folder = model_cache.cached_artifact("efficientnet_lite0", OPTIONS, tmp_path)
    (folder / "constants.bin").write_bytes(b"")
    assert model_cache.load_cached("efficientnet_lite0", OPTIONS, tmp_path).model == "small"
    assert len(compiled) == 2
    (folder / "constants.bin").write_bytes(b"")
    with pytest.raises(ArtifactError, match="edited or truncated"):
        model_cache.load_cached(str(folder), OPTIONS, tmp_path)


def test_a_missing_model_file_is_named(tmp_path):
    with pytest.raises(ModelError, match="nothing.onnx"):
        model_cache.cache_key(str(tmp_path / "nothing.onnx"), OPTIONS)
