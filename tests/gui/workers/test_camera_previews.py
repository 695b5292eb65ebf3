"""Previews: one camera at a time, never the one in use, and out of the way when the live picture needs one."""

from __future__ import annotations

import threading

import cv2
import numpy as np
import pytest

from gui.capture.camera_offer import UNKNOWN
from gui.capture.camera_setup import CameraSetup, CameraSetups
from gui.capture.cameras import CameraDevice
from gui.capture.door import CameraDoor
from gui.capture.source import Picture
from gui.capture.view import View
from gui.core.errors import CaptureError
from gui.core.state import SourceState
from gui.workers import camera_previews
from gui.workers.camera_previews import CameraPreviews, thumbnail
from tests.gui.fakes import EndlessSource, FakeSource

DEVICES = tuple(
    CameraDevice(f"usb-{name}", name, f"/dev/{name}", cv2.CAP_V4L2) for name in ("desk", "door", "roof")
)


class Cameras:
    """The cameras that are plugged in, and what happens to them."""

    def __init__(self) -> None:
        self.devices = list(DEVICES)
        self.opened: list[str] = []
        self.open_now: set[str] = set()
        self.most_open = 0
        self.broken: set[str] = set()
        self.gate = threading.Event()
        self.gate.set()
        self.reached = threading.Event()

    def source(self, identity: str, setup_of) -> FakeCamera:
        assert setup_of(identity).mode[0] <= 640
        return FakeCamera(self, identity)


class FakeCamera:
    is_live = reconnects = True
    total = period_ns = None

    def __init__(self, cameras: Cameras, identity: str) -> None:
        self.cameras, self.identity = cameras, identity

    def open(self) -> None:
        self.cameras.opened.append(self.identity)
        if self.identity in self.cameras.broken:
            raise CaptureError(f"{self.identity}: cannot be opened")
        self.cameras.open_now.add(self.identity)
        self.cameras.most_open = max(self.cameras.most_open, len(self.cameras.open_now))

    def read(self) -> Picture:
        self.cameras.reached.set()
        assert self.cameras.gate.wait(20)
        image = np.zeros((24, 32, 3), np.uint8)
        image[:, :16, 0] = 200  # red on the left
        return Picture(image, 0)

    def close(self) -> None:
        self.cameras.open_now.discard(self.identity)


@pytest.fixture
def machine(monkeypatch) -> Cameras:
    machine = Cameras()
    monkeypatch.setattr(camera_previews, "cameras", lambda: tuple(machine.devices))
    monkeypatch.setattr(camera_previews, "CameraSource", machine.source)
    monkeypatch.setattr(camera_previews, "offer_of", lambda _: UNKNOWN)
    return machine


class Looking:
    """Previews in a thread of their own."""

    def __init__(self, in_use: str = "") -> None:
        self.door, self.setups = CameraDoor(), CameraSetups()
        self.in_use = in_use
        self.told = threading.Semaphore(0)
        self.previews = CameraPreviews(self.door, self.setups, lambda: self.in_use, self.told.release, 0.01)
        self.thread = threading.Thread(target=self.previews.run)

    def start(self) -> None:
        self.thread.start()
        self.previews.set_wanted(True)

    def wait(self, condition) -> None:
        while not condition():
            assert self.told.acquire(timeout=10)

    def seen(self) -> set[str]:
        return {card.device.name for card in self.previews.cards if card.picture is not None}


@pytest.fixture
def looking(machine):
    made = Looking()
    yield made
    machine.gate.set()
    made.previews.stop()
    if made.thread.ident is not None:
        made.thread.join(10)
        assert not made.thread.is_alive()
    assert not machine.open_now


def test_every_camera_is_seen_one_at_a_time(machine, looking):
    looking.start()
    looking.wait(lambda: looking.seen() == {"desk", "door", "roof"})
    assert machine.most_open == 1
    picture = looking.previews.cards[0].picture
    assert picture.shape == (90, 160, 3)
    assert picture[45, 50].tolist() == [200, 0, 0]


def test_the_camera_in_use_is_left_alone(machine, looking):
    looking.in_use = "usb-door"
    looking.start()
    looking.wait(lambda: looking.seen() == {"desk", "roof"})
    assert "usb-door" not in machine.opened
    assert [card.device.name for card in looking.previews.cards] == ["desk", "door", "roof"]


def test_nothing_is_opened_while_nobody_looks(machine, looking):
    looking.thread.start()
    looking.previews.stop()
    looking.thread.join(10)
    assert machine.opened == []


def test_a_preview_comes_out_when_the_live_picture_needs_a_camera(machine, looking):
    machine.gate.clear()
    looking.start()
    assert machine.reached.wait(10)
    looking.door.hold()
    machine.gate.set()
    looking.door.wait_free()
    assert not machine.open_now
    opened = len(machine.opened)
    machine.devices.append(CameraDevice("usb-new", "new", "/dev/new", cv2.CAP_V4L2))
    looking.wait(lambda: len(looking.previews.cards) == 4)  # another round has begun
    assert len(machine.opened) == opened
    looking.door.release()
    looking.wait(lambda: len(looking.seen()) == 4)


def test_a_camera_that_another_program_uses_says_so_and_is_tried_again(machine, looking):
    machine.broken = {"usb-door"}
    looking.start()
    looking.wait(lambda: any(card.problem for card in looking.previews.cards))
    assert looking.previews.cards[1].problem == "usb-door: cannot be opened"
    machine.broken = set()
    looking.wait(lambda: "door" in looking.seen())
    assert looking.previews.cards[1].problem == ""


def test_cameras_come_and_go(machine, looking):
    looking.start()
    looking.wait(lambda: len(looking.seen()) == 3)
    machine.devices.pop(0)
    looking.wait(lambda: len(looking.previews.cards) == 2)
    machine.devices.clear()
    looking.wait(lambda: looking.previews.cards == ())


def test_previews_look_as_the_camera_is_set_up(machine, looking):
    looking.setups.put("usb-desk", CameraSetup(view=View(mirror=True)))
    looking.start()
    looking.wait(lambda: "desk" in looking.seen())
    assert looking.previews.cards[0].picture[45, 50].tolist() == [0, 0, 0]
    assert looking.previews.cards[0].picture[45, 110].tolist() == [200, 0, 0]


@pytest.mark.parametrize(
    ("size_wh", "inside_wh"), [((320, 240), (120, 90)), ((1280, 720), (160, 90)), ((90, 160), (51, 90))]
)
def test_thumbnails_keep_proportions(size_wh, inside_wh):
    small = thumbnail(np.full((size_wh[1], size_wh[0], 3), 255, np.uint8))
    assert small.shape == (90, 160, 3)
    assert int((small[45, :, 0] == 255).sum()) == inside_wh[0]
    assert int((small[:, 80, 0] == 255).sum()) == inside_wh[1]


def test_the_pipeline_holds_the_door_until_its_source_is_live(make_stand):
    stand = make_stand(EndlessSource())
    door = stand.pipeline.camera_door
    stand.pipeline.start("fake")
    assert door.is_held
    stand.wait(lambda: stand.pipeline.source_state is SourceState.LIVE and not door.is_held)
    stand.pipeline.open_source("other")
    assert door.is_held
    stand.wait(lambda: not door.is_held)


def test_the_pipeline_holds_the_door_while_it_seeks_a_lost_camera(make_stand):
    source = FakeSource(reconnects=True)
    source.open_error = CaptureError("unplugged")
    stand = make_stand(source)
    stand.pipeline.start("fake")
    stand.wait(lambda: stand.pipeline.retries >= 2)
    assert stand.pipeline.camera_door.is_held
