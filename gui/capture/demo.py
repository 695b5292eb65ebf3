"""The pictures that the program ships, shown one after the other with a slow pan and zoom. NOTE: Qt-free."""

from __future__ import annotations

import math
import time
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

import assets
from engine.host.pictures import SUFFIXES
from gui.capture.image_file import read_picture
from gui.capture.source import Picture
from gui.core.errors import CaptureError
from gui.core.picture_pool import PicturePool
from gui.core.state import SourceInfo
from gui.core.text import say

WIDTH_PX, HEIGHT_PX, FPS = 1280, 720, 25
SECONDS_EACH = 6
ZOOM = 0.06


class DemoSource:
    """The shipped pictures in turn; a live source, so that the show never waits for the engine."""

    is_live = True
    reconnects = False
    total = None
    period_ns: int | None = round(1e9 / FPS)

    def __init__(self) -> None:
        self._paths: list[Path] = []
        self._current = -1
        self._canvas = np.empty((0, 0, 3), np.uint8)
        self._pool = PicturePool()
        self._began_ns = 0
        self._first = 0

    @property
    def info(self) -> SourceInfo:
        """Title says that these are no camera's pictures."""
        detail = say("{n} pictures", n=len(self._paths)) if self._paths else ""
        return SourceInfo("demo", say("demo pictures"), detail)

    def open(self) -> None:
        """List the pictures.

        Raises:
            CaptureError: the installation lacks them.
        """
        try:
            folder = assets.path("demo")
        except FileNotFoundError as error:
            raise CaptureError(say("demo pictures: {error}; install Lens7 again", error=error)) from error
        self._paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
        if not self._paths:
            raise CaptureError(say("demo pictures: none in {folder}; install Lens7 again", folder=folder))
        self._began_ns = time.monotonic_ns()

    def read(self) -> Picture | None:
        """Return the current picture, a little further along its pan and zoom."""
        captured_ns = time.monotonic_ns()
        turn, along = divmod((captured_ns - self._began_ns) / 1e9 / SECONDS_EACH, 1.0)
        index = (self._first + int(turn)) % len(self._paths)
        if index != self._current:
            self._canvas = _on_blurred_self(read_picture(self._paths[index]))
            self._current = index
        picture = _pan_zoom(self._canvas, along, self._pool.take(self._canvas.shape))
        return Picture(picture, captured_ns, self._paths[index].stem)

    def step(self, offset: int) -> None:
        """Show the picture ``offset`` places after the one last shown, and give it its full time."""
        self._first = max(self._current, 0) + offset
        self._began_ns = time.monotonic_ns()

    def close(self) -> None:
        """Nothing stays open between reads."""


def _on_blurred_self(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the whole picture centred on a dim, blurred enlargement of itself, WIDTH_PX x HEIGHT_PX."""
    height, width = image.shape[:2]
    cover = max(WIDTH_PX / width, HEIGHT_PX / height) / 16
    small = cv2.resize(
        image, (math.ceil(width * cover), math.ceil(height * cover)), interpolation=cv2.INTER_AREA
    )
    small = cv2.GaussianBlur(small, (0, 0), 2.0)
    top, left = (small.shape[0] - HEIGHT_PX // 16) // 2, (small.shape[1] - WIDTH_PX // 16) // 2
    small = small[top : top + HEIGHT_PX // 16, left : left + WIDTH_PX // 16]
    canvas = cv2.resize(small, (WIDTH_PX, HEIGHT_PX), interpolation=cv2.INTER_CUBIC) // 2

    fit = min(WIDTH_PX / width, HEIGHT_PX / height)
    fit_w, fit_h = round(width * fit), round(height * fit)
    x, y = (WIDTH_PX - fit_w) // 2, (HEIGHT_PX - fit_h) // 2
    method = cv2.INTER_AREA if fit < 1.0 else cv2.INTER_CUBIC
    canvas[y : y + fit_h, x : x + fit_w] = cv2.resize(image, (fit_w, fit_h), interpolation=method)
    return canvas.astype(np.uint8)


def _pan_zoom(canvas: NDArray[np.uint8], along: float, out: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return in ``out`` the canvas zoomed in and back out once while ``along`` runs from 0 to 1, drifting sideways."""
    scale = 1.0 + ZOOM * math.sin(math.pi * along)
    slack_x, slack_y = WIDTH_PX * (scale - 1.0), HEIGHT_PX * (scale - 1.0)
    matrix = np.array([[scale, 0.0, -slack_x * along], [0.0, scale, -slack_y * 0.5]])
    return cv2.warpAffine(canvas, matrix, (WIDTH_PX, HEIGHT_PX), out, flags=cv2.INTER_LINEAR)  # type: ignore[return-value]
