"""Ctrl+C, SIGTERM and SIGHUP close the window as its user would, at whatever moment of its life they come."""

from __future__ import annotations

import signal
from types import FrameType

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from engine.cli.interrupt import TERMINATIONS


class ClosedBySignals:
    """Inside its ``with`` block the signals close the window; those that come before there is one, once there is.

    Nothing is raised: an exception amid the code of Qt or NumPy may be the end by a fault. Who was started to ignore
    a signal, as by ``nohup``, does. Python hears signals when the pipeline's timer next runs.
    """

    def __init__(self) -> None:
        self._window: QWidget | None = None
        self._is_asked = False
        self._before: dict[int, object] = {}

    def __enter__(self) -> ClosedBySignals:
        for number in (signal.SIGINT, *TERMINATIONS):
            if signal.getsignal(number) != signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def watch(self, window: QWidget) -> None:
        """Close ``window`` when a signal comes, or at once if one has come."""
        self._window = window
        if self._is_asked:
            self._close()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._is_asked = True
        self._close()

    def _close(self) -> None:
        # The event loop may not run yet, and its end is what closing is for: it closes the window itself.
        if self._window is not None:
            QTimer.singleShot(0, self._window, self._window.close)
