"""Picture files as a source: one, several, or a folder; every one is read, in order. NOTE: Qt-free."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.host.pictures import SUFFIXES
from gui.capture.image_file import read_picture
from gui.capture.source import Picture
from gui.core.errors import CaptureError
from gui.core.state import SourceInfo
from gui.core.text import say


class ImagesSource:
    """The given pictures and the pictures inside the given folders."""

    is_live = False
    reconnects = False
    period_ns = None

    def __init__(self, paths: Sequence[Path]) -> None:
        self._given = tuple(paths)
        self._paths: list[Path] = []
        self._next = 0

    @property
    def info(self) -> SourceInfo:
        """Title is the file or folder, or how many files."""
        single = len(self._given) == 1
        title = self._given[0].name if single else say("{n} files", n=len(self._given))
        detail = "" if len(self._paths) < 2 else say("{n} pictures", n=len(self._paths))
        return SourceInfo(str(self._given[0]) if single else "", title, detail)

    @property
    def total(self) -> int | None:
        """Number of pictures, known once open."""
        return len(self._paths)

    def open(self) -> None:
        """List the pictures.

        Raises:
            CaptureError: a folder without pictures.
        """
        self._paths = [picture for path in self._given for picture in _pictures(path)]
        self._next = 0
        if not self._paths:
            text = say(
                "{name}: no picture inside; {suffixes} are looked for",
                name=self.info.title,
                suffixes=", ".join(sorted(SUFFIXES)),
            )
            raise CaptureError(text)

    def read(self) -> Picture | None:
        """Return the next picture.

        Raises:
            UnreadablePictureError: this file is no picture or too large.
        """
        if self._next >= len(self._paths):
            return None
        path = self._paths[self._next]
        self._next += 1
        captured_ns = time.monotonic_ns()
        return Picture(read_picture(path), captured_ns, path.name, path)

    def step(self, offset: int) -> None:
        """Let the next ``read`` give the picture ``offset`` places after the last one, around the ends."""
        self._next = (self._next - 1 + offset) % len(self._paths)

    def close(self) -> None:
        """Nothing stays open between reads."""


def _pictures(path: Path) -> Iterator[Path]:
    """Yield a file as it is given, and of a folder its picture files in order of their names."""
    if not path.is_dir():
        yield path
        return
    for folder, folders, names in os.walk(path):
        folders.sort()
        for name in sorted(names):
            if Path(name).suffix.lower() in SUFFIXES:
                yield Path(folder, name)
