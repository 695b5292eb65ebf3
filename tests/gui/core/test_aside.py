"""Of what is put aside the newest is kept, with what lies beside it; nothing else is touched."""

from pathlib import Path

from gui.core import aside as aside_module
from gui.core.aside import MOST_KEPT, forget_oldest, name_aside


def put_aside(folder: Path, age: int) -> Path:
    path = folder / f"history.damaged-{age}.sqlite"
    for ending in ("", "-wal", "-shm"):
        path.with_name(path.name + ending).write_text("x")
    return path


def test_the_newest_are_kept_and_the_one_put_aside_now_whatever_its_clock_says(tmp_path):
    others = (
        "history.sqlite",
        "history.sqlite-wal",
        "history.damaged-mine.sqlite",
        "settings.corrupt-1.json",
    )
    for name in others:
        (tmp_path / name).write_text("x")
    for age in (90, 800, 70, 1000):  # not in the order of letters
        put_aside(tmp_path, age)
    forget_oldest(put_aside(tmp_path, 1))
    kept = {path.name for path in tmp_path.iterdir() if "damaged-" in path.name and path.suffix == ".sqlite"}
    assert kept == {f"history.damaged-{age}.sqlite" for age in (1, 800, 1000)} | {
        "history.damaged-mine.sqlite"
    }
    assert len(list(tmp_path.glob("*-wal"))) == MOST_KEPT + 1
    assert all((tmp_path / name).exists() for name in others)


def test_a_few_are_all_kept(tmp_path):
    for age in range(MOST_KEPT - 1):
        put_aside(tmp_path, age)
    forget_oldest(put_aside(tmp_path, 99))
    assert len(list(tmp_path.glob("history.damaged-*.sqlite"))) == MOST_KEPT


def test_what_cannot_be_removed_stays(tmp_path, monkeypatch):
    def refuse(self, missing_ok=False):
        raise PermissionError(13, "in use")

    for age in range(6):
        put_aside(tmp_path, age)
    monkeypatch.setattr(Path, "unlink", refuse)
    forget_oldest(tmp_path / "history.damaged-5.sqlite")
    assert len(list(tmp_path.glob("history.damaged-*.sqlite"))) == 6


def test_the_name_says_why_and_when(monkeypatch):
    monkeypatch.setattr(aside_module.time, "time_ns", lambda: 17)
    assert name_aside(Path("a/settings.json"), "corrupt") == Path("a/settings.corrupt-17.json")
