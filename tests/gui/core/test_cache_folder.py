"""The cache folder, and what replaces it."""

import shutil
from collections import namedtuple

from gui.core.cache_folder import CacheFolder

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
