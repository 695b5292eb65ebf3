"""A Python process of our own beside the window: told what to do in one line, ends when the window does. NOTE: Qt-free.

Its first line of output says that it is ready, or why not. Its input stays open as a lifeline: when the window dies,
however it dies, the process reads the end of its input and goes too.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path
from threading import Lock
from typing import IO, Any

from gui.core import text
from gui.core.errors import GuiError

NICENESS = 5
_PACKAGES_ROOT = Path(__file__).parents[2]
_MAX_LINE_BYTES = 1 << 20


class ChildError(GuiError):
    """The process could not start, ended, or said something that makes no sense."""


class Child:
    """Runs ``python -m module``; ``kill`` may be called by any thread, also while another waits for the process."""

    def __init__(self, module: str, task: dict[str, Any]) -> None:
        """Start the process and hand it ``task``.

        Raises:
            ChildError: it cannot be started.
        """
        self.name = module
        self._lock = Lock()
        paths = [str(_PACKAGES_ROOT), os.environ.get("PYTHONPATH", "")]
        # -P: never import from the folder the program was started in.
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", module], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))},
            )  # fmt: skip
        except OSError as error:
            raise ChildError(f"{module}: {error.strerror or error}") from error
        self.write(json.dumps(task).encode() + b"\n")

    @property
    def input(self) -> IO[bytes]:
        """What the process reads."""
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def output(self) -> IO[bytes]:
        """What the process writes."""
        assert self._process.stdout is not None
        return self._process.stdout

    def write(self, data: bytes | memoryview) -> None:
        """Give the process some input.

        Raises:
            ChildError: it has ended.
        """
        try:
            self.input.write(data)
            self.input.flush()
        except (OSError, ValueError) as error:
            raise ChildError(self._end_text()) from error

    def read(self, count: int) -> bytes:
        """Return ``count`` bytes of output.

        Raises:
            ChildError: it ends before it has written so many.
        """
        try:
            data = self.output.read(count)
        except (OSError, ValueError) as error:
            raise ChildError(self._end_text()) from error
        if len(data) < count:
            raise ChildError(self._end_text())
        return data

    def read_document(self) -> dict[str, Any]:
        """Return one line of JSON, as which the process says that it is ready.

        Raises:
            ChildError: it ends, writes something else, or reports an error.
        """
        try:
            line = self.output.readline(_MAX_LINE_BYTES)
        except (OSError, ValueError) as error:
            raise ChildError(self._end_text()) from error
        if not line:
            raise ChildError(self._end_text())
        try:
            document = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise ChildError(nonsense(self.name, repr(line[:40]))) from error
        if not isinstance(document, dict):
            raise ChildError(nonsense(self.name, repr(line[:40])))
        if "error" in document:
            raise ChildError(str(document["error"]))
        return document

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End the process now; whoever waits for it gets a ``ChildError``."""
        with self._lock:
            if self._process.poll() is None:
                self._process.kill()
            self._process.wait()

    def close(self) -> None:
        """End the process and let go of its input and output; for the thread that uses them."""
        self.kill()
        for end in (self.input, self.output):
            with contextlib.suppress(OSError):
                end.close()

    def _end_text(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(0.5)
        status = self._process.poll()
        if status is None:
            return text.say("{name} does not answer", name=self.name)
        return text.say("{name} ended with status {status}", name=self.name, status=status)


def nonsense(name: str, said: str) -> str:
    """Return that a process says what makes no sense."""
    return text.say("{name} answers nonsense: {said}", name=name, said=said)


def begin() -> tuple[dict[str, Any], IO[bytes], IO[bytes]]:
    """Return, inside such a process, its task, its input and its output; nothing else can write to that output."""
    task = json.loads(sys.stdin.buffer.readline())
    output = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    with contextlib.suppress(AttributeError, OSError):  # no such call on Windows; never worth failing for
        os.nice(NICENESS)
    return task, sys.stdin.buffer, output


def say(output: IO[bytes], document: dict[str, Any]) -> None:
    """Write one line of JSON."""
    output.write(json.dumps(document).encode() + b"\n")
    output.flush()
