"""The cache folder, and what replaces it."""

import os
import shutil
from collections import namedtuple

from gui.core import cache_folder
from gui.core.cache_folder import MOST_ARTIFACTS, CacheFolder

Usage = namedtuple("Usage", "total used free")


def test_a_missing_folder_is_made(tmp_path):
    cache = CacheFolder(tmp_path / "deep" / "lens7")
    assert cache.problem() == ""
    assert cache.root.is_dir()
    assert list(cache.root.iterdir()) == []


def test_what_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("in the way")
    assert CacheFolder(tmp_path / "file" / "lens7").problem() == "Not a directory"


def test_a_full_disk_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1 << 40, 1 << 40, 3 << 20))
    assert CacheFolder(tmp_path).problem().startswith("3 MB free")


def test_what_killed_compilations_left_behind_is_removed_a_day_later(tmp_path):
    folders = [
        tmp_path / "artifacts" / name for name in (".net-abc-x1", ".net-abc-old-x2", ".net-new", "net-abc")
    ]
    for folder in folders:
        folder.mkdir(parents=True)
        (folder / "constants.bin").write_bytes(b"x")
        if folder.name != ".net-new":
            os.utime(folder, (1_000_000_000, 1_000_000_000))
    cache = CacheFolder(tmp_path)
    cache.remove_leftovers()
    assert {path.name for path in (tmp_path / "artifacts").iterdir()} == {".net-new", "net-abc"}
    CacheFolder(tmp_path / "nowhere").remove_leftovers()


def keep_artifacts(root, count, size_bytes=10):
    """Return folders of compiled networks, each used later than the one before."""
    folders = [root / "artifacts" / f"net-{number}" for number in range(count)]
    for number, folder in enumerate(folders):
        folder.mkdir(parents=True)
        (folder / "artifact.json").write_text("{}")
        (folder / "constants.bin").write_bytes(bytes(size_bytes))
        os.utime(folder, (1_000_000_000 + number,) * 2)
    return folders


def test_what_was_used_longest_ago_is_forgotten_beyond_a_number(tmp_path):
    folders = keep_artifacts(tmp_path, MOST_ARTIFACTS + 3)
    mine = tmp_path / "artifacts" / "notes"
    mine.mkdir()
    cache = CacheFolder(tmp_path)
    cache.note_use(folders[0])
    cache.forget_artifacts({folders[2]})
    assert set((tmp_path / "artifacts").iterdir()) == {folders[0], folders[2], *folders[4:], mine}
    CacheFolder(tmp_path / "nowhere").forget_artifacts(())


def test_what_was_used_longest_ago_is_forgotten_beyond_a_size(tmp_path, monkeypatch):
    monkeypatch.setattr(cache_folder, "MOST_ARTIFACT_BYTES", 3000)
    folders = keep_artifacts(tmp_path, 4, size_bytes=1000)
    CacheFolder(tmp_path).forget_artifacts({folders[3]})
    assert set((tmp_path / "artifacts").iterdir()) == {folders[2], folders[3]}


def test_the_temporary_cache_disappears(tmp_path):
    cache = CacheFolder(tmp_path)
    assert not cache.is_temporary
    cache.use_temporary()
    temporary = cache.root
    assert cache.is_temporary
    assert temporary != tmp_path
    assert temporary.is_dir()
    cache.close()
    assert not temporary.exists()
