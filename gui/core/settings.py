"""The one table of settings, and the JSON file that keeps them. NOTE: Qt-free."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from gui.core.aside import forget_oldest, name_aside
from gui.core.errors import SettingsError
from gui.core.text import say

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
            text = say(
                "setting {name}: expected {kind}, got {value!r}",
                name=self.name,
                kind=type(self.default).__name__,
                value=value,
            )
            raise SettingsError(text)
        assert isinstance(value, (bool, int, str))
        if self.allowed and not self._allows(value):
            text = say(
                "setting {name}: {value!r} is not {allowed}",
                name=self.name,
                value=value,
                allowed=self.allowed_text,
            )
            raise SettingsError(text)
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
            return say("any")
        if isinstance(self.default, int):
            return say("between {low} and {high}", low=self.allowed[0], high=self.allowed[1])
        return say("one of {choices}", choices=", ".join(str(choice) for choice in self.allowed))


TABLE: tuple[Setting, ...] = (
    Setting(
        "source", "", "Source opened at start; empty: the first camera, or the demo pictures without one."
    ),
    Setting("model", "efficientnet_lite0", "Model used at start: a built-in name or a path."),
    Setting("soc", "tda4vm", "Emulated SoC.", ("tda4vm", "am68a", "am69a", "am67a", "am62a")),
    Setting("recipe", "lens7", "Recipe by which the model is quantized.", ("lens7", "ti")),
    Setting("kernels", "auto", "Kernel set of the emulator.", ("auto", "native", "numpy", "reference")),
    Setting("threads", 1, "Host threads of the emulator.", (1, 2)),
    Setting(
        "language",
        "auto",
        "Language of the window, from the next start on; auto: the desktop's.",
        ("auto", "en", "de"),
    ),
    Setting("face", "show", "Face shown at start.", ("show", "bench")),
    Setting("theme", "dark", "Colours of the window.", ("dark", "light")),
    Setting(
        "stand_in_s",
        10,
        "Seconds without a picture after which the demo pictures stand in; 0: never.",
        (0, 3600),
    ),
    Setting(
        "history", True, "Keep times and first labels of all frames, never pictures, in the history file."
    ),
    Setting(
        "history_mb", 500, "Size that the history may reach, in MB; the oldest goes first.", (50, 20_000)
    ),
    Setting(
        "history_days",
        30,
        "Days that the history keeps: those on which something was recorded, so that a wrong clock deletes none.",
        (1, 3650),
    ),
    Setting("recording_mb", 1000, "Size at which a recording ends by itself, in MB.", (10, 100_000)),
    Setting("metrics", False, "Offer the figures to Prometheus on this computer's own address 127.0.0.1."),
    Setting("metrics_port", 9464, "Port of the metrics.", (1024, 65_535)),
    Setting("alarm_age_ms", 3000, "Alarm when a live picture is older than this; 0: never.", (0, 3_600_000)),
    Setting(
        "alarm_latency_ms",
        0,
        "Alarm when the 95th percentile of latency is above this; 0: never.",
        (0, 60_000),
    ),
    Setting("alarm_fps", 0, "Alarm when fewer frames per second are shown; 0: never.", (0, 240)),
    Setting("alarm_dropped_percent", 0, "Alarm when more of the frames are dropped; 0: never.", (0, 100)),
    Setting("alarm_agreement_percent", 0, "Alarm when float and 8 bit agree less often; 0: never.", (0, 100)),
    Setting("alarm_sound", False, "Let alarms be heard."),
    Setting("alarm_command", "", "Program with arguments to run when an alarm begins or ends; no shell."),
    Setting("cloud_round_trip_ms", 40, "Simulated round trip to the cloud.", (0, 5000)),
    Setting("cloud_jitter_ms", 10, "Most that chance adds to a simulated round trip.", (0, 5000)),
    Setting("cloud_upload_mbit_s", 20, "Simulated bandwidth to the cloud.", (1, 10_000)),
    Setting("cloud_download_mbit_s", 100, "Simulated bandwidth from the cloud.", (1, 10_000)),
    Setting("cloud_loss_permille", 0, "Simulated loss: packets lost of a thousand.", (0, 500)),
    Setting("cloud_cold_start_ms", 0, "Simulated wait on top of a real cold start.", (0, 60_000)),
    Setting(
        "cloud_keep_warm_s", 60, "Seconds without a request after which the function goes cold.", (1, 86_400)
    ),
    Setting("cloud_short_px", 256, "Short side of the uploaded picture; 0: the whole frame.", (0, 8640)),
    Setting("cloud_in_flight", 2, "Most requests under way at once.", (1, 4)),
    Setting("cloud_concurrency", 2, "Requests that the function takes at once; more are throttled.", (1, 16)),
    Setting(
        "attract_after_s",
        60,
        "Seconds without motion before the camera after which the demo pictures are shown; 0: never.",
        (0, 3600),
    ),
    Setting("network_frame", True, "Mark the area that the network sees."),
    Setting("device_steps", True, "Show the chip's six steps, modelled, below the picture in Show."),
    Setting("motion", True, "Let bars and panels move."),
    Setting(
        "smoothing",
        True,
        "Average the labels of live pictures over a third of a second; told on the picture.",
    ),
    Setting("cameras", "", "Mode, controls and view of each camera, as the window saved them."),
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
        self._listeners: list[Callable[[str], None]] = []

    def on_set(self, listener: Callable[[str], None]) -> None:
        """Call ``listener(name)`` whenever one setting was set from now on, by a key or anything else."""
        self._listeners.append(listener)

    def glance(self) -> None:
        """Take what is good in the file, without a word: ``load`` says what is wrong, in the language found here."""
        with contextlib.suppress(OSError, ValueError, RecursionError):
            self._take(self._read(), lambda _: None)

    def load(self, warn: Callable[[str], None]) -> None:
        """Read the file; a corrupt file is kept aside, a bad value becomes its default; ``warn`` gets one line each."""
        try:
            stored = self._read()
        except FileNotFoundError:
            return
        except (OSError, ValueError, RecursionError) as error:
            text = say(
                "settings: {path} is not readable ({error}); defaults are used", path=self.path, error=error
            )
            aside = self._keep_aside()
            warn(say("{text}, the file is kept as {name}", text=text, name=aside.name) if aside else text)
            return
        self._take(stored, warn)

    def _take(self, stored: dict[str, object], warn: Callable[[str], None]) -> None:
        for name, value in stored.items():
            try:
                self._values[name] = _setting(name).check(value)
            except SettingsError as error:
                warn(say("{error}; the default is used", error=error))

    def _read(self) -> dict[str, object]:
        if self.path.stat().st_size > MAX_FILE_BYTES:
            raise ValueError(say("larger than {most} bytes", most=MAX_FILE_BYTES))
        stored = json.loads(self.path.read_text(encoding="utf-8"))
        if not isinstance(stored, dict):
            raise ValueError(say("not a table of settings"))
        return stored

    def _keep_aside(self) -> Path | None:
        aside = name_aside(self.path, "corrupt")
        try:
            self.path.rename(aside)
            forget_oldest(aside)
        except OSError:
            return None
        return aside

    def save(self) -> None:
        """Write the values that differ from their defaults, all or nothing.

        Raises:
            SettingsError: the file cannot be written.
        """
        self.write_to(self.path)

    def take_over(self, path: Path, warn: Callable[[str], None]) -> None:
        """Use the values of another settings file; what it does not say gets its default, ``warn`` as in ``load``.

        Raises:
            SettingsError: the file cannot be read; the values of now stay.
        """
        other = Settings(path)
        try:
            stored = other._read()
        except (OSError, ValueError, RecursionError) as error:
            text = say(
                "settings: {path} is not readable ({error}); nothing is changed", path=path, error=error
            )
            raise SettingsError(text) from error
        other._take(stored, warn)
        self._values = other._values

    def reset(self) -> None:
        """Give every setting its default."""
        self._values.clear()

    def value(self, name: str) -> Value:
        """Return a setting, whatever its type."""
        return self._values.get(name, _setting(name).default)

    def write_to(self, path: Path) -> None:
        """Write the values that differ from their defaults into any file, all or nothing.

        Raises:
            SettingsError: the file cannot be written.
        """
        changed = {name: value for name, value in self._values.items() if value != _BY_NAME[name].default}
        temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # For the owner alone: the address of a stream may hold a password.
            number = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(number, "w", encoding="utf-8") as file:
                file.write(json.dumps(changed, indent=1, sort_keys=True))
            temporary.replace(path)
        except OSError as error:
            with contextlib.suppress(OSError):
                temporary.unlink()
            text = say("settings: {path}: {reason}; changes are not kept", path=path, reason=error.strerror)
            raise SettingsError(text) from error

    def set(self, name: str, value: Value) -> None:
        """Change one setting.

        Raises:
            SettingsError: no such setting, or the value is not allowed.
        """
        self._values[name] = _setting(name).check(value)
        for listener in self._listeners:
            listener(name)

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
        text = say("setting {name!r} is unknown; known are {names}", name=name, names=", ".join(_BY_NAME))
        raise SettingsError(text) from None
