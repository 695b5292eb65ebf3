"""Where compiled networks and kernels are kept, and where they go when that place cannot be written. NOTE: Qt-free."""

from __future__ import annotations

import tempfile
from pathlib import Path

import platformdirs

from engine.runtime.storage import storage_problem


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
