"""Ctrl+C, SIGTERM and SIGHUP: where no command is at work they end the process at once, else the work ends first.

NOTE: imports next to nothing, so that as little as possible runs before ``end_at_once``.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import FrameType

INTERRUPTED = 130
# Beside Ctrl+C: what a service manager, a time limit and a terminal that is closed send. Windows has no SIGHUP.
TERMINATIONS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))

_Handler = Callable[[int, FrameType | None], object] | signal.Handlers


def end_at_once() -> None:
    """Let Ctrl+C end this process silently, as SIGTERM and SIGHUP do by themselves.

    There is nothing to undo, and a KeyboardInterrupt amid an import is a traceback, or in compiled code the end of the
    process by a fault. Where whoever started it had it ignore Ctrl+C, it goes on to.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)


def interrupts_end_the_work() -> AbstractContextManager[None]:
    """Inside, Ctrl+C raises KeyboardInterrupt and the others SystemExit, so that no file or process is left behind."""
    changes: dict[int, tuple[_Handler, _Handler]] = {signal.SIGINT: (_end, signal.default_int_handler)}
    return _replaced(changes | dict.fromkeys(TERMINATIONS, (signal.SIG_DFL, _end_the_work)))


def interrupts_end_at_once() -> AbstractContextManager[None]:
    """Inside, amid the work, they end the process again: for imports of compiled code, which have nothing to undo."""
    changes: dict[int, tuple[_Handler, _Handler]] = {signal.SIGINT: (signal.default_int_handler, _end)}
    return _replaced(changes | dict.fromkeys(TERMINATIONS, (_end_the_work, signal.SIG_DFL)))


@contextmanager
def _replaced(changes: dict[int, tuple[_Handler, _Handler]]) -> Iterator[None]:
    """Handle each signal whose handler is the first of the two by the second."""
    before = {
        number: signal.signal(number, new)
        for number, (old, new) in changes.items()
        if signal.getsignal(number) == old
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, frame: FrameType | None) -> None:
    os._exit(INTERRUPTED)


def _end_the_work(number: int, frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_DFL)  # who asks twice does not want to wait
    raise SystemExit(128 + number)
