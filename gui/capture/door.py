"""Who may open cameras: the live picture always, previews only while it needs none. NOTE: Qt-free."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock

PREVIEW_PATIENCE_S = 2.5  # a camera's read gives up after two


class CameraDoor:
    """The live pipeline holds the door while it opens or seeks a camera; a preview goes in, and comes out when told."""

    def __init__(self) -> None:
        self._inside = Lock()
        self._held = Event()

    def hold(self) -> None:
        """Let no preview in from now on, and tell the one inside to come out; does not wait."""
        self._held.set()

    def release(self) -> None:
        """Let previews in again."""
        self._held.clear()

    @property
    def is_held(self) -> bool:
        """Whether a preview must come out."""
        return self._held.is_set()

    def wait_free(self) -> None:
        """Wait until no preview is inside; a camera that does not let one go is not waited for longer."""
        if self._inside.acquire(timeout=PREVIEW_PATIENCE_S):
            self._inside.release()

    @contextmanager
    def preview(self) -> Iterator[bool]:
        """Be inside, if that is allowed now: yields whether it is."""
        with self._inside:
            yield not self.is_held
