"""The two commands that open the README do the same set-up, and name files that exist."""

import re
import shutil
from pathlib import Path

import pytest

import assets
from tests.engine.runtime.validation.tiny import write_model

README = (Path(__file__).resolve().parent.parent / "README.md").read_text("utf-8")


def command(name: str) -> str:
    """Return the one line that README shows under ``<!-- command: name -->``, as ``.ci/run`` extracts it."""
    found = re.search(rf"^<!-- command: {name} -->\n```sh\n(.+)\n```$", README, re.MULTILINE)
    assert found, f"README.md shows no one-line command {name!r}"
    return found[1]


def debian_packages(name: str) -> list[str]:
    return command(name).split("--no-install-recommends ")[1].split(" && ")[0].split()


def test_both_commands_install_the_same_system_libraries():
    assert debian_packages("demo") == debian_packages("test")


@pytest.mark.parametrize(
    "library", ["libxcb-cursor0", "libxcb-icccm4", "libxcb-keysyms1", "libxkbcommon-x11-0", "libegl1"]
)
def test_libraries_that_qt_aborts_without_are_installed(library):
    assert library in debian_packages("demo")


def test_commands_end_in_what_they_promise():
    assert command("demo").endswith(".venv/bin/lens7")
    assert command("test").endswith(".venv/bin/python -m pytest")


def test_the_script_names_a_picture(tmp_path, monkeypatch, capsys):
    found = re.search(r"^<!-- script: .* -->\n```python\n(.+?)^```$", README, re.MULTILINE | re.DOTALL)
    assert found
    shutil.copy(assets.path("demo") / "coffee_cup.jpg", tmp_path / "picture.jpg")
    monkeypatch.chdir(tmp_path)
    write_model(tmp_path / "tiny.onnx")  # the built-in network would take a minute
    script = found[1].replace("efficientnet_lite0", "tiny.onnx")
    exec(compile(script, "README.md", "exec"), {})
    first, *labels, last = capsys.readouterr().out.splitlines()
    assert first == "AM68A (J721S2)"
    assert len(labels) == 3
    assert all(re.fullmatch(r"\d+% .+", label) for label in labels)
    assert re.fullmatch(r"measured here .* ms, modelled on the chip \d+\.\d\d ms", last)
