"""A camera as a source, found again by its identity each time it is opened. NOTE: Qt-free."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

import cv2

from gui.capture.camera_setup import DEFAULT, CameraSetup
from gui.capture.cameras import CameraDevice, find_camera
from gui.capture.opencv import check_frame_size, frame_wh, open_capture, retrieve_rgb, size_text
from gui.capture.source import Picture, UnreadablePictureError
from gui.core.errors import CaptureError
from gui.core.picture_pool import PicturePool
from gui.core.state import SourceInfo
from gui.core.text import say

# What V4L2 drivers call the camera's own choice of exposure, in the order in which they are tried, and the operator's.
_AUTO_EXPOSURES, _MANUAL_EXPOSURE = (3.0, 0.0), 1.0


class CameraSource:
    """Frames of one camera; an empty ``identity`` is whichever comes first, and later the same one if it is there.

    ``setup_of(identity)`` says how the camera is wanted; it is asked before each frame, and followed at once.
    """

    is_live = True
    reconnects = True
    period_ns = None
    total = None

    def __init__(
        self, identity: str = "", setup_of: Callable[[str], CameraSetup] = lambda _: DEFAULT
    ) -> None:
        self._identity = identity
        self._found_identity = identity
        self._setup_of = setup_of
        self._setup = DEFAULT
        self._title = identity or say("camera")
        self._detail = ""
        self._capture: cv2.VideoCapture | None = None
        self._pool = PicturePool()

    @property
    def info(self) -> SourceInfo:
        """Title is the camera's name, detail its picture size and rate."""
        spec = f"camera:{self._found_identity}" if self._found_identity else "camera"
        return SourceInfo(spec, self._title, self._detail)

    @property
    def identity(self) -> str:
        """Which camera it is; of the first one, known once it was open."""
        return self._found_identity

    def open(self) -> None:
        """Open the camera in the mode that its setup asks for, or in what it offers nearest to that.

        Raises:
            CaptureError: it is not plugged in, or another program uses it.
        """
        device = self._find()
        self._title, self._found_identity = device.name, device.identity
        self._setup = self._setup_of(device.identity)
        width_px, height_px, fps = self._setup.mode
        # MJPG first: raw 720p does not fit through USB 2 at 30 frames per second.
        parameters = [
            cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"), cv2.CAP_PROP_FRAME_WIDTH, width_px,
            cv2.CAP_PROP_FRAME_HEIGHT, height_px, cv2.CAP_PROP_FPS, fps,
        ]  # fmt: skip
        failure = say("{camera}: cannot be opened; is another program using it?", camera=device.name)
        try:
            self._capture = open_capture(device.target, device.backend, parameters, failure)
        except CaptureError:
            self._capture = open_capture(device.target, device.backend, (), failure)
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        _control(self._capture, DEFAULT, self._setup)
        size_wh = frame_wh(self._capture)
        check_frame_size(device.name, size_wh)
        self._detail = f"{size_text(size_wh)}, {self._capture.get(cv2.CAP_PROP_FPS):.0f} fps"

    def _follow_setup(self) -> None:
        """Do what the setup asks for since the last frame; another mode needs another stream."""
        before, wanted = self._setup, self._setup_of(self._found_identity)
        if wanted is before or self._capture is None:
            return
        if wanted.mode != before.mode:
            self.close()
            self.open()
        else:
            self._setup = wanted
            _control(self._capture, before, wanted)

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
        self._follow_setup()
        assert self._capture is not None
        if not self._capture.grab():
            raise CaptureError(say("{camera}: no picture any more; is it unplugged?", camera=self._title))
        captured_ns = time.monotonic_ns()
        image = retrieve_rgb(self._capture, self._pool)
        if image is None:
            raise UnreadablePictureError(say("{source}: a frame could not be decoded", source=self._title))
        return Picture(image, captured_ns)

    def step(self, offset: int) -> None:
        """A camera only shows now."""

    def close(self) -> None:
        """Give the device free for other programs."""
        if self._capture is not None:
            self._capture.release()
            self._capture = None


def _control(capture: cv2.VideoCapture, before: CameraSetup, wanted: CameraSetup) -> None:
    """Set exposure and focus where they differ; a camera without the control goes on as it is."""
    if wanted.exposure != before.exposure:
        if wanted.exposure is None:
            any(capture.set(cv2.CAP_PROP_AUTO_EXPOSURE, mode) for mode in _AUTO_EXPOSURES)
        else:
            capture.set(cv2.CAP_PROP_AUTO_EXPOSURE, _MANUAL_EXPOSURE)
            capture.set(cv2.CAP_PROP_EXPOSURE, wanted.exposure)
    if wanted.focus != before.focus:
        capture.set(cv2.CAP_PROP_AUTOFOCUS, wanted.focus is None)
        if wanted.focus is not None:
            capture.set(cv2.CAP_PROP_FOCUS, wanted.focus)
