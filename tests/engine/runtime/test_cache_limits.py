"""What the cache keeps of compiled networks, and what it forgets."""

import os

from engine.runtime import cache_limits
from engine.runtime.cache_limits import MOST_ARTIFACTS, forget_artifacts, note_use, remove_leftovers


def test_what_killed_compilations_left_behind_is_removed_a_day_later(tmp_path):
    folders = [
        tmp_path / "artifacts" / name for name in (".net-abc-x1", ".net-abc-old-x2", ".net-new", "net-abc")
    ]
    for folder in folders:
        folder.mkdir(parents=True)
        (folder / "constants.bin").write_bytes(b"x")
        if folder.name != ".net-new":
            os.utime(folder, (1_000_000_000, 1_000_000_000))
    remove_leftovers(tmp_path)
    assert {path.name for path in (tmp_path / "artifacts").iterdir()} == {".net-new", "net-abc"}
    remove_leftovers(tmp_path / "nowhere")


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
    note_use(folders[0])
    forget_artifacts(tmp_path, {folders[2]})
    assert set((tmp_path / "artifacts").iterdir()) == {folders[0], folders[2], *folders[4:], mine}
    forget_artifacts(tmp_path / "nowhere", ())


def test_what_was_used_longest_ago_is_forgotten_beyond_a_size(tmp_path, monkeypatch):
    monkeypatch.setattr(cache_limits, "MOST_ARTIFACT_BYTES", 3000)
    folders = keep_artifacts(tmp_path, 4, size_bytes=1000)
    forget_artifacts(tmp_path, {folders[3]})
    assert set((tmp_path / "artifacts").iterdir()) == {folders[2], folders[3]}
