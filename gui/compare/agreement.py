"""Float against 8 bit over the same frames: how often they agree, how near their logits are, and where not.

NOTE: Qt-free. Written by the comparing thread, read by any.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from engine import Label

WINDOW_S = 60.0
KEPT_DISAGREEMENTS = 24
THUMBNAIL_PX = 160
SAME_SCENE_NS = 2_000_000_000
_CAPACITY = 8192


@dataclass(frozen=True, slots=True)
class Compared:
    """One frame labelled twice; ``float_run_ns`` and ``device_run_ns`` are measured on this machine."""

    seq: int
    captured_ns: int
    float_top: tuple[Label, ...]
    device_top: tuple[Label, ...]
    cosine: float
    float_run_ns: int
    device_run_ns: int

    @property
    def agrees(self) -> bool:
        """Whether both say the same first label."""
        return self.float_top[0].index == self.device_top[0].index


@dataclass(frozen=True, slots=True, eq=False)
class Disagreement:
    """A frame that got two different first labels, and a small picture of it, RGB uint8 HWC."""

    compared: Compared
    thumbnail: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Trend:
    """The last minute by seconds: seconds before the newest (<= 0, rising), share that agrees, mean cosine."""

    second: NDArray[np.int64]
    agreement: NDArray[np.float64]
    cosine: NDArray[np.float64]


class Agreement:
    """Sums up compared frames; the pictures of those that disagree stay in memory, and few of them."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._recent: deque[tuple[int, bool, float]] = deque(maxlen=_CAPACITY)
        self._disagreements: deque[Disagreement] = deque(maxlen=KEPT_DISAGREEMENTS)
        self._compared = self._agreed = self._dropped = self._unnamed = 0
        self._latest: Compared | None = None

    def add(self, compared: Compared, image: NDArray[np.uint8]) -> None:
        """Count a frame, and keep a small picture of it if it disagrees and is not the same scene as the last one."""
        thumbnail = None if compared.agrees or self._is_same_scene(compared) else _shrunk(image)
        with self._lock:
            self._compared += 1
            self._agreed += compared.agrees
            self._latest = compared
            self._recent.append((compared.captured_ns, compared.agrees, compared.cosine))
            if thumbnail is not None:
                self._disagreements.append(Disagreement(compared, thumbnail))

    def count_dropped(self) -> None:
        """A frame came while the float network was busy, or could not be compared."""
        with self._lock:
            self._dropped += 1

    def count_unnamed(self) -> None:
        """A frame was named by one network at most: the other's scores tell nothing."""
        with self._lock:
            self._unnamed += 1

    @property
    def compared(self) -> int:
        """Frames labelled by both."""
        return self._compared

    @property
    def agreed(self) -> int:
        """Frames with the same first label."""
        return self._agreed

    @property
    def dropped(self) -> int:
        """Frames that were not compared."""
        return self._dropped

    @property
    def unnamed(self) -> int:
        """Frames that could not be compared because a network named nothing."""
        return self._unnamed

    @property
    def latest(self) -> Compared | None:
        """The newest compared frame."""
        return self._latest

    def disagreements(self) -> tuple[Disagreement, ...]:
        """Return the kept frames that disagree, newest first."""
        with self._lock:
            return tuple(reversed(self._disagreements))

    def share(self) -> float | None:
        """Return the share of the last minute's frames that agree, 0 to 1, None without any."""
        trend = self._window()
        return float(trend[1].mean()) if trend[0].size else None

    def cosine(self) -> float | None:
        """Return the mean cosine of the last minute's logits, None without any.

        Logits that are NaN or infinite, as of a network that divides by zero, have none and do not count.
        """
        cosine = self._window()[2]
        found = cosine[np.isfinite(cosine)]
        return float(found.mean()) if found.size else None

    def trend(self) -> Trend:
        """Return the last minute by seconds; seconds without a compared frame are left out."""
        captured_ns, agrees, cosine = self._window()
        if not captured_ns.size:
            return Trend(np.empty(0, np.int64), np.empty(0), np.empty(0))
        second = (captured_ns - captured_ns.max()) // 1_000_000_000
        found, place, count = np.unique(second, return_inverse=True, return_counts=True)
        return Trend(found, np.bincount(place, agrees) / count, np.bincount(place, cosine) / count)

    def _window(self) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
        with self._lock:
            recent = tuple(self._recent)
        if not recent:
            return np.empty(0, np.int64), np.empty(0), np.empty(0)
        captured_ns = np.array([each[0] for each in recent], np.int64)
        inside = captured_ns > captured_ns.max() - round(WINDOW_S * 1e9)
        values = np.array([each[1:] for each in recent], np.float64)[inside]
        return captured_ns[inside], values[:, 0], values[:, 1]

    def _is_same_scene(self, compared: Compared) -> bool:
        """Whether the last kept frame got the same two labels a moment ago."""
        if not self._disagreements:
            return False
        last = self._disagreements[-1].compared
        same = (last.float_top[0].index, last.device_top[0].index) == (
            compared.float_top[0].index,
            compared.device_top[0].index,
        )
        return same and compared.captured_ns - last.captured_ns < SAME_SCENE_NS


def _shrunk(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a copy of at most ``THUMBNAIL_PX`` a side: the frame itself must not be kept alive."""
    height, width = image.shape[:2]
    scale = min(1.0, THUMBNAIL_PX / max(height, width))
    size_wh = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(image, size_wh, interpolation=cv2.INTER_AREA).copy()  # type: ignore[return-value]
