"""What was dropped to be used: a model or label file, checked and compiled beside the one in use."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from PySide6.QtCore import QObject, Signal, Slot

from engine.errors import EngineError
from gui.core.errors import told
from gui.core.state import EngineChoice, Message, Progress, Severity
from gui.core.status import Status, Topic
from gui.core.text import say
from gui.workers.backend import Backend, Cancellation, CancelledError
from gui.workers.background import Background
from gui.workers.beside import RunBeside
from gui.workers.doorbell import Doorbell


class CandidateState(Enum):
    """Where a candidate stands."""

    CHECKING = "checking"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A choice that may be taken into use once it is READY."""

    choice: EngineChoice
    state: CandidateState
    progress: Progress | None = None


class Candidates(QObject):
    """One at a time, newest wins. ``changed`` follows every step; what is refused is said by ``refused``."""

    changed = Signal()
    refused = Signal(Severity, str)

    def __init__(self, backend: Backend, run_beside: RunBeside, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._backend = backend
        self._background = Background("candidate", run_beside, self)
        self._progress_bell = Doorbell(self)
        self._progress_bell.rung.connect(self._on_progress)
        self._status = Status(lambda _: None)
        self._cancellation = Cancellation()
        self.current: Candidate | None = None

    def check(self, choice: EngineChoice) -> None:
        """Prepare ``choice`` as if it were to be used; a check that runs is given up."""
        self._cancellation.cancel()
        cancellation = self._cancellation = Cancellation()
        status = self._status = Status(self._on_topic)
        self._set(Candidate(choice, CandidateState.CHECKING))
        self._background.run(
            lambda: self._prepare(choice, status, cancellation),
            lambda messages: self._take(cancellation, choice, messages),
            lambda error: self._refuse(cancellation, error),
        )

    @Slot()
    def drop(self) -> None:
        """Give up the check that runs, or forget what is ready."""
        self._cancellation.cancel()
        self._set(None)

    def _prepare(
        self, choice: EngineChoice, status: Status, cancellation: Cancellation
    ) -> tuple[Message, ...]:
        cancellation.check()
        self._backend.prepare(choice, status, cancellation).close()
        return status.messages()

    def _on_topic(self, topic: Topic) -> None:
        if topic is Topic.PROGRESS:
            self._progress_bell.ring()

    @Slot()
    def _on_progress(self) -> None:
        if self.current is not None and self.current.state is CandidateState.CHECKING:
            self._set(replace(self.current, progress=self._status.progress))

    def _take(self, of: Cancellation, choice: EngineChoice, messages: tuple[Message, ...]) -> None:
        if of is not self._cancellation or self.current is None:
            return
        for message in reversed(messages):
            self.refused.emit(message.severity, message.text)
        self._set(Candidate(choice, CandidateState.READY))

    def _refuse(self, of: Cancellation, error: Exception) -> None:
        if isinstance(error, CancelledError) or of is not self._cancellation:
            return
        self._set(None)
        self.refused.emit(Severity.BAD, _line(error))

    def _set(self, candidate: Candidate | None) -> None:
        self.current = candidate
        self.changed.emit()

    def close(self) -> None:
        """Give up the check that runs."""
        self._cancellation.cancel()


def _line(error: Exception) -> str:
    if isinstance(error, EngineError):
        return told(error)
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}"
    return say("engine: {kind}: {error}", kind=type(error).__name__, error=error)
