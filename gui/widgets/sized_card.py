"""A card over the picture that is as wide as it was designed, or as there is room."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QWidget


class SizedCard(QFrame):
    """A frame of the cards' look, ``width_px`` wide where nothing narrower is asked for."""

    def __init__(self, width_px: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._width_px = width_px
        self.setFixedWidth(width_px)

    def set_room(self, width_px: int) -> None:
        """Be as wide as the card is by design, or as there is room."""
        self.setFixedWidth(min(self._width_px, width_px))
