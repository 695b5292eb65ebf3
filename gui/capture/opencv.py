"""OpenCV as the sources use it: silent, single-threaded, with errors as one line. NOTE: Qt-free."""

from __future__ import annotations

import os
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.host.pictures import MAX_PIXELS
from gui.core.errors import CaptureError
from gui.core.picture_pool import PicturePool
from gui.core.text import say

CAMERA_READ_LIMIT_S = 2


def prepare_opencv() -> None:
    """Make OpenCV fit for a live window; called once, before the first capture.

    Its log goes silent (every failure is reported by the caller in one line), a V4L2 read gives up after
    ``CAMERA_READ_LIMIT_S`` instead of 10 s, and it keeps to the calling thread: its conversions take well under a
    millisecond, and its pool would take cores from the emulator and keep 900 bytes of every thread that ever called it.
    """
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", str(CAMERA_READ_LIMIT_S))
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    cv2.setNumThreads(1)


def open_capture(
    target: str | int, backend: int, parameters: Sequence[int] = (), failure: str = ""
) -> cv2.VideoCapture:
    """Return an open capture.

    Raises:
        CaptureError: ``failure``, because OpenCV cannot open it.
    """
    capture = cv2.VideoCapture()
    try:
        opened = capture.open(target, backend, list(parameters))
    except cv2.error as error:
        raise CaptureError(f"{failure} ({error.err})") from error
    if not opened:
        capture.release()
        raise CaptureError(failure)
    return capture


def frame_wh(capture: cv2.VideoCapture) -> tuple[int, int]:
    """Return the width and height that the capture announces, in pixels."""
    return int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)), int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT))


def size_text(size_wh: tuple[int, int]) -> str:
    """Return a picture's width and height in pixels as people read them."""
    return f"{size_wh[0]} × {size_wh[1]}"


def check_frame_size(what: str, size_wh: tuple[int, int]) -> None:
    """Refuse a picture larger than the pipeline takes.

    Raises:
        CaptureError: more than ``MAX_PIXELS``.
    """
    width, height = size_wh
    if width * height > MAX_PIXELS:
        text = say(
            "{what}: {size} pixels is too large, at most {most} megapixels are taken; scale it down first",
            what=what,
            size=size_text(size_wh),
            most=MAX_PIXELS // 1_000_000,
        )
        raise CaptureError(text)


def retrieve_rgb(capture: cv2.VideoCapture, pool: PicturePool) -> NDArray[np.uint8] | None:
    """Return the grabbed frame as RGB uint8 HWC from ``pool``, None if it cannot be decoded."""
    width, height = frame_wh(capture)
    try:
        # Only a hint: a capture that announces no size, or a wrong one, decodes into an array of its own.
        ok, bgr = capture.retrieve(pool.take((height, width, 3)) if min(width, height) > 0 else None)
        if not ok or bgr is None:
            return None
        code = cv2.COLOR_GRAY2RGB if bgr.ndim == 2 else cv2.COLOR_BGR2RGB
        # Not in place, for which OpenCV would make a copy first.
        return cv2.cvtColor(bgr, code, pool.take((*bgr.shape[:2], 3)))  # type: ignore[return-value]
    except cv2.error:
        return None
