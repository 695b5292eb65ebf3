"""Ctrl+C, SIGTERM and SIGHUP while a command is being loaded, while it works, and when it is done."""

import os
import signal
import subprocess
import sys

import pytest

from engine.cli.interrupt import TERMINATIONS, interrupts_end_at_once, interrupts_end_the_work
from tests.conftest import REPOSITORY

WHILE_LOADING = """
import importlib.abc, os, runpy, signal, sys

class Interrupt(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupt())
sys.argv[1:] = {words!r}
runpy.run_module({package!r}, run_name="__main__", alter_sys=True)
"""
WHEN_DONE = """
import atexit, os, runpy, signal, sys

atexit.register(os.kill, os.getpid(), signal.SIGINT)
sys.argv[1:] = {words!r}
runpy.run_module({package!r}, run_name="__main__", alter_sys=True)
"""


def interrupted(
    code: str,
    package: str,
    *,
    ignoring: bool = False,
    module: str = "typer",
    words: tuple[str, ...] = ("socs", "--json"),
) -> tuple[int, str, bool]:
    """Return exit status, what is said of it, and whether the command's work was done."""
    ignore = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n" if ignoring else ""
    done = subprocess.run(
        [sys.executable, "-c", ignore + code.format(package=package, module=module, words=words)],
        capture_output=True, text=True, check=False, timeout=60, cwd=REPOSITORY, env=os.environ,
    )  # fmt: skip
    return done.returncode, done.stderr, '"socs"' in done.stdout


@pytest.mark.parametrize("package", ["engine", "gui"])
def test_an_interrupt_while_loading_ends_without_a_word(package):
    assert interrupted(WHILE_LOADING, package) == (130, "", False)


@pytest.mark.parametrize("package", ["engine", "gui"])
def test_an_interrupt_when_all_is_done_says_nothing_either(package):
    assert interrupted(WHEN_DONE, package) == (130, "", True)


@pytest.mark.parametrize("code", [WHILE_LOADING, WHEN_DONE])
def test_who_was_started_to_ignore_interrupts_does(code):
    assert interrupted(code, "engine", ignoring=True) == (0, "", True)


AT_WORK = """
import signal, sys, tempfile, time
from engine.cli import edge

def work(words, **how):
    with tempfile.TemporaryDirectory(dir={folder!r}):
        signal.raise_signal({number})
        time.sleep(60)

signal.signal({number}, signal.SIG_DFL)
sys.exit(edge.main(work))
"""


@pytest.mark.parametrize("number", TERMINATIONS)
def test_work_that_is_ended_takes_its_files_away_and_ends_by_the_signal(number, tmp_path):
    code = AT_WORK.format(folder=str(tmp_path), number=int(number))
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=False, timeout=50, cwd=REPOSITORY
    )
    assert (done.returncode, done.stderr) == (-number, b"")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("handler", [signal.SIG_IGN, signal.SIG_DFL])
def test_what_is_ignored_stays_so_and_afterwards_all_is_as_it_was(handler):
    numbers = (signal.SIGINT, *TERMINATIONS)
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        with interrupts_end_the_work():
            inside = [signal.getsignal(number) for number in TERMINATIONS]
            with interrupts_end_at_once():
                assert [signal.getsignal(number) for number in TERMINATIONS] == [handler] * len(TERMINATIONS)
            assert [signal.getsignal(number) for number in TERMINATIONS] == inside
        assert [signal.getsignal(number) for number in numbers] == [handler] * len(numbers)
    finally:
        for number, old in before.items():
            signal.signal(number, old)
    assert [each == signal.SIG_IGN for each in inside] == [handler == signal.SIG_IGN] * len(inside)
