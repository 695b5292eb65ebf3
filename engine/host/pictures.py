"""Read one picture file as RGB, refusing what is no picture or too large before decoding it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.errors import ImageError
from engine.host.picture_header import FORMATS, picture_size

MAX_FILE_BYTES = 200_000_000
MAX_PIXELS = 64_000_000  # a decoded picture of 192 MB
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})


def picture_files(folder: Path) -> list[Path]:
    """Return the picture files in ``folder`` and its sub-folders, sorted by path.

    Raises:
        ImageError: there is no such folder, or it holds no picture.
    """
    if not folder.is_dir():
        raise ImageError(f"{folder}: no such folder; give one that holds pictures")
    # os.walk: folders that go meanwhile, or that nobody may read, hold nothing, where Path.rglob raises.
    files = (Path(inner, name) for inner, _, names in os.walk(folder) for name in names)
    found = sorted(path for path in files if path.suffix.lower() in SUFFIXES and path.is_file())
    if not found:
        raise ImageError(f"{folder}: holds no picture; {FORMATS} files are taken")
    return found


def read_picture(path: Path) -> NDArray[np.uint8]:
    """Return the picture as RGB uint8 HWC, turned as its EXIF orientation says.

    Raises:
        ImageError: missing, empty, no picture, truncated or too large.
    """
    return decode_picture(read_bytes(path), path.name)


def decode_picture(data: NDArray[np.uint8], name: str) -> NDArray[np.uint8]:
    """Return the picture in the file content ``data`` [n] as RGB uint8 HWC; ``name`` stands in the error's line.

    Raises:
        ImageError: no picture, truncated or too large.
    """
    size_wh = picture_size(data.data)
    if size_wh is None:
        raise ImageError(f"{name}: not a picture; {FORMATS} files are taken")
    width, height = size_wh
    if width <= 0 or height <= 0 or width * height > MAX_PIXELS:
        raise ImageError(
            f"{name}: {width}x{height} pixels, allowed are 1 to {MAX_PIXELS // 1_000_000} million; use a smaller picture"
        )
    try:
        image = cv2.imdecode(data, cv2.IMREAD_COLOR_RGB)
    except cv2.error as error:
        raise ImageError(f"{name}: cannot be decoded ({error.err})") from error
    if image is None:
        raise ImageError(f"{name}: the picture is damaged or cut short")
    return image  # type: ignore[return-value]


def read_bytes(path: Path) -> NDArray[np.uint8]:
    """Return the content of a picture file, uint8 [n].

    Raises:
        ImageError: missing, empty, not a regular file or too large.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise ImageError(f"{path.name}: not a file; {FORMATS} files are taken")
        if status.st_size == 0:
            raise ImageError(f"{path.name}: the file is empty")
        if status.st_size > MAX_FILE_BYTES:
            raise ImageError(
                f"{path.name}: {status.st_size // 1_000_000} MB is too large, at most {MAX_FILE_BYTES // 1_000_000} MB"
            )
        return np.fromfile(path, np.uint8)  # not imread: it fails on non-ASCII paths (opencv #18305)
    except OSError as error:
        raise ImageError(f"{path.name}: {error.strerror}") from error
