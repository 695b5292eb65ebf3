"""The command as users run it, in a process of its own, on the offscreen platform."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import assets
from engine.importers.options import ImportOptions, Layout
from gui import cli, requirements
from tests.conftest import REPOSITORY
from tests.engine.cli.test_interrupt import WHILE_LOADING, interrupted
from tests.small_disk import fill, small_disk


def lens7(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "gui", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=REPOSITORY,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"} | environment,
    )


def test_demo_reports_and_grabs_and_closes_itself_while_compiling(tmp_cache, tmp_path):
    report, grab = tmp_path / "report.json", tmp_path / "window.png"
    run = lens7(
        "demo",
        "--source",
        "synthetic:30",
        "--seconds",
        "2",
        "--report",
        str(report),
        "--grab",
        str(grab),
        "--json",
    )
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)
    assert found == json.loads(report.read_text())
    frames = found["frames"]
    assert frames["shown"] > 5
    assert frames["captured"] == frames["shown"] + sum(frames["dropped"].values()) + frames["in_flight"]
    assert found["errors"] == []
    assert set(found["host_ms"]) == {"queue", "preprocess", "run", "postprocess", "paint"}
    assert 0 < found["frame_age_ms"]["p50"] <= found["frame_age_ms"]["p99"]
    assert 0 <= found["ui_stall_ms"]["p99"] <= found["ui_stall_ms"]["max"]
    assert found["rss_mb"]["end"] > 50
    assert 1.9 < found["cpu"]["wall_s"] < 30
    assert grab.read_bytes().startswith(b"\x89PNG")
    assert not list(tmp_cache.rglob("settings*.json"))


@pytest.mark.parametrize(
    ("source", "says"), [("no such file", "no such file or folder"), ("synthetic:0", "between 1 and 240")]
)
def test_a_demo_of_nothing_is_one_line_and_status_1(tmp_cache, source, says):
    run = lens7("demo", "--source", source, "--seconds", "1")
    assert run.returncode == 1
    assert says in run.stderr
    assert run.stderr.count("\n") == 1
    assert run.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--grab", "nowhere/window.png"], "cannot be written"),
        (["--grab", "window.nothing"], "cannot be written"),
        (["--report", "."], "Is a directory"),
    ],
)
def test_a_demo_whose_findings_cannot_be_kept_ends_all_the_same(tmp_cache, tmp_path, arguments, says):
    option, name = arguments
    run = lens7("demo", "--source", "synthetic:30", "--seconds", "1", option, str(tmp_path / name))
    assert run.returncode == 1
    assert says in run.stderr
    assert run.stderr.count("\n") == 1


@pytest.mark.parametrize("option", ["--grab", "--report"])
def test_a_demo_whose_findings_find_no_room_leaves_none_of_them(tmp_cache, tmp_path, option):
    with small_disk(tmp_path / "disk", "64k") as disk:
        filler = fill(disk)
        run = lens7("demo", "--source", "synthetic:30", "--seconds", "1", option, str(disk / "out.png"))
        assert list(disk.iterdir()) == [filler]
    assert run.returncode == 1
    assert (
        run.stderr
        == f"lens7: {disk / 'out.png'}: cannot be written: No space left on device; choose another file\n"
    )


def test_a_demo_without_frames_says_why(tmp_cache, tmp_path):
    (tmp_path / "cut.jpg").write_bytes(assets.path("demo/coffee_cup.jpg").read_bytes()[:2000])
    run = lens7("demo", "--source", str(tmp_path / "cut.jpg"), "--seconds", "2")
    assert run.returncode == 1
    assert "cut.jpg: the picture is damaged" in run.stderr
    assert run.stderr.count("\n") == 1


def test_without_a_display_it_says_so_instead_of_aborting(tmp_cache):
    run = lens7(QT_QPA_PLATFORM="", DISPLAY="", WAYLAND_DISPLAY="")
    assert run.returncode == 1
    assert "no display" in run.stderr or "apt install" in run.stderr
    assert run.stderr.count("\n") == 1


def test_a_display_that_does_not_answer_is_said(tmp_cache):
    if requirements.missing_packages("xcb"):
        pytest.skip("Qt's X11 libraries are not installed here")
    run = lens7(QT_QPA_PLATFORM="xcb", DISPLAY=":987", WAYLAND_DISPLAY="")
    assert run.returncode == 1
    assert "display :987 does not answer" in run.stderr


def test_an_interrupt_while_qt_is_loaded_ends_without_a_word(tmp_cache):
    words = ("demo", "--seconds", "1")
    assert interrupted(WHILE_LOADING, "gui", module="shiboken6", words=words) == (130, "", False)


def test_doctor_speaks_json(tmp_cache):
    run = lens7("doctor", "--json")
    checks = {check["name"]: check for check in json.loads(run.stdout)["checks"]}
    assert run.returncode == (0 if all(check["ok"] for check in checks.values()) else 1)
    assert checks["model files"]["ok"]
    assert checks["cache"]["detail"].startswith(str(tmp_cache))
    assert set(checks["display"]) == {"name", "ok", "detail", "fix"}


def test_the_engines_commands_are_there(tmp_cache):
    run = lens7("socs", "--json")
    assert run.returncode == 0, run.stderr
    assert "tda4vm" in run.stdout


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        ([], False),
        (["--source", "demo"], False),
        (["demo", "--seconds", "1"], False),
        (["classify", "x.jpg"], True),
        (["--help"], True),
        (["nonsense"], True),
    ],
)
def test_the_window_does_not_wait_for_the_engines_commands(arguments, needed):
    assert cli._needs_engine_commands(arguments) is needed


COMMON = [
    *("--soc", "am68a", "--recipe", "ti", "--kernels", "numpy", "--threads", "2", "--cores", "2", "--clock", "800"),
    *("--mean", "1,2,3", "--scale", "0.5", "--size", "224x192", "--resize", "256", "--layout", "NHWC"),
    *("--labels", "names.txt", "--random-weights", "3"),
]  # fmt: skip


@pytest.fixture
def opened(monkeypatch):
    """Return the options with which a window would have been opened."""
    found = []
    monkeypatch.setattr("gui.app.run", lambda options: found.append(options) or 0)
    monkeypatch.setattr("gui.demo.run_demo", lambda options, _: found.append(options) or {})
    return found


@pytest.mark.parametrize("words", [[], ["demo"]])
def test_the_window_takes_the_options_of_every_command_with_a_model(opened, words):
    assert cli.run([*words, "--model", "net.onnx", *COMMON]) == 0
    (options,) = opened
    assert (options.model, options.soc, options.recipe) == ("net.onnx", "am68a", "ti")
    assert (options.kernels, options.threads, options.cores, options.clock_mhz) == ("numpy", 2, 2, 800.0)
    assert options.bare == ImportOptions(
        mean=(1.0, 2.0, 3.0), scale=(0.5, 0.5, 0.5), size=(224, 192), resize_short=256, layout=Layout.NHWC,
        labels=Path("names.txt"), random_weights=3,
    )  # fmt: skip


@pytest.mark.parametrize("words", [[], ["demo"]])
def test_what_is_not_asked_for_is_left_to_the_settings(opened, words):
    assert cli.run(words) == 0
    (options,) = opened
    names = ("model", "soc", "recipe", "kernels", "threads", "cores", "clock_mhz", "bare")
    assert [getattr(options, name) for name in names] == [None] * 8


def test_a_replay_takes_them_too(capsys, tmp_path):
    assert cli.run(["replay", str(tmp_path / "nothing.l7rec"), *COMMON]) == 1
    assert "nothing.l7rec" in capsys.readouterr().err


def test_wrong_values_are_wrong_usage_before_a_window_opens(opened, capsys):
    for option, value in (("--kernels", "fast"), ("--recipe", "mine"), ("--mean", "grey"), ("--cores", "0")):
        assert cli.run([option, value]) == 2
        assert option in capsys.readouterr().err
    assert opened == []


def test_a_demo_of_an_artifact_made_for_another_chip_is_one_line_and_status_1(tmp_cache, tmp_path):
    made = lens7("compile", "efficientnet_lite0", "--out", str(tmp_path / "net"), "--soc", "am68a")
    assert made.returncode == 0, made.stderr
    model = ("demo", "--source", "synthetic:30", "--seconds", "6", "--model", str(tmp_path / "net"))
    other = lens7(*model, "--soc", "tda4vm")
    assert other.returncode == 1
    assert "is compiled for soc am68a, not tda4vm" in other.stderr
    assert other.stderr.count("\n") == 1
    assert lens7(*model).returncode == 0


def test_reading_the_windows_command_line_loads_nothing_slow():
    slow = "{'engine.compiler', 'engine.ir', 'engine.runtime', 'cv2', 'PySide6', 'onnxruntime'}"
    code = f"import sys, gui.cli; gui.cli.build(with_engine=False); print(sorted({slow} & set(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=REPOSITORY, check=True
    )
    assert run.stdout == "[]\n"


def test_wrong_usage_is_status_2(capsys):
    assert cli.run(["demo", "--seconds", "soon"]) == 2
    assert cli.run(["nonsense"]) == 2
    assert "nonsense" in capsys.readouterr().err


def test_help_lists_every_command(capsys):
    assert cli.run(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(
        name in text for name in ("demo", "doctor", "classify", "compile", "validate", "bench", "socs")
    )
    assert "--debug" in text


def test_missing_qt_libraries_name_their_packages(monkeypatch):
    monkeypatch.setattr(
        requirements, "_loads", lambda library: "cursor" not in library and "EGL" not in library
    )
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    assert requirements.missing_packages("xcb") == ("libegl1", "libxcb-cursor0")
    assert requirements.missing_packages("offscreen") == ("libegl1",)
    assert requirements.window_problem().endswith("sudo apt install libegl1 libxcb-cursor0")


def test_a_missing_qt_is_said_with_what_to_install(monkeypatch):
    monkeypatch.setattr(requirements, "find_spec", lambda name: None)
    assert requirements.window_problem().endswith("-m pip install PySide6-Essentials")


def test_a_wayland_session_without_its_socket_is_said(monkeypatch, tmp_path):
    monkeypatch.setattr(requirements, "_loads", lambda library: True)
    monkeypatch.setenv("QT_QPA_PLATFORM", "wayland")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-9")
    assert str(Path(tmp_path, "wayland-9")) in requirements.window_problem()
