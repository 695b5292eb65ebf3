"""From a chosen model to a running session: cached artifact, or a compilation in a process of its own. NOTE: Qt-free."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Protocol
from weakref import WeakKeyDictionary

from engine.errors import ArtifactError, EngineError
from gui.core.cache_folder import CacheFolder
from gui.core.engine_task import compile_options, task_of
from gui.core.errors import GuiError, RefusedError
from gui.core.state import EngineChoice, EngineState, Progress, Severity
from gui.core.status import Status
from gui.core.text import say, word
from gui.workers.label_file import class_count, read_labels
from gui.workers.patience import Patience
from gui.workers.shift import SessionLike

if TYPE_CHECKING:
    from engine.program.artifact import Artifact

_PACKAGES_ROOT = Path(__file__).parents[2]
SILENT_LIMIT_S = 600.0
"""A compilation tells every picture and every layer; those of the default network take half a minute in all, on busy cores."""


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
            raise CancelledError(say("compilation cancelled"))


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
    """The real one: the engine's own cache, filled by a process that can be cancelled."""

    def __init__(self, cache: CacheFolder) -> None:
        self._cache = cache
        self._folders: WeakKeyDictionary[SessionLike, Path] = WeakKeyDictionary()
        """Where the session of each came from, as long as there is one."""

    def prepare(self, choice: EngineChoice, status: Status, cancellation: Cancellation) -> SessionLike:
        """Return a session from the cached artifact, compiled first where there is none or it is damaged."""
        # Imported here, in the compile thread: the picture is on the screen before the engine is in memory.
        from engine.program.artifact import read_artifact
        from engine.runtime.cache_limits import forget_artifacts, note_use
        from engine.runtime.model_cache import is_artifact, read_kept

        status.set_engine(EngineState.LOADING)
        if is_artifact(Path(choice.model)):
            artifact = read_artifact(Path(choice.model))
            _refuse_other(artifact, choice)
            return self._open(artifact, choice)
        try:
            kept = read_kept(self._folder(choice))
        except ArtifactError as error:
            kept = None
            text = say("the kept artifact is damaged, it is compiled again ({error})", error=error)
            status.post(Severity.WARNING, text)
        session = self._open(kept or self._compile(choice, status, cancellation), choice)
        folder = self._folders[session] = self._folder(choice)
        note_use(folder)
        if kept is None:
            forget_artifacts(self._cache.root, set(self._folders.values()))
        return session

    def close(self) -> None:
        """Remove the temporary cache, if one was needed."""
        self._cache.close()

    def _open(self, artifact: Artifact, choice: EngineChoice) -> SessionLike:
        from engine import Session

        if choice.labels:
            names = read_labels(Path(choice.labels), class_count(artifact))
            artifact = replace(artifact, labels=names)
        return Session(artifact, choice.kernels, choice.threads, self._cache.root)

    def _folder(self, choice: EngineChoice) -> Path:
        from engine.runtime.model_cache import cache_key

        options = compile_options(task_of(choice))
        return self._cache.root / "artifacts" / cache_key(choice.model, options)

    def _compile(self, choice: EngineChoice, status: Status, cancellation: Cancellation) -> Artifact:
        """Compile into the cache, or into a temporary folder where that is full or read-only."""
        from engine.runtime.cache_limits import remove_leftovers
        from engine.runtime.model_cache import keep_compiled

        problem = self._cache.problem()
        if problem and not self._cache.is_temporary:
            text = say(
                "cache {folder}: {problem}; the model is compiled for this run only",
                folder=self._cache.root,
                problem=problem,
            )
            status.post(Severity.WARNING, text)
            self._cache.use_temporary()
        remove_leftovers(self._cache.root)
        status.set_engine(EngineState.COMPILING)
        status.set_progress(Progress("starting", 0.0))

        def compile_into(folder: Path) -> None:
            try:
                _run_process(choice, folder, self._cache.root, status, cancellation)
            finally:
                status.set_progress(None)
            status.set_engine(EngineState.LOADING)

        return keep_compiled(self._folder(choice), compile_into)


def _refuse_other(artifact: Artifact, choice: EngineChoice) -> None:
    """Refuse an artifact folder that was compiled with something else than people asked for.

    Raises:
        RefusedError: it was, or they asked for what only model files can be given.
    """
    from engine.runtime.made_for import OtherwiseError, refuse_other

    asked = {name: choice.wanted(name) for name in ("soc", "recipe", "cores", "clock_mhz")}
    try:
        refuse_other(choice.model, artifact, **asked, bare=choice.bare)
    except OtherwiseError as error:
        raise RefusedError(word(error.template).format(**error.places)) from None


def _run_process(
    choice: EngineChoice, folder: Path, cache: Path, status: Status, cancellation: Cancellation
) -> None:
    """Compile ``choice`` into ``folder``; ``cache`` keeps what speeds that up."""
    task = task_of(choice) | {"out": str(folder), "cache": str(cache)}
    process = _start(json.dumps(task))
    try:
        # Killed, not asked: a process that hangs or was stopped must go as well, and what it leaves behind is removed.
        cancellation.stop_job_by(process.kill)
        with Patience(SILENT_LIMIT_S, process.kill) as patience:
            last = _follow(process, status, patience)
    finally:
        cancellation.stop_job_by(None)
        process.kill()
        process.wait()
    cancellation.check()
    if patience.ran_out and not last.startswith('{"done"'):
        minutes = round(SILENT_LIMIT_S / 60)
        last = say("no progress for {minutes} minutes, so it was given up", minutes=minutes)
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


def _follow(process: subprocess.Popen[str], status: Status, patience: Patience) -> str:
    """Report progress until the process ends; return its last line."""
    last = ""
    assert process.stdout is not None
    with process.stdout:
        for line in process.stdout:
            patience.hear()
            last = line.strip() or last
            if last.startswith('{"stage"'):
                step = json.loads(last)
                status.set_progress(Progress(step["stage"], step["fraction"]))
    return last


def _check(last: str, choice: EngineChoice) -> None:
    """Raise what the process reported as its failure."""
    if last.startswith('{"done"'):
        return
    if not last.startswith('{"error"'):
        reason = last or say("the process ended without a word")
        raise RefusedError(say("compiling {model} failed: {reason}", model=choice.model, reason=reason))
    raise EngineError(json.loads(last)["error"])
