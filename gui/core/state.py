"""States, messages and descriptions that the window shows. NOTE: Qt-free."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class _Worded(Enum):
    """An enum whose value is the word that people read."""

    @property
    def word(self) -> str:
        """The word shown to people."""
        return str(self.value)


class SourceState(_Worded):
    """Where the open frame source stands."""

    STARTING = "starting"
    LIVE = "live"
    PAUSED = "paused"
    STALLED = "stalled"
    LOST = "lost"
    RETRYING = "retrying"
    ENDED = "ended"
    FAILED = "failed"


class EngineState(_Worded):
    """Where the engine stands; labels are only painted while READY."""

    NONE = "no model"
    COMPILING = "compiling"
    LOADING = "loading"
    READY = "ready"
    STALLED = "engine stalled"
    RESTARTING = "engine restarting"
    FAILED = "no engine"


class Severity(_Worded):
    """How much a message matters."""

    INFO = "info"
    WARNING = "warning"
    BAD = "bad"


class SourceKind(_Worded):
    """What sort of source a choice is; decides its icon and its group in the picker."""

    CAMERA = "camera"
    VIDEO = "video"
    IMAGES = "images"
    STREAM = "stream"
    SYNTHETIC = "synthetic"
    DEMO = "demo"


@dataclass(frozen=True, slots=True)
class Message:
    """One line for the message strip: what happened, and what to do."""

    severity: Severity
    text: str
    monotonic_ns: int


STAGES = ("starting", "reading the model", "calibrating", "quantizing", "writing the artifact", "done")
"""What a compilation says that it does, one after the other: the engine's words, for the translators."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a long job is: ``fraction`` between 0 and 1."""

    stage: str
    fraction: float


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What the open source is: the ``spec`` that opens it again, a short title, a detail such as its size."""

    spec: str
    title: str
    detail: str


@dataclass(frozen=True, slots=True)
class SourceChoice:
    """One line of the source picker."""

    spec: str
    title: str
    kind: SourceKind


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of the model or SoC picker: ``value`` selects it, ``title`` is read."""

    value: str
    title: str


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """Which network is to run, for which SoC, by which recipe, and how on this machine."""

    model: str = "efficientnet_lite0"
    soc: str = "tda4vm"
    recipe: str = "lens7"
    kernels: str = "auto"
    threads: int = 1
    labels: str = ""
    """A file of class names to use instead of the model's own; empty: the model's own."""
