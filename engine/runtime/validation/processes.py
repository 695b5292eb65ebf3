"""Pictures shared out among processes of this machine. A process that dies costs at most one picture, and is replaced."""

import multiprocessing
import signal
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from threading import current_thread, main_thread

from engine.errors import EngineError
from engine.runtime.validation.folder import Skipped
from engine.runtime.validation.measure import Opener, Result, Task

TRIES_PER_PICTURE = 2
MAX_FAILED_STARTS = 3
_SPAWN = multiprocessing.get_context(
    "spawn"
)  # fork would copy the locks of ONNX Runtime's and BLAS's threads


@dataclass(slots=True)
class _Worker:
    process: SpawnProcess
    connection: Connection
    ready: bool = False
    task: Task | None = None


def run_processes(
    opener: Opener, tasks: Sequence[Task], cache_dir: Path | None, workers: int
) -> Iterator[Result]:
    """Yield the result of each task, in the order they are done, measured by ``workers`` processes.

    A picture whose process died is tried once more in another one, then skipped with the reason.

    Raises:
        EngineError: a process cannot open its networks.
    """
    pool = _Pool(opener, tasks, cache_dir, min(workers, len(tasks)))
    try:
        yield from pool.results()
    finally:
        pool.stop()


class _Pool:
    def __init__(self, opener: Opener, tasks: Sequence[Task], cache_dir: Path | None, workers: int) -> None:
        self._opener = opener
        self._cache_dir = cache_dir
        self._todo = deque(tasks)
        self._tries: dict[str, int] = {}
        self._failed_starts = 0
        self._exit = ""
        self._count = workers
        self._workers: list[_Worker] = []

    def _start(self) -> None:
        ours, theirs = _SPAWN.Pipe()
        process = _SPAWN.Process(
            target=_serve, args=(theirs, self._opener, self._cache_dir), name="lens7-validate", daemon=True
        )
        try:
            with _interrupted_later():
                process.start()
                self._workers.append(_Worker(process, ours))
        except OSError as error:  # the system has no room for it, or it died before it took its arguments
            ours.close()
            self._failed_starts += 1
            self._exit = str(error)
        finally:
            theirs.close()  # so that the death of the process ends the pipe

    def results(self) -> Iterator[Result]:
        """Yield results until every task has one."""
        for _ in range(self._count):
            self._start()
        while any(worker.task or not worker.ready for worker in self._workers):
            connections = {worker.connection: worker for worker in self._workers}
            for ready in wait(list(connections)):
                worker = connections[ready]  # type: ignore[index]  # wait returns what it was given
                try:
                    message = worker.connection.recv()
                except (EOFError, OSError):
                    yield from self._bury(worker)
                    continue
                if isinstance(message, EngineError):
                    raise message
                if worker.ready:
                    yield message
                worker.ready = True
                self._hand_out(worker)
        for task in self._todo:
            yield Skipped(
                task.picture.file, f"not measured: worker processes end at their start ({self._exit})"
            )

    def _hand_out(self, worker: _Worker) -> None:
        worker.task = self._todo.popleft() if self._todo else None
        try:
            worker.connection.send(worker.task)
        except OSError:  # it died meanwhile; the end of its pipe says so at the next wait
            return

    def _bury(self, worker: _Worker) -> Iterator[Result]:
        self._workers.remove(worker)
        worker.connection.close()
        worker.process.join()
        self._exit = f"exit status {worker.process.exitcode}"
        if worker.task is not None:
            file = worker.task.picture.file
            self._tries[file] = self._tries.get(file, 0) + 1
            if self._tries[file] < TRIES_PER_PICTURE:
                self._todo.appendleft(worker.task)
            else:
                yield Skipped(
                    file,
                    f"its worker process died {TRIES_PER_PICTURE} times ({self._exit}); is there memory enough?",
                )
        elif not worker.ready:
            self._failed_starts += 1
        if self._todo and self._failed_starts < MAX_FAILED_STARTS:
            self._start()

    def stop(self) -> None:
        """End what still runs: all of it where the results were not read to their end."""
        for worker in self._workers:
            worker.connection.close()
            if worker.task is not None or not worker.ready:
                worker.process.terminate()
        for worker in self._workers:
            worker.process.join()


@contextmanager
def _interrupted_later() -> Iterator[None]:
    """Let Ctrl+C wait: what is half started, or is reached by it as one of the group, would complain on the terminal."""
    if sys.platform == "win32" or current_thread() is not main_thread():  # which alone hears of it
        yield
        return
    resource_tracker.ensure_running()  # its own start would let signals through
    noted: list[int] = []
    handler = signal.signal(signal.SIGINT, lambda number, frame: noted.append(number))
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # which what is started keeps
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, handler)
    if noted:
        raise KeyboardInterrupt


def _serve(connection: Connection, opener: Opener, cache_dir: Path | None) -> None:
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl+C reaches the whole group; the parent ends this process
    try:
        with closing(opener.open(cache_dir)) as meter:
            connection.send(None)
            while (task := connection.recv()) is not None:
                connection.send(meter.measure(task))
    except EngineError as error:
        connection.send(error)
    except (EOFError, ConnectionError):
        return  # the parent has gone
