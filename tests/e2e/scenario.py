"""Reads a feature file and plays it: each line is given to the one step whose words match."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

_LINE = re.compile(r"(Given|When|Then|And) (.*)")


@dataclass(frozen=True, slots=True)
class Line:
    """A step of a scenario, and where it is written."""

    scenario: str
    text: str
    number: int


class Steps:
    """The steps of a story, registered by the words that they understand."""

    def __init__(self) -> None:
        self._steps: list[tuple[re.Pattern[str], Callable[..., None]]] = []

    def step(self, words: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
        """Register a step; groups of the regular expression ``words`` are its arguments after the day."""

        def register(function: Callable[..., None]) -> Callable[..., None]:
            self._steps.append((re.compile(words), function))
            return function

        return register

    def play(self, story: object, line: Line) -> None:
        """Do what a line says; a failure names the line."""
        matches = [(found, step) for words, step in self._steps if (found := words.fullmatch(line.text))]
        assert len(matches) == 1, f"line {line.number}: {len(matches)} steps understand {line.text!r}"
        found, step = matches[0]
        try:
            step(story, *found.groups())
        except Exception as error:
            raise AssertionError(f"line {line.number}, {line.scenario}: {line.text}: {error}") from error


def read(feature: Path) -> Iterator[Line]:
    """Yield the steps of a feature file in order."""
    scenario = ""
    for number, raw in enumerate(feature.read_text(encoding="utf-8").splitlines(), 1):
        text = raw.strip()
        if text.startswith("Scenario:"):
            scenario = text.removeprefix("Scenario:").strip()
        elif match := _LINE.fullmatch(text):
            yield Line(scenario, match.group(2), number)
        else:
            assert not text or text.startswith("Feature:"), f"line {number}: {text!r} is no step"
