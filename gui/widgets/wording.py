"""Words and fixed-decimal figures of the window, from the data they describe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from gui.capture.spec import kind_of
from gui.core.batch import Batch, BatchItem
from gui.core.conditions import CONDITIONS, Condition, Conditions
from gui.core.frame import Shown
from gui.core.latency import Stage
from gui.core.state import EngineState, SourceInfo, SourceKind, SourceState
from gui.core.text import Written, say, say_n
from gui.core.theme import Mark
from gui.widgets import words

if TYPE_CHECKING:
    from engine import SessionInfo

PERHAPS_BELOW = 0.35

_SOURCE_MARKS = {
    SourceState.LIVE: Mark.GOOD,
    SourceState.STALLED: Mark.WARNING,
    SourceState.RETRYING: Mark.WARNING,
    SourceState.LOST: Mark.BAD,
    SourceState.FAILED: Mark.BAD,
}
_ENGINE_MARKS = {
    EngineState.READY: Mark.GOOD,
    EngineState.STALLED: Mark.WARNING,
    EngineState.RESTARTING: Mark.WARNING,
    EngineState.FAILED: Mark.BAD,
}


@dataclass(frozen=True, slots=True)
class LabelRow:
    """One painted label: its bar is ``fraction`` (0 to 1) long; ``perhaps`` when it is not to be taken as a fact."""

    name: str
    percent: str
    fraction: float
    perhaps: bool

    @property
    def caption(self) -> str:
        """The words before the name."""
        return _tr("perhaps") if self.perhaps else _tr("looks like")


@dataclass(frozen=True, slots=True)
class OverlayText:
    """What is painted over the frame ``seq``: its labels, best first; no rows while nothing labels it.

    ``why`` says in place of the rows why an answer names nothing.
    """

    seq: int
    rows: tuple[LabelRow, ...] = ()
    smoothed: bool = False
    why: str = ""

    @property
    def caption(self) -> str:
        """The words before the first name; says so where the labels are not this frame's alone."""
        if not self.rows:
            return ""
        return f"{self.rows[0].caption} · {_tr('smoothed')}" if self.smoothed else self.rows[0].caption


@dataclass(frozen=True, slots=True)
class ClockText:
    """One clock's line: whose time, the figure with its unit (empty if there is none), and how it came about."""

    subject: str
    figure: str
    word: str

    @property
    def sentence(self) -> str:
        """The line as one text."""
        return " ".join(part for part in (self.subject, self.figure, self.word) if part)


@dataclass(frozen=True, slots=True)
class Status:
    """A state as people read it: shape and word."""

    mark: Mark
    word: str


@dataclass(frozen=True, slots=True)
class Notice:
    """What stands in the middle of the view when there is no live picture: a state, and what to do."""

    status: Status
    title: str
    hint: str


def overlay_text(shown: Shown) -> OverlayText:
    """Return the labels that belong to ``shown``'s own frame."""
    rows = tuple(
        LabelRow(
            label.name,
            percent(label.probability),
            label.probability,
            perhaps=label.probability < PERHAPS_BELOW,
        )
        for label in shown.top
    )
    why = words.word(shown.unnamed.value) if shown.unnamed else ""
    return OverlayText(shown.frame.seq, rows, shown.smoothed, why)


def secret_text(shown: Shown) -> OverlayText:
    """Return what stands where the labels will be once somebody has guessed."""
    return OverlayText(shown.frame.seq, (LabelRow("?", "", 0.0, perhaps=False),))


def percent(fraction: float) -> str:
    """Return a fraction as whole per cent with its unit; what rounds to zero is "<1 %"."""
    return "<1 %" if 0.0 < fraction < 0.005 else f"{fraction * 100:.0f} %"


def milliseconds(value_ms: float | None, decimals: int = 2) -> str:
    """Return milliseconds with fixed decimals and no unit; a dash if there is no value."""
    return "–" if value_ms is None else f"{Written(value_ms):.{decimals}f}"


def rate(frames_per_second: float | None, decimals: int = 1) -> str:
    """Return pictures per second with their unit; nothing if there is no present rate."""
    return "" if frames_per_second is None else f"{Written(frames_per_second):.{decimals}f} fps"


def measured_clock(run_p50_ms: float | None) -> ClockText:
    """Return this machine's clock: median time of the network's run, measured."""
    subject = _tr("this laptop")
    if run_p50_ms is None:
        return ClockText(subject, "", _tr("not measured yet"))
    return ClockText(subject, f"{Written(run_p50_ms):.1f} ms", _tr("measured"))


def modelled_clock(device_ms: float | None) -> ClockText:
    """Return the chip's clock: the network's time on the device, modelled."""
    subject = _tr("Jacinto 7")
    if device_ms is None:
        return ClockText(subject, "", _tr("not modelled"))
    return ClockText(subject, f"{Written(device_ms):.1f} ms", _tr("modelled"))


def source_status(state: SourceState, paused: bool, retries: int) -> Status:
    """Return shape and word of the picture's state."""
    if paused:
        return Status(Mark.UNKNOWN, words.word(SourceState.PAUSED.word))
    word = words.word(state.word)
    word = f"{word} {retries}" if state is SourceState.RETRYING and retries else word
    return Status(_SOURCE_MARKS.get(state, Mark.UNKNOWN), word)


def engine_status(state: EngineState) -> Status:
    """Return shape and word of the engine's state."""
    return Status(_ENGINE_MARKS.get(state, Mark.UNKNOWN), words.word(state.word))


def bench_engine(state: EngineState, info: SessionInfo | None) -> Status:
    """Return the engine's state, and what labels the frames; that alone where it simply works."""
    status = engine_status(state)
    if info is None:
        return status
    line = engine_line(info)
    return Status(status.mark, line if state is EngineState.READY else f"{status.word} · {line}")


def notice(state: SourceState, has_picture: bool, source: SourceInfo | None, retries: int) -> Notice | None:
    """Return what to tell in the middle of the view; None while the picture speaks for itself."""
    title = source.title if source else _tr("the source")
    status = source_status(state, paused=False, retries=retries)
    if state is SourceState.STALLED:
        return Notice(
            status, _tr("No new picture from {source}").format(source=title), _tr("It goes on by itself.")
        )
    if state in (SourceState.LOST, SourceState.RETRYING):
        return Notice(status, _tr("{source} is gone").format(source=title), _hint_while_gone(source))
    if state is SourceState.FAILED:
        # The message strip says which and why: the source named here is still the one before.
        return Notice(status, _tr("This does not open"), f"{drop_hint()}. {_keys_hint()}")
    if has_picture:
        return None
    if state is SourceState.STARTING and source:
        return Notice(status, _tr("Opening {source}").format(source=title), drop_hint())
    return Notice(Status(Mark.UNKNOWN, nothing_open()), drop_hint(), _keys_hint())


def _hint_while_gone(source: SourceInfo | None) -> str:
    if source and kind_of(source.spec) is SourceKind.STREAM:
        return _tr("It goes on by itself when the stream is back, or drop a photo here.")
    return _tr("Plug it in again and it goes on by itself, or drop a photo here.")


def bench_state(state: Status, stand_in: SourceInfo | None, attracting: bool) -> Status:
    """Return the state of the picture's source, and what is shown instead of its pictures."""
    shown = say("demo pictures") if attracting else ""
    instead = stand_in.title if stand_in else shown
    return Status(state.mark, f"{state.word} · {instead}") if instead else state


def show_states(source: SourceState, engine: EngineState, paused: bool, retries: int) -> tuple[Status, ...]:
    """Return the states that visitors see: the picture's, and the engine's while it is not simply working."""
    picture = source_status(source, paused, retries)
    return (picture,) if engine is EngineState.READY else (engine_status(engine), picture)


def compile_title(model_title: str, soc_title: str) -> str:
    """Return what a running compilation prepares."""
    return _tr("Preparing {model} for {soc}").format(model=model_title, soc=soc_title)


def overlay_sentence(text: OverlayText) -> str:
    """Return the painted labels, or why there are none, as one text, for those who cannot see them."""
    if not text.rows:
        return text.why
    return ", ".join((f"{text.caption} {_named(text.rows[0])}", *map(_named, text.rows[1:])))


def conditions_title() -> str:
    """Return what stands before that which is done to the picture."""
    return _tr("Hard conditions")


def condition_title(condition: Condition) -> str:
    """Return a slider's name."""
    return words.word(condition.title)


def condition_help(condition: Condition) -> str:
    """Return what a slider does."""
    return words.word(condition.help)


def preset_title(name: str) -> str:
    """Return the name of a preset of hard conditions."""
    return words.word(name)


def condition_value(condition: Condition, value: int) -> str:
    """Return a slider's value with its unit, and its sign where it may go both ways."""
    figure = f"{value:+d}" if condition.low < 0 and value else f"{value}"
    return f"{figure.replace('-', '−')} {condition.unit}".rstrip().replace(" °", "°")


def conditions_line(conditions: Conditions) -> str:
    """Return what is done to the picture; nothing where nothing is."""
    values = ((condition, getattr(conditions, condition.name)) for condition in CONDITIONS)
    return ", ".join(
        f"{condition_title(condition)} {condition_value(condition, value)}"
        for condition, value in values
        if value != condition.neutral
    )


def _named(row: LabelRow) -> str:
    return f"{row.name} {row.percent}"


def nothing_open() -> str:
    """Return what is said where there is no source."""
    return _tr("nothing open")


def drop_hint() -> str:
    """Return the invitation of every empty place."""
    return _tr("Drop a photo, a folder or a model here")


def _keys_hint() -> str:
    return _tr("Ctrl+O opens files, L goes live.")


def show_title(
    source: SourceInfo | None, soc_title: str, stand_in: SourceInfo | None = None, attracting: bool = False
) -> str:
    """Return what a visitor looks at: the source, or what stands in for it; and that the chip is emulated.

    ``attracting``: demo pictures are shown because nothing moves before the source.
    """
    emulated = _tr("{soc} emulated").format(soc=soc_title)
    if source and stand_in:
        title = _tr("{shown} while {source} is away").format(shown=stand_in.title, source=source.title)
        return f"{title} · {emulated}"
    if source and attracting:
        title = _tr("demo pictures until something moves before {source}").format(source=source.title)
        return f"{title} · {emulated}"
    return f"{source.title} · {emulated}" if source else emulated


def engine_line(info: SessionInfo) -> str:
    """Return what labels the frames: model, SoC, kernel set, threads."""
    threads = say_n("{n} thread", "{n} threads", info.threads)
    kernels = _tr("{name} kernels").format(name=info.kernels)
    return " · ".join((info.model, info.soc.upper(), kernels, threads))


def stage_help(stage: Stage) -> str:
    """Return what a stage's time is."""
    return {
        Stage.QUEUE: _tr("from the frame's capture until the engine takes it"),
        Stage.PREPROCESS: _tr("resize, crop and quantize into the network's input"),
        Stage.RUN: _tr("the network itself, on the emulated accelerator"),
        Stage.POSTPROCESS: _tr("softmax and the five best labels"),
        Stage.PAINT: _tr("picture and overlay into the window's buffer"),
        Stage.AGE: _tr("from the frame's capture to the end of its painting"),
    }[stage]


def item_line(item: BatchItem) -> str:
    """Return the first label of a processed file, or why it has none."""
    if not item.top:
        return item.error
    first = item.top[0]
    words = (_tr("perhaps"), first.name) if first.probability < PERHAPS_BELOW else (first.name,)
    return " ".join((*words, percent(first.probability)))


def batch_line(batch: Batch) -> str:
    """Return how many files are done, and how many of them failed."""
    done = _tr("{done} of {total} done").format(done=len(batch.items), total=batch.total)
    return f"{done} · " + _tr("{n} failed").format(n=batch.failed) if batch.failed else done


def _tr(text: str) -> str:
    return QCoreApplication.translate("Wording", text)
