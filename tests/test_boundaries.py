"""The engine, and the window's logic, run where Qt cannot be imported."""

import subprocess
import sys

import pytest

WALK = """
import importlib, importlib.abc, pkgutil, sys

BLOCKED = {blocked!r}

class Refuse(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if any(name == b or name.startswith(b + ".") for b in BLOCKED):
            raise ImportError(f"{{name}} is out of bounds here")
        return None

sys.meta_path.insert(0, Refuse())
seen = 0
for root in {roots!r}:
    package = importlib.import_module(root)
    inside = getattr(package, "__path__", [])
    for module in pkgutil.walk_packages(inside, root + ".", onerror=importlib.import_module):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
            seen += 1
print(seen)
"""
QT = ["PySide6", "shiboken6", "pyqtgraph"]


def modules_imported(roots: list[str], blocked: list[str]) -> int:
    """Import every module under ``roots`` in a new interpreter that refuses ``blocked``; return how many."""
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", WALK.format(roots=roots, blocked=blocked)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return int(run.stdout)


def test_engine_imports_neither_qt_nor_the_window():
    assert modules_imported(["engine"], [*QT, "gui"]) > 0


def test_window_logic_and_frame_sources_import_no_qt():
    assert modules_imported(["gui.core", "gui.capture", "gui.monitor", "gui.compare"], QT) > 0


def test_command_line_starts_without_qt():
    modules_imported(["gui.cli"], QT)


def test_a_crossed_boundary_is_noticed():
    with pytest.raises(AssertionError, match="out of bounds"):
        modules_imported(["gui.core"], ["gui"])
