"""What the picker of the source offers; for the main thread. NOTE: Qt-free."""

from __future__ import annotations

import time
from collections.abc import Callable

from gui.capture.spec import built_in_choices, kind_of, source_choices
from gui.core.state import SourceChoice, SourceInfo
from gui.workers.beside import RunBeside

FRESH_S = 2.0


class Offers:
    """Cameras are enumerated on the side, which may take a while, when somebody asks and what is known is no longer fresh."""

    def __init__(self, run_beside: RunBeside, changed: Callable[[], None]) -> None:
        """``changed`` is called in any thread when there are other cameras than before."""
        self._run_beside = run_beside
        self._changed = changed
        self._sources: tuple[SourceChoice, ...] = built_in_choices()
        self._enumerating = False
        self._known_since_s = 0.0

    def sources(self, opened: SourceInfo | None) -> tuple[SourceChoice, ...]:
        """Return the sources as last enumerated, and the open one."""
        if not self._enumerating and time.monotonic() - self._known_since_s > FRESH_S:
            self._enumerating, self._known_since_s = True, time.monotonic()
            self._run_beside("cameras", self._enumerate, lambda: None)  # it ends by itself
        if opened is None or not opened.spec or any(choice.spec == opened.spec for choice in self._sources):
            return self._sources
        return (*self._sources, SourceChoice(opened.spec, opened.title, kind_of(opened.spec)))

    def _enumerate(self) -> None:
        try:
            found = source_choices()
        finally:
            self._enumerating = False
        if found != self._sources:
            self._sources = found
            self._changed()
