"""How the operator wants the camera's picture: mirrored, turned, cut to a region. NOTE: Qt-free."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from gui.capture.source import FrameSource, Picture
from gui.core.state import SourceInfo

_TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


@dataclass(frozen=True, slots=True)
class View:
    """``turn`` clockwise in degrees (0, 90, 180, 270), then ``mirror``, then ``region`` as fractions x, y, w, h of the result.

    Raises:
        ValueError: another turn, or a region outside the picture.
    """

    mirror: bool = False
    turn: int = 0
    region: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)

    def __post_init__(self) -> None:
        x, y, w, h = self.region
        if self.turn not in (0, *_TURNS):
            raise ValueError(f"turn is {self.turn}, allowed are 0, 90, 180 and 270 degrees")
        if not (0 <= x < 1 and 0 <= y < 1 and 0 < w <= 1 - x + 1e-9 and 0 < h <= 1 - y + 1e-9):
            raise ValueError(
                f"region {self.region} must lie inside the picture, as fractions x, y, width, height"
            )

    def mirrored(self) -> View:
        """Return the mirror image; the region stays on the same things."""
        x, y, w, h = self.region
        return View(not self.mirror, self.turn, (max(0.0, 1.0 - x - w), y, w, h))

    def turned(self) -> View:
        """Return the view turned clockwise by 90 degrees as seen; the region stays on the same things."""
        x, y, w, h = self.region
        turn = (
            self.turn + (270 if self.mirror else 90)
        ) % 360  # the mirror comes after the turn, and reverses it
        return View(self.mirror, turn, (max(0.0, 1.0 - y - h), x, h, w))


WHOLE = (0.0, 0.0, 1.0, 1.0)


def apply(image: NDArray[np.uint8], view: View) -> NDArray[np.uint8]:
    """Return ``image`` HWC as ``view`` wants it; at least one pixel remains."""
    if view.turn:
        image = cv2.rotate(image, _TURNS[view.turn])  # type: ignore[assignment]
    if view.mirror:
        image = cv2.flip(image, 1)  # type: ignore[assignment]
    height, width = image.shape[:2]
    x, y, w, h = view.region
    left, top = min(int(x * width), width - 1), min(int(y * height), height - 1)
    right, bottom = max(left + 1, round((x + w) * width)), max(top + 1, round((y + h) * height))
    cut = image[top:bottom, left:right]
    return cut if cut.flags.c_contiguous else np.ascontiguousarray(cut)


class ViewedSource:
    """``source`` seen through what ``view`` gives at each picture."""

    def __init__(self, source: FrameSource, view: Callable[[], View]) -> None:
        self._source = source
        self._view = view
        self.is_live, self.reconnects = source.is_live, source.reconnects

    @property
    def info(self) -> SourceInfo:
        """The source's."""
        return self._source.info

    @property
    def period_ns(self) -> int | None:
        """The source's."""
        return self._source.period_ns

    @property
    def total(self) -> int | None:
        """The source's."""
        return self._source.total

    def open(self) -> None:
        """Open the source.

        Raises:
            CaptureError: it cannot be opened.
        """
        self._source.open()

    def read(self) -> Picture | None:
        """Return the next picture as the view wants it.

        Raises:
            CaptureError: the source is lost.
        """
        picture = self._source.read()
        return None if picture is None else replace(picture, image=apply(picture.image, self._view()))

    def step(self, offset: int) -> None:
        """The source's."""
        self._source.step(offset)

    def close(self) -> None:
        """Close the source."""
        self._source.close()
