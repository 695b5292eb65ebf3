"""Keeps the memory of a long run flat where the C library lets us: glibc's arenas. NOTE: Qt-free."""

from __future__ import annotations

import ctypes
import sys

_M_ARENA_MAX = -8
ARENAS = 2


def limit_arenas() -> bool:
    """Let all threads share two arenas from now on; return whether the C library took it (glibc only).

    Every capture thread would else keep an arena with room for its largest pictures, for ever: 400 MB after an hour of
    replugged cameras, where two arenas stay near 200 MB. The threads allocate a few large blocks per frame, so that
    sharing costs nothing measurable.
    """
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and bool(mallopt(_M_ARENA_MAX, ARENAS))
