"""The guided tour: good cases and hard ones, each with an honest reason. NOTE: Qt-free."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import assets


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop: ``picture`` None means that the operator is asked to hold the object before the camera.

    ``truth`` is what it really is, a class name where ``known``.
    """

    title: str
    say: str
    truth: str
    known: bool
    picture: Path | None


@dataclass(frozen=True, slots=True)
class QuizPicture:
    """A picture with the right class name and wrong ones to choose from."""

    picture: Path
    truth: str
    others: tuple[str, ...]


def _table() -> dict[str, Any]:
    return tomllib.loads(assets.path("tour.toml").read_text(encoding="utf-8"))


def load_tour() -> tuple[Stop, ...]:
    """Return the stops in order."""
    return tuple(
        Stop(
            stop["title"], stop["say"], stop["truth"], stop["known"],
            assets.path(f"demo/{stop['picture']}") if "picture" in stop else None,
        )
        for stop in _table()["stop"]
    )  # fmt: skip


def load_quiz() -> tuple[QuizPicture, ...]:
    """Return the quiz pictures in order."""
    return tuple(
        QuizPicture(assets.path(f"demo/{quiz['picture']}"), quiz["truth"], tuple(quiz["others"]))
        for quiz in _table()["quiz"]
    )


class Tour:
    """Where a visitor stands on the tour; wraps around at the end."""

    def __init__(self, stops: tuple[Stop, ...]) -> None:
        self.stops = stops
        self.index = 0

    @property
    def stop(self) -> Stop:
        """The present stop."""
        return self.stops[self.index]

    def step(self, offset: int) -> Stop:
        """Go ``offset`` stops on (or back) and return the new one."""
        self.index = (self.index + offset) % len(self.stops)
        return self.stop
