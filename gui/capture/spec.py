"""From the text that names a source to the source. NOTE: Qt-free.

``camera`` | ``camera:ID`` | ``synthetic[:fps]`` | ``demo`` | ``rtsp://`` or ``http://`` address | video file |
``live:`` video file (drops late frames, begins again at its end) | picture | folder of pictures
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine.host.pictures import SUFFIXES
from gui.capture.camera import CameraSource
from gui.capture.cameras import cameras
from gui.capture.demo import DemoSource
from gui.capture.image_file import is_picture
from gui.capture.images import ImagesSource
from gui.capture.source import FrameSource
from gui.capture.synthetic import SyntheticSource
from gui.capture.video import MAX_FPS, STREAM_SCHEMES, StreamSource, VideoSource
from gui.core.errors import CaptureError
from gui.core.state import SourceChoice, SourceKind
from gui.core.text import say


def source_for(spec: str) -> FrameSource:
    """Return the source that ``spec`` names, not opened yet. Looks at the file system, so not for the main thread.

    Raises:
        CaptureError: nothing is named so.
    """
    kind, _, rest = spec.partition(":")
    if spec == "demo":
        return DemoSource()
    if kind == "camera":
        return CameraSource(rest)
    if kind == "synthetic":
        return SyntheticSource(_fps(rest))
    if kind.lower() in STREAM_SCHEMES and rest.startswith("//"):
        return StreamSource(spec)
    if kind == "live":
        return VideoSource(Path(rest), live=True)
    return source_for_files([Path(spec)])


def source_for_files(paths: Sequence[Path]) -> FrameSource:
    """Return the source of the given files: one video, or any number of pictures and folders.

    Raises:
        CaptureError: nothing given, or the only one does not exist.
    """
    if not paths:
        raise CaptureError(say("no file given"))
    if len(paths) > 1 or paths[0].is_dir():
        return ImagesSource(paths)
    path = paths[0]
    if not path.exists():
        text = say(
            "{path}: no such file or folder (sources: camera, demo, synthetic, a file, an address)", path=path
        )
        raise CaptureError(text)
    return ImagesSource(paths) if path.is_file() and is_picture(path) else VideoSource(path)


def source_choices() -> tuple[SourceChoice, ...]:
    """Return what can be offered without asking for a file: the cameras of this moment and the built-in sources."""
    devices = (
        SourceChoice(f"camera:{device.identity}", device.name, SourceKind.CAMERA) for device in cameras()
    )
    return (*devices, *built_in_choices())


def built_in_choices() -> tuple[SourceChoice, ...]:
    """Return the sources that are there without a device."""
    return (
        SourceChoice("demo", say("Demo pictures"), SourceKind.DEMO),
        SourceChoice("synthetic:60", say("Synthetic, 60 fps"), SourceKind.SYNTHETIC),
    )


def kind_of(spec: str) -> SourceKind:
    """Return what sort of source ``spec`` names, without looking at the file system."""
    kind = spec.partition(":")[0].lower()
    if kind in STREAM_SCHEMES:
        return SourceKind.STREAM
    if kind == "live":
        return SourceKind.VIDEO
    known = {"camera": SourceKind.CAMERA, "synthetic": SourceKind.SYNTHETIC, "demo": SourceKind.DEMO}
    is_picture_name = Path(spec).suffix.lower() in (*SUFFIXES, "")
    return known.get(kind, SourceKind.IMAGES if is_picture_name else SourceKind.VIDEO)


def _fps(text: str) -> float:
    try:
        fps = float(text) if text else 30.0
    except ValueError:
        fps = 0.0
    if not 1.0 <= fps <= MAX_FPS:
        problem = say(
            "synthetic:{rate}: the rate must be between 1 and {most:.0f} frames per second",
            rate=text,
            most=MAX_FPS,
        )
        raise CaptureError(problem)
    return fps
