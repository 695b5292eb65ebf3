"""A camera whose faults are commanded from outside: the device; any number of sources may open it, as after replugging."""

from __future__ import annotations

import time
from enum import Enum
from itertools import count
from threading import Event

import numpy as np

from gui.capture.source import Picture, UnreadablePictureError
from gui.core.errors import CaptureError
from gui.core.state import SourceInfo

BLOCKED_AT_MOST_S = 60.0


class Mode(Enum):
    """What the device does with the next read or open."""

    FINE = "fine"
    SILENT = "stalls"
    GONE = "vanishes"
    OPEN_BLOCKS = "blocks when opened"
    GARBAGE_TYPE = "gives floats"
    GARBAGE_SHAPE = "gives an empty picture"
    TORN = "gives torn frames"
    BLACK = "gives black frames"
    SLOW = "gives 4 frames per second"
    RAISES = "raises what no driver should"
    OTHER_SIZE = "changes its size"


class Device:
    """One physical camera. ``mode`` is its present fault; ``set`` changes it and lets go whatever waits inside."""

    def __init__(self, period_s: float, size_wh: tuple[int, int] = (64, 48)) -> None:
        self.period_s = period_s
        self.mode = Mode.FINE
        self.index = 0
        self.opened = 0
        self._let_go = Event()
        self._numbers = count()
        width, height = size_wh
        rng = np.random.default_rng(1)
        self._pictures = rng.integers(0, 255, (16, height, width, 3), np.uint8)
        self._smaller = self._pictures[:, : height // 2, : width // 2].copy()
        self._black = np.zeros((height, width, 3), np.uint8)

    def set(self, mode: Mode) -> None:
        """Begin a fault, or end it (FINE)."""
        self.mode = mode
        let_go, self._let_go = self._let_go, Event()
        let_go.set()

    def open(self) -> None:
        self.opened += 1
        if self.mode is Mode.GONE:
            raise CaptureError("soak camera: not plugged in")
        self._block(Mode.OPEN_BLOCKS, BLOCKED_AT_MOST_S)

    def read(self) -> Picture:
        mode = self.mode
        self._block(Mode.SILENT, BLOCKED_AT_MOST_S)
        self._block(Mode.SLOW, 0.25)
        if mode is Mode.GONE:
            raise CaptureError("soak camera: no picture any more; is it unplugged?")
        if mode is Mode.RAISES:
            raise ZeroDivisionError("in the driver")
        time.sleep(self.period_s)  # the camera's rhythm
        if mode is Mode.TORN:
            raise UnreadablePictureError("soak camera: a frame could not be decoded")
        return Picture(self._image(mode), time.monotonic_ns())

    def _block(self, mode: Mode, seconds: float) -> None:
        """Wait while the device is in ``mode``; a change of it lets go."""
        let_go = self._let_go  # taken before the mode is looked at: a change in between sets it
        if self.mode is mode:
            let_go.wait(seconds)

    def _image(self, mode: Mode) -> np.ndarray:
        number = next(self._numbers) % len(self._pictures)
        if mode is Mode.GARBAGE_TYPE:
            return self._pictures[number].astype(np.float32)
        if mode is Mode.GARBAGE_SHAPE:
            return self._pictures[number][:0]
        if mode is Mode.BLACK:
            return self._black
        return (self._smaller if mode is Mode.OTHER_SIZE else self._pictures)[number]


class DeviceSource:
    """What the pipeline opens: frames of a ``Device``."""

    is_live = True
    reconnects = True
    period_ns = None
    total = None

    def __init__(self, device: Device) -> None:
        self._device = device

    @property
    def info(self) -> SourceInfo:
        return SourceInfo("camera:soak", "soak camera", f"index {self._device.index}")

    def open(self) -> None:
        self._device.open()

    def read(self) -> Picture:
        return self._device.read()

    def step(self, offset: int) -> None:
        """A camera only shows now."""

    def close(self) -> None:
        """Nothing is held."""
