"""Keeps the memory of a long run flat where the C library lets us: glibc's allocator. NOTE: Qt-free."""

from __future__ import annotations

import ctypes
import sys

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
ARENAS = 2
LARGE_BYTES = 1 << 20
KEPT_BYTES = 8 << 20


def keep_memory_flat() -> bool:
    """Set up the allocator for a window that runs for days; return whether the C library took it (glibc only).

    All threads share two arenas. Every capture thread would else keep an arena with room for its largest pictures, for
    ever: 400 MB after an hour of replugged cameras. The threads allocate few blocks per frame, so that sharing costs
    nothing measurable.

    Blocks of a megabyte and more (pictures, the window's own) come from the system and go back to it, and an arena keeps
    at most 8 MB that nobody uses. Left alone, glibc raises both limits with the largest block it ever saw, up to 32 and
    64 MB: then small blocks settle in the gaps between large ones, and the arenas never stop growing. 50 MB in use took
    up 150 MB. The pictures of a live source are used again instead (``gui.core.picture_pool``): fresh memory for each
    would cost 4 ms.
    """
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    options = ((_M_ARENA_MAX, ARENAS), (_M_MMAP_THRESHOLD, LARGE_BYTES), (_M_TRIM_THRESHOLD, KEPT_BYTES))
    return all(bool(mallopt(option, value)) for option, value in options)


def return_gaps() -> bool:
    """Return to the system the pages between small blocks that nobody uses; whether there were any (glibc only).

    Takes about a millisecond. What settles there next takes the pages again.
    """
    if not sys.platform.startswith("linux"):
        return False
    malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return malloc_trim is not None and bool(malloc_trim(ctypes.c_size_t(0)))
