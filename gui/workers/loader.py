"""The compile thread: prepares the engine that was asked for last, while the picture goes on. NOTE: Qt-free."""

from __future__ import annotations

from collections.abc import Callable
from threading import Condition

from engine.errors import EngineError
from gui.core.errors import told
from gui.core.state import EngineChoice, EngineState, Severity
from gui.core.status import Status
from gui.core.text import say
from gui.workers.backend import Backend, Cancellation, CancelledError
from gui.workers.shift import SessionLike


class EngineLoader:
    """Takes requests, newest wins; hands finished sessions to ``use``. ``run`` is the thread."""

    def __init__(self, backend: Backend, status: Status, use: Callable[[SessionLike], None]) -> None:
        self._backend = backend
        self._status = status
        self._use = use
        self._asked = Condition()
        self._request: EngineChoice | None = None
        self._running = Cancellation()
        self._stopped = False

    def request(self, choice: EngineChoice) -> None:
        """Prepare ``choice``; a compilation that runs is given up."""
        self._status.set_engine(EngineState.LOADING)
        with self._asked:
            self._request = choice
            self._asked.notify_all()
            self._running.cancel()

    def cancel(self) -> None:
        """Give up the compilation that runs; the engine in use stays."""
        with self._asked:
            self._running.cancel()

    def stop(self) -> None:
        """End ``run``; a compilation that runs is given up."""
        with self._asked:
            self._stopped = True
            self._asked.notify_all()
            self._running.cancel()

    def run(self) -> None:
        """Work until stopped."""
        while (choice := self._next()) is not None:
            self._prepare(choice)
        self._backend.close()

    def _next(self) -> EngineChoice | None:
        with self._asked:
            self._asked.wait_for(lambda: self._stopped or self._request is not None)
            choice, self._request = self._request, None
            self._running = Cancellation()
            return None if self._stopped else choice

    def _is_superseded(self) -> bool:
        with self._asked:
            return self._stopped or self._request is not None

    def _prepare(self, choice: EngineChoice) -> None:
        try:
            self._hand_over(self._backend.prepare(choice, self._status, self._running), choice)
        except CancelledError as error:
            self._fall_back(Severity.INFO, str(error))
        except EngineError as error:
            self._fall_back(Severity.BAD, told(error))
        except OSError as error:
            self._fall_back(Severity.BAD, f"{error.filename}: {error.strerror}")
        except Exception as error:  # noqa: BLE001 - the edge of this thread: the picture must go on
            text = say("engine: {kind}: {error}", kind=type(error).__name__, error=error)
            self._fall_back(Severity.BAD, text)

    def _hand_over(self, session: SessionLike, choice: EngineChoice) -> None:
        if self._is_superseded():
            session.close()
            return
        self._use(session)
        self._status.set_session(session.info, session.artifact, choice)
        self._status.set_engine(EngineState.READY)

    def _fall_back(self, severity: Severity, text: str) -> None:
        """Say what happened; the session in use, if there is one, goes on."""
        if self._is_superseded():
            return
        in_use = self._status.session_info
        if in_use:
            text = say("{text}; {model} on {soc} goes on", text=text, model=in_use.model, soc=in_use.soc)
        self._status.post(severity, text)
        self._status.set_engine(EngineState.READY if in_use else EngineState.FAILED)
