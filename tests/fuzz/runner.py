"""Runs one target in this process for a while: no crash, no hang over 5 s, no allocation over 1 GB."""

from __future__ import annotations

import faulthandler
import mmap
import os
import resource
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

from tests.fuzz.mutate import MOST_BYTES, Mutator
from tests.fuzz.targets import Target

HANG_S = 5.0
"""Of processor time: another program that has the cores is no hang of ours."""
SILENCE_S = 300.0
"""Of wall time, for what waits and computes nothing."""
MOST_ALLOCATED_BYTES = 1 << 30
MOST_CORPUS = 400
REPORT_EVERY_S = 1.0
_BATCH = 64


class Found(Exception):  # noqa: N818 - a find, not an error of ours
    """An input that the target does not answer as it should."""

    def __init__(self, data: bytes, text: str) -> None:
        super().__init__(text)
        self.data = data


def fuzz(
    target: Target,
    seed: int,
    seconds: float,
    progress: Callable[[int, float], None],
    current: Path | None = None,
) -> int:
    """Return how many inputs were executed.

    ``progress`` hears the count, and the processor time of the slowest, now and then; ``current``, if given, becomes a
    ``FlightRecorder`` with the input in work, for whoever finds this process dead.

    Raises:
        Found: one of them raised what is no answer, took too long, or needed too much memory.
    """
    warnings.simplefilter("ignore")
    scratch = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="lens7-fuzz-", dir=scratch) as folder:
        corpus, execute = target.prepare(Path(folder))
        for data in corpus:
            _try(target, execute, data)
        with FlightRecorder(current) if current is not None else nullcontext() as recorder, _memory_limit():
            return _mutate(target, execute, corpus, seed, seconds, progress, recorder)


def _mutate(
    target: Target,
    execute: Callable[[bytes], object],
    corpus: list[bytes],
    seed: int,
    seconds: float,
    progress: Callable[[int, float], None],
    recorder: FlightRecorder | None,
) -> int:
    mutator = Mutator(seed)
    seen: set[tuple[str, int]] = set()
    count, end_s, next_report_s, slowest_s = 0, time.monotonic() + seconds, 0.0, 0.0
    while (now_s := time.monotonic()) < end_s:
        if now_s >= next_report_s:
            progress(count, slowest_s)
            next_report_s = now_s + REPORT_EVERY_S
        for _ in range(_BATCH):
            data = mutator.mutated(corpus)
            if recorder is not None:
                recorder.note(data)
            began_s = time.process_time()
            place = _try(target, execute, data)
            count += 1
            if place not in seen and len(corpus) < MOST_CORPUS:
                seen.add(place)  # it went where no input went before: worth mutating further
                corpus.append(data)
            took_s = time.process_time() - began_s
            slowest_s = max(slowest_s, took_s)
            if took_s > HANG_S:
                raise Found(data, f"took {took_s:.1f} s of processor time")
            if took_s > 0.05:
                break  # slow targets still hear the end of their time
    progress(count, slowest_s)
    return count


class FlightRecorder:
    """A file that holds the input in work even if this process dies of it; noting one costs no system call."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w+b") as file:
            file.truncate(8 + MOST_BYTES)
            self._memory = mmap.mmap(file.fileno(), 8 + MOST_BYTES)

    def note(self, data: bytes) -> None:
        """Keep ``data`` in place of the input before."""
        self._memory[:8] = len(data).to_bytes(8, "little")
        self._memory[8 : 8 + len(data)] = data

    def __enter__(self) -> FlightRecorder:
        return self

    def __exit__(self, *_: object) -> None:
        self._memory.close()


def last_input(path: Path) -> bytes:
    """Return what a ``FlightRecorder`` noted last."""
    content = path.read_bytes()
    return content[8 : 8 + int.from_bytes(content[:8], "little")]


def _ran_out_of_memory(error: BaseException | None) -> bool:
    """Return whether an allocation failed on the way to this answer: then it asked for more than the limit."""
    while error is not None:
        # OpenCV: StsNoMem.
        if isinstance(error, MemoryError) or getattr(error, "code", None) == -4:
            return True
        error = error.__cause__ or error.__context__
    return False


def _try(target: Target, execute: Callable[[bytes], object], data: bytes) -> tuple[str, int]:
    """Execute; return where it ended: the innermost line of the answer."""
    faulthandler.dump_traceback_later(SILENCE_S, exit=True)
    try:
        execute(data)
    except target.answers as error:
        text = str(error)
        if not text.strip() or "\n" in text:
            raise Found(data, f"the answer is not one line: {text!r:.200}") from error
        if _ran_out_of_memory(error):
            raise Found(data, f"asked for more than {MOST_ALLOCATED_BYTES >> 20} MB: {text}") from error
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        assert trace is not None
        return trace.tb_frame.f_code.co_filename, trace.tb_lineno
    except BaseException as error:
        raise Found(data, f"{type(error).__name__}: {str(error)[:300]}") from error
    finally:
        faulthandler.cancel_dump_traceback_later()
    return "", 0


class _memory_limit:  # noqa: N801 - reads as a statement
    """No allocation beyond what is in use plus the limit: what asks for more gets a MemoryError."""

    def __enter__(self) -> None:
        if not sys.platform.startswith("linux"):
            return
        in_use = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        self._before = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (in_use + MOST_ALLOCATED_BYTES, self._before[1]))

    def __exit__(self, *_: object) -> None:
        if sys.platform.startswith("linux"):
            resource.setrlimit(resource.RLIMIT_AS, self._before)
