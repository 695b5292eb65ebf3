"""Where compiled networks and kernels are kept, and where they go when that place cannot be written. NOTE: Qt-free."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Collection
from pathlib import Path

import platformdirs

from engine.runtime.storage import storage_problem

LEFTOVER_AGE_S = 86_400
MOST_ARTIFACTS, MOST_ARTIFACT_BYTES = 20, 2_000_000_000


def default_root() -> Path:
    """Return where this platform keeps the program's cache."""
    return platformdirs.user_cache_path("lens7")


class CacheFolder:
    """A folder that is kept between starts, or a temporary one once ``use_temporary`` was called."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._temporary: tempfile.TemporaryDirectory[str] | None = None

    @property
    def root(self) -> Path:
        """Where the cache is now."""
        return self._root

    @property
    def is_temporary(self) -> bool:
        """Whether what is written now is lost at the end."""
        return self._temporary is not None

    def problem(self) -> str:
        """Return why nothing can be kept here (read-only, full), empty if all is well."""
        return storage_problem(self._root)

    def remove_leftovers(self) -> None:
        """Remove what compilations that were killed left behind, once it is a day old: nobody works on it any more."""
        folder = self._root / "artifacts"
        with contextlib.suppress(OSError):
            with tempfile.TemporaryFile(dir=folder) as probe:
                now_s = os.fstat(probe.fileno()).st_mtime  # by the same clock as the folders' times
            for path in folder.glob(".*"):
                if path.is_dir() and now_s - path.stat().st_mtime > LEFTOVER_AGE_S:
                    shutil.rmtree(path, ignore_errors=True)

    def note_use(self, artifact: Path) -> None:
        """Let a compiled network count as the one used last."""
        with contextlib.suppress(OSError):  # a cache that can only be read forgets nothing either
            os.utime(artifact)

    def forget_artifacts(self, in_use: Collection[Path]) -> None:
        """Remove what was compiled and used longest ago, beyond the limits of number and size; never what is in use."""
        with contextlib.suppress(OSError):
            folders = [
                path
                for path in (self._root / "artifacts").glob("[!.]*")
                if (path / "artifact.json").is_file()
            ]
            kept = kept_bytes = 0
            for path in sorted(folders, key=lambda path: path.stat().st_mtime_ns, reverse=True):
                kept, kept_bytes = kept + 1, kept_bytes + _size_bytes(path)
                too_many = kept > MOST_ARTIFACTS or kept_bytes > MOST_ARTIFACT_BYTES
                if too_many and path not in in_use:
                    # Away at once under a name that nobody reads: half a folder would count as a damaged one.
                    gone = path.rename(path.with_name(f".{path.name}-gone"))
                    shutil.rmtree(gone, ignore_errors=True)

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


def _size_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())
