"""Ctrl+C while a command is being loaded, and when it is done."""

import os
import subprocess
import sys

import pytest

from tests.conftest import REPOSITORY

WHILE_LOADING = """
import importlib.abc, os, runpy, signal, sys

class Interrupt(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name == "typer":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupt())
sys.argv[1:] = ["socs", "--json"]
runpy.run_module({package!r}, run_name="__main__", alter_sys=True)
"""
WHEN_DONE = """
import atexit, os, runpy, signal, sys

atexit.register(os.kill, os.getpid(), signal.SIGINT)
sys.argv[1:] = ["socs", "--json"]
runpy.run_module({package!r}, run_name="__main__", alter_sys=True)
"""


def interrupted(code: str, package: str, *, ignoring: bool = False) -> tuple[int, str, bool]:
    """Return exit status, what is said of it, and whether the command's work was done."""
    ignore = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n" if ignoring else ""
    done = subprocess.run(
        [sys.executable, "-c", ignore + code.format(package=package)],
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
