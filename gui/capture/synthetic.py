"""A generated moving picture, cheap enough to load the pipeline at any rate. NOTE: Qt-free."""

from __future__ import annotations

import math
import time

import numpy as np
from numpy.typing import NDArray

from gui.capture.opencv import size_text
from gui.capture.source import Picture
from gui.core.picture_pool import PicturePool
from gui.core.state import SourceInfo, SourceKind
from gui.core.text import Written, word

WIDTH_PX, HEIGHT_PX = 1280, 720
PATCH_PX = 192
LAP_FRAMES = 240


class SyntheticSource:
    """A patch that circles over a fixed background, 1280 × 720."""

    is_live = True
    reconnects = False
    total = None

    def __init__(self, fps: float = 30.0) -> None:
        self.period_ns: int | None = round(1e9 / fps)
        self._fps = fps
        self._count = 0
        self._pool = PicturePool()
        self._background = np.empty((0, 0, 3), np.uint8)
        self._patch = np.empty((0, 0, 3), np.uint8)

    @property
    def info(self) -> SourceInfo:
        """Title says that nothing real is seen."""
        detail = f"{size_text((WIDTH_PX, HEIGHT_PX))}, {Written(self._fps):g} fps"
        return SourceInfo(f"synthetic:{self._fps:g}", word(SourceKind.SYNTHETIC.word), detail)

    def open(self) -> None:
        """Draw background and patch once."""
        self._background = _background()
        self._patch = _patch()

    def read(self) -> Picture | None:
        """Return the next frame: one copy and one small paste."""
        captured_ns = time.monotonic_ns()
        angle = 2.0 * math.pi * self._count / LAP_FRAMES
        self._count += 1
        left = round((WIDTH_PX - PATCH_PX) * (0.5 + 0.45 * math.cos(angle)))
        top = round((HEIGHT_PX - PATCH_PX) * (0.5 + 0.45 * math.sin(angle)))
        image = self._pool.take((HEIGHT_PX, WIDTH_PX, 3))
        image[:] = self._background
        image[top : top + PATCH_PX, left : left + PATCH_PX] = self._patch
        return Picture(image, captured_ns)

    def step(self, offset: int) -> None:
        """There is only one picture."""

    def close(self) -> None:
        """Nothing is open."""


def _background() -> NDArray[np.uint8]:
    """Return a soft two-way gradient, uint8 HWC."""
    x = np.linspace(0.0, 1.0, WIDTH_PX)[None, :]
    y = np.linspace(0.0, 1.0, HEIGHT_PX)[:, None]
    channels = (30 + 60 * x + 20 * y, 45 + 50 * y, 80 + 70 * (1.0 - x) * y)
    return np.stack(
        [np.broadcast_to(channel, (HEIGHT_PX, WIDTH_PX)) for channel in channels], axis=-1
    ).astype(np.uint8)


def _patch() -> NDArray[np.uint8]:
    """Return a bright chequered square, uint8 HWC."""
    cell = np.arange(PATCH_PX) // (PATCH_PX // 6)
    light = (cell[:, None] + cell[None, :]) % 2 == 0
    return np.where(light[..., None], np.array([240, 200, 90]), np.array([60, 110, 160])).astype(np.uint8)
