"""Why an engine's answer may name no class. NOTE: Qt-free."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine import Result


class Unnamed(Enum):
    """What is wrong with the scores; the value is what people read."""

    ONE_OUTPUT = "names nothing: it has one output, so it tells no classes apart"
    NO_NUMBERS = "names nothing: its scores are NaN or infinite, as where it divides by zero"


def why_unnamed(result: Result) -> Unnamed | None:
    """Return why ``result`` has no labels, None where it has some."""
    if result.top:
        return None
    return Unnamed.ONE_OUTPUT if result.logits.size == 1 else Unnamed.NO_NUMBERS
