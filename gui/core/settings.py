"""The one table of settings, and the JSON file that keeps them. NOTE: Qt-free."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from gui.core.errors import SettingsError

Value = bool | int | str

MAX_FILE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table: ``allowed`` is the list of choices, or ``(low, high)`` of an int, or empty for any."""

    name: str
    default: Value
    help: str
    allowed: tuple[Value, ...] = ()

    def check(self, value: object) -> Value:
        """Return ``value`` if it is allowed.

        Raises:
            SettingsError: wrong type, outside the range, or not one of the choices.
        """
        if type(value) is not type(self.default):
            raise SettingsError(f"setting {self.name}: expected {type(self.default).__name__}, got {value!r}")
        assert isinstance(value, (bool, int, str))
        if self.allowed and not self._allows(value):
            raise SettingsError(f"setting {self.name}: {value!r} is not {self.allowed_text}")
        return value

    def _allows(self, value: Value) -> bool:
        if isinstance(value, int) and not isinstance(value, bool):
            low, high = self.allowed
            return int(low) <= value <= int(high)
        return value in self.allowed

    @property
    def allowed_text(self) -> str:
        """What is allowed, in words."""
        if not self.allowed:
            return "any"
        if isinstance(self.default, int):
            return f"between {self.allowed[0]} and {self.allowed[1]}"
        return "one of " + ", ".join(str(choice) for choice in self.allowed)


TABLE: tuple[Setting, ...] = (
    Setting(
        "source", "", "Source opened at start; empty: the first camera, or the demo pictures without one."
    ),
    Setting("model", "efficientnet_lite0", "Model used at start: a built-in name or a path."),
    Setting("soc", "tda4vm", "Emulated SoC.", ("tda4vm", "am68a", "am69a", "am67a", "am62a")),
    Setting("kernels", "auto", "Kernel set of the emulator.", ("auto", "native", "numpy", "reference")),
    Setting("threads", 1, "Host threads of the emulator.", (1, 2)),
    Setting("face", "show", "Face shown at start.", ("show", "bench")),
    Setting("theme", "dark", "Colours of the window.", ("dark", "light")),
    Setting(
        "stand_in_s",
        10,
        "Seconds without a picture after which the demo pictures stand in; 0: never.",
        (0, 3600),
    ),
    Setting("network_frame", True, "Mark the area that the network sees."),
    Setting("motion", True, "Let bars and panels move."),
    Setting("window_geometry", "", "Place and size of the window, as the window saved it."),
    Setting("bench_layout", "", "Docks of the Bench face, as the window saved them."),
)
_BY_NAME = {setting.name: setting for setting in TABLE}


def default_path() -> Path:
    """Return where this platform keeps the settings file."""
    return platformdirs.user_config_path("lens7") / "settings.json"


class Settings:
    """Values of the table; reading an unset name gives its default."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._values: dict[str, Value] = {}

    def load(self, warn: Callable[[str], None]) -> None:
        """Read the file; a corrupt file is kept aside, a bad value becomes its default; ``warn`` gets one line each."""
        try:
            stored = self._read()
        except FileNotFoundError:
            return
        except (OSError, ValueError, RecursionError) as error:
            warn(f"settings: {self.path} is not readable ({error}); defaults are used{self._keep_aside()}")
            return
        for name, value in stored.items():
            try:
                self._values[name] = _setting(name).check(value)
            except SettingsError as error:
                warn(f"{error}; the default is used")

    def _read(self) -> dict[str, object]:
        if self.path.stat().st_size > MAX_FILE_BYTES:
            raise ValueError(f"larger than {MAX_FILE_BYTES} bytes")
        stored = json.loads(self.path.read_text(encoding="utf-8"))
        if not isinstance(stored, dict):
            raise ValueError("not a table of settings")
        return stored

    def _keep_aside(self) -> str:
        aside = self.path.with_name(f"{self.path.stem}.corrupt-{time.time_ns()}{self.path.suffix}")
        try:
            self.path.rename(aside)
        except OSError:
            return ""
        return f", the file is kept as {aside.name}"

    def save(self) -> None:
        """Write the values that differ from their defaults, all or nothing.

        Raises:
            SettingsError: the file cannot be written.
        """
        changed = {name: value for name, value in self._values.items() if value != _BY_NAME[name].default}
        temporary = self.path.with_name(f"{self.path.name}.{os.getpid()}.tmp")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_text(json.dumps(changed, indent=1, sort_keys=True), encoding="utf-8")
            temporary.replace(self.path)
        except OSError as error:
            raise SettingsError(f"settings: {self.path}: {error.strerror}; changes are not kept") from error

    def set(self, name: str, value: Value) -> None:
        """Change one setting.

        Raises:
            SettingsError: no such setting, or the value is not allowed.
        """
        self._values[name] = _setting(name).check(value)

    def text(self, name: str) -> str:
        """Return a text setting."""
        value = self._values.get(name, _setting(name).default)
        assert isinstance(value, str), name
        return value

    def flag(self, name: str) -> bool:
        """Return an on/off setting."""
        value = self._values.get(name, _setting(name).default)
        assert isinstance(value, bool), name
        return value

    def number(self, name: str) -> int:
        """Return a whole-number setting."""
        value = self._values.get(name, _setting(name).default)
        assert isinstance(value, int), name
        assert not isinstance(value, bool), name
        return value


def _setting(name: str) -> Setting:
    try:
        return _BY_NAME[name]
    except KeyError:
        raise SettingsError(f"setting {name!r} is unknown; known are {', '.join(_BY_NAME)}") from None
