"""What every frame source is: open, read pictures, close. NOTE: Qt-free."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gui.core.errors import CaptureError
from gui.core.state import SourceInfo


class UnreadablePictureError(CaptureError):
    """One picture of a source cannot be used; the source itself goes on. ``path`` is its file, if it has one."""

    def __init__(self, text: str, path: Path | None = None) -> None:
        super().__init__(text)
        self.path = path


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One picture as a source gives it: RGB uint8 HWC, ``captured_ns`` by ``time.monotonic_ns``.

    ``captured_ns`` is taken before decoding, so that decoding counts in the frame's age.
    """

    image: NDArray[np.uint8]
    captured_ns: int
    name: str = ""
    path: Path | None = None


class FrameSource(Protocol):
    """A source of pictures, used by one thread; ``open`` may be called again after ``close``."""

    is_live: bool
    """The newest frame wins; otherwise every picture is processed, in order."""
    reconnects: bool
    """Failures are worth trying again: a camera or a stream."""

    @property
    def info(self) -> SourceInfo:
        """What the source is; complete once open."""

    @property
    def period_ns(self) -> int | None:
        """Time between two reads, None where ``read`` itself waits or nothing needs to."""

    @property
    def total(self) -> int | None:
        """How many pictures there are where the source is a batch of files, else None."""

    def open(self) -> None:
        """Open the device or file.

        Raises:
            CaptureError: it cannot be opened.
        """

    def read(self) -> Picture | None:
        """Return the next picture, None at the end.

        Raises:
            UnreadablePictureError: this picture is bad, the next may be good.
            CaptureError: the source is lost.
        """

    def step(self, offset: int) -> None:
        """Let the next ``read`` be ``offset`` pictures after the last one, around the ends, in a show of pictures."""

    def close(self) -> None:
        """Give the device or file free; may be called twice."""
