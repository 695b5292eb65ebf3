"""The live source: the one that is named, else the first camera, else the demo pictures. NOTE: Qt-free."""

from __future__ import annotations

from collections.abc import Callable

from gui.capture.cameras import cameras
from gui.capture.demo import DemoSource
from gui.capture.door import CameraDoor
from gui.capture.source import FrameSource
from gui.core.state import Severity
from gui.core.text import say


class LiveSources:
    """Makes it as soon as no preview is inside ``door``; ``tell`` gets a line where there is no camera."""

    def __init__(
        self,
        by_name: Callable[[str], FrameSource],
        door: CameraDoor,
        tell: Callable[[Severity, str], None],
    ) -> None:
        self._by_name = by_name
        self._door = door
        self._tell = tell

    def make(self, spec: str) -> FrameSource:
        """Return the source that ``spec`` names, or the best there is where it is empty; not opened yet.

        Raises:
            CaptureError: nothing is named so.
        """
        self._door.wait_free()
        if spec or cameras():
            return self._by_name(spec or "camera")
        text = say("no camera found, so these are demo pictures; plug one in and choose it")
        self._tell(Severity.INFO, text)
        return DemoSource()
