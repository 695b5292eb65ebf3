"""How many bytes this process has in use: what it allocated and did not give back, not what the allocators keep beside it.

Resident memory cannot tell a leak of ten bytes per frame from the gaps between blocks, which come and go by 15 MB. These two
counts can, together: the C library's (Qt, NumPy, SQLite and every large Python object) and that of Python's small objects,
which lie in pages of its own.
"""

from __future__ import annotations

import ctypes
import re
import sys

_FIELDS = (
    "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost",
)  # fmt: skip
_PYTHON_BYTES = re.compile(rb"# bytes in allocated blocks *= *([\d,]+)")


class _MallInfo2(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in _FIELDS]


def in_use_bytes() -> int | None:
    """Return the bytes in use; None where the C library does not tell them (glibc from 2.33 on does)."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    mallinfo2 = getattr(library, "mallinfo2", None)
    statistics = getattr(ctypes.pythonapi, "_PyObject_DebugMallocStats", None)
    if mallinfo2 is None or statistics is None:
        return None
    mallinfo2.restype = _MallInfo2
    info = mallinfo2()
    return int(info.uordblks) + int(info.hblkhd) + _python_bytes(library, statistics)


def _python_bytes(library: ctypes.CDLL, statistics: ctypes._FuncPointer) -> int:
    """Return the bytes of Python's small objects: it writes them into a file of the C library, here one in memory.

    0 where it has no pages of its own (``PYTHONMALLOC=malloc``): then the C library counts them.
    """
    text, size = ctypes.c_void_p(), ctypes.c_size_t()
    library.open_memstream.restype = ctypes.c_void_p
    file = ctypes.c_void_p(library.open_memstream(ctypes.byref(text), ctypes.byref(size)))
    if not file:
        raise MemoryError
    statistics(file)
    library.fclose(file)
    try:
        found = _PYTHON_BYTES.search(ctypes.string_at(text, size.value))
    finally:
        library.free(text)
    return int(found[1].replace(b",", b"")) if found else 0
