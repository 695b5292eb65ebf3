"""States, messages and descriptions that the window shows. NOTE: Qt-free."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.importers.options import ImportOptions


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


STAGES = (
    "starting", "reading the model", "calibrating", "compiling the kernels", "quantizing", "writing the artifact", "done",
)  # fmt: skip
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
    cores: int | None = None
    clock_mhz: float | None = None
    """Cores and clock of the chip; None: as it is made."""
    bare: ImportOptions | None = None
    """What the command line says about a bare model file; None: nothing."""
    asked: frozenset[str] = field(default=frozenset(), compare=False)
    """Which of ``soc``, ``recipe``, ``cores`` and ``clock_mhz`` people asked for with this model, and not for another."""

    def answers_as(self, other: EngineChoice | None) -> bool:
        """Return whether ``other`` gives the same answers: kernel sets and threads agree to the last bit."""
        return other is not None and replace(self, kernels=other.kernels, threads=other.threads) == other

    def with_model(self, model: str) -> EngineChoice:
        """Return another model on the same chip; what was said about the model before is forgotten."""
        return replace(self, model=model, labels="", bare=None, asked=frozenset())

    def with_soc(self, soc: str) -> EngineChoice:
        """Return the same model on another chip, as that is made."""
        asked = (self.asked | {"soc"}) - {"cores", "clock_mhz"}
        return replace(self, soc=soc, cores=None, clock_mhz=None, asked=asked)

    def with_recipe(self, recipe: str) -> EngineChoice:
        """Return the same model by another recipe."""
        return replace(self, recipe=recipe, asked=self.asked | {"recipe"})

    def wanted(self, name: str) -> Any:
        """Return the value of a field that people asked for, None where they did not."""
        return getattr(self, name) if name in self.asked else None
