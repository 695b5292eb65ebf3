"""What the guide's panel tells at one moment, and what a quiz or a tour must be able to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from gui.core.frame import Shown
from gui.widgets.wording import Status


@dataclass(frozen=True, slots=True)
class GuideCard:
    """Texts from top to bottom; empty ones take no room. ``choices`` are numbered from 1.

    ``ask`` is what the Enter key does, empty where it does nothing.
    """

    heading: str
    title: str
    text: str = ""
    choices: tuple[str, ...] = ()
    verdicts: tuple[Status, ...] = ()
    explanation: str = ""
    score: str = ""
    ask: str = ""
    next: str = ""
    previous: str = ""


@dataclass(frozen=True, slots=True)
class Network:
    """What the engine in use can name; ``labels`` None while that is not known."""

    labels: frozenset[str] | None
    classes: int

    def knows(self, name: str, otherwise: bool) -> bool:
        """Return whether ``name`` is one of its classes; ``otherwise`` while they are not known."""
        return otherwise if self.labels is None else name in self.labels


@dataclass(frozen=True, slots=True)
class Still:
    """A picture to hold before the engine, under a name that gives nothing away."""

    path: Path
    name: str


class Program(Protocol):
    """A quiz or a tour."""

    @property
    def card(self) -> GuideCard:
        """What to tell now."""

    @property
    def still(self) -> Still | None:
        """The picture to show, None for the live camera."""

    @property
    def is_secret(self) -> bool:
        """Whether the label must not be seen yet."""

    def look(self, shown: Shown | None, has_camera: bool, network: Callable[[], Network]) -> None:
        """Take notice of the frame in the view, if it belongs to what is asked for."""

    def choose(self, place: int) -> None:
        """Take the choice at ``place``, from 0; beyond the choices nothing happens."""

    def ask(self) -> None:
        """The Enter key."""

    def step(self, offset: int) -> None:
        """Go on, or back."""
