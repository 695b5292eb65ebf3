"""The allocator keeps little that nobody uses where there is glibc; other systems are left alone."""

import ctypes
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from gui import allocator

# Threads that allocate and free large blocks; prints how many arenas glibc made.
COUNT_ARENAS = """
import ctypes, sys, threading, time
sys.path.insert(0, {root!r})
from gui.allocator import keep_memory_flat
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
@pytest.mark.parametrize(("limit", "most"), [("assert keep_memory_flat()", allocator.ARENAS), ("", 99)])
def test_threads_share_the_arenas(tmp_path, limit, most):
    root = str(Path(allocator.__file__).parents[1])
    report = tmp_path / "malloc.xml"
    command = [sys.executable, "-c", COUNT_ARENAS.format(root=root, limit=limit), str(report)]
    subprocess.run(command, check=True, timeout=60)
    count = report.read_text().count("<heap nr=")
    assert 1 <= count <= most
    assert limit or count > allocator.ARENAS


# Pictures that come and go while small things stay, after one block that was larger; prints the bytes nobody uses.
COUNT_GAPS = """
import ctypes, sys
sys.path.insert(0, {root!r})
from gui.allocator import keep_memory_flat
{limit}
class Figures(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in "arena a b c d e f used free g".split()]
libc = ctypes.CDLL(None)
libc.mallinfo2.restype = Figures
del (large := [bytearray(24 << 20)])[:]
pictures, stay = [], []
for number in range(400):
    pictures.append(bytearray((1 << 20) + 300_000 * (number * 7 % 13)))
    stay.append(bytearray(5000))
    if len(pictures) > 4:
        del pictures[number % 4]
pictures.clear()
print(libc.mallinfo2().free)
"""


@pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc" or not hasattr(ctypes.CDLL(None), "mallinfo2"),
    reason="needs glibc 2.33",
)
@pytest.mark.parametrize(("limit", "keeps_gaps"), [("assert keep_memory_flat()", False), ("", True)])
def test_pictures_that_come_and_go_leave_no_gaps(limit, keeps_gaps):
    script = COUNT_GAPS.format(root=str(Path(allocator.__file__).parents[1]), limit=limit)
    free = subprocess.run(
        [sys.executable, "-c", script], check=True, timeout=60, capture_output=True, text=True
    ).stdout
    assert (int(free) > allocator.KEPT_BYTES) == keeps_gaps


def test_other_systems_are_left_alone(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not allocator.keep_memory_flat()


# Many small blocks, of which a few stay; prints by how many MB the process shrinks.
SHRINK = """
import sys, psutil
sys.path.insert(0, {root!r})
from gui.allocator import keep_memory_flat, return_gaps
keep_memory_flat()
blocks = [bytearray(5000) for _ in range(20_000)]
stay = blocks[::100]
del blocks
before = psutil.Process().memory_info().rss
assert return_gaps()
print((before - psutil.Process().memory_info().rss) >> 20)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc gives back on demand")
def test_gaps_between_small_blocks_are_given_back():
    script = SHRINK.format(root=str(Path(allocator.__file__).parents[1]))
    shrunk = subprocess.run(
        [sys.executable, "-c", script], check=True, timeout=60, capture_output=True, text=True
    ).stdout
    assert int(shrunk) > 50


def test_other_systems_are_not_asked_to_give_back(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    assert not allocator.return_gaps()
