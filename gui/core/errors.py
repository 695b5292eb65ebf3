"""Errors whose text is one clear line for people: what, where, what is allowed, what to do. NOTE: Qt-free."""

from engine.errors import ArtifactError
from gui.core.text import say


class GuiError(Exception):
    """Base of every expected failure of the window; ``str(error)`` is shown as it is."""


class CaptureError(GuiError):
    """A frame source cannot be opened or read."""


class SettingsError(GuiError):
    """The settings file cannot be read or written, or a value is not allowed."""


class RefusedError(GuiError, ArtifactError):
    """A model or label file that the window itself refuses, in its own language."""


def told(error: Exception) -> str:
    """Return an expected failure as one line; the engine knows English only, and other windows say whose words they are."""
    return str(error) if isinstance(error, GuiError) else say("{english}", english=error)
