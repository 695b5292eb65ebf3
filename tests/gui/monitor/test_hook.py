"""The alarm command: what it learns, and what happens when it fails, hangs or is missing."""

import sys
import time
from pathlib import Path
from threading import Thread

import pytest

from gui.core.state import Severity
from gui.monitor.alarms import Alarm, Quantity, Rule
from gui.monitor.hook import MOST_WAITING, Hook, HookError, parse_command

ALARM = Alarm(Rule(Quantity.LATENCY, 50.0), 83.25, 0)


def call(script: str, *arguments: str, timeout_s: float = 10.0) -> list[str]:
    """Run a Python script as the command for one alarm; return what the user was told."""
    told: list[str] = []
    hook = Hook((sys.executable, "-c", script, *arguments), lambda _, text: told.append(text), timeout_s)
    hook._call(ALARM)
    return told


def test_the_command_learns_about_the_alarm(tmp_path):
    told = call(
        "import os, sys; open(sys.argv[1], 'w').write('|'.join("
        "os.environ['LENS7_ALARM' + key] for key in ('', '_STATE', '_VALUE', '_LIMIT', '_TEXT')))",
        str(tmp_path / "said"),
    )
    assert told == []
    assert (tmp_path / "said").read_text() == f"latency p95|raised|83.25|50|{ALARM.text}"


def test_no_shell_ever_sees_the_command(tmp_path):
    arguments = parse_command("echo '$(touch x)' ; rm -rf \"a b\"")
    assert arguments == ("echo", "$(touch x)", ";", "rm", "-rf", "a b")


def test_a_failing_command_is_told():
    (text,) = call("raise SystemExit(3)")
    assert text.endswith("ended with status 3")


def test_a_hanging_command_and_its_children_are_killed(tmp_path):
    script = (
        "import os, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "open(sys.argv[1], 'w').write(str(child.pid))\n"
        "time.sleep(60)"
    )
    (text,) = call(script, str(tmp_path / "pid"), timeout_s=1.0)
    assert text.endswith("killed, it was still running after 1 s")
    child = int((tmp_path / "pid").read_text())
    deadline_s = time.monotonic() + 5
    while is_running(child) and time.monotonic() < deadline_s:
        pass
    assert not is_running(child)


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_program_that_vanished_is_told():
    told = []
    Hook(("/nowhere/program",), lambda severity, text: told.append((severity, text)))._call(ALARM)
    assert told == [(Severity.WARNING, "alarm command /nowhere/program: No such file or directory")]


@pytest.mark.parametrize("text", ["'unclosed", "no-such-program --now"])
def test_a_command_that_cannot_work_is_refused_when_it_is_set(text):
    with pytest.raises(HookError, match="alarm command"):
        parse_command(text)


def test_no_command_is_no_command():
    assert parse_command("  ") == ()


def test_too_many_alarms_at_once_are_left_out_and_told():
    told = []
    hook = Hook((sys.executable,), lambda _, text: told.append(text))
    for _ in range(MOST_WAITING + 1):
        hook.submit(ALARM)
    assert told == ["alarm command left out: 8 others wait for it already"]


def test_stopping_kills_what_runs(tmp_path):
    script = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(60)"
    hook = Hook((sys.executable, "-c", script, str(tmp_path / "pid")), lambda *_: None)
    thread = Thread(target=hook.run)
    thread.start()
    hook.submit(ALARM)
    deadline_s = time.monotonic() + 10
    while not (tmp_path / "pid").exists() and time.monotonic() < deadline_s:
        pass
    hook.stop()
    thread.join(10)
    assert not thread.is_alive()
    assert not is_running(int((tmp_path / "pid").read_text()))
