"""A camera as a source, found again by its identity each time it is opened. NOTE: Qt-free."""

from __future__ import annotations

import contextlib
import time

import cv2

from gui.capture.cameras import CameraDevice, find_camera
from gui.capture.opencv import check_frame_size, frame_wh, open_capture, retrieve_rgb
from gui.capture.source import Picture, UnreadablePictureError
from gui.core.errors import CaptureError
from gui.core.state import SourceInfo

WIDTH_PX, HEIGHT_PX, FPS = 1280, 720, 30


class CameraSource:
    """Frames of one camera; an empty ``identity`` is whichever comes first, and later the same one if it is there."""

    is_live = True
    reconnects = True
    period_ns = None
    total = None

    def __init__(self, identity: str = "") -> None:
        self._identity = identity
        self._found_identity = identity
        self._title = identity or "camera"
        self._detail = ""
        self._capture: cv2.VideoCapture | None = None

    @property
    def info(self) -> SourceInfo:
        """Title is the camera's name, detail its picture size and rate."""
        spec = f"camera:{self._found_identity}" if self._found_identity else "camera"
        return SourceInfo(spec, self._title, self._detail)

    def open(self) -> None:
        """Open the camera at 1280x720, or at what it offers nearest to that.

        Raises:
            CaptureError: it is not plugged in, or another program uses it.
        """
        device = self._find()
        self._title, self._found_identity = device.name, device.identity
        # MJPG first: raw 720p does not fit through USB 2 at 30 frames per second.
        parameters = [
            cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"), cv2.CAP_PROP_FRAME_WIDTH, WIDTH_PX,
            cv2.CAP_PROP_FRAME_HEIGHT, HEIGHT_PX, cv2.CAP_PROP_FPS, FPS,
        ]  # fmt: skip
        failure = f"{device.name}: cannot be opened; is another program using it?"
        try:
            self._capture = open_capture(device.target, device.backend, parameters, failure)
        except CaptureError:
            self._capture = open_capture(device.target, device.backend, (), failure)
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        size_wh = frame_wh(self._capture)
        check_frame_size(device.name, size_wh)
        self._detail = f"{size_wh[0]}x{size_wh[1]}, {self._capture.get(cv2.CAP_PROP_FPS):.0f} fps"

    def _find(self) -> CameraDevice:
        """Return the device: the same physical one as before, whatever its number is now, if it is plugged in."""
        if not self._identity and self._found_identity:
            with contextlib.suppress(CaptureError):
                return find_camera(self._found_identity)
        return find_camera(self._identity)

    def read(self) -> Picture | None:
        """Wait for the next frame.

        Raises:
            UnreadablePictureError: one frame was torn.
            CaptureError: the camera gives no frames any more.
        """
        assert self._capture is not None
        if not self._capture.grab():
            raise CaptureError(f"{self._title}: no picture any more; is it unplugged?")
        captured_ns = time.monotonic_ns()
        image = retrieve_rgb(self._capture)
        if image is None:
            raise UnreadablePictureError(f"{self._title}: a frame could not be decoded")
        return Picture(image, captured_ns)

    def step(self, offset: int) -> None:
        """A camera only shows now."""

    def close(self) -> None:
        """Give the device free for other programs."""
        if self._capture is not None:
            self._capture.release()
            self._capture = None
