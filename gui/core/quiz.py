"""Beat the machine: the visitor guesses before the label shows; the score is kept for the day. NOTE: Qt-free."""

from __future__ import annotations

import datetime
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path

from gui.core.tour import QuizPicture

MAX_FILE_BYTES = 4096


class Phase(Enum):
    """What a round waits for."""

    GUESS = "guess"
    MACHINE = "machine"
    REVEALED = "revealed"


@dataclass(frozen=True, slots=True)
class Score:
    """Rounds of one day, and how many each side named right."""

    day: str
    rounds: int = 0
    visitor: int = 0
    machine: int = 0


@dataclass(frozen=True, slots=True)
class Round:
    """One question. ``guess`` and ``machine`` are class names once given."""

    question: QuizPicture
    choices: tuple[str, ...]
    guess: str | None = None
    machine: str | None = None

    @property
    def phase(self) -> Phase:
        """What the round waits for: the label is hidden until the visitor has guessed."""
        if self.guess is None:
            return Phase.GUESS
        return Phase.MACHINE if self.machine is None else Phase.REVEALED


class Quiz:
    """Rounds over ``pictures`` in shuffled order; ``seed`` fixes the order, ``today`` gives the date."""

    def __init__(
        self,
        pictures: Sequence[QuizPicture],
        path: Path,
        seed: int | None = None,
        today: Callable[[], datetime.date] = datetime.date.today,
    ) -> None:
        self._pictures = list(pictures)
        self._path = path
        self._random = random.Random(seed)
        self._today = today
        self._deck: list[QuizPicture] = []
        self._score = self._load()
        self.round = self._deal()

    @property
    def score(self) -> Score:
        """The score of today."""
        day = self._today().isoformat()
        if self._score.day != day:
            self._score = Score(day)
        return self._score

    def guess(self, choice: str) -> Round:
        """Take the visitor's guess; a second one changes nothing.

        Raises:
            ValueError: ``choice`` is none of the choices.
        """
        if choice not in self.round.choices:
            raise ValueError(f"{choice!r} is none of {', '.join(self.round.choices)}")
        if self.round.guess is None:
            self.round = Round(self.round.question, self.round.choices, choice, self.round.machine)
            self._settle()
        return self.round

    def answer(self, label: str) -> Round:
        """Take the machine's first label for the picture of this round; a second one changes nothing."""
        if self.round.machine is None:
            self.round = Round(self.round.question, self.round.choices, self.round.guess, label)
            self._settle()
        return self.round

    def next(self) -> Round:
        """Begin the next round; one that was not finished is not counted."""
        self.round = self._deal()
        return self.round

    def _deal(self) -> Round:
        if not self._deck:
            self._deck = self._random.sample(self._pictures, len(self._pictures))
        question = self._deck.pop()
        choices = [question.truth, *question.others]
        self._random.shuffle(choices)
        return Round(question, tuple(choices))

    def _settle(self) -> None:
        if self.round.phase is not Phase.REVEALED:
            return
        before, truth = self.score, self.round.question.truth
        self._score = Score(
            before.day,
            before.rounds + 1,
            before.visitor + (self.round.guess == truth),
            before.machine + (self.round.machine == truth),
        )

    def save(self) -> None:
        """Keep the score for the rest of the day, readable by the user alone.

        Raises:
            OSError: the file cannot be written.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._path.with_name(f"{self._path.name}.tmp")
        temporary.write_text(json.dumps(asdict(self.score)), encoding="utf-8")
        temporary.chmod(0o600)
        temporary.replace(self._path)

    def _load(self) -> Score:
        """Return the stored score; without a readable one the day begins anew."""
        try:
            stored = json.loads(self._path.read_bytes()[:MAX_FILE_BYTES])
            score = Score(str(stored["day"]), *(int(stored[key]) for key in ("rounds", "visitor", "machine")))
        except (OSError, ValueError, KeyError, TypeError):
            return Score(self._today().isoformat())
        sane = 0 <= score.visitor <= score.rounds and 0 <= score.machine <= score.rounds
        return score if sane else Score(self._today().isoformat())
