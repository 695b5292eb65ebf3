"""What the window needs of the machine, found out without loading Qt: Qt aborts the process where it is missing.

NOTE: Qt-free.
"""

from __future__ import annotations

import ctypes
import os
import sys
from importlib.util import find_spec
from pathlib import Path

# Shared libraries that Qt's wheels do not bring along, and the Debian or Ubuntu package of each.
QT_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}
XCB_LIBRARIES = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}


def chosen_platform() -> str:
    """Return the Qt platform that will be used: what the user asks for, else by the session's display."""
    if asked := os.environ.get("QT_QPA_PLATFORM", ""):
        return asked.partition(":")[0].partition(";")[0]
    if not sys.platform.startswith("linux"):
        return "native"
    return "wayland" if os.environ.get("WAYLAND_DISPLAY") else "xcb"


def missing_packages(platform: str) -> tuple[str, ...]:
    """Return the Debian packages that Qt needs for ``platform`` and that are not installed."""
    if not sys.platform.startswith("linux"):
        return ()
    libraries = QT_LIBRARIES | (XCB_LIBRARIES if platform == "xcb" else {})
    return tuple(sorted(package for library, package in libraries.items() if not _loads(library)))


def display_problem(platform: str) -> str:
    """Return why no window can be shown, with what to do; empty if it can."""
    if platform == "xcb" and not os.environ.get("DISPLAY"):
        return "no display: neither DISPLAY nor WAYLAND_DISPLAY is set; QT_QPA_PLATFORM=offscreen runs without one"
    if platform == "xcb" and not _x_server_answers():
        display = os.environ["DISPLAY"]
        return f"display {display} does not answer; is the X server running, and may this user reach it?"
    if platform == "wayland" and not _wayland_socket().is_socket():
        return f"display {_wayland_socket()} does not exist; is the Wayland session running?"
    return ""


def window_problem() -> str:
    """Return why the window cannot open here, with what to do, in one line; empty if it can."""
    platform = chosen_platform()
    if packages := missing_packages(platform):
        return f"Qt needs system libraries that are missing; run: sudo apt install {' '.join(packages)}"
    if find_spec("PySide6") is None:
        return f"PySide6 is not installed; run: {sys.executable} -m pip install PySide6-Essentials"
    return display_problem(platform)


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _x_server_answers() -> bool:
    """Ask the X server as Qt will; a library that is missing is reported as such elsewhere."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    answers = bool(xcb.xcb_connection_has_error(connection) == 0)
    xcb.xcb_disconnect(connection)
    return answers


def _wayland_socket() -> Path:
    # An absolute WAYLAND_DISPLAY replaces the folder.
    return Path(os.environ.get("XDG_RUNTIME_DIR", "/"), os.environ.get("WAYLAND_DISPLAY", "wayland-0"))
