"""Where compiled networks are kept."""

import os

from gui.core.artifact_cache import ArtifactCache
from gui.core.state import EngineChoice


def test_every_choice_that_changes_the_program_has_its_own_folder(tmp_path):
    cache = ArtifactCache(tmp_path)
    base = EngineChoice()
    other = [EngineChoice(soc="am68a"), EngineChoice(recipe="ti"), EngineChoice(model="mobilenet")]
    folders = {cache.folder(choice) for choice in (base, *other)}
    assert len(folders) == 4
    assert cache.folder(EngineChoice(kernels="numpy", threads=2)) == cache.folder(base)


def test_a_changed_model_file_gets_another_folder(tmp_path):
    model = tmp_path / "net.onnx"
    model.write_bytes(b"one")
    cache = ArtifactCache(tmp_path)
    before = cache.folder(EngineChoice(model=str(model)))
    model.write_bytes(b"other")
    assert cache.folder(EngineChoice(model=str(model))) != before
    assert before.parent == tmp_path / "artifacts"


def test_a_hostile_model_name_stays_inside(tmp_path):
    folder = ArtifactCache(tmp_path).folder(EngineChoice(model="../../../etc/pass wd"))
    assert folder.resolve().is_relative_to(tmp_path / "artifacts")


def test_building_leaves_nothing_and_publishing_keeps_the_first(tmp_path):
    cache = ArtifactCache(tmp_path)
    folder = cache.folder(EngineChoice())
    for content in ("first", "second"):
        with cache.building() as place:
            built = place / "artifact"
            built.mkdir()
            (built / "artifact.json").write_text(content)
            cache.publish(built, folder)
    assert (folder / "artifact.json").read_text() == "first"
    assert list(folder.parent.iterdir()) == [folder]


def test_what_a_killed_process_left_is_removed(tmp_path):
    cache = ArtifactCache(tmp_path)
    leftover = tmp_path / "artifacts" / ".building-old"
    leftover.mkdir(parents=True)
    os.utime(leftover, (0, 0))
    with cache.building() as fresh:
        assert not leftover.exists()
        assert fresh.exists()


def test_the_temporary_cache_disappears(tmp_path):
    cache = ArtifactCache(tmp_path)
    cache.use_temporary()
    assert cache.root != tmp_path
    assert cache.root.is_dir()
    cache.close()
    assert not cache.root.exists()
