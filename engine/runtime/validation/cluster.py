"""Pictures shared out over the machines of a Dask cluster. Artifact, float network and pictures travel as plain bytes.

Workers check the artifact's digests as they would check a folder's; the scheduler runs a batch again elsewhere when its
worker is lost. NOTE: ``distributed`` is an optional dependency, imported only when a scheduler is asked for.
"""

import asyncio
import hashlib
import logging
import re
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from engine.errors import EngineError, ImageError, ValidationError
from engine.host.onnx_runtime import ort
from engine.host.pictures import read_bytes
from engine.runtime.validation.folder import Skipped
from engine.runtime.validation.measure import Opener, Result, Task

if TYPE_CHECKING:
    from distributed import Client, Future

CONNECT_S = 10.0
POLL_S = 1.0
NO_WORKER_S = 30.0  # how long a cluster without workers is waited for
BATCH = 16  # pictures: opening two networks takes about as long as measuring a few
TRIES_PER_PICTURE = 3  # in its batch, then twice alone
BATCHES_PER_THREAD = 2  # one at work, one waiting; more would only fill the cluster's memory with pictures


def run_cluster(opener: Opener, tasks: Sequence[Task], address: str) -> Iterator[Result]:
    """Yield the result of each task, in the order they are done, measured by the cluster at ``address``.

    What a lost cluster has not done is skipped with the reason.

    Raises:
        ValidationError: Dask is missing, no scheduler or worker answers, or a worker runs other software than this
            machine.
        EngineError: a worker cannot open its networks.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise ValidationError(
            f"--scheduler needs Dask ({error}); install it on every machine: pip install 'dask[distributed]'"
        ) from None
    with _quiet():
        threads = _probe(address)
        with Client(address, timeout=CONNECT_S, set_as_default=False) as client:
            check_workers(client)
            yield from _Cluster(client, opener, tasks, threads, address).results()


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence Dask's own log for the time: whatever it reports ends up in one clear line here."""
    logger = logging.getLogger("distributed")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


def _probe(address: str) -> int:
    """Return how many threads the cluster's workers have together."""
    from distributed.core import rpc

    async def workers() -> dict[str, Any]:
        async with rpc(address, timeout=CONNECT_S) as scheduler:
            end_s = time.monotonic() + CONNECT_S
            while not (found := await asyncio.wait_for(scheduler.identity(), 2 * CONNECT_S))["workers"]:
                if time.monotonic() > end_s:
                    break
                await asyncio.sleep(CONNECT_S / 20)
            return dict(found["workers"])

    try:
        threads = sum(int(worker["nthreads"]) for worker in asyncio.run(workers()).values())
    except (OSError, ValueError) as error:
        reason = error.__cause__ or error
        detail = (
            re.sub(r"^in <[^>]*>: ", "", str(reason))
            or f"nothing answered as Dask does within {2 * CONNECT_S:.0f} s"
        )
        raise ValidationError(
            f"no Dask scheduler at {address}: {detail}; start one with 'dask scheduler' and give its tcp:// address"
        ) from None
    if threads == 0:
        raise ValidationError(
            f"the scheduler at {address} has no workers; start 'dask worker {address}' on each machine"
        )
    return threads


def check_workers(client: "Client") -> None:
    """Refuse workers whose figures might differ from this machine's."""
    here = software()
    try:
        found: dict[str, dict[str, str]] = client.run(software)
    except Exception as error:  # noqa: BLE001  whatever a foreign machine raises on import
        raise ValidationError(
            f"a worker cannot run Lens7 ({error}); install the same Lens7 and dask[distributed] on every machine"
        ) from None
    for worker, there in found.items():
        for name, version in here.items():
            if there.get(name) != version:
                raise ValidationError(
                    f"worker {worker} has {name} {there.get(name)}, this machine has {version}: figures might differ; "
                    "install the same versions on every machine"
                )


def software() -> dict[str, str]:
    """Return what decides the figures besides the data: a digest of the engine's source, versions of the libraries."""
    root = Path(str(resources.files("engine")))
    digest = hashlib.sha256()
    for file in sorted(root.rglob("*.py")):
        digest.update(file.relative_to(root).as_posix().encode() + b"\0" + file.read_bytes())
    versions = {"NumPy": np.__version__, "ONNX Runtime": ort.__version__, "OpenCV": cv2.__version__}
    return {"engine source": digest.hexdigest()[:12], **versions}


def measure_batch(opener: Opener, batch: Sequence[tuple[Task, Any]]) -> list[Result]:
    """Return the results of ``batch``, pairs of task and file content; runs on a worker."""
    from distributed import get_worker

    cache_dir = Path(get_worker().local_directory) / "lens7"
    with closing(opener.open(cache_dir)) as meter:
        return [meter.measure(task, data) for task, data in batch]


class _Cluster:
    def __init__(
        self, client: "Client", opener: Opener, tasks: Sequence[Task], threads: int, address: str
    ) -> None:
        self._client = client
        self._opener = opener
        self._shipped: Future | None = None
        size = max(1, min(BATCH, len(tasks) // threads))
        self._todo = deque(list(tasks[start : start + size]) for start in range(0, len(tasks), size))
        self._suspects: deque[Task] = deque()
        self._tries: dict[str, int] = {}
        self._at_work: dict[Future, list[Task]] = {}
        self._room = threads * BATCHES_PER_THREAD
        self._address = address
        self._last_seen_s = time.monotonic()

    def results(self) -> Iterator[Result]:
        """Yield results until every task has one."""
        while self._todo or self._suspects or self._at_work:
            while self._todo and len(self._at_work) < self._room:
                yield from self._submit(self._todo.popleft())
            if self._suspects and not self._at_work:  # alone, so that a loss is the fault of no other picture
                yield from self._submit([self._suspects.popleft()])
            for future in self._done():
                yield from self._collect(future, self._at_work.pop(future))
            if (reason := self._lost()) is not None:
                for batch in (*self._at_work.values(), *self._todo, self._suspects):
                    yield from (Skipped(task.picture.file, reason) for task in batch)
                return

    def _submit(self, tasks: Sequence[Task]) -> Iterator[Skipped]:
        batch = []
        for task in tasks:
            try:
                batch.append((task, read_bytes(task.picture.path)))
            except ImageError as error:
                yield Skipped.because(task.picture.file, error)
        if not batch:
            return
        readable = [task for task, _ in batch]
        try:
            future = self._client.submit(measure_batch, self._on_workers(), batch, pure=False)
        except OSError:  # no worker, no connection: the next look at the cluster decides what that means
            self._todo.appendleft(readable)
        else:
            self._at_work[future] = readable

    def _on_workers(self) -> "Future":
        """Return the opener on the cluster, shipped again if it went with the last worker that held it."""
        if self._shipped is None or self._shipped.status != "finished":
            self._shipped = self._client.scatter(self._opener, broadcast=True)
        return self._shipped

    def _done(self) -> list["Future"]:
        from distributed import CancelledError, wait

        if self._at_work:
            with self._client.as_current(), suppress(TimeoutError, CancelledError):
                wait(list(self._at_work), timeout=POLL_S, return_when="FIRST_COMPLETED")
        return [future for future in self._at_work if future.done()]

    def _collect(self, future: "Future", tasks: list[Task]) -> Iterator[Result]:
        from distributed import CancelledError

        try:
            results = future.result()
        except EngineError:
            raise
        except (Exception, CancelledError) as error:  # noqa: BLE001  whatever befell the worker, or the result on it
            for task in tasks:
                file = task.picture.file
                self._tries[file] = self._tries.get(file, 0) + 1
                if self._tries[file] < TRIES_PER_PICTURE:
                    self._suspects.append(task)
                else:
                    yield Skipped(file, f"its worker was lost {TRIES_PER_PICTURE} times: {error}")
        else:
            yield from results

    def _lost(self) -> str | None:
        """Return why nothing more will come, or None."""
        try:
            workers = self._client.nthreads()
        except Exception as error:  # noqa: BLE001  Dask raises whatever its connection raised
            return (
                f"not measured: the scheduler at {self._address} was lost ({type(error).__name__}: {error})"
            )
        now_s = time.monotonic()
        if workers:
            self._last_seen_s = now_s
        elif now_s - self._last_seen_s > NO_WORKER_S:
            return f"not measured: the cluster at {self._address} had no worker for {NO_WORKER_S:.0f} s"
        return None
