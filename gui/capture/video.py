"""Video files and network streams, read through FFmpeg. NOTE: Qt-free."""

from __future__ import annotations

import math
import stat
import time
from pathlib import Path
from urllib.parse import urlsplit

import cv2

from gui.capture.opencv import check_frame_size, frame_wh, open_capture, retrieve_rgb, size_text
from gui.capture.source import Picture, UnreadablePictureError
from gui.core.errors import CaptureError
from gui.core.picture_pool import PicturePool
from gui.core.state import SourceInfo, SourceKind
from gui.core.text import say, word

STREAM_SCHEMES = frozenset({"rtsp", "rtsps", "http", "https"})
STREAM_OPEN_LIMIT_MS = 5000
STREAM_READ_LIMIT_MS = 3000
DEFAULT_FPS = 30.0
MAX_FPS = 240.0
LEAST_SHARE, LEAST_MISSING_S = 0.9, 1.0
"""A film is said to break off only well before its end: containers tell its length as they like."""


class VideoSource:
    """Every frame of a video file at the file's own pace; ``live`` drops what comes too late and begins again."""

    reconnects = False
    total = None

    def __init__(self, path: Path, live: bool = False) -> None:
        self.is_live = live
        self.period_ns: int | None = None
        self._path = path
        self._detail = ""
        self._capture: cv2.VideoCapture | None = None
        self._pool = PicturePool()
        self._read_any = False
        self._length_s = self._position_s = 0.0

    @property
    def info(self) -> SourceInfo:
        """Title is the file's name, detail its size and rate."""
        return SourceInfo(("live:" if self.is_live else "") + str(self._path), self._path.name, self._detail)

    def open(self) -> None:
        """Open the file.

        Raises:
            CaptureError: missing, empty, or nothing that FFmpeg can read.
        """
        self._refuse_non_files()
        # An absolute path, so that FFmpeg cannot take the name for a protocol of its own.
        target = str(self._path.absolute())
        failure = say("{file}: neither a picture nor a video that can be read", file=self._path.name)
        self._capture = open_capture(target, cv2.CAP_FFMPEG, (), failure)
        size_wh = frame_wh(self._capture)
        check_frame_size(self._path.name, size_wh)
        fps = self._capture.get(cv2.CAP_PROP_FPS)
        fps = fps if math.isfinite(fps) and 0.0 < fps <= MAX_FPS else DEFAULT_FPS
        self.period_ns = round(1e9 / fps)
        self._detail = f"{size_text(size_wh)}, {fps:.0f} fps"
        self._read_any = False
        self._length_s, self._position_s = _length_s(self._capture), 0.0

    def _refuse_non_files(self) -> None:
        try:
            status = self._path.stat()
        except OSError as error:
            raise CaptureError(f"{self._path}: {error.strerror}") from error
        if not stat.S_ISREG(status.st_mode):
            raise CaptureError(say("{file}: not a file", file=self._path.name))
        if status.st_size == 0:
            raise CaptureError(say("{file}: the file is empty", file=self._path.name))

    def read(self) -> Picture | None:
        """Return the next frame.

        Raises:
            UnreadablePictureError: one frame is damaged, or the rest of the film is not there.
            CaptureError: the file holds no frame at all.
        """
        captured_ns = time.monotonic_ns()
        if not self._grab():
            if not self._read_any:
                raise CaptureError(say("{file}: holds no picture", file=self._path.name))
            self._refuse_early_end()
            return None
        assert self._capture is not None
        self._position_s = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1e3
        image = retrieve_rgb(self._capture, self._pool)
        if image is None:
            raise UnreadablePictureError(
                say("{source}: a frame could not be decoded", source=self._path.name)
            )
        self._read_any = True
        return Picture(image, captured_ns)

    def _refuse_early_end(self) -> None:
        """Say once that the film breaks off well before the end that its container tells."""
        length_s, self._length_s = self._length_s, 0.0
        if self._position_s < LEAST_SHARE * length_s - LEAST_MISSING_S:
            text = say(
                "{file}: breaks off after {seconds:.0f} of {all:.0f} seconds; it is damaged or cut short",
                file=self._path.name,
                seconds=self._position_s,
                all=length_s,
            )
            raise UnreadablePictureError(text)

    def _grab(self) -> bool:
        assert self._capture is not None
        if self._capture.grab():
            return True
        if not (self.is_live and self._read_any):
            return False
        self._capture.set(cv2.CAP_PROP_POS_FRAMES, 0)
        return self._capture.grab()

    def step(self, offset: int) -> None:
        """Every frame is shown, in order."""

    def close(self) -> None:
        """Close the file."""
        if self._capture is not None:
            self._capture.release()
            self._capture = None


def _length_s(capture: cv2.VideoCapture) -> float:
    """Return how long the container says that the film is; 0 where it does not say."""
    # Both may be guesses of FFmpeg's, but then the one is made from the other: their ratio is the length all the same.
    frames, fps = capture.get(cv2.CAP_PROP_FRAME_COUNT), capture.get(cv2.CAP_PROP_FPS)
    return frames / fps if frames > 0 and fps > 0 else 0.0


class StreamSource:
    """The newest frames of a network stream (RTSP, or MJPEG and video over HTTP)."""

    is_live = True
    reconnects = True
    period_ns = None
    total = None

    def __init__(self, url: str) -> None:
        self._url = url
        # Never the whole address: it may carry a password.
        self._title = urlsplit(url).hostname or word(SourceKind.STREAM.word)
        self._detail = ""
        self._capture: cv2.VideoCapture | None = None
        self._pool = PicturePool()

    @property
    def info(self) -> SourceInfo:
        """Title is the stream's host, detail its size and rate."""
        return SourceInfo(self._url, self._title, self._detail)

    def open(self) -> None:
        """Connect.

        Raises:
            CaptureError: no answer, or nothing that FFmpeg can read.
        """
        limits = [
            cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, STREAM_OPEN_LIMIT_MS,
            cv2.CAP_PROP_READ_TIMEOUT_MSEC, STREAM_READ_LIMIT_MS,
        ]  # fmt: skip
        failure = say("stream {host}: no answer; it must be running and reachable", host=self._title)
        self._capture = open_capture(self._url, cv2.CAP_FFMPEG, limits, failure)
        size_wh = frame_wh(self._capture)
        check_frame_size(self._title, size_wh)
        self._detail = size_text(size_wh)

    def read(self) -> Picture | None:
        """Wait for the next frame.

        Raises:
            UnreadablePictureError: one frame is damaged.
            CaptureError: the stream broke off.
        """
        assert self._capture is not None
        if not self._capture.grab():
            raise CaptureError(say("stream {host}: broke off", host=self._title))
        captured_ns = time.monotonic_ns()
        image = retrieve_rgb(self._capture, self._pool)
        if image is None:
            raise UnreadablePictureError(say("stream {host}: a frame could not be decoded", host=self._title))
        return Picture(image, captured_ns)

    def step(self, offset: int) -> None:
        """A stream only shows now."""

    def close(self) -> None:
        """Disconnect."""
        if self._capture is not None:
            self._capture.release()
            self._capture = None
