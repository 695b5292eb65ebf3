"""Errors that a user can act on: each message is one line naming what, where, what is allowed and what to do."""


class EngineError(Exception):
    """Base of every error the engine raises for bad input; broken invariants are asserts instead."""


class ModelError(EngineError):
    """A model file is unreadable, malformed or uses something unknown."""


class UnsupportedError(ModelError):
    """A valid model uses an operator, type or shape that neither device nor host takes."""


class CompileError(EngineError):
    """A network cannot be compiled for the chosen SoC."""


class CalibrationError(EngineError):
    """Calibration images are missing, unreadable or useless."""


class ArtifactError(EngineError):
    """An artifact folder is of another version or SoC, incomplete, edited or truncated."""


class SocError(EngineError):
    """A SoC name is unknown or a SoC file is wrong."""


class ImageError(EngineError):
    """An image is unreadable, not an image, or too large."""


class KernelError(EngineError):
    """A kernel set was asked for that cannot run here."""


class DeviceError(EngineError):
    """The emulated device reported a fault in its mailbox reply."""


class ValidationError(EngineError):
    """Device and float network cannot be compared: no labelled pictures, no processes or no scheduler left."""
