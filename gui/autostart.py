"""Start by itself when the desktop does, and be found in its menu: XDG desktop files and an icon. NOTE: Qt-free."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import platformdirs

import assets
from engine.files import written_whole
from gui.core.errors import GuiError

_RESERVED = set(" \t\n\"'\\><~|&;$*?#()`%")


class AutostartError(GuiError):
    """The desktop's files cannot be written here."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where a desktop after the XDG specifications looks."""

    autostart: Path
    menu: Path
    icon: Path

    @classmethod
    def of_user(cls) -> Places:
        """Return this user's own places."""
        config, data = platformdirs.user_config_path(), platformdirs.user_data_path()
        return cls(
            config / "autostart" / "lens7.desktop",
            data / "applications" / "lens7.desktop",
            data / "icons" / "hicolor" / "scalable" / "apps" / "lens7.svg",
        )


def install(places: Places, arguments: tuple[str, ...] = ()) -> tuple[Path, ...]:
    """Write the files; return their paths. ``arguments`` are those of ``lens7 kiosk`` at the start.

    Raises:
        AutostartError: this is no XDG desktop's system, or a file cannot be written.
    """
    if sys.platform in ("win32", "darwin"):
        raise AutostartError(
            "autostart: only desktops after the XDG specifications are known, such as Linux has"
        )
    icon = assets.path("icons/lens7.svg").read_bytes()
    for path, content in (
        (places.icon, icon),
        (places.menu, desktop_entry((), places.icon).encode()),
        (places.autostart, desktop_entry(("kiosk", *arguments), places.icon).encode()),
    ):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with written_whole(path) as new:
                new.write_bytes(content)
        except OSError as error:
            raise AutostartError(f"autostart: {path}: {error.strerror}") from error
    return places.autostart, places.menu, places.icon


def remove(places: Places) -> tuple[Path, ...]:
    """Remove the files; return those that were there.

    Raises:
        AutostartError: a file cannot be removed.
    """
    there = tuple(path for path in (places.autostart, places.menu, places.icon) if path.exists())
    for path in there:
        try:
            path.unlink()
        except OSError as error:
            raise AutostartError(f"autostart: {path}: {error.strerror}") from error
    return there


def desktop_entry(arguments: tuple[str, ...], icon: Path) -> str:
    """Return a desktop file that runs ``lens7`` with ``arguments`` (Desktop Entry Specification 1.5)."""
    words = " ".join(_quoted(word) for word in (*_command(), *arguments))
    lines = (
        "[Desktop Entry]",
        "Type=Application",
        "Version=1.5",
        "Name=Lens7",
        "Comment=Live camera object recognition on an emulated TI Jacinto 7",
        "Comment[de]=Objekterkennung im Kamerabild auf einem emulierten TI Jacinto 7",
        f"Exec={words}",
        f"Icon={icon}",
        "Terminal=false",
        "Categories=Development;Graphics;Video;",
        "StartupWMClass=lens7",
    )
    return "\n".join((*lines, ""))


def _command() -> tuple[str, ...]:
    """Return how this installation is started, by absolute path: a desktop has no virtual environment."""
    beside = shutil.which("lens7", path=str(Path(sys.executable).parent))
    return (beside,) if beside else (sys.executable, "-m", "gui")


def _quoted(word: str) -> str:
    """Return ``word`` as the specification's Exec key wants it."""
    escaped = word.replace("%", "%%")
    if not _RESERVED & set(word):
        return escaped
    for letter in '\\"`$':
        escaped = escaped.replace(letter, f"\\{letter}")
    return '"' + escaped.replace("\\", "\\\\") + '"'
