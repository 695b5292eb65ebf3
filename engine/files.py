"""What stands in the place of a file that is about to be read, and how a file is written: whole or not at all."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import EISDIR
from pathlib import Path

_LONGEST_SUFFIX = 16  # letters: a name may be as long as names can be, with a dot anywhere in it


def is_special(path: Path) -> bool:
    """Return whether ``path`` is there but no regular file: nobody may ever write to a pipe, and a device may never end."""
    # os.path: a name longer than names can be is not there, where Path raises.
    return os.path.exists(path) and not os.path.isfile(path)  # noqa: PTH110, PTH113


@contextmanager
def written_whole(path: Path, *, private: bool = False) -> Iterator[Path]:
    """Give a file beside ``path``, with its ending, to write to; it becomes ``path`` once all is written, else it goes.

    A link goes on being one, and a file that was there keeps its permissions; a new one is readable by its owner alone
    if ``private``. Pipes, devices, and a file in a folder where nothing may be added, are written to in place.

    Raises:
        OSError: ``path`` cannot be written; what was there before still is.
    """
    if path.is_dir():
        raise IsADirectoryError(EISDIR, os.strerror(EISDIR), str(path))
    target = Path(os.path.realpath(path))
    temporary = None if _is_of_the_system(path) else _new_file(target, 0o600 if private else 0o666)
    if temporary is None:
        yield path
        return
    try:
        yield temporary
        if not private and target.exists():
            temporary.chmod(stat.S_IMODE(target.stat().st_mode))
        temporary.replace(target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def write_whole(path: Path, text: str, *, private: bool = False) -> None:
    """Write ``text`` as UTF-8 into ``path``, all or nothing; what names of files hold that is no text is escaped.

    Raises:
        OSError: ``path`` cannot be written; what was there before still is.
    """
    with written_whole(path, private=private) as file:
        file.write_text(text, encoding="utf-8", errors="backslashreplace")


def _is_of_the_system(path: Path) -> bool:
    """Return whether ``path`` is a pipe or device, or a name for one: /dev/stdout may be a file that others write to."""
    return is_special(path) or path.absolute().parts[:2] in (("/", "dev"), ("/", "proc"))


def _new_file(target: Path, mode: int) -> Path | None:
    """Return an empty file of a new name beside ``target``; None if ``target`` is there, but nothing may come beside it."""
    suffix = target.suffix if len(target.suffix) <= _LONGEST_SUFFIX else ""
    new = target.with_name(f".lens7-{os.urandom(8).hex()}{suffix}")
    try:
        os.close(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))
    except PermissionError:
        if os.access(target, os.W_OK):
            return None
        raise
    return new
