"""From the text that names a source to the source as the operator wants it. NOTE: Qt-free."""

from __future__ import annotations

from gui.capture.attract import AttractSource
from gui.capture.camera import CameraSource
from gui.capture.camera_setup import CameraSetups
from gui.capture.demo import DemoSource
from gui.capture.source import FrameSource
from gui.capture.spec import kind_of, source_for
from gui.capture.view import ViewedSource
from gui.core.state import SourceKind


class SourceMaker:
    """Cameras come with their setup, cameras and streams with the show for when nobody is there."""

    def __init__(self, setups: CameraSetups) -> None:
        self._setups = setups
        self.attract_after_s = 0.0
        """Seconds without motion before a camera after which the demo pictures are shown; 0: never."""

    def __call__(self, spec: str) -> FrameSource:
        """Return the source that ``spec`` names, not opened yet.

        Raises:
            CaptureError: nothing is named so.
        """
        kind = kind_of(spec)
        if kind is SourceKind.CAMERA:
            camera = CameraSource(spec.partition(":")[2], self._setups.of)
            viewed = ViewedSource(camera, lambda: self._setups.of(camera.identity).view)
            return self._with_show(viewed)
        source = source_for(spec)
        return self._with_show(source) if kind is SourceKind.STREAM else source

    def _with_show(self, source: FrameSource) -> FrameSource:
        return AttractSource(source, DemoSource(), lambda: self.attract_after_s)
