"""The preview thread: looks through the cameras not in use, one at a time, while somebody wants it. NOTE: Qt-free."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Lock

import cv2
import numpy as np
from numpy.typing import NDArray

from gui.capture.camera import CameraSource
from gui.capture.camera_offer import UNKNOWN, CameraOffer, offer_of
from gui.capture.camera_setup import CameraSetup, CameraSetups
from gui.capture.cameras import CameraDevice, cameras
from gui.capture.door import CameraDoor
from gui.capture.source import FrameSource, UnreadablePictureError
from gui.capture.view import ViewedSource
from gui.core.errors import CaptureError
from gui.core.text import say

ROUND_S = 2.0
THUMBNAIL_WH = (160, 90)
# The first pictures of a camera are often dark: its exposure needs some to find its way.
PICTURES_READ = 4
_SMALL = CameraSetup(320, 240, 30)


@dataclass(frozen=True, slots=True, eq=False)
class CameraCard:
    """One camera as the list shows it: ``picture`` RGB uint8 [90, 160, 3], None before the first or while in use."""

    device: CameraDevice
    offer: CameraOffer = UNKNOWN
    picture: NDArray[np.uint8] | None = None
    problem: str = ""


class CameraPreviews:
    """``run`` is the thread; everything else may be called from any."""

    def __init__(
        self,
        door: CameraDoor,
        setups: CameraSetups,
        in_use: Callable[[], str],
        changed: Callable[[], None],
        round_s: float = ROUND_S,
    ) -> None:
        """``in_use`` gives the identity of the camera that is live, empty if none is."""
        self._door = door
        self._setups = setups
        self._in_use = in_use
        self._changed = changed
        self._round_s = round_s
        self._lock = Lock()
        self._cards: dict[str, CameraCard] = {}
        self._wanted = Event()
        self._stopped = False
        self._wake = Event()

    @property
    def cards(self) -> tuple[CameraCard, ...]:
        """The cameras as last seen, in the order of their device nodes."""
        with self._lock:
            return tuple(self._cards.values())

    def set_wanted(self, wanted: bool) -> None:
        """Look through the cameras from now on, or leave them alone."""
        if wanted:
            self._wanted.set()
        else:
            self._wanted.clear()

    def stop(self) -> None:
        """End ``run``."""
        self._stopped = True
        self._wanted.set()
        self._wake.set()

    def run(self) -> None:
        """Look round by round until stopped."""
        while self._wanted.wait() and not self._stopped:
            devices = cameras()
            self._keep(devices)
            for device in devices:
                if self._may_look(device):
                    self._look(device)
            self._wake.wait(self._round_s)

    def _may_look(self, device: CameraDevice) -> bool:
        return self._wanted.is_set() and not self._stopped and device.identity != self._in_use()

    def _keep(self, devices: tuple[CameraDevice, ...]) -> None:
        """Keep what is known of the cameras that are plugged in; ask new ones what they offer."""
        known = {card.device.identity: card for card in self.cards}
        cards = {
            device.identity: known.get(device.identity) or CameraCard(device, offer_of(device))
            for device in devices
        }
        with self._lock:
            changed, self._cards = cards.keys() != self._cards.keys(), cards
        if changed:
            self._changed()

    def _look(self, device: CameraDevice) -> None:
        """Take one picture, unless the live pipeline wants the cameras for itself."""
        picture, problem = None, ""
        with self._door.preview() as allowed:
            if not allowed:
                return
            try:
                picture = self._take(device)
            except CaptureError as error:
                problem = str(error)
        if picture is None and not problem:
            return
        with self._lock:
            card = self._cards[device.identity]
            self._cards[device.identity] = CameraCard(card.device, card.offer, picture, problem)
        self._changed()

    def _take(self, device: CameraDevice) -> NDArray[np.uint8] | None:
        """Return a small picture as the operator set the camera up, None if the door was asked for meanwhile."""
        camera = CameraSource(device.identity, lambda _: _SMALL)
        source: FrameSource = ViewedSource(camera, lambda: self._setups.of(device.identity).view)
        try:
            source.open()
            image = None
            for _ in range(PICTURES_READ):
                if self._door.is_held or self._stopped:
                    return None
                try:
                    picture = source.read()
                    image = picture.image if picture is not None else image
                except UnreadablePictureError:
                    continue
            if image is None:
                raise CaptureError(say("{camera}: gives no picture", camera=device.name))
            return thumbnail(image)
        finally:
            source.close()


def thumbnail(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return ``rgb`` uint8 [height, width, 3] fitted into 160x90 in its proportions, on black."""
    height, width = rgb.shape[:2]
    room_w, room_h = THUMBNAIL_WH
    scale = min(room_w / width, room_h / height)
    size_wh = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(rgb, size_wh, interpolation=cv2.INTER_AREA)
    result = np.zeros((room_h, room_w, 3), np.uint8)
    top, left = (room_h - size_wh[1]) // 2, (room_w - size_wh[0]) // 2
    result[top : top + size_wh[1], left : left + size_wh[0]] = small
    return result
