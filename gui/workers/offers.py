"""What the pickers of source, model and SoC offer; for the main thread. NOTE: Qt-free."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from engine.soc import load_soc, soc_names
from gui.capture.spec import built_in_choices, kind_of, source_choices
from gui.core.state import Choice, SourceChoice, SourceInfo
from gui.workers.beside import RunBeside

FRESH_S = 2.0
_BUILT_IN_MODEL = Choice("efficientnet_lite0", "EfficientNet-Lite0")


class Offers:
    """Cameras are enumerated on the side, which may take a while, when somebody asks and what is known is no longer fresh."""

    def __init__(self, run_beside: RunBeside, changed: Callable[[], None]) -> None:
        """``changed`` is called in any thread when there are other cameras than before."""
        self._run_beside = run_beside
        self._changed = changed
        self._sources: tuple[SourceChoice, ...] = built_in_choices()
        self._socs = tuple(Choice(name, load_soc(name).title) for name in soc_names())
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

    def models(self, chosen: str) -> tuple[Choice, ...]:
        """Return the built-in model, and the chosen one."""
        if chosen == _BUILT_IN_MODEL.value:
            return (_BUILT_IN_MODEL,)
        return (_BUILT_IN_MODEL, Choice(chosen, Path(chosen).name))

    def socs(self) -> tuple[Choice, ...]:
        """Return the chips that Lens7 knows."""
        return self._socs
