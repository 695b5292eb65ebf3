"""Files the program ships: calibration crops, demo pictures, labels, fonts, icons (see manifest.toml)."""

from importlib import resources
from pathlib import Path


def path(relative: str) -> Path:
    """Return the path of the shipped file or folder ``relative``, for example ``"labels/imagenet1k.txt"``.

    Lens7 is installed unpacked (never run from a zip archive), so every asset is a real file.

    Raises:
        FileNotFoundError: nothing of that name is shipped.
    """
    found = Path(str(resources.files(__name__))) / relative
    if not found.exists():
        raise FileNotFoundError(f"no asset named {relative!r} in {found.parent}")
    return found
