"""The edge of the commands: whatever goes wrong is one line and an exit status, and nothing is said after the end."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from engine.cli import edge
from engine.cli.app import app
from engine.cli.edge import run


def failing(error: BaseException):
    def application(words, **how):
        raise error

    return application


def lines(capsys) -> list[str]:
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err.splitlines()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["classify"], "Missing argument"),
        (["nonsense"], "nonsense"),
        (["classify", "x.jpg", "--top", "0"], "--top"),
        (["classify", "x.jpg", "--kernels", "fast"], "fast"),
        (["classify", "x.jpg", "--nothing"], "--nothing"),
        (["classify", "x.jpg", "--random-weights", "-1"], "--random-weights"),
        (["bench", "--seconds", "nan"], "--seconds"),
        (["bench", "--seconds", "inf"], "--seconds"),
        (["profile", "--size", "0x3"], "--size"),
        (["profile", "--soc", ""], "the value of --soc is empty"),
        (["compile", "x.onnx", "--out="], "the value of --out is empty"),
        (["classify", "--", ""], "an argument is empty"),
        (["profile", "--size", "²"], "--size"),
        (["profile", "--size", "9" * 5000], "--size"),
    ],
)
def test_wrong_usage_is_one_line_and_status_2(capsys, arguments, says):
    assert run(app, arguments) == 2
    (line,) = lines(capsys)
    assert line.startswith("lens7: ")
    assert says in line
    assert "--help" in line


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has a device that is always full")
def test_a_status_does_not_depend_on_anyone_hearing_why():
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "engine", "nonsense"]
        assert subprocess.run(command, stderr=full, timeout=60, check=False).returncode == 2


def test_an_unexpected_error_is_one_line_that_names_its_place(capsys):
    assert run(failing(ZeroDivisionError("two\nlines")), []) == 1
    (line,) = lines(capsys)
    assert "unexpected ZeroDivisionError: two lines" in line
    assert Path(__file__).name in line


def test_an_unexpected_error_is_raised_with_debug():
    with pytest.raises(ZeroDivisionError):
        run(failing(ZeroDivisionError()), ["--debug"])


def test_an_error_of_the_system_names_the_file(capsys):
    assert run(failing(PermissionError(13, "Permission denied", "/there")), []) == 1
    assert lines(capsys) == ["lens7: /there: Permission denied"]


def test_too_little_memory_is_no_error_of_the_program(capsys):
    assert run(failing(MemoryError("Unable to allocate 2.00 GiB")), []) == 1
    assert lines(capsys) == ["lens7: not enough memory; close other programs, or raise the limit of this one"]


@pytest.mark.parametrize(
    ("error", "status"),
    [(KeyboardInterrupt(), 130), (typer.Abort(), 1), (SystemExit(3), 3), (SystemExit("x"), 1)],
)
def test_ends_have_their_status(error, status):
    assert run(failing(error), []) == status


@pytest.mark.parametrize(("end", "status"), [(KeyboardInterrupt(), 130), (SystemExit(143), 143)])
def test_an_import_that_was_interrupted_is_no_failure(capsys, end, status):
    def compiled_code() -> None:
        try:
            raise end
        except BaseException as error:
            raise ImportError("initialization failed") from error

    assert run(lambda words, **how: compiled_code(), []) == status
    assert capsys.readouterr().err == ""


def test_a_status_is_passed_on():
    application = typer.Typer()

    @application.command()
    def only() -> None:
        raise typer.Exit(7)

    assert run(application, []) == 7


@pytest.fixture
def process(tmp_path):
    """Start the engine's commands in a process of their own."""

    def start(*arguments: str | bytes | Path, **how) -> subprocess.Popen:
        environment = {
            "PATH": os.environ["PATH"],
            "XDG_CACHE_HOME": str(tmp_path),
            **how.pop("environment", {}),
        }
        return subprocess.Popen(
            [sys.executable, "-m", "engine", *arguments], stderr=subprocess.PIPE, env=environment, **how
        )

    return start


def test_a_reader_that_has_had_enough_is_no_error(process):
    reading, writing = os.pipe()
    os.close(reading)
    started = process("socs", "--json", stdout=writing)
    os.close(writing)
    assert started.communicate(timeout=60)[1] == b""
    assert started.returncode == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("words", [["socs", "--json"], ["socs"]])
def test_a_full_disk_behind_standard_output_is_one_line(process, words):
    with Path("/dev/full").open("wb") as full:
        started = process(*words, stdout=full)
        said = started.communicate(timeout=60)[1].decode()
    assert said == "lens7: cannot go on: No space left on device\n"
    assert started.returncode == 1


def test_ctrl_c_is_quiet_even_while_the_commands_are_loaded():
    code = (
        "import signal, sys\n"
        "from engine.cli import edge\n"
        "sys.exit(edge.main(lambda words, **how: signal.raise_signal(signal.SIGINT)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (edge.INTERRUPTED, b"")
    assert edge.INTERRUPTED == 128 + signal.SIGINT


def printed(encoding: str, name: str) -> bytes:
    """Return what the command line prints as JSON of a file name where the output has this encoding."""
    code = (
        "import sys\n"
        "from engine.cli import edge, output\n"
        f"sys.exit(edge.main(lambda words, **how: output.print_json({{'file': {name!a}}}, line=True)))"
    )
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, env=environment, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout


@pytest.mark.parametrize("encoding", ["utf-8:strict", "utf-8:surrogateescape"])
def test_file_names_that_are_no_text_survive_json(encoding):
    name = os.fsdecode(b"cup \xc3\xa4\xff.jpg")
    out = printed(encoding, name).decode("utf-8", "strict")
    assert "\u00e4" in out
    assert json.loads(out)["file"] == name


def test_a_terminal_without_umlauts_gets_escaped_json():
    out = printed("ascii", "Tasse \u00e4 \u2713.jpg")
    assert json.loads(out.decode("ascii"))["file"] == "Tasse \u00e4 \u2713.jpg"
