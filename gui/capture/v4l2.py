"""What a V4L2 camera says it offers, asked of the kernel; works while the camera is in use. NOTE: Qt-free.

Requests and structures: Linux user-space API, ``videodev2.h`` (VIDIOC_ENUM_FMT, VIDIOC_ENUM_FRAMESIZES,
VIDIOC_ENUM_FRAMEINTERVALS, VIDIOC_QUERYCTRL).
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterator

from gui.capture.camera_offer import STANDARD_RATES, STANDARD_SIZES, CameraOffer, ControlRange

_ENUM_FMT = (0xC0405602, "<III32sII12x")
_ENUM_FRAMESIZES = (0xC02C564A, "<IIIIIIIII8x")
_ENUM_FRAMEINTERVALS = (0xC034564B, "<IIIIIIIIIII8x")
_QUERYCTRL = (0xC0445624, "<II32siiiiI8x")
_VIDEO_CAPTURE = 1
_DISCRETE = 1
_DISABLED = 0x0001
_INTEGER = 1
_EXPOSURE_ABSOLUTE, _FOCUS_ABSOLUTE = 0x009A0902, 0x009A090A
_MJPG = int.from_bytes(b"MJPG", "little")
_MOST_ANSWERS = 512

Ioctl = Callable[[int, int, bytearray], int]
Size = tuple[int, int]


def ask(device: str, ioctl: Ioctl | None = None) -> CameraOffer | None:
    """Return what the camera behind the device node offers, None if the kernel does not say."""
    try:
        node = os.open(device, os.O_RDWR | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        return _offer(_Node(node, ioctl or _kernel_ioctl()))
    finally:
        os.close(node)


def _kernel_ioctl() -> Ioctl:
    import fcntl  # not on every platform

    return lambda node, request, buffer: fcntl.ioctl(node, request, buffer, True)


class _Node:
    """Asks one structure after the other; an error ends each enumeration."""

    def __init__(self, node: int, ioctl: Ioctl) -> None:
        self._node = node
        self._ioctl = ioctl

    def answer(self, request: tuple[int, str], *fields: int | bytes) -> tuple[int, ...] | None:
        """Return the structure as the kernel filled it in; the given fields come first, the others are zero."""
        code, layout = request
        empty = struct.unpack(layout, bytes(struct.calcsize(layout)))
        buffer = bytearray(struct.pack(layout, *fields, *empty[len(fields) :]))
        try:
            self._ioctl(self._node, code, buffer)
        except OSError:
            return None
        return struct.unpack(layout, buffer)

    def answers(self, request: tuple[int, str], *fields: int) -> Iterator[tuple[int, ...]]:
        for index in range(_MOST_ANSWERS):
            found = self.answer(request, index, *fields)
            if found is None:
                return
            yield found


def _offer(node: _Node) -> CameraOffer | None:
    formats = [found[4] for found in node.answers(_ENUM_FMT, _VIDEO_CAPTURE)]
    rates: dict[Size, set[int]] = {}
    # The stream is opened as MJPG where there is one, so what that offers is what can be had.
    for pixel_format in [_MJPG] if _MJPG in formats else formats:
        for size in _sizes(node, pixel_format):
            rates.setdefault(size, set()).update(_rates(node, pixel_format, size))
    if not rates:
        return None
    modes = {size: tuple(sorted(found)) or STANDARD_RATES for size, found in sorted(rates.items())}
    return CameraOffer(
        modes, _control(node, _EXPOSURE_ABSOLUTE), _control(node, _FOCUS_ABSOLUTE), is_known=True
    )


def _sizes(node: _Node, pixel_format: int) -> Iterator[Size]:
    for _, _, kind, *numbers in node.answers(_ENUM_FRAMESIZES, pixel_format):
        if kind == _DISCRETE:
            yield numbers[0], numbers[1]
        else:
            low_w, high_w, step_w, low_h, high_h, step_h = numbers
            yield from (
                (width, height)
                for width, height in STANDARD_SIZES
                if _is_step(width, low_w, high_w, step_w) and _is_step(height, low_h, high_h, step_h)
            )
            return


def _rates(node: _Node, pixel_format: int, size: Size) -> Iterator[int]:
    for found in node.answers(_ENUM_FRAMEINTERVALS, pixel_format, *size):
        kind, least, per, *rest = found[4:]
        if kind == _DISCRETE:
            if least:
                yield max(1, round(per / least))
        else:
            most, most_per = rest[0], rest[1]
            slowest, fastest = most_per / max(most, 1), per / max(least, 1)
            yield from (rate for rate in STANDARD_RATES if slowest <= rate <= fastest)
            return


def _control(node: _Node, control: int) -> ControlRange | None:
    found = node.answer(_QUERYCTRL, control)
    if found is None:
        return None
    _, kind, _, low, high, step, default, flags = found
    if kind != _INTEGER or flags & _DISABLED or low >= high:
        return None
    return ControlRange(low, high, max(1, step), default)


def _is_step(value: int, low: int, high: int, step: int) -> bool:
    return low <= value <= high and (value - low) % max(step, 1) == 0
