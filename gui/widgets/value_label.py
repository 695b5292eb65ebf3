"""A label whose text is a value: readers of the screen are told of what, and then the value."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QWidget


class ValueLabel(QLabel):
    """An accessible name of its own would hide the text from those readers, so the name ends in it."""

    def __init__(self, name: str, text: str = "", parent: QWidget | None = None) -> None:
        """``name`` says what the value is of; empty where the text itself says it."""
        super().__init__(text, parent)
        self._name = name
        self._tell()

    def set_name(self, name: str) -> None:
        """Say what the value is of."""
        self._name = name
        self._tell()

    def setText(self, text: str) -> None:
        """Show ``text``."""
        super().setText(text)
        self._tell()

    def _tell(self) -> None:
        self.setAccessibleName(f"{self._name}: {self.text()}" if self._name else "")
