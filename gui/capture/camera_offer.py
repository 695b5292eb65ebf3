"""What a camera offers: picture sizes with their rates, exposure and focus. NOTE: Qt-free."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass

from gui.capture.cameras import CameraDevice

STANDARD_SIZES = ((640, 480), (800, 600), (1280, 720), (1920, 1080), (2560, 1440), (3840, 2160))
STANDARD_RATES = (15, 30, 60)


@dataclass(frozen=True, slots=True)
class ControlRange:
    """A control in the camera's own units."""

    low: int
    high: int
    step: int
    default: int


@dataclass(frozen=True, slots=True)
class CameraOffer:
    """``modes``: the rates by width and height. Not ``is_known``: common ones, the camera may give others."""

    modes: Mapping[tuple[int, int], tuple[int, ...]]
    exposure: ControlRange | None = None
    focus: ControlRange | None = None
    is_known: bool = False


UNKNOWN = CameraOffer(dict.fromkeys(STANDARD_SIZES, STANDARD_RATES))


def offer_of(device: CameraDevice) -> CameraOffer:
    """Return what the camera offers, as far as the system tells; talks to the device, so not for the main thread."""
    if sys.platform == "linux" and isinstance(device.target, str):
        from gui.capture import v4l2  # the other platforms have no such interface

        return v4l2.ask(device.target) or UNKNOWN
    return UNKNOWN
