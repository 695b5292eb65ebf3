"""Why the network errs, in words a visitor understands and an engineer accepts. NOTE: Qt-free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

UNSURE_BELOW = 0.35
CLOSE_RATIO = 0.5


class LabelLike(Protocol):
    """What is needed of a label."""

    @property
    def name(self) -> str:
        """The class's name."""

    @property
    def probability(self) -> float:
        """Probability in 0..1."""


class Reason(Enum):
    """What kind of answer it is."""

    RIGHT = "right"
    NO_SUCH_CLASS = "no such class"
    LOOK_ALIKE = "look-alike"
    UNSURE = "unsure"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Explanation:
    """A reason and one or two sentences."""

    reason: Reason
    text: str


def explain(top: Sequence[LabelLike], truth: str, known: bool, classes: int = 1000) -> Explanation:
    """Return why ``top`` (best first, at least one) is what it is for an object called ``truth``.

    ``known``: whether ``truth`` is among the ``classes`` names that the network was taught.
    """
    best = top[0]
    percent = f"{100 * best.probability:.0f} %"
    if known and best.name == truth:
        return Explanation(Reason.RIGHT, f"Right: {truth}, with {percent}.")
    if not known:
        sure = "It is not sure itself" if best.probability < UNSURE_BELOW else "It cannot say 'none of these'"
        text = f"{truth.capitalize()} is not among its {classes} classes. It names what looks most alike: {best.name}."
        text += f" {sure}: {percent}."
        return Explanation(Reason.NO_SUCH_CLASS, text)
    place = next((index for index, label in enumerate(top) if label.name == truth), None)
    if place is not None and top[place].probability >= CLOSE_RATIO * best.probability:
        text = f"{best.name.capitalize()} and {truth} look alike: {percent} against {100 * top[place].probability:.0f} %."
        return Explanation(Reason.LOOK_ALIKE, text)
    if best.probability < UNSURE_BELOW:
        return Explanation(Reason.UNSURE, f"It says {best.name}, but with {percent} only: it does not know.")
    where = f" {truth.capitalize()} is its number {place + 1}." if place is not None else ""
    return Explanation(Reason.WRONG, f"Wrong: it says {best.name} with {percent}.{where}")
