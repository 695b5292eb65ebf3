"""What stands in the place of a file that is about to be read."""

import os
from pathlib import Path


def is_special(path: Path) -> bool:
    """Return whether ``path`` is there but no regular file: nobody may ever write to a pipe, and a device may never end."""
    # os.path: a name longer than names can be is not there, where Path raises.
    return os.path.exists(path) and not os.path.isfile(path)  # noqa: PTH110, PTH113
