"""Desktop files: written where the desktop looks, quoted as it wants, gone when removed."""

from __future__ import annotations

import configparser
import shlex
from pathlib import Path

import pytest

from gui.autostart import AutostartError, Places, desktop_entry, install, remove
from gui.cli import run


def entry(path: Path) -> dict[str, str]:
    parser = configparser.RawConfigParser(strict=True)
    parser.optionxform = str  # type: ignore[assignment]
    parser.read(path, encoding="utf-8")
    return dict(parser["Desktop Entry"])


def test_install_and_remove(tmp_cache: Path) -> None:
    places = Places.of_user()
    written = install(places, ("--source", "camera"))
    assert all(tmp_cache in path.parents for path in written)
    start, menu = entry(places.autostart), entry(places.menu)
    assert shlex.split(start["Exec"])[-3:] == ["kiosk", "--source", "camera"]
    assert "kiosk" not in menu["Exec"]
    assert Path(shlex.split(menu["Exec"])[0]).is_file()
    assert (start["Type"], start["Terminal"], start["Icon"]) == ("Application", "false", str(places.icon))
    assert places.icon.read_bytes().startswith(b"<svg")
    assert remove(places) == written
    assert remove(places) == ()


def test_the_command_does_both(tmp_cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["autostart", "--install", "--soc", "am68a"]) == 0
    assert "--soc am68a" in Places.of_user().autostart.read_text()
    assert run(["autostart", "--remove"]) == 0
    assert run(["autostart", "--remove"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "nothing was installed"
    assert run(["autostart"]) == 2


@pytest.mark.parametrize("words", [["--sorce", "demo"], ["demo"], ["--threads", "many"], ["--json"]])
def test_what_the_window_would_refuse_is_refused_now(
    tmp_cache: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert run(["autostart", "--install", *words]) == 2
    assert "'lens7 kiosk --help'" in capsys.readouterr().err
    assert not Places.of_user().autostart.exists()


@pytest.mark.parametrize(
    ("word", "written"),
    [("plain", "plain"), ("two words", '"two words"'), ("50%", '"50%%"'), ("a$b", '"a\\\\$b"')],
)
def test_words_are_quoted_as_the_specification_says(word: str, written: str) -> None:
    assert f" {written}\n" in desktop_entry((word,), Path("/icon.svg"))


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    bad = tmp_path / "file" / "lens7.desktop"
    with pytest.raises(AutostartError, match="autostart: "):
        install(Places(bad, tmp_path / "menu.desktop", tmp_path / "icon.svg"))
