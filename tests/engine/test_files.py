"""Files are written whole or not at all, whatever stands in their place."""

import os
import stat
from errno import EACCES
from pathlib import Path

import pytest

from engine.files import write_whole, written_whole
from tests.small_disk import fill, small_disk


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_is_written_and_nothing_stays_beside_it(tmp_path: Path) -> None:
    write_whole(tmp_path / "new.html", "caf\u00e9 \udcff")
    assert (tmp_path / "new.html").read_bytes() == b"caf\xc3\xa9 \\udcff"
    write_whole(tmp_path / "new.html", "again")
    assert (tmp_path / "new.html").read_text() == "again"
    assert names(tmp_path) == {"new.html"}


def test_what_was_there_stays_if_writing_fails(tmp_path: Path) -> None:
    path = tmp_path / "old.txt"
    path.write_text("old")
    with pytest.raises(FileNotFoundError), written_whole(path) as new:
        new.rename(path.with_name("elsewhere"))
    path.with_name("elsewhere").unlink()
    assert path.read_text() == "old"
    assert names(tmp_path) == {"old.txt"}


def test_a_full_disk_keeps_what_was_there_and_no_half_of_a_file(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "64k") as disk:
        (disk / "old.txt").write_text("old")
        filler = fill(disk)
        for name in ("old.txt", "new.txt"):
            with pytest.raises(OSError, match="No space left"):
                write_whole(disk / name, "x" * 5000)
        assert (disk / "old.txt").read_text() == "old"
        assert names(disk) == {"old.txt", filler.name}


def test_permissions_are_those_of_the_file_before_or_the_users_habit(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_whole(tmp_path / "new", "")
        write_whole(tmp_path / "private", "", private=True)
    finally:
        os.umask(before)
    assert (mode(tmp_path / "new"), mode(tmp_path / "private")) == (0o640, 0o600)
    (tmp_path / "new").chmod(0o604)
    write_whole(tmp_path / "new", "again")
    assert mode(tmp_path / "new") == 0o604


def test_a_link_goes_on_being_one(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "there" / "file")
    for text in ("new", "again"):
        write_whole(link, text)
        assert link.is_symlink()
        assert (tmp_path / "there" / "file").read_text() == text
    assert names(tmp_path / "there") == {"file"}


def test_pipes_and_devices_are_written_to_as_they_are(tmp_path: Path) -> None:
    write_whole(Path(os.devnull), "gone")
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_whole(pipe, "through")
        assert os.read(reading, 100) == b"through"
    finally:
        os.close(reading)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        write_whole(tmp_path, "")
    assert names(tmp_path) == set()


@pytest.mark.parametrize("name", ["x" * 255, "x." + "y" * 253, ".html"])
def test_any_name_that_a_file_may_have_will_do(name: str, tmp_path: Path) -> None:
    write_whole(tmp_path / name, "")
    assert names(tmp_path) == {name}


def test_a_file_in_a_folder_that_takes_nothing_new_is_written_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(EACCES, os.strerror(EACCES))

    (tmp_path / "old").write_text("old")
    monkeypatch.setattr("engine.files.os.open", refuse)
    write_whole(tmp_path / "old", "new")
    assert (tmp_path / "old").read_text() == "new"
    with pytest.raises(PermissionError):
        write_whole(tmp_path / "other", "new")
