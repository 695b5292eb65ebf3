"""A camera that gives way to the built-in pictures while nobody is before it. NOTE: Qt-free."""

from __future__ import annotations

import time
from collections.abc import Callable

from gui.capture.source import FrameSource, Picture
from gui.core.motion import MotionDetector
from gui.core.state import SourceInfo

CHECK_INTERVAL_NS = 200_000_000


class AttractSource:
    """Reads ``camera`` all the time; after ``idle_s()`` without motion its pictures are replaced by those of ``show``.

    ``idle_s`` 0: never. The first motion brings the camera back at once, and so does ``wake``. Failures of the camera
    are the camera's, as without a show.
    """

    is_live = True
    total = None

    def __init__(
        self,
        camera: FrameSource,
        show: FrameSource,
        idle_s: Callable[[], float],
        clock_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._camera, self._show = camera, show
        self._idle_s = idle_s
        self._clock_ns = clock_ns
        self._motion = MotionDetector()
        self._moved_ns = self._checked_ns = clock_ns()
        self.attracting = False
        self.reconnects = camera.reconnects

    @property
    def info(self) -> SourceInfo:
        """The camera's."""
        return self._camera.info

    @property
    def period_ns(self) -> int | None:
        """The camera's."""
        return self._camera.period_ns

    def open(self) -> None:
        """Open the camera; the show opens when it is needed.

        Raises:
            CaptureError: the camera cannot be opened.
        """
        self._camera.open()
        self.attracting = False
        self._moved_ns = self._clock_ns()

    def wake(self) -> None:
        """Somebody is there, though nothing moves: from any thread."""
        self._moved_ns = self._clock_ns()
        self._checked_ns = 0

    def read(self) -> Picture | None:
        """Return the camera's next picture, or the show's if nothing has moved for long enough.

        Raises:
            CaptureError: the camera is lost.
        """
        picture = self._camera.read()
        if picture is None:
            return None
        self._watch(picture)
        if not self.attracting:
            return picture
        shown = self._show.read()
        return picture if shown is None else shown

    def _watch(self, picture: Picture) -> None:
        now_ns, idle_s = self._clock_ns(), self._idle_s()
        if now_ns - self._checked_ns < CHECK_INTERVAL_NS:
            return
        self._checked_ns = now_ns
        if not idle_s or self._motion.update(picture.image):
            self._moved_ns = now_ns
        idle = now_ns - self._moved_ns >= idle_s * 1e9 > 0.0
        if idle and not self.attracting:
            self._show.open()
        elif self.attracting and not idle:
            self._show.close()
        self.attracting = idle

    def step(self, offset: int) -> None:
        """Another picture of the show."""
        if self.attracting:
            self._show.step(offset)

    def close(self) -> None:
        """Close both."""
        self._show.close()
        self._camera.close()
