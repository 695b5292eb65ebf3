"""Cameras by identity; the devices and OpenCV's capture are fakes, as no camera is attached here."""

import cv2
import numpy as np
import pytest
from cv2_enumerate_cameras.camera_info import CameraInfo

from gui.capture import camera, cameras
from gui.capture.camera import CameraSource
from gui.capture.cameras import find_camera
from gui.capture.source import UnreadablePictureError
from gui.core.errors import CaptureError


class Machine:
    """Which cameras are plugged in."""

    def __init__(self, by_id):
        self.by_id = by_id
        self.infos: list[CameraInfo] = []

    def plug(self, index: int, name: str, identity: str = "") -> None:
        path = f"/dev/video{index}"
        self.infos.append(CameraInfo(index, name, path, 0x046D, 0x0825, cv2.CAP_V4L2))
        if identity:
            (self.by_id / identity).symlink_to(path)

    def unplug_all(self) -> None:
        self.infos.clear()
        for link in self.by_id.iterdir():
            link.unlink()


@pytest.fixture
def machine(tmp_path, monkeypatch) -> Machine:
    machine = Machine(tmp_path)
    monkeypatch.setattr(cameras, "BY_ID_FOLDER", tmp_path)
    monkeypatch.setattr(cameras, "enumerate_cameras", lambda _: list(machine.infos))
    monkeypatch.setattr(cameras.sys, "platform", "linux")
    return machine


class FakeCapture:
    """Stands for ``cv2.VideoCapture``: gives ``frames``, then fails."""

    def __init__(self, frames):
        self.frames = list(frames)
        self.current = None
        self.released = False

    def grab(self):
        if not self.frames:
            return False
        self.current = self.frames.pop(0)
        return True

    def retrieve(self):
        return self.current is not None, self.current

    def get(self, prop):
        return {cv2.CAP_PROP_FRAME_WIDTH: 8.0, cv2.CAP_PROP_FRAME_HEIGHT: 6.0, cv2.CAP_PROP_FPS: 30.0}[prop]

    def set(self, prop, value):
        return True

    def release(self):
        self.released = True


def test_the_same_camera_is_found_under_another_index(machine):
    machine.plug(0, "Integrated", "usb-int")
    machine.plug(2, "C920", "usb-c920")
    assert find_camera("usb-c920").target == "/dev/video2"
    machine.unplug_all()
    machine.plug(0, "C920", "usb-c920")
    assert find_camera("usb-c920").target == "/dev/video0"


def test_cameras_are_found_by_part_of_their_name_or_by_node(machine):
    machine.plug(0, "Integrated")
    machine.plug(2, "HD Pro C920")
    assert find_camera("c920").name == "HD Pro C920"
    assert find_camera("/dev/video2").name == "HD Pro C920"
    assert find_camera("").name == "Integrated"


def test_two_alike_cameras_without_serial_keep_apart(machine):
    machine.plug(0, "Cam")
    machine.plug(2, "Cam")
    assert len({device.identity for device in cameras.cameras()}) == 2


def test_no_camera_and_a_missing_camera_say_what_to_do(machine):
    with pytest.raises(CaptureError, match="no camera found; plug one in"):
        find_camera("")
    machine.plug(0, "Integrated", "usb-int")
    with pytest.raises(CaptureError, match=r"'usb-x' is not plugged in; found: Integrated \(usb-int\)"):
        find_camera("usb-x")


def test_a_camera_gives_rgb_and_says_when_it_is_gone(machine, monkeypatch):
    machine.plug(0, "Integrated", "usb-int")
    blue_bgr = np.zeros((6, 8, 3), np.uint8)
    blue_bgr[..., 0] = 200
    capture = FakeCapture([blue_bgr, None])
    monkeypatch.setattr(camera, "open_capture", lambda *_: capture)
    source = CameraSource()
    assert source.info.spec == "camera"
    source.open()
    assert (source.info.spec, source.info.title) == ("camera:usb-int", "Integrated")
    assert source.info.detail == "8x6, 30 fps"
    assert source.read().image[0, 0].tolist() == [0, 0, 200]
    with pytest.raises(UnreadablePictureError, match="could not be decoded"):
        source.read()
    with pytest.raises(CaptureError, match="unplugged"):
        source.read()
    source.close()
    assert capture.released


def test_the_first_camera_stays_the_first_choice_when_it_comes_back_under_another_index(machine, monkeypatch):
    machine.plug(0, "C920", "usb-c920")
    opened = []
    frame = np.zeros((6, 8, 3), np.uint8)
    monkeypatch.setattr(
        camera, "open_capture", lambda target, *_: opened.append(target) or FakeCapture([frame])
    )
    source = CameraSource()
    source.open()
    source.close()
    machine.unplug_all()
    machine.plug(0, "Integrated", "usb-int")
    machine.plug(4, "C920", "usb-c920")
    source.open()
    source.close()
    machine.unplug_all()
    machine.plug(0, "Integrated", "usb-int")
    source.open()
    assert opened == ["/dev/video0", "/dev/video4", "/dev/video0"]
    assert source.info.title == "Integrated"
    source.close()
