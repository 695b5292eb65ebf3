"""What this program and this machine are called in reports and histories. NOTE: Qt-free."""

from __future__ import annotations

import platform


def program_version() -> str:
    """Return the installed version, or that this is a source tree that is not installed."""
    from importlib.metadata import (
        PackageNotFoundError,
        version,
    )  # takes 10 ms, and the first picture does not need it

    try:
        return version("lens7")
    except PackageNotFoundError:
        return "not installed"


def machine_text() -> str:
    """Return one line about machine, system and Python; no name that identifies a user or a computer."""
    system = f"{platform.system()} {platform.release()}"
    return f"{platform.machine()}, {system}, Python {platform.python_version()}"
