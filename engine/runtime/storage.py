"""Whether a folder can keep what is compiled. NOTE: light: the window asks before anything of the engine is loaded."""

import shutil
import tempfile
from pathlib import Path

NEEDED_BYTES = 128 << 20


def storage_problem(folder: Path) -> str:
    """Return why nothing can be kept in ``folder`` (read-only, full), empty if all is well; makes it if need be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"lens7")
        free_bytes = shutil.disk_usage(folder).free
    except OSError as error:
        return error.strerror or str(error)
    if free_bytes < NEEDED_BYTES:
        return f"{free_bytes >> 20} MB free, {NEEDED_BYTES >> 20} MB are needed"
    return ""
