"""Runs the user's own command when an alarm is raised or ends; no shell, and never for long. NOTE: Qt-free."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping
from queue import Empty, Full, Queue
from threading import Event

from gui.core.errors import GuiError
from gui.core.state import Severity
from gui.core.text import say
from gui.monitor.alarms import Alarm

TIMEOUT_S = 10.0
MOST_WAITING = 8
_POLL_S = 0.1


class HookError(GuiError):
    """The alarm command cannot be used as it is written."""


def parse_command(text: str) -> tuple[str, ...]:
    """Return program and arguments of a command line; empty for an empty one.

    Quotes work as in a shell; nothing else does: no variables, no pipes, no redirections.

    Raises:
        HookError: a quote is not closed or there is no such program.
    """
    try:
        arguments = tuple(shlex.split(text))
    except ValueError as error:
        raise HookError(say("alarm command {command!r}: {error}", command=text, error=error)) from error
    if arguments and shutil.which(arguments[0]) is None:
        problem = say(
            "alarm command {command!r}: there is no program {program!r}; give its full path",
            command=text,
            program=arguments[0],
        )
        raise HookError(problem)
    return arguments


class Hook:
    """``submit`` may be called by any thread; ``run`` is the thread. One command runs at a time."""

    def __init__(
        self, arguments: tuple[str, ...], tell: Callable[[Severity, str], None], timeout_s: float = TIMEOUT_S
    ) -> None:
        self._arguments = arguments
        self._tell = tell
        self._timeout_s = timeout_s
        self._alarms: Queue[Alarm] = Queue(MOST_WAITING)
        self._stopped = Event()

    def submit(self, alarm: Alarm) -> None:
        """Run the command for ``alarm`` as soon as the ones before are done; too many at once are left out."""
        try:
            self._alarms.put_nowait(alarm)
        except Full:
            text = say("alarm command left out: {count} others wait for it already", count=MOST_WAITING)
            self._tell(Severity.WARNING, text)

    def stop(self) -> None:
        """End ``run``; a command that runs is killed."""
        self._stopped.set()

    def run(self) -> None:
        """Work until stopped."""
        while not self._stopped.is_set():
            try:
                alarm = self._alarms.get(timeout=_POLL_S)
            except Empty:
                continue
            self._call(alarm)

    def _call(self, alarm: Alarm) -> None:
        try:
            process = subprocess.Popen(
                self._arguments, env=os.environ | _facts(alarm), start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        except OSError as error:
            self._complain(error.strerror or str(error))
            return
        problem = self._wait(process)
        if problem:
            self._complain(problem)

    def _complain(self, problem: str) -> None:
        text = say("alarm command {program}: {problem}", program=self._arguments[0], problem=problem)
        self._tell(Severity.WARNING, text)

    def _wait(self, process: subprocess.Popen[bytes]) -> str:
        """Return what went wrong with a running command, empty if nothing did."""
        waited_s = 0.0
        while waited_s < self._timeout_s and not self._stopped.is_set():
            try:
                status = process.wait(_POLL_S)
            except subprocess.TimeoutExpired:
                waited_s += _POLL_S
                continue
            return say("ended with status {status}", status=status) if status else ""
        _kill(process)
        if self._stopped.is_set():
            return ""
        return say("killed, it was still running after {seconds:.0f} s", seconds=self._timeout_s)


def _facts(alarm: Alarm) -> Mapping[str, str]:
    """Return what the command learns, as environment variables: text there cannot become a command."""
    return {
        "LENS7_ALARM": alarm.rule.quantity.value,
        "LENS7_ALARM_STATE": "ended" if alarm.ended else "raised",
        "LENS7_ALARM_VALUE": "" if alarm.value is None else f"{alarm.value:.6g}",
        "LENS7_ALARM_LIMIT": f"{alarm.rule.limit:.6g}",
        "LENS7_ALARM_TEXT": alarm.text,
    }


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill the command and, where sessions exist, everything it started."""
    if hasattr(os, "killpg") and process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
