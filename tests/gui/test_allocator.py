"""The allocator's arenas are limited where there is glibc, and nowhere else."""

import platform
import subprocess
import sys

import pytest

from gui import allocator

# Threads that allocate and free large blocks; prints how many arenas glibc made.
COUNT_ARENAS = """
import ctypes, sys, threading, time
sys.path.insert(0, {root!r})
from gui.allocator import limit_arenas
{limit}
def work():
    blocks = [bytearray(5000) for _ in range(200)]
    barrier.wait()
barrier = threading.Barrier(12)
threads = [threading.Thread(target=work) for _ in range(12)]
[t.start() for t in threads]; [t.join() for t in threads]
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
file = libc.fopen(sys.argv[1].encode(), b"w")
libc.malloc_info(0, ctypes.c_void_p(file)); libc.fclose(ctypes.c_void_p(file))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has arenas")
@pytest.mark.parametrize(("limit", "most"), [("assert limit_arenas()", allocator.ARENAS), ("", 99)])
def test_threads_share_the_arenas(tmp_path, limit, most):
    from pathlib import Path

    root = str(Path(allocator.__file__).parents[1])
    report = tmp_path / "malloc.xml"
    command = [sys.executable, "-c", COUNT_ARENAS.format(root=root, limit=limit), str(report)]
    subprocess.run(command, check=True, timeout=60)
    count = report.read_text().count("<heap nr=")
    assert 1 <= count <= most
    assert limit or count > allocator.ARENAS


def test_other_systems_are_left_alone(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not allocator.limit_arenas()
