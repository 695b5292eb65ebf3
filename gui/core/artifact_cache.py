"""Where compiled networks are kept between starts, and where they go when that place cannot be written.

NOTE: Qt-free. A folder appears under its final name only when it is complete.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs

from gui.core.state import EngineChoice

_BUILDING_PREFIX = ".building-"
_LEFTOVER_AFTER_S = 3600.0


def default_root() -> Path:
    """Return where this platform keeps the program's cache."""
    return platformdirs.user_cache_path("lens7")


class ArtifactCache:
    """Artifact folders below ``root``; below a temporary folder once ``use_temporary`` was called."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._temporary: tempfile.TemporaryDirectory[str] | None = None

    @property
    def root(self) -> Path:
        """Where the cache is now."""
        return self._root

    @property
    def is_temporary(self) -> bool:
        """Whether what is compiled now is lost at the end."""
        return self._temporary is not None

    def use_temporary(self) -> None:
        """Go on in a temporary folder, removed by ``close``.

        Raises:
            OSError: that cannot be written either.
        """
        self._temporary = tempfile.TemporaryDirectory(prefix="lens7-")
        self._root = Path(self._temporary.name)

    def close(self) -> None:
        """Remove the temporary folder, if there is one."""
        if self._temporary is not None:
            self._temporary.cleanup()
            self._temporary = None

    def folder(self, choice: EngineChoice) -> Path:
        """Return where the artifact of this model file, SoC and recipe is or will be.

        A model file that was changed gets another folder.
        """
        name = re.sub(r"[^\w.-]+", "_", Path(choice.model).stem)[:40]
        return self._root / "artifacts" / f"{name}-{choice.soc}-{choice.recipe}-{_digest(choice)[:12]}"

    @contextmanager
    def building(self) -> Iterator[Path]:
        """Give an empty folder to build in; what is left in it afterwards is removed.

        Raises:
            OSError: the cache cannot be written.
        """
        place = self._root / "artifacts"
        place.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(place)
        folder = Path(tempfile.mkdtemp(prefix=_BUILDING_PREFIX, dir=place))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @staticmethod
    def publish(built: Path, folder: Path) -> None:
        """Give a complete artifact its final name; one that another process published first stays.

        Raises:
            OSError: it cannot be renamed.
        """
        try:
            built.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise

    @staticmethod
    def discard(folder: Path) -> None:
        """Remove an artifact that cannot be used."""
        shutil.rmtree(folder, ignore_errors=True)


def _digest(choice: EngineChoice) -> str:
    identity = choice.model
    path = Path(choice.model)
    if path.exists():
        status = path.stat()
        identity = f"{path.absolute()}|{status.st_size}|{status.st_mtime_ns}"
    return hashlib.sha256(f"{identity}|{choice.soc}|{choice.recipe}".encode()).hexdigest()


def _remove_leftovers(place: Path) -> None:
    """Remove what a killed process was building."""
    for folder in place.glob(_BUILDING_PREFIX + "*"):
        if time.time() - folder.stat().st_mtime > _LEFTOVER_AFTER_S:
            shutil.rmtree(folder, ignore_errors=True)
