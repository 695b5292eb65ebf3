"""Ctrl+C where no command is at work: before one has begun, and after it is done.

NOTE: imports next to nothing, so that as little as possible runs before ``end_at_once``.
"""

import os
import signal
from collections.abc import Callable
from types import FrameType

INTERRUPTED = 130


def end_at_once() -> None:
    """Let Ctrl+C end this process silently.

    There is nothing to undo, and a KeyboardInterrupt amid an import is a traceback, or in compiled code the end of the
    process by a fault. Where whoever started it had it ignore Ctrl+C, it goes on to.
    """
    _change(signal.default_int_handler, _end)


def interrupt_the_work() -> None:
    """Let Ctrl+C raise KeyboardInterrupt again."""
    _change(_end, signal.default_int_handler)


def _end(number: int, frame: FrameType | None) -> None:
    os._exit(INTERRUPTED)


def _change(old: Callable[..., object], new: Callable[..., object]) -> None:
    if signal.getsignal(signal.SIGINT) is old:
        signal.signal(signal.SIGINT, new)
