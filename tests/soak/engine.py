"""A tiny engine: a golden program on the real emulated device (mailbox and memory), with faults on command."""

from __future__ import annotations

import time
from enum import Enum
from threading import Event

import cv2
import numpy as np
from numpy.typing import NDArray

from engine import EngineError, Label, Result, SessionInfo
from engine.emu.device import Device
from engine.emu.mailbox import RunRequest
from engine.kernels.select import open_kernels
from engine.runtime.golden import golden_programs
from gui.core.state import EngineChoice, EngineState, Progress
from gui.core.status import Status
from gui.workers.backend import Cancellation

HANGS_AT_MOST_S = 60.0
_NAMES = tuple(f"class {index}" for index in range(1000))


class Mode(Enum):
    """What the engine does with the next frame."""

    FINE = "fine"
    RAISES = "raises"
    HANGS = "hangs"
    SLOW = "is slow"
    MAILBOX_FULL = "finds its mailbox full"
    DOES_NOT_START = "does not start"


class Faults:
    """Shared by all sessions of a run."""

    def __init__(self) -> None:
        self.mode = Mode.FINE
        self.sessions_open = 0
        self._let_go = Event()

    def set(self, mode: Mode) -> None:
        self.mode = mode
        let_go, self._let_go = self._let_go, Event()
        let_go.set()

    def hang(self) -> None:
        """Wait while the engine hangs; a change of the mode lets go."""
        let_go = self._let_go  # taken before the mode is looked at: a change in between sets it
        if self.mode is Mode.HANGS:
            let_go.wait(HANGS_AT_MOST_S)


class TinySession:
    """Implements ``SessionLike``: about a tenth of a millisecond per frame."""

    def __init__(self, choice: EngineChoice, faults: Faults) -> None:
        self._faults = faults
        self._program = golden_programs()["classifier"]
        self._device = Device(open_kernels("numpy", 1, None).kernels)
        self._handle = self._device.load(self._program)
        self._input = self._device.memory(self._handle).tensor(self._program.inputs[0])
        self._output = self._device.memory(self._handle).tensor(self._program.outputs[0])
        self.info = SessionInfo(
            choice.model, choice.soc, choice.recipe, "numpy", "", 1, (17, 15), 17, 1000, None
        )
        self.artifact = None
        self.labels = _NAMES[: self._output.size]
        self._closed = False
        faults.sessions_open += 1

    def run(self, image: NDArray[np.uint8]) -> Result:
        mode = self._faults.mode
        if mode is Mode.RAISES:
            raise RuntimeError("injected fault")
        if mode is Mode.HANGS:
            self._faults.hang()
        elif mode is Mode.SLOW:
            time.sleep(0.05)
        elif mode is Mode.MAILBOX_FULL:
            self._fill_mailbox()
        began_ns = time.perf_counter_ns()
        pixels = cv2.resize(image, (15, 17))
        self._input[0] = pixels
        read_ns = time.perf_counter_ns()
        self._device.run(self._handle)
        ran_ns = time.perf_counter_ns()
        scores = self._output.reshape(-1).astype(np.float32)
        best = np.argsort(-scores, kind="stable")[:5]
        top = tuple(Label(int(index), _NAMES[index], 0.2) for index in best)
        return Result(
            top, scores, read_ns - began_ns, ran_ns - read_ns, time.perf_counter_ns() - ran_ns, None, pixels
        )

    def _fill_mailbox(self) -> None:
        """Post more than the device can take at once, as a driver gone wild would, and take back the replies."""
        mailbox = self._device._mailbox
        posted = 0
        try:
            for _ in range(64):
                mailbox.post(RunRequest(0, self._handle))
                posted += 1
        finally:
            self._device.serve()
            for _ in range(posted):
                mailbox.take_reply()

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._faults.sessions_open -= 1
            self._device.close()


class TinyBackend:
    """Hands out tiny sessions after a short show of compiling."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def prepare(self, choice: EngineChoice, status: Status, cancellation: Cancellation) -> TinySession:
        status.set_engine(EngineState.COMPILING)
        status.set_progress(Progress("quantizing", 0.5))
        status.set_progress(None)
        cancellation.check()
        if self._faults.mode is Mode.DOES_NOT_START:
            raise EngineError(f"{choice.model}: injected refusal")
        return TinySession(choice, self._faults)

    def close(self) -> None:
        """Nothing is kept."""
