"""Picture files for the sources: the engine's careful reader, failing as a source fails. NOTE: Qt-free."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import ImageError
from engine.host import pictures
from engine.host.picture_header import picture_size
from gui.capture.source import UnreadablePictureError
from gui.core.errors import CaptureError, told

_JPEG_START = b"\xff\xd8\xff"


def is_picture(path: Path) -> bool:
    """Return whether the file begins like a supported picture.

    Raises:
        CaptureError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            head = file.read(64)
    except OSError as error:
        raise CaptureError(f"{path}: {error.strerror}") from error
    return head.startswith(_JPEG_START) or picture_size(head) is not None


def read_picture(path: Path) -> NDArray[np.uint8]:
    """Return the picture as RGB uint8 HWC, turned as its EXIF orientation says.

    Raises:
        UnreadablePictureError: missing, empty, no picture, truncated or too large.
    """
    try:
        return pictures.read_picture(path)
    except ImageError as error:
        raise UnreadablePictureError(told(error), path) from error
