"""What goes wrong outside the expected: uncaught exceptions and Qt's own warnings, as one line each."""

from __future__ import annotations

import contextlib
import sys
import threading
import traceback
from collections.abc import Callable
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from gui.core.text import say

KEPT_LINES = 200
# What the offscreen platform says of itself, whatever the program does.
EXCUSED = (
    "This plugin does not support propagateSizeHints",
    "This plugin does not support raise",
    "This plugin does not support grabbing the keyboard",
)
_HARMLESS = (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg)


class FaultLog:
    """Collects faults as lines; each goes to standard error, to ``tell`` for the message strip, to ``note`` for the log."""

    def __init__(self, debug: bool = False) -> None:
        self.lines: list[str] = []
        self.tell: Callable[[str], None] = lambda text: None
        self.note: Callable[[BaseException], None] = lambda error: None
        self._debug = debug

    def install(self) -> None:
        """Hear everything from now on: exceptions of every thread and of Qt's callbacks, and Qt's messages."""
        sys.excepthook = self._on_exception
        threading.excepthook = lambda fault: self._on_exception(
            fault.exc_type, fault.exc_value, fault.exc_traceback
        )
        sys.unraisablehook = lambda fault: self._on_exception(
            fault.exc_type, fault.exc_value, fault.exc_traceback
        )
        qInstallMessageHandler(self._on_qt_message)

    def _on_exception(
        self, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._debug:
            traceback.print_exception(kind, error, trace)
        if error is not None:
            self.note(error)
        place = traceback.extract_tb(trace)[-1] if trace else None
        where = f" ({place.filename}:{place.lineno})" if place else ""
        text = say(
            "unexpected {kind}: {error}{where}; please report it",
            kind=kind.__name__,
            error=error,
            where=where,
        )
        self._add(text)

    def _on_qt_message(self, kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
        if kind not in _HARMLESS and not text.startswith(EXCUSED):
            self._add(f"Qt: {text}")

    def _add(self, text: str) -> None:
        line = " ".join(text.split())
        if len(self.lines) < KEPT_LINES:
            self.lines.append(line)
        with contextlib.suppress(OSError, ValueError, AttributeError):  # none, closed, or on a full disk
            sys.stderr.write(f"lens7: {line}\n")
        self.tell(line)
