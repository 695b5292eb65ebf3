"""Which layer people look at: pointed at for the moment, or pinned until they choose another."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class LayerChoice(QObject):
    """Shared by all that draw layers, so that a layer chosen in one is marked in the others. Layers count from 0."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._count = 0
        self._pointed: int | None = None
        self._pinned: int | None = None

    @property
    def pointed(self) -> int | None:
        """The layer under the pointer or the keyboard's cursor."""
        return self._pointed

    @property
    def pinned(self) -> int | None:
        """The layer that stays chosen."""
        return self._pinned

    @property
    def shown(self) -> int | None:
        """The layer to tell about."""
        return self._pinned if self._pointed is None else self._pointed

    def set_count(self, count: int) -> None:
        """There are ``count`` layers now; what was chosen of another network is forgotten."""
        if count != self._count:
            self._count = count
            self._pointed = self._pinned = None
            self.changed.emit()

    def point(self, layer: int | None) -> None:
        """Point at a layer, or at none."""
        if layer != self._pointed:
            self._pointed = layer
            self.changed.emit()

    def pin(self, layer: int | None) -> None:
        """Keep a layer chosen; the same again, or None, lets it go."""
        self._pinned = None if layer == self._pinned else layer
        self.changed.emit()

    def move(self, by: int) -> None:
        """Point at the layer ``by`` places further, not beyond the ends."""
        if self._count:
            start = self.shown
            goal = 0 if start is None else start + by
            self.point(min(max(goal, 0), self._count - 1))
