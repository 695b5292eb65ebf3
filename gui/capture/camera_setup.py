"""How the operator wants each camera: its mode, its controls, and how its picture is turned. NOTE: Qt-free.

Kept as text per physical camera, so that the same one looks the same after it was plugged in elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from gui.capture.view import View
from gui.core.text import say

MOST_CAMERAS = 64
MOST_PX = 16_384
MOST_FPS = 1000


@dataclass(frozen=True, slots=True)
class CameraSetup:
    """``width_px``, ``height_px`` and ``fps`` are what is asked of the camera; it may give others.

    ``exposure`` and ``focus`` are in the camera's own units, None: the camera chooses.

    Raises:
        ValueError: a mode that no camera has.
    """

    width_px: int = 1280
    height_px: int = 720
    fps: int = 30
    exposure: int | None = None
    focus: int | None = None
    view: View = field(default_factory=View)

    def __post_init__(self) -> None:
        if not (
            1 <= self.width_px <= MOST_PX and 1 <= self.height_px <= MOST_PX and 1 <= self.fps <= MOST_FPS
        ):
            raise ValueError(
                f"no camera gives {self.width_px} × {self.height_px} at {self.fps} pictures per second"
            )

    @property
    def mode(self) -> tuple[int, int, int]:
        """Width, height and pictures per second."""
        return self.width_px, self.height_px, self.fps


DEFAULT = CameraSetup()


class CameraSetups:
    """The setups by camera identity; reading one never waits, whichever thread does it."""

    def __init__(self) -> None:
        self._setups: dict[str, CameraSetup] = {}

    def of(self, identity: str) -> CameraSetup:
        """Return the setup of a camera, the default one if it was never changed."""
        return self._setups.get(identity, DEFAULT)

    def put(self, identity: str, setup: CameraSetup) -> None:
        """Set how a camera is wanted from now on."""
        self._setups[identity] = setup

    def to_text(self) -> str:
        """Return every changed setup as one text for the settings; the latest ``MOST_CAMERAS`` of them."""
        changed = {name: _to_table(setup) for name, setup in self._setups.items() if setup != DEFAULT}
        return json.dumps(dict(list(changed.items())[-MOST_CAMERAS:])) if changed else ""

    def load(self, text: str) -> list[str]:
        """Take over what ``to_text`` gave; return the cameras whose setup makes no sense and is left out."""
        bad: list[str] = []
        for name, table in _tables(text, bad).items():
            try:
                self._setups[name] = _from_table(table)
            except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
                bad.append(name)
        return bad


def _tables(text: str, bad: list[str]) -> Mapping[str, object]:
    if not text:
        return {}
    try:
        stored = json.loads(text)
    except (ValueError, RecursionError):
        stored = None
    if isinstance(stored, dict):
        return stored
    bad.append(say("all of them"))
    return {}


def _to_table(setup: CameraSetup) -> dict[str, object]:
    view = setup.view
    return {
        "mode": list(setup.mode),
        "exposure": setup.exposure,
        "focus": setup.focus,
        "mirror": view.mirror,
        "turn": view.turn,
        "region": list(view.region),
    }


def _from_table(table: object) -> CameraSetup:
    if not isinstance(table, dict):
        raise TypeError("no table")
    width_px, height_px, fps = (int(value) for value in table["mode"])
    exposure, focus = (None if table[name] is None else int(table[name]) for name in ("exposure", "focus"))
    x, y, w, h = (float(value) for value in table["region"])
    view = View(bool(table["mirror"]), int(table["turn"]), (x, y, w, h))
    return CameraSetup(width_px, height_px, fps, exposure, focus, view)
