"""The second thread: a worker that executes the other half of every command on a CPU of its own."""

import ctypes
import os
import threading
import time
import weakref
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import KernelError
from engine.kernels.native.build import Library
from engine.kernels.native.commands import aligned_bytes
from engine.kernels.native.entries import CONTROL_WORDS, Control

# Rounds of waiting for the next frame before the worker parks: 0.3 to 1 ms, so that it idles between camera frames but not
# while the calling thread looks at a result and brings the next picture. Waking it takes 0.1 ms.
IDLE_SPINS = 15000
# A thread that the scheduler takes off its CPU keeps the other one spinning for whole time slices. Two threads win at least
# this part of the time of every range; when stalls have cost so much more than that, and more than so many ranges, one thread
# works alone for a while, and for twice as long every further time.
WON = 0.5
LOST_NS, LOST_RANGES = 30_000_000, 10
ALONE_NS, LONGEST_ALONE_NS = 250_000_000, 4_000_000_000
# The least time of a range, against which it is judged, is forgotten by this factor with every further one: CPUs slow down.
FORGETTING = 1.01


def worker_cpus() -> dict[int, int]:
    """Return on which CPU the worker runs for every CPU the calling thread may be on: one on another core where possible.

    Raises:
        KernelError: there is only one, or threads cannot be bound to CPUs here.
    """
    if not hasattr(os, "sched_setaffinity"):
        raise KernelError("this system cannot bind threads to CPUs")
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) < 2:
        raise KernelError("only one CPU may be used")
    try:
        os.sched_setaffinity(0, allowed)
    except OSError as error:
        raise KernelError(f"binding threads to CPUs was refused: {error.strerror}") from error
    cores = {cpu: _core(cpu) for cpu in allowed}
    first = allowed[0]
    second = next((cpu for cpu in allowed if cores[cpu] != cores[first]), allowed[1])

    def partner(cpu: int) -> int:
        return first if cpu == second or cores[cpu] == cores[second] != cores[first] else second

    return {cpu: partner(cpu) for cpu in allowed}


def _core(cpu: int) -> str:
    """Return the CPUs that share ``cpu``'s core, as Linux lists them; the CPU itself where it does not say."""
    try:
        return Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list").read_text(
            encoding="ascii"
        )
    except OSError:
        return str(cpu)


class Worker:
    """Runs ranges of a command list on two threads: the caller's and its own. Stops when it is garbage collected."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._worker_cpus, self._current_cpu = worker_cpus(), ctypes.CDLL(None).sched_getcpu
        self._worker_cpu = self._worker_cpus[min(self._worker_cpus)]
        self._memory = aligned_bytes(8 * CONTROL_WORDS)
        self._control: NDArray[np.int64] = self._memory.view(np.int64)
        self._address = int(self._control.ctypes.data)
        self._wake = threading.Semaphore(0)
        self._one_at_a_time = threading.Lock()
        self._alone_until_ns, self._penalty_ns, self._lost_ns = 0, ALONE_NS, 0.0
        self._best_ns: dict[tuple[int, int, int], float] = {}
        serving = (library, self._control, self._wake, self._worker_cpu)
        self._thread = threading.Thread(target=_serve, args=serving, name="lens7-kernels", daemon=True)
        self._thread.start()
        weakref.finalize(self, _stop, self._control, self._wake)

    def run(self, records: int, first: int, last: int) -> None:
        """Execute records ``first`` to ``last`` (exclusive), on one thread while the CPUs have other work."""
        with self._one_at_a_time:
            started_ns = time.perf_counter_ns()
            if started_ns < self._alone_until_ns:
                self._library.run(records, first, last, 0, 1, 0)
                return
            self._run_together(records, first, last)
            elapsed_ns = time.perf_counter_ns() - started_ns
            best_ns = min(elapsed_ns, FORGETTING * self._best_ns.get((records, first, last), elapsed_ns))
            self._best_ns[records, first, last] = best_ns
            self._judge(elapsed_ns, best_ns)

    def _judge(self, elapsed_ns: int, best_ns: float) -> None:
        """Work alone for a while when more is lost than won, longer each time; what is won back forgives all."""
        self._lost_ns = max(0.0, self._lost_ns + elapsed_ns - (1 + WON) * best_ns)
        limit_ns = max(LOST_NS, LOST_RANGES * best_ns)
        if self._lost_ns > limit_ns:
            self._lost_ns = limit_ns
            self._alone_until_ns = time.perf_counter_ns() + self._penalty_ns
            self._penalty_ns = min(2 * self._penalty_ns, LONGEST_ALONE_NS)
        elif not self._lost_ns:
            self._penalty_ns = ALONE_NS

    def _run_together(self, records: int, first: int, last: int) -> None:
        """Execute a range on both threads, the worker on another CPU than the calling thread is on.

        The caller is bound to none: binding it and letting it go took longer than a layer of a small network.
        """
        wanted = self._worker_cpus.get(self._current_cpu(), self._worker_cpu)
        if wanted != self._worker_cpu:
            # Refused, if this process has lost that CPU since: then both share one, and ``_judge`` sees them stall.
            with suppress(OSError):
                os.sched_setaffinity(self._thread.native_id or 0, {wanted})
            self._worker_cpu = wanted
        if self._library.post(records, first, last, self._address):
            self._wake.release()
        self._library.run(records, first, last, 0, 2, self._address)


def _serve(library: Library, control: NDArray[np.int64], wake: threading.Semaphore, cpu: int) -> None:
    """Serve posted ranges until ``_stop``. Holds no reference to the Worker, so that it can be collected."""
    os.sched_setaffinity(0, {cpu})
    address, seen = int(control.ctypes.data), 0
    while (seen := library.serve(address, seen, IDLE_SPINS)) >= 0:
        wake.acquire()


def _stop(control: NDArray[np.int64], wake: threading.Semaphore) -> None:
    control[Control.POSTED] = -1
    wake.release()
