"""Which cameras there are, each by an identity that survives replugging. NOTE: Qt-free."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import cv2
from cv2_enumerate_cameras import enumerate_cameras

from gui.core.errors import CaptureError
from gui.core.text import say

BY_ID_FOLDER = Path("/dev/v4l/by-id")
_BACKENDS = {"linux": cv2.CAP_V4L2, "darwin": cv2.CAP_AVFOUNDATION, "win32": cv2.CAP_MSMF}


@dataclass(frozen=True, slots=True)
class CameraDevice:
    """One camera: ``identity`` names the physical device, ``target`` is what OpenCV opens at this moment."""

    identity: str
    name: str
    target: str | int
    backend: int


def cameras() -> tuple[CameraDevice, ...]:
    """Return the cameras plugged in now, in the order of their device nodes."""
    backend = _BACKENDS.get(sys.platform)
    if backend is None:
        return ()
    found = sorted(enumerate_cameras(backend), key=lambda camera: camera.index)
    aliases = _by_id_names()
    devices: dict[str, CameraDevice] = {}
    for camera in found:
        fallback = f"{camera.name}@{camera.vid or 0:04x}:{camera.pid or 0:04x}"
        identity = aliases.get(camera.path or "", fallback)
        while identity in devices:  # two devices of one make without serial numbers
            identity += "+"
        target = camera.path if backend == cv2.CAP_V4L2 and camera.path else camera.index
        devices[identity] = CameraDevice(identity, camera.name, target, backend)
    return tuple(devices.values())


def find_camera(identity: str) -> CameraDevice:
    """Return the camera of that identity, name or device node; the first camera for an empty ``identity``.

    Raises:
        CaptureError: no such camera is plugged in.
    """
    devices = cameras()
    if not devices:
        raise CaptureError(say("no camera found; plug one in, or choose another source"))
    if not identity:
        return devices[0]
    for matches in (
        [device for device in devices if identity in (device.identity, device.target)],
        [device for device in devices if identity.lower() in device.name.lower()],
    ):
        if matches:
            return matches[0]
    names = ", ".join(f"{device.name} ({device.identity})" for device in devices)
    text = say("camera {identity!r} is not plugged in; found: {names}", identity=identity, names=names)
    raise CaptureError(text)


def _by_id_names() -> dict[str, str]:
    """Return the stable name of each device node that udev knows one for."""
    try:
        return {str(link.resolve()): link.name for link in sorted(BY_ID_FOLDER.iterdir())}
    except OSError:
        return {}  # no udev, or not Linux: the fallback identity is used
