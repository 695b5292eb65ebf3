"""Beat the machine: one round after the other, the label hidden until the visitor has guessed."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from PySide6.QtCore import QCoreApplication

from gui.core.explain import explain
from gui.core.frame import Shown
from gui.core.quiz import Phase, Quiz
from gui.core.theme import Mark
from gui.widgets.guide_card import GuideCard, Network, Still
from gui.widgets.wording import Status
from gui.widgets.words import word


class QuizGame:
    """Plays ``quiz``; ``complain`` gets one line where the score cannot be kept."""

    def __init__(self, quiz: Quiz, complain: Callable[[str], None]) -> None:
        self._quiz = quiz
        self._complain = complain
        self._rounds = count(1)
        self._still = self._deal()
        self._explanation = ""

    def _deal(self) -> Still:
        name = _tr("quiz picture {n}").format(n=next(self._rounds))
        return Still(self._quiz.round.question.picture, name)

    @property
    def still(self) -> Still:
        """The picture of this round."""
        return self._still

    @property
    def is_secret(self) -> bool:
        """Until both have answered."""
        return self._quiz.round.phase is not Phase.REVEALED

    @property
    def card(self) -> GuideCard:
        """Question and choices, or who was right and why."""
        now = self._quiz.round
        heading, score = _tr("Beat the machine"), self._score()
        if now.phase is Phase.GUESS:
            hint = _tr("Press its number. The label stays hidden until then.")
            return GuideCard(heading, _tr("What is this?"), hint, now.choices, score=score)
        if now.phase is Phase.MACHINE:
            return GuideCard(heading, _tr("The machine is still looking"), score=score)
        verdicts = (self._verdict(_tr("you"), now.guess), self._verdict(_tr("the machine"), now.machine))
        title = _tr("It is: {truth}").format(truth=now.question.truth)
        return GuideCard(
            heading,
            title,
            verdicts=verdicts,
            explanation=self._explanation,
            score=score,
            ask=_tr("Next picture"),
            next=_tr("Next picture"),
        )

    def _verdict(self, who: str, said: str | None) -> Status:
        right = said == self._quiz.round.question.truth
        text = _tr("{who}: {name}, right") if right else _tr("{who}: {name}, wrong")
        return Status(Mark.GOOD if right else Mark.BAD, text.format(who=who, name=said))

    def _score(self) -> str:
        score = self._quiz.score
        if not score.rounds:
            return ""
        text = _tr("Today: visitors {visitor}, machine {machine}, of {rounds}")
        return text.format(visitor=score.visitor, machine=score.machine, rounds=score.rounds)

    def look(self, shown: Shown | None, has_camera: bool, network: Callable[[], Network]) -> None:
        """Take the machine's first answer for the picture of this round."""
        now = self._quiz.round
        if now.machine is not None or shown is None or shown.frame.name != self._still.name:
            return
        if top := shown.answer:
            truth, facts = now.question.truth, network()
            known = facts.knows(truth, otherwise=True)
            self._explanation = explain(top, truth, known, facts.classes, word).text
            self._quiz.answer(top[0].name)
            self._keep()
        elif shown.unnamed is not None:
            self._explanation = word(shown.unnamed.value)
            self._quiz.answer(_tr("nothing"))
            self._keep()

    def choose(self, place: int) -> None:
        """Take the visitor's guess."""
        now = self._quiz.round
        if now.phase is Phase.GUESS and place < len(now.choices):
            self._quiz.guess(now.choices[place])
            self._keep()

    def _keep(self) -> None:
        if self._quiz.round.phase is not Phase.REVEALED:
            return
        try:
            self._quiz.save()
        except OSError as error:
            text = _tr("the score of the day cannot be kept: {reason}")
            self._complain(text.format(reason=error.strerror or error))

    def ask(self) -> None:
        """Go on once the round is over."""
        self.step(1)

    def step(self, offset: int) -> None:
        """Deal the next picture once the round is over; there is no way back."""
        if offset > 0 and not self.is_secret:
            self._quiz.next()
            self._still = self._deal()
            self._explanation = ""


def _tr(text: str) -> str:
    return QCoreApplication.translate("Quiz", text)
