"""Settings of a stand under a name: one file each beside the settings file. NOTE: Qt-free."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from gui.core.errors import SettingsError
from gui.core.settings import Settings
from gui.core.text import say

_NAME = re.compile(r"[\w][\w .-]{0,63}")


class Profiles:
    """Named settings files in the folder ``profiles``."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = settings.path.parent / "profiles"

    def names(self) -> tuple[str, ...]:
        """Return the profiles there are, in alphabetical order."""
        return tuple(sorted(path.stem for path in self._folder.glob("*.json")))

    def keep(self, name: str) -> None:
        """Write the settings of now as the profile ``name``, in place of one of the same name.

        Raises:
            SettingsError: no such name is possible, or the file cannot be written.
        """
        self._settings.write_to(self._path(name))

    def use(self, name: str, warn: Callable[[str], None]) -> None:
        """Use the settings of a profile; ``warn`` as in ``Settings.load``.

        Raises:
            SettingsError: there is no such profile, or it cannot be read.
        """
        self._settings.take_over(self._path(name), warn)

    def remove(self, name: str) -> None:
        """Remove a profile.

        Raises:
            SettingsError: there is no such profile.
        """
        path = self._path(name)
        try:
            path.unlink()
        except OSError as error:
            text = say("profile {name}: {reason}", name=name, reason=error.strerror)
            raise SettingsError(text) from error

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            text = say(
                "profile {name!r}: a name has 1 to 64 letters, digits, blanks, dots or dashes "
                "and begins with a letter or digit",
                name=name,
            )
            raise SettingsError(text)
        return self._folder / f"{name}.json"
