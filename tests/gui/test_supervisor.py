"""The guardian of the kiosk over stand-in windows that crash, hang, end and go on where the last one ended."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QObject

from gui import supervisor
from gui.heartbeat import INTERVAL_MS, Heartbeat
from gui.supervisor import LastState, Supervisor, SupervisorTiming, last_state
from gui.workers.pipeline import JOIN_PATIENCE_S
from tests.small_disk import fill, small_disk

TIMING = SupervisorTiming(
    starts_within_s=20.0, hung_after_s=0.4, dies_within_s=0.5, closes_within_s=5.0, delays_s=(0.0, 0.05), poll_s=0.01
)  # fmt: skip
# A window that beats, writes down its life in a folder, and then does what the test says.
WINDOW = """
import os, sys, time, signal
from pathlib import Path
from gui.supervisor import LastState, last_state
folder, heartbeat = Path(sys.argv[1]), Path(os.environ["LENS7_HEARTBEAT"])
life = len(list(folder.glob("life-*"))) + 1
software = os.environ.get("LIBGL_ALWAYS_SOFTWARE", "")
(folder / f"life-{{life}}").write_text(f"{{last_state(heartbeat).source}} {{software}} {{sys.argv[2:]}}")
def beat(times):
    for n in range(times):
        LastState(source=f"life {{life}}").save(heartbeat)
        time.sleep(0.05)
{act}
"""


class Kiosk:
    def __init__(self, folder: Path, act: str, timing: SupervisorTiming = TIMING) -> None:
        self.folder = folder
        self.told: list[str] = []
        command = [sys.executable, "-c", WINDOW.format(act=act), str(folder)]
        self.supervisor = Supervisor(command, self.told.append, timing)

    def lives(self) -> list[str]:
        return [path.read_text() for path in sorted(self.folder.glob("life-*"))]


def test_a_crashed_window_is_started_again_where_it_ended(tmp_path):
    act = "beat(2)\nif life == 1: os.kill(os.getpid(), signal.SIGSEGV)"
    kiosk = Kiosk(tmp_path, act)
    assert kiosk.supervisor.run() == 0
    assert kiosk.lives() == ["  []", "life 1  []"]
    assert kiosk.told == ["the window died of SIGSEGV; restart 1 in 0 s"]


def test_a_hung_window_is_aborted_and_started_again(tmp_path):
    kiosk = Kiosk(tmp_path, "beat(2)\nif life == 1: time.sleep(60)")
    assert kiosk.supervisor.run() == 0
    assert len(kiosk.lives()) == 2
    assert kiosk.told == [
        "the window has not answered for 0.4 s",
        "the window died of SIGABRT; restart 1 in 0 s",
    ]


def test_a_window_that_closes_is_not_taken_for_one_that_hangs():
    longest_s = INTERVAL_MS / 1000 + JOIN_PATIENCE_S
    assert longest_s < SupervisorTiming().hung_after_s


def test_a_window_that_ignores_the_abort_is_killed(tmp_path):
    act = "signal.signal(signal.SIGABRT, signal.SIG_IGN)\nbeat(2)\nif life == 1: time.sleep(60)"
    kiosk = Kiosk(tmp_path, act)
    assert kiosk.supervisor.run() == 0
    assert kiosk.told[1] == "the window died of SIGKILL; restart 1 in 0 s"


def test_after_bad_ends_it_is_started_more_and_more_carefully(tmp_path):
    kiosk = Kiosk(tmp_path, "beat(1)\nsys.exit(0 if life == 5 else 3)")
    assert kiosk.supervisor.run() == 0
    assert kiosk.supervisor.restarts == 4
    plainest = "['--kernels', 'numpy']"
    assert kiosk.lives() == [
        "  []", "life 1  []", "life 2 1 []", f"life 3 1 {plainest}", f"life 4 1 {plainest}",
    ]  # fmt: skip


@pytest.mark.parametrize("status", [1, 2])
def test_a_window_that_never_came_to_life_is_not_started_again(tmp_path, status):
    kiosk = Kiosk(tmp_path, f"sys.exit({status})")
    assert kiosk.supervisor.run() == status
    assert kiosk.told == []


def test_a_healthy_spell_is_forgiven():
    timing = SupervisorTiming()
    assert timing.delays_s[0] == 0.0
    assert sum(timing.delays_s[:1]) + timing.poll_s < 3.0
    assert timing.delays_s[-1] == 30.0


def test_stopping_closes_the_window_as_a_user_would(tmp_path):
    act = "signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))\nbeat(400)"
    kiosk = Kiosk(tmp_path, act, replace(TIMING, hung_after_s=5.0))
    statuses: list[int] = []
    thread = threading.Thread(target=lambda: statuses.append(kiosk.supervisor.run()))
    thread.start()
    deadline_s = time.monotonic() + 20.0
    while not kiosk.lives() and time.monotonic() < deadline_s:
        thread.join(0.05)
    thread.join(0.2)
    kiosk.supervisor.stop()
    thread.join(20.0)
    assert statuses == [0]


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"source": 1}', '{"source": null, "model": []}', "[" * 9999, "\udcff"]
)
def test_a_damaged_state_is_no_state(tmp_path, content):
    path = tmp_path / "state.json"
    path.write_text(content, encoding="utf-8", errors="surrogateescape")
    assert last_state(path) == LastState()
    assert last_state(tmp_path / "missing") == LastState()


def test_the_state_survives_its_file(tmp_path):
    state = LastState("camera:x", "net.onnx", "am68a", "numpy", "bench")
    state.save(tmp_path / "state.json")
    assert last_state(tmp_path / "state.json") == state
    assert json.loads((tmp_path / "state.json").read_text())["face"] == "bench"


def test_the_command_line_reaches_the_window(monkeypatch):
    commands = []

    class Recorded:
        def __init__(self, command, tell):
            commands.append(command)

        def stop(self, *_):
            pass

        def run(self):
            return 0

    monkeypatch.setattr(supervisor, "Supervisor", Recorded)
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    monkeypatch.setattr("gui.cli.window_problem", lambda: "")
    from gui.cli import run

    try:
        assert run(["--kiosk", "--source", "demo"]) == 0
        assert run(["kiosk", "--source", "demo"]) == 0
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert [command[4:] for command in commands] == [["--full-screen", "--source", "demo"]] * 2


# --- the real window ---

REAL_WINDOW = """
import sys
from gui import app
from tests.gui.fakes import FakeBackend
app.EngineBackend = lambda cache: FakeBackend()
sys.exit(app.run(app.WindowOptions(source="synthetic:60")))
"""


def test_the_real_window_killed_is_back_within_three_seconds_and_leaves_a_log(tmp_path):
    folders = dict.fromkeys(
        ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"), str(tmp_path)
    )
    environment = os.environ | folders | {"QT_QPA_PLATFORM": "offscreen", "TMPDIR": str(tmp_path)}
    guardian_script = (
        f"import signal, sys; from gui.supervisor import Supervisor; "
        f"guardian = Supervisor([sys.executable, '-c', {REAL_WINDOW!r}], lambda t: print(t, flush=True)); "
        f"signal.signal(signal.SIGTERM, guardian.stop); sys.exit(guardian.run())"
    )
    logs = tmp_path / "lens7" / "crashes"
    guardian = subprocess.Popen(
        [sys.executable, "-c", guardian_script], env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        first = _running(logs, set())
        _wait(lambda: any(tmp_path.glob("lens7-kiosk-*/heartbeat.json")))
        (beats,) = tmp_path.glob("lens7-kiosk-*/heartbeat.json")
        os.kill(first, signal.SIGSEGV)
        assert guardian.stdout.readline() == "the window died of SIGSEGV; restart 1 in 0 s\n"
        began_s = time.monotonic()
        second = _running(logs, {first})
        assert time.monotonic() - began_s < 3.0
        (crash,) = logs.glob("crash-*.log")
        text = crash.read_text()
        assert "Fatal Python error: Segmentation fault" in text
        assert text.startswith("Lens7 ")
        assert crash.stat().st_mode & 0o777 == 0o600
        assert second != first
        died_ns = time.time_ns()
        _wait(lambda: beats.stat().st_mtime_ns > died_ns)  # alive: from here on it closes when asked to
    finally:
        guardian.terminate()
        guardian.wait(30)
        guardian.stdout.close()
    assert guardian.returncode == 0
    assert not list(logs.glob("running-*.log"))


@pytest.mark.parametrize("written_before", [True, False])
def test_on_a_full_disk_the_heart_still_beats(tmp_path, qtbot, written_before):
    with small_disk(tmp_path / "disk", "64k") as folder:
        path = folder / "heartbeat.json"
        if written_before:
            LastState(source="camera").save(path)
        fill(folder)
        with pytest.raises(OSError, match="No space left"):
            LastState(source="x" * 5000).save(path)
        assert not path.with_suffix(".tmp").exists()
        owner = QObject()
        heart = Heartbeat(path, lambda: LastState(source="x" * 5000), owner)
        seen = {supervisor._beat(path)}
        for _ in range(3):
            time.sleep(0.02)  # the disk's clock ticks slowly
            heart._beat()
            seen.add(supervisor._beat(path))
        assert len(seen) == 4
        assert 0 not in seen
        assert last_state(path) == (LastState(source="camera") if written_before else LastState())


def test_a_kiosk_without_anybody_to_tell_goes_on(monkeypatch):
    class FullDisk:
        def write(self, text):
            raise OSError(28, "No space left on device")

    class Told:
        def __init__(self, command, tell):
            tell("the window died")

        def stop(self, *_):
            """Nothing runs."""

        def run(self):
            return 0

    monkeypatch.setattr(supervisor, "Supervisor", Told)
    monkeypatch.setattr(supervisor.signal, "signal", lambda *_: None)
    for stderr in (FullDisk(), None):
        monkeypatch.setattr("sys.stderr", stderr)
        assert supervisor.run_kiosk([]) == 0


def _running(logs: Path, but: set[int]) -> int:
    """Return the process whose log is being written."""
    found: list[int] = []

    def is_there() -> bool:
        numbers = {int(path.stem.removeprefix("running-")) for path in logs.glob("running-*.log")} - but
        found[:] = sorted(numbers)
        return bool(found)

    _wait(is_there)
    return found[0]


def _wait(until, limit_s: float = 30.0) -> None:
    end_s = time.monotonic() + limit_s
    while not until():
        assert time.monotonic() < end_s
        threading.Event().wait(0.02)
