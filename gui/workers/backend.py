"""From a chosen model to a running session: cached artifact, or a compilation in a process of its own. NOTE: Qt-free."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Protocol

from engine.errors import ArtifactError, EngineError
from gui.core.artifact_cache import ArtifactCache
from gui.core.errors import GuiError
from gui.core.state import EngineChoice, EngineState, Progress, Severity
from gui.core.status import Status
from gui.workers.inference import SessionLike

_PACKAGES_ROOT = Path(__file__).parents[2]
_CACHE_ERRORS = frozenset({errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EDQUOT, errno.EPERM})


class CancelledError(GuiError):
    """The compilation was given up on request."""


class Cancellation:
    """Tells a running job, once, that it is not wanted any more; safe from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._cancelled = False
        self._stop_job: Callable[[], None] | None = None

    def cancel(self) -> None:
        """Stop the job now, or as soon as it can be stopped."""
        with self._lock:
            self._cancelled = True
            if self._stop_job is not None:
                self._stop_job()

    def stop_job_by(self, stop_job: Callable[[], None] | None) -> None:
        """``stop_job`` is how the job is stopped from now on; called at once if it is cancelled already."""
        with self._lock:
            self._stop_job = stop_job
            if self._cancelled and stop_job is not None:
                stop_job()

    def check(self) -> None:
        """Go on only if the job is still wanted.

        Raises:
            CancelledError: it was cancelled.
        """
        if self._cancelled:
            raise CancelledError("compilation cancelled")


class Backend(Protocol):
    """What the loader needs; replaced by a fake in tests."""

    def prepare(self, choice: EngineChoice, status: Status, cancellation: Cancellation) -> SessionLike:
        """Return a session for ``choice``; long, and it reports to ``status``.

        Raises:
            CancelledError: as ``cancellation`` asked.
            EngineError, OSError: it cannot be had.
        """

    def close(self) -> None:
        """Remove what is temporary."""


class EngineBackend:
    """The real one."""

    def __init__(self, cache: ArtifactCache) -> None:
        self._cache = cache

    def prepare(self, choice: EngineChoice, status: Status, cancellation: Cancellation) -> SessionLike:
        """Load the cached artifact, compile it first where there is none or it is of another version."""
        if (Path(choice.model) / "artifact.json").exists():
            return self._load(Path(choice.model), choice, status)
        folder = self._cache.folder(choice)
        if folder.is_dir():
            try:
                return self._load(folder, choice, status)
            except ArtifactError as error:
                status.post(Severity.INFO, f"the kept artifact is not usable, it is compiled again ({error})")
                self._cache.discard(folder)
        return self._load(self._compile_somewhere(choice, status, cancellation), choice, status)

    def close(self) -> None:
        """Remove the temporary cache, if one was needed."""
        self._cache.close()

    def _load(self, folder: Path, choice: EngineChoice, status: Status) -> SessionLike:
        from engine import Session  # NumPy kernels and their BLAS load here, not before the window shows

        status.set_engine(EngineState.LOADING)
        return Session(folder, choice.kernels, choice.threads, self._cache.root / "kernels")

    def _compile_somewhere(self, choice: EngineChoice, status: Status, cancellation: Cancellation) -> Path:
        """Compile into the cache, or into a temporary folder where that is full or read-only."""
        try:
            return self._compile(choice, status, cancellation)
        except OSError as error:
            if error.errno not in _CACHE_ERRORS or self._cache.is_temporary:
                raise
            status.post(
                Severity.WARNING,
                f"cache {self._cache.root}: {error.strerror}; the model is compiled into a temporary folder, for this "
                "run only",
            )
            self._cache.use_temporary()
            return self._compile(choice, status, cancellation)

    def _compile(self, choice: EngineChoice, status: Status, cancellation: Cancellation) -> Path:
        status.set_engine(EngineState.COMPILING)
        status.set_progress(Progress("starting", 0.0))
        folder = self._cache.folder(choice)
        try:
            with self._cache.building() as place:
                built = place / "artifact"
                _run_process(choice, built, status, cancellation)
                self._cache.publish(built, folder)
        finally:
            status.set_progress(None)
        return folder


def _run_process(choice: EngineChoice, built: Path, status: Status, cancellation: Cancellation) -> None:
    """Compile ``choice`` into ``built``."""
    task = {"model": choice.model, "out": str(built), "soc": choice.soc, "recipe": choice.recipe}
    process = _start(json.dumps(task))
    try:
        cancellation.stop_job_by(process.terminate)
        last = _follow(process, lambda stage, fraction: status.set_progress(Progress(stage, fraction)))
    finally:
        cancellation.stop_job_by(None)
        process.terminate()
        process.wait()
    cancellation.check()
    _check(last, choice)


def _start(task: str) -> subprocess.Popen[str]:
    # -P: never import from the folder the program was started in.
    command = [sys.executable, "-P", "-m", "gui.workers.compile_process", task]
    paths = [str(_PACKAGES_ROOT), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        encoding="utf-8", errors="replace", env=environment,
    )  # fmt: skip


def _follow(process: subprocess.Popen[str], progress: Callable[[str, float], None]) -> str:
    """Report progress until the process ends; return its last line."""
    last = ""
    assert process.stdout is not None
    with process.stdout:
        for line in process.stdout:
            last = line.strip() or last
            if last.startswith('{"stage"'):
                step = json.loads(last)
                progress(step["stage"], step["fraction"])
    return last


def _check(last: str, choice: EngineChoice) -> None:
    """Raise what the process reported as its failure."""
    if last.startswith('{"done"'):
        return
    if not last.startswith('{"error"'):
        raise EngineError(f"compiling {choice.model} failed: {last or 'the process ended without a word'}")
    report = json.loads(last)
    if report["errno"]:
        raise OSError(report["errno"], report["error"], report["file"])
    raise EngineError(report["error"])
