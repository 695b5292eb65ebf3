"""Errors whose text is one clear line for people: what, where, what is allowed, what to do. NOTE: Qt-free."""


class GuiError(Exception):
    """Base of every expected failure of the window; ``str(error)`` is shown as it is."""


class CaptureError(GuiError):
    """A frame source cannot be opened or read."""


class SettingsError(GuiError):
    """The settings file cannot be read or written, or a value is not allowed."""
