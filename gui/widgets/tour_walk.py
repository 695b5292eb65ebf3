"""The guided tour: stops with a shipped picture, and stops where the operator holds something up."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication

from gui.core.explain import Explanation, Reason, explain
from gui.core.frame import Shown
from gui.core.theme import Mark
from gui.core.tour import Tour
from gui.widgets.guide_card import GuideCard, Network, Still
from gui.widgets.wording import Status
from gui.widgets.words import word


class TourWalk:
    """Walks ``tour``. A shipped picture is explained by itself; before the camera, only when the operator asks.

    Nobody but the operator knows whether the thing is before the camera already.
    """

    is_secret = False

    def __init__(self, tour: Tour) -> None:
        self._tour = tour
        self._explanation: Explanation | None = None
        self._asked = False
        self._has_camera = True

    @property
    def still(self) -> Still | None:
        """The picture of this stop."""
        picture = self._tour.stop.picture
        if picture is None:
            return None
        return Still(picture, _tr("tour: {title}").format(title=word(self._tour.stop.title)))

    @property
    def card(self) -> GuideCard:
        """What it is, what to look at, and why the network says what it says."""
        stop, told = self._tour.stop, self._explanation
        place = _tr("Tour, stop {n} of {all}").format(n=self._tour.index + 1, all=len(self._tour.stops))
        ask = ""
        if stop.picture is None:
            ask = _tr("It is before the camera") if told is None else _tr("Look again")
        text = word(stop.say)
        if stop.picture is None and not self._has_camera:
            text, ask = _tr("This stop needs a camera, and none is open. Go on with the next one."), ""
        return GuideCard(
            place,
            word(stop.title),
            text,
            verdicts=() if told is None else (self._verdict(told.reason),),
            explanation="" if told is None else told.text,
            ask=ask,
            next=_tr("Next stop"),
            previous=_tr("Previous stop"),
        )

    @staticmethod
    def _verdict(reason: Reason) -> Status:
        if reason is Reason.RIGHT:
            return Status(Mark.GOOD, _tr("right"))
        unsure = reason in (Reason.UNSURE, Reason.LOOK_ALIKE)
        return Status(Mark.WARNING, _tr("unsure")) if unsure else Status(Mark.BAD, _tr("wrong"))

    def look(self, shown: Shown | None, has_camera: bool, network: Callable[[], Network]) -> None:
        """Explain the answer to this stop's picture; before the camera, the answer of the moment it was asked for."""
        self._has_camera = has_camera
        still = self.still
        if shown is None or not (shown.top or shown.unnamed):
            return
        if still is None:
            if not (self._asked and has_camera):
                return
            self._asked = False
        elif shown.frame.name != still.name:
            return
        if shown.unnamed is not None:
            self._explanation = Explanation(Reason.WRONG, word(shown.unnamed.value))
            return
        facts, stop = network(), self._tour.stop
        known = facts.knows(stop.truth, otherwise=stop.known)
        self._explanation = explain(shown.top, stop.truth, known, facts.classes, word)

    def choose(self, place: int) -> None:
        """There is nothing to choose."""

    def ask(self) -> None:
        """Explain what is before the camera now; at a shipped picture, go on."""
        if self._tour.stop.picture is None:
            self._asked = True
        else:
            self.step(1)

    def step(self, offset: int) -> None:
        """Go to another stop, around the ends."""
        self._tour.step(offset)
        self._explanation, self._asked = None, False


def _tr(text: str) -> str:
    return QCoreApplication.translate("Tour", text)
