"""The kiosk's guardian: a small process that starts the window again when it crashes or stands still. NOTE: Qt-free.

The window writes a heartbeat file twice a second, from its main thread; the file also holds what it shows, so that the
next window begins where the last one ended.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from types import FrameType

from engine.cli.interrupt import TERMINATIONS

HEARTBEAT_VARIABLE = "LENS7_HEARTBEAT"
_PACKAGES_ROOT = Path(__file__).parents[1]
_MAX_STATE_BYTES = 1 << 16
_SOFTWARE_RENDERING = {"LIBGL_ALWAYS_SOFTWARE": "1", "QT_XCB_GL_INTEGRATION": "none"}


@dataclass(frozen=True, slots=True)
class LastState:
    """What the window showed when its heart last beat; empty strings leave it to command line and settings."""

    source: str = ""
    model: str = ""
    soc: str = ""
    kernels: str = ""
    face: str = ""

    def save(self, path: Path) -> None:
        """Write all or nothing.

        Raises:
            OSError: it cannot be written.
        """
        temporary = path.with_suffix(".tmp")
        try:
            temporary.write_text(json.dumps(asdict(self)), encoding="utf-8")
            temporary.replace(path)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise


def last_state(path: Path) -> LastState:
    """Return the state in the heartbeat file, an empty one if there is none or it makes no sense."""
    try:
        with path.open("rb") as file:
            stored = json.loads(file.read(_MAX_STATE_BYTES))
        return LastState(**{field.name: str(stored[field.name]) for field in fields(LastState)})
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return LastState()


@dataclass(frozen=True, slots=True)
class SupervisorTiming:
    """Patience with the window, in seconds; ``delays_s`` before the first, second ... restart of a bad spell."""

    starts_within_s: float = 120.0
    hung_after_s: float = 10.0
    dies_within_s: float = 2.0
    closes_within_s: float = 15.0
    healthy_after_s: float = 600.0
    delays_s: tuple[float, ...] = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
    poll_s: float = 0.05


class Supervisor:
    """Runs ``command`` until it ends well, by its own wish or by a signal to this process."""

    def __init__(
        self, command: Sequence[str], tell: Callable[[str], None], timing: SupervisorTiming | None = None
    ) -> None:
        self._command = list(command)
        self._tell = tell
        self._timing = timing or SupervisorTiming()
        self._stopping = False
        self._bad_ends = 0
        self.restarts = 0

    def stop(self, *_: int | FrameType | None) -> None:
        """Close the window and end ``run``; also a signal handler."""
        self._stopping = True

    def run(self) -> int:
        """Keep the window alive; return its exit status once it ends well, or never came to life."""
        with tempfile.TemporaryDirectory(prefix="lens7-kiosk-") as folder:
            heartbeat = Path(folder) / "heartbeat.json"
            while True:
                began_s = time.monotonic()
                status, was_alive = self._one_life(heartbeat)
                if self._stopping:
                    return 0  # asked to end: whatever the window's status, nothing went wrong
                if status == 0 or not (was_alive or self.restarts):
                    return status
                if time.monotonic() - began_s > self._timing.healthy_after_s:
                    self._bad_ends = 0
                delay_s = self._timing.delays_s[min(self._bad_ends, len(self._timing.delays_s) - 1)]
                self._bad_ends += 1
                self.restarts += 1
                self._tell(f"the window {_ending(status)}; restart {self.restarts} in {delay_s:g} s")
                if self._sleep(delay_s):
                    return 0

    def _one_life(self, heartbeat: Path) -> tuple[int, bool]:
        """Run the window once; return its exit status and whether its heart ever beat."""
        command, environment = self._with_fallbacks(heartbeat)
        before = _beat(heartbeat)
        window = subprocess.Popen(command, env=environment)
        last, last_s = before, time.monotonic()
        while window.poll() is None:
            if self._sleep(self._timing.poll_s):
                return self._close(window), True
            beat = _beat(heartbeat)
            if beat != last:
                last, last_s = beat, time.monotonic()
            limit_s = self._timing.starts_within_s if last == before else self._timing.hung_after_s
            if time.monotonic() - last_s > limit_s:
                self._tell(f"the window has not answered for {limit_s:g} s")
                self._abort(window)
        return window.returncode, last != before

    def _with_fallbacks(self, heartbeat: Path) -> tuple[list[str], dict[str, str]]:
        """Return command and environment; after bad ends without hardware rendering, then with the plainest kernels."""
        paths = [str(_PACKAGES_ROOT), os.environ.get("PYTHONPATH", "")]
        environment = os.environ | {
            HEARTBEAT_VARIABLE: str(heartbeat),
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        }
        if self._bad_ends >= 2:
            environment |= _SOFTWARE_RENDERING
        return [*self._command, *(["--kernels", "numpy"] if self._bad_ends >= 3 else [])], environment

    def _abort(self, window: subprocess.Popen[bytes]) -> None:
        """End a window that hangs: SIGABRT first, so that its crash log says where."""
        if hasattr(signal, "SIGABRT") and sys.platform != "win32":
            window.send_signal(signal.SIGABRT)
        try:
            window.wait(self._timing.dies_within_s)
        except subprocess.TimeoutExpired:
            window.kill()
            window.wait()

    def _close(self, window: subprocess.Popen[bytes]) -> int:
        """Close the window as a user would."""
        window.terminate()
        try:
            return window.wait(self._timing.closes_within_s)
        except subprocess.TimeoutExpired:
            window.kill()
            return window.wait()

    def _sleep(self, seconds: float) -> bool:
        """Wait; return whether the supervisor is to stop."""
        end_s = time.monotonic() + seconds
        while not self._stopping and (left_s := end_s - time.monotonic()) > 0:
            time.sleep(min(left_s, self._timing.poll_s))
        return self._stopping


def _beat(heartbeat: Path) -> int:
    """Return a number that changes with every beat."""
    try:
        status = heartbeat.stat()
    except OSError:
        return 0
    return status.st_mtime_ns ^ status.st_ino


def _ending(status: int) -> str:
    if status >= 0:
        return f"ended with status {status}"
    return f"died of {signal.Signals(-status).name}"


def run_kiosk(arguments: Sequence[str]) -> int:
    """Supervise ``lens7 --full-screen`` with ``arguments``; return the exit status."""
    command = [sys.executable, "-P", "-m", "gui", "--full-screen", *arguments]

    def tell(text: str) -> None:
        with contextlib.suppress(OSError, ValueError, AttributeError):  # nobody listens, or the disk is full
            sys.stderr.write(f"lens7 kiosk: {text}\n")

    supervisor = Supervisor(command, tell)
    for number in (signal.SIGINT, *TERMINATIONS):
        if signal.getsignal(number) != signal.SIG_IGN:  # as by nohup
            signal.signal(number, supervisor.stop)
    return supervisor.run()
