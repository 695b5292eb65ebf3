"""When another engine comes into use: what the one before answered is labelled anew, or goes. NOTE: Qt-free."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gui.core.state import EngineChoice, EngineState
from gui.core.status import Status
from gui.workers.source_keeper import SourceKeeper

if TYPE_CHECKING:
    from engine import SessionInfo


class Relabelling:
    """Leaves no answer of another engine in the view, nor in the table of a batch; for the main thread."""

    def __init__(self, status: Status, sources: SourceKeeper, first: EngineChoice) -> None:
        """``first`` is what will label the first pictures."""
        self._status = status
        self._sources = sources
        self._in_use: tuple[SessionInfo, EngineChoice] | None = None
        self._labelled_by: EngineChoice | None = first
        """What the files of a batch were labelled by last; None once they may have been left without labels."""

    def follow(self, paused: bool) -> bool:
        """Act if another engine is in use than when this was called last; return whether one is."""
        in_use = self._status.in_use
        changed = in_use is not self._in_use
        if changed:
            self._label_anew(in_use, paused)
            self._in_use = in_use
        if self._status.engine_state is EngineState.FAILED:
            self._labelled_by = None
        return changed

    def _label_anew(self, in_use: tuple[SessionInfo, EngineChoice] | None, paused: bool) -> None:
        choice = in_use[1] if in_use is not None else self._labelled_by
        if self._status.batch is not None and choice is not None and not choice.answers_as(self._labelled_by):
            self._sources.read_again()
        elif self._in_use is not None or paused:
            self._sources.again()
        self._labelled_by = choice
