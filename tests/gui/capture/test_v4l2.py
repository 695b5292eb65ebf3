"""What a camera offers, told by a kernel of the tests' own: its structures are those of videodev2.h, built by ctypes."""

import ctypes
import errno

import pytest

from gui.capture import v4l2
from gui.capture.camera_offer import STANDARD_SIZES, UNKNOWN, CameraOffer, ControlRange, offer_of
from gui.capture.cameras import CameraDevice

U32, S32 = ctypes.c_uint32, ctypes.c_int32


class FmtDesc(ctypes.Structure):
    _fields_ = (
        ("index", U32), ("type", U32), ("flags", U32), ("description", ctypes.c_uint8 * 32),
        ("pixelformat", U32), ("mbus_code", U32), ("reserved", U32 * 3),
    )  # fmt: skip


class Stepwise(ctypes.Structure):
    _fields_ = (
        ("low_w", U32),
        ("high_w", U32),
        ("step_w", U32),
        ("low_h", U32),
        ("high_h", U32),
        ("step_h", U32),
    )


class SizeUnion(ctypes.Union):
    _fields_ = (("discrete", U32 * 2), ("stepwise", Stepwise))


class FrameSize(ctypes.Structure):
    _fields_ = (
        ("index", U32),
        ("pixel_format", U32),
        ("type", U32),
        ("size", SizeUnion),
        ("reserved", U32 * 2),
    )


class Fraction(ctypes.Structure):
    _fields_ = (("numerator", U32), ("denominator", U32))


class IntervalRange(ctypes.Structure):
    _fields_ = (("low", Fraction), ("high", Fraction), ("step", Fraction))


class IntervalUnion(ctypes.Union):
    _fields_ = (("discrete", Fraction), ("stepwise", IntervalRange))


class FrameInterval(ctypes.Structure):
    _fields_ = (
        ("index", U32), ("pixel_format", U32), ("width", U32), ("height", U32), ("type", U32),
        ("interval", IntervalUnion), ("reserved", U32 * 2),
    )  # fmt: skip


class QueryCtrl(ctypes.Structure):
    _fields_ = (
        ("id", U32), ("type", U32), ("name", ctypes.c_uint8 * 32), ("minimum", S32), ("maximum", S32),
        ("step", S32), ("default_value", S32), ("flags", U32), ("reserved", U32 * 2),
    )  # fmt: skip


def request(number: int, structure: type[ctypes.Structure]) -> int:
    """_IOWR('V', number, structure)"""
    return (3 << 30) | (ctypes.sizeof(structure) << 16) | (ord("V") << 8) | number


def fourcc(text: str) -> int:
    return int.from_bytes(text.encode(), "little")


class Kernel:
    """A driver that offers ``formats``: pixel format -> size -> intervals in seconds (numerator, denominator)."""

    def __init__(self, formats, controls=None, stepwise=None):
        self.formats, self.controls, self.stepwise = formats, controls or {}, stepwise

    def __call__(self, node, code, buffer):
        for number, structure, answer in (
            (2, FmtDesc, self.format), (74, FrameSize, self.size), (75, FrameInterval, self.interval),
            (36, QueryCtrl, self.control),
        ):  # fmt: skip
            if code == request(number, structure):
                asked = structure.from_buffer(buffer)
                try:
                    answer(asked)
                except (IndexError, KeyError):
                    raise OSError(errno.EINVAL, "no such index") from None
                return 0
        raise OSError(errno.ENOTTY, "no such request")

    def format(self, asked):
        assert asked.type == 1
        asked.pixelformat = fourcc(list(self.formats)[asked.index])

    def size(self, asked):
        sizes = {fourcc(name): found for name, found in self.formats.items()}[asked.pixel_format]
        if self.stepwise:
            if asked.index:
                raise IndexError
            asked.type, asked.size.stepwise = 3, Stepwise(*self.stepwise)
            return
        asked.type = 1
        asked.size.discrete[:] = list(sizes)[asked.index]

    def interval(self, asked):
        sizes = {fourcc(name): found for name, found in self.formats.items()}[asked.pixel_format]
        if self.stepwise:
            asked.type = 2
            asked.interval.stepwise = IntervalRange(Fraction(1, 40), Fraction(1, 10), Fraction(1, 1))
            return
        asked.type = 1
        asked.interval.discrete = Fraction(*sizes[(asked.width, asked.height)][asked.index])

    def control(self, asked):
        kind, low, high, step, default, flags = self.controls[asked.id]
        asked.type, asked.minimum, asked.maximum = kind, low, high
        asked.step, asked.default_value, asked.flags = step, default, flags


@pytest.fixture
def node(tmp_path):
    path = tmp_path / "video0"
    path.touch()
    return str(path)


USB = {
    "YUYV": {(640, 480): [(1, 30)], (1280, 720): [(1, 10)]},
    "MJPG": {(640, 480): [(1, 30), (1, 60)], (1920, 1080): [(1, 30), (1001, 15000)]},
}


def test_the_modes_of_mjpg_are_those_that_can_be_had(node):
    offer = v4l2.ask(node, Kernel(USB))
    assert offer == CameraOffer({(640, 480): (30, 60), (1920, 1080): (15, 30)}, is_known=True)


def test_without_mjpg_every_format_counts(node):
    raw = {"YUYV": {(640, 480): [(1, 30)]}, "NV12": {(640, 480): [(1, 60)], (320, 240): [(1, 30)]}}
    assert v4l2.ask(node, Kernel(raw)).modes == {(320, 240): (30,), (640, 480): (30, 60)}


def test_ranges_offer_the_common_sizes_and_rates_within(node):
    kernel = Kernel({"MJPG": {}}, stepwise=(320, 1920, 16, 240, 1080, 8))
    modes = v4l2.ask(node, kernel).modes
    assert set(modes) == {size for size in STANDARD_SIZES if size[0] <= 1920 and size[0] % 16 == 0}
    assert set(modes.values()) == {(15, 30)}


def test_exposure_and_focus_tell_their_range(node):
    controls = {0x009A0902: (1, 3, 2047, 1, 250, 0), 0x009A090A: (1, 0, 250, 5, 0, 0)}
    offer = v4l2.ask(node, Kernel(USB, controls))
    assert offer.exposure == ControlRange(3, 2047, 1, 250)
    assert offer.focus == ControlRange(0, 250, 5, 0)


@pytest.mark.parametrize("broken", [(2, 0, 1, 1, 0, 0), (1, 0, 9, 1, 0, 1), (1, 9, 9, 1, 9, 0)])
def test_a_control_that_is_none_is_not_offered(node, broken):
    assert v4l2.ask(node, Kernel(USB, {0x009A0902: broken})).exposure is None


def test_a_device_that_says_nothing_offers_common_modes(node, tmp_path):
    assert v4l2.ask(node, Kernel({})) is None
    assert v4l2.ask(str(tmp_path / "missing")) is None
    assert offer_of(CameraDevice("x", "x", node, 0)) is UNKNOWN  # an ordinary file knows no such request
    assert offer_of(CameraDevice("x", "x", 0, 0)) is UNKNOWN
    assert not UNKNOWN.is_known
