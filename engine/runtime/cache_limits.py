"""How much of what was compiled is kept: what was used last, up to a number and a size, and no leftovers."""

import os
import shutil
import tempfile
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

LEFTOVER_AGE_S = 86_400
MOST_ARTIFACTS, MOST_ARTIFACT_BYTES = 20, 2_000_000_000


def remove_leftovers(cache_dir: Path) -> None:
    """Remove what compilations that were killed left behind, once it is a day old: nobody works on it any more."""
    folder = cache_dir / "artifacts"
    with suppress(OSError):
        with tempfile.TemporaryFile(dir=folder) as probe:
            now_s = os.fstat(probe.fileno()).st_mtime  # by the same clock as the folders' times
        for path in folder.glob(".*"):
            if path.is_dir() and now_s - path.stat().st_mtime > LEFTOVER_AGE_S:
                shutil.rmtree(path, ignore_errors=True)


def note_use(artifact: Path) -> None:
    """Let a compiled network count as the one used last."""
    with suppress(OSError):  # a cache that can only be read forgets nothing either
        os.utime(artifact)


def forget_artifacts(cache_dir: Path, in_use: Collection[Path]) -> None:
    """Remove what was compiled and used longest ago, beyond the limits of number and size; never what is in use."""
    with suppress(OSError):
        folders = [
            path for path in (cache_dir / "artifacts").glob("[!.]*") if (path / "artifact.json").is_file()
        ]
        kept = kept_bytes = 0
        for path in sorted(folders, key=lambda path: path.stat().st_mtime_ns, reverse=True):
            kept, kept_bytes = kept + 1, kept_bytes + _size_bytes(path)
            too_many = kept > MOST_ARTIFACTS or kept_bytes > MOST_ARTIFACT_BYTES
            if too_many and path not in in_use:
                # Away at once under a name that nobody reads: half a folder would count as a damaged one.
                gone = path.rename(path.with_name(f".{path.name}-gone"))
                shutil.rmtree(gone, ignore_errors=True)


def _size_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())
