"""Why the network errs, in words a visitor understands and an engineer accepts. NOTE: Qt-free."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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


RIGHT = "Right: {truth}, with {percent}."
NO_SUCH_CLASS = "{Truth}: not among its {classes} classes. It names what looks most alike: {best}."
NOT_SURE = "It is not sure itself: {percent}."
NONE_OF_THESE = "It cannot say 'none of these': {percent}."
LOOK_ALIKE = "{Best} and {truth} look alike: {percent} against {truth_percent}."
UNSURE = "It says {best}, but with {percent} only: it does not know."
WRONG = "Wrong: it says {best} with {percent}."
ITS_NUMBER = "{Truth} is its number {place}."
TEMPLATES = (RIGHT, NO_SUCH_CLASS, NOT_SURE, NONE_OF_THESE, LOOK_ALIKE, UNSURE, WRONG, ITS_NUMBER)


def explain(
    top: Sequence[LabelLike],
    truth: str,
    known: bool,
    classes: int = 1000,
    word: Callable[[str], str] = str,
) -> Explanation:
    """Return why ``top`` (best first, at least one) is what it is for an object called ``truth``.

    ``known``: whether ``truth`` is among the ``classes`` names that the network was taught. ``word`` gives one of
    ``TEMPLATES``, or the name of a thing that is not among the classes, in the reader's language.
    """
    best = top[0]
    place = next((index for index, label in enumerate(top) if label.name == truth), None)
    reason, templates = _reason(best, truth, known, None if place is None else top[place])
    name = truth if known else word(truth)
    text = " ".join(map(word, templates)).format(
        truth=name,
        Truth=_begin(name),
        best=best.name,
        Best=_begin(best.name),
        percent=_percent(best),
        truth_percent="" if place is None else _percent(top[place]),
        place="" if place is None else place + 1,
        classes=classes,
    )
    return Explanation(reason, text)


def _reason(
    best: LabelLike, truth: str, known: bool, true_label: LabelLike | None
) -> tuple[Reason, tuple[str, ...]]:
    if known and best.name == truth:
        return Reason.RIGHT, (RIGHT,)
    if not known:
        how = NOT_SURE if best.probability < UNSURE_BELOW else NONE_OF_THESE
        return Reason.NO_SUCH_CLASS, (NO_SUCH_CLASS, how)
    if true_label is not None and true_label.probability >= CLOSE_RATIO * best.probability:
        return Reason.LOOK_ALIKE, (LOOK_ALIKE,)
    if best.probability < UNSURE_BELOW:
        return Reason.UNSURE, (UNSURE,)
    return Reason.WRONG, (WRONG,) if true_label is None else (WRONG, ITS_NUMBER)


def _begin(name: str) -> str:
    """Return ``name`` as it begins a sentence."""
    return name[:1].upper() + name[1:]


def _percent(label: LabelLike) -> str:
    return f"{100 * label.probability:.0f}\u00a0%"  # never broken between the lines of a panel
