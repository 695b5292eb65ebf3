"""The thread that prices the network for the device panel: the newest question wins, the window never waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Signal

from engine.errors import EngineError
from gui.core.device_figures import DeviceClock, DeviceFigures
from gui.core.errors import GuiError, told
from gui.core.slot import LatestSlot
from gui.core.what_if import WhatIf
from gui.workers.background import Background
from gui.workers.beside import RunBeside

if TYPE_CHECKING:
    from engine.program.artifact import Artifact


class Clock(Protocol):
    """What prices a network; replaced by a fake in tests."""

    def figures(self, what_if: WhatIf) -> DeviceFigures:
        """Return what the window shows for ``what_if``; raises ``EngineError`` or ``GuiError``."""


@dataclass(frozen=True, slots=True)
class DeviceAnswer:
    """What became of a question: the chip as compiled for and the one asked about, or one line on why there is none.

    ``what_if`` is the question; None asked for the chip compiled for, so that ``asked`` is ``compiled``.
    ``refusal`` is about the chip asked about; without ``compiled`` nothing of the network can be modelled at all.
    """

    artifact: Artifact
    what_if: WhatIf | None
    compiled: DeviceFigures | None
    asked: DeviceFigures | None
    refusal: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class _Question:
    artifact: Artifact
    what_if: WhatIf | None


class DeviceModel(QObject):
    """``ask`` returns at once; ``answered`` follows in the main thread, and ``answer`` is what came out last."""

    answered = Signal()

    def __init__(
        self,
        run_beside: RunBeside,
        make_clock: Callable[[Artifact], Clock] = DeviceClock,
        parent: QObject | None = None,
    ) -> None:
        """``run_beside`` starts the thread with the first question."""
        super().__init__(parent)
        self._make_clock = make_clock
        self._slot: LatestSlot[_Question] = LatestSlot()
        self._background = Background("device model", run_beside, self)
        self._answer: DeviceAnswer | None = None
        self._clock: Clock | None = None
        self._compiled: DeviceAnswer | None = None

    @property
    def answer(self) -> DeviceAnswer | None:
        """The newest answer, None before the first."""
        return self._answer

    def ask(self, artifact: Artifact, what_if: WhatIf | None = None) -> None:
        """Price ``artifact`` on ``what_if``; None is the chip that it was compiled for."""
        self._slot.put(_Question(artifact, what_if))
        self._background.run(self._answer_newest, self._take)

    def _take(self, answer: DeviceAnswer | None) -> None:
        if answer is not None:
            self._answer = answer
            self.answered.emit()

    def _answer_newest(self) -> DeviceAnswer | None:
        """Answer the newest question, None where it has been answered instead of an older one."""
        question = self._slot.take()
        return None if question is None else self._work(question)

    def _work(self, question: _Question) -> DeviceAnswer:
        compiled = self._as_compiled(question.artifact)
        if compiled.compiled is None or question.what_if is None:
            return compiled
        if question.what_if == compiled.compiled.what_if:
            return replace(compiled, what_if=question.what_if)
        figures, refusal = self._price(question.what_if)
        return DeviceAnswer(question.artifact, question.what_if, compiled.compiled, figures, refusal)

    def _as_compiled(self, artifact: Artifact) -> DeviceAnswer:
        """Return the answer for the chip that ``artifact`` was compiled for, worked out once."""
        if self._compiled is None or self._compiled.artifact is not artifact:
            self._clock = self._make_clock(artifact)
            try:
                figures, refusal = self._price(WhatIf.compiled(artifact))
            except EngineError as error:
                figures, refusal = None, told(error)
            self._compiled = DeviceAnswer(artifact, None, figures, figures, refusal)
        return self._compiled

    def _price(self, what_if: WhatIf) -> tuple[DeviceFigures | None, str]:
        assert self._clock is not None
        try:
            return self._clock.figures(what_if), ""
        except (EngineError, GuiError) as error:
            return None, told(error)
