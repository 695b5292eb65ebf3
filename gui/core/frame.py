"""What travels through the live pipeline: frames, stage times, frames ready to paint. NOTE: Qt-free."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gui.core.conditions import NEUTRAL, Conditions
from gui.core.unnamed import Unnamed

if TYPE_CHECKING:
    from engine import Label, Result, SessionInfo


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture of a source: ``image`` RGB uint8 HWC, ``captured_ns`` by ``time.monotonic_ns``."""

    image: NDArray[np.uint8]
    seq: int
    captured_ns: int
    name: str = ""
    path: Path | None = None
    """The file that the picture came from, None for a camera and the like."""

    @property
    def size_wh(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.image.shape[1], self.image.shape[0]


@dataclass(frozen=True, slots=True)
class StageTimes:
    """Measured host time of one frame's stages; paint time and frame age are added when it is painted."""

    queue_ns: int
    preprocess_ns: int
    run_ns: int
    postprocess_ns: int


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A frame ready to paint with the labels that belong to it.

    ``frame.image`` is what the engine saw: the source's picture under ``conditions``. ``rgb`` is the picture to paint, RGB
    uint8 HWC, C-contiguous: the same, or smaller in the same proportions where that is larger than any screen. ``top`` are
    the labels to paint, empty (and ``times`` None) when the engine has not seen the frame, and where ``unnamed`` says why
    it named nothing; where they are averaged over the last moments, ``raw`` are this frame's own. ``device_ms`` is
    modelled, never measured; None while nothing models it.
    """

    frame: Frame
    rgb: NDArray[np.uint8]
    top: tuple[Label, ...] = ()
    times: StageTimes | None = None
    device_ms: float | None = None
    conditions: Conditions = NEUTRAL
    raw: tuple[Label, ...] | None = None
    unnamed: Unnamed | None = None

    @property
    def smoothed(self) -> bool:
        """Whether ``top`` is averaged over the last moments."""
        return self.raw is not None

    @property
    def answer(self) -> tuple[Label, ...]:
        """This frame's own labels, whatever is painted."""
        return self.top if self.raw is None else self.raw


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """A frame with the engine's whole answer, for what runs beside the pipeline; ``info`` is the engine that gave it."""

    frame: Frame
    result: Result
    times: StageTimes
    info: SessionInfo
