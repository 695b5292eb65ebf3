"""Cameras by identity; the devices and OpenCV's capture are fakes, as no camera is attached here."""

import cv2
import numpy as np
import pytest
from cv2_enumerate_cameras.camera_info import CameraInfo

from gui.capture import camera, cameras
from gui.capture.camera import CameraSource
from gui.capture.camera_setup import CameraSetup, CameraSetups
from gui.capture.cameras import find_camera
from gui.capture.maker import SourceMaker
from gui.capture.source import UnreadablePictureError
from gui.capture.view import View
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

    def retrieve(self, into):
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
    assert source.info.detail == "8 × 6, 30 fps"
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


# --- setups ------------------------------------------------------------------------------------------------------


class ObedientCapture(FakeCapture):
    """Keeps what it was opened with and told; knows the controls in ``knows``."""

    def __init__(self, parameters, knows):
        super().__init__([np.zeros((6, 8, 3), np.uint8)] * 9)
        self.parameters = dict(zip(parameters[::2], parameters[1::2], strict=True))
        self.knows, self.told = knows, []

    def set(self, prop, value):
        self.told.append((prop, value))
        return (prop, value) in self.knows or prop in self.knows


@pytest.fixture
def wanted(machine, monkeypatch):
    """A camera with setups: the captures that were opened, and a source."""
    machine.plug(0, "C920", "usb-c920")
    captures, knows = [], {cv2.CAP_PROP_EXPOSURE, cv2.CAP_PROP_FOCUS, (cv2.CAP_PROP_AUTO_EXPOSURE, 0.0)}

    def opens(target, backend, parameters, failure):
        captures.append(ObedientCapture(parameters, knows))
        return captures[-1]

    monkeypatch.setattr(camera, "open_capture", opens)
    setups = CameraSetups()
    source = CameraSource("", setups.of)
    yield captures, setups, source
    source.close()


def test_a_camera_is_opened_in_its_own_mode(wanted):
    captures, setups, source = wanted
    setups.put("usb-c920", CameraSetup(640, 480, 60))
    source.open()
    asked = captures[0].parameters
    assert asked[cv2.CAP_PROP_FRAME_WIDTH] == 640
    assert asked[cv2.CAP_PROP_FRAME_HEIGHT] == 480
    assert asked[cv2.CAP_PROP_FPS] == 60
    assert asked[cv2.CAP_PROP_FOURCC] == cv2.VideoWriter.fourcc(*"MJPG")


def test_another_mode_is_another_stream_of_the_same_camera(wanted):
    captures, setups, source = wanted
    source.open()
    source.read()
    setups.put("usb-c920", CameraSetup(1920, 1080, 30))
    source.read()
    assert captures[0].released
    assert captures[1].parameters[cv2.CAP_PROP_FRAME_WIDTH] == 1920
    source.read()
    assert len(captures) == 2


def test_exposure_and_focus_are_followed_in_the_running_stream(wanted):
    captures, setups, source = wanted
    source.open()
    source.read()
    told = captures[0].told
    told.clear()
    setups.put("usb-c920", CameraSetup(exposure=120, focus=30))
    source.read()
    assert told == [
        (cv2.CAP_PROP_AUTO_EXPOSURE, 1.0),
        (cv2.CAP_PROP_EXPOSURE, 120),
        (cv2.CAP_PROP_AUTOFOCUS, False),
        (cv2.CAP_PROP_FOCUS, 30),
    ]
    told.clear()
    setups.put("usb-c920", CameraSetup(exposure=None, focus=30))
    source.read()
    assert told == [(cv2.CAP_PROP_AUTO_EXPOSURE, 3.0), (cv2.CAP_PROP_AUTO_EXPOSURE, 0.0)]
    source.read()
    assert len(told) == 2
    assert len(captures) == 1


def test_the_view_of_a_camera_is_followed_at_once(wanted):
    captures, setups, _ = wanted
    source = SourceMaker(setups)("camera")
    source.open()
    assert source.read().image.shape == (6, 8, 3)
    setups.put("usb-c920", CameraSetup(view=View(turn=90)))
    assert source.read().image.shape == (8, 6, 3)
    setups.put("usb-c920", CameraSetup(view=View(region=(0.5, 0.0, 0.5, 1.0))))
    assert source.read().image.shape == (6, 4, 3)
    assert len(captures) == 1
    source.close()
