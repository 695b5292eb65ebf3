"""What a session was like: its figures, from the recorded history. NOTE: Qt-free."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gui.core.latency import Stage
from gui.monitor.history_file import HistoryError
from gui.monitor.history_reader import (
    EventRow,
    Floats,
    Frames,
    HistoryReader,
    Integers,
    Minutes,
    SessionRow,
    local_text,
)

MOST_FRAMES = 6_000_000  # 27 hours at 60 frames per second
MOST_LABELS = 20


@dataclass(frozen=True, slots=True)
class EngineShare:
    """How the frames of one engine did; ``run`` is p50, p95, p99 and maximum in ms, measured."""

    engine: str
    frames: int
    run: dict[str, float] | None


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """Everything that the different forms of a report say."""

    history: str
    session: SessionRow
    minutes: Minutes
    host_ms: dict[Stage, dict[str, float] | None]
    frames_kept: int
    modelled_ms: float | None
    dropped: dict[str, int]
    engines: tuple[EngineShare, ...]
    labels: tuple[tuple[str, int], ...]
    events: tuple[EventRow, ...]

    def document(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        minutes, session = self.minutes, self.session
        seconds = (session.span.end_us - session.span.start_us) / 1e6
        shown, compared = int(minutes.frames.sum()), int(minutes.compared.sum())
        return {
            "history": self.history,
            "session": {
                "id": session.id,
                "start": local_text(session.span.start_us),
                "end": local_text(session.span.end_us),
                "seconds": round(seconds, 3),
                "version": session.version,
                "machine": session.machine,
            },
            "frames": {
                "captured": int(minutes.captured.sum()),
                "shown": shown,
                "inferred": int(minutes.labelled.sum()),
                "kept": self.frames_kept,
                "dropped": self.dropped,
            },
            "fps": round(shown / seconds, 2) if seconds > 0 else 0.0,
            "host_ms": {
                stage.name.lower(): found for stage, found in self.host_ms.items() if stage is not Stage.AGE
            },
            "frame_age_ms": self.host_ms[Stage.AGE],
            "device_ms": self.modelled_ms,
            "compare": {
                "compared": compared,
                "agreement": int(minutes.agreed.sum()) / compared if compared else None,
            },
            "engines": [{"engine": x.engine, "frames": x.frames, "run_ms": x.run} for x in self.engines],
            "labels": [{"label": name, "frames": count} for name, count in self.labels],
            "events": [
                {"time": local_text(x.date_us), "kind": x.kind, "severity": x.severity, "text": x.text}
                for x in self.events
            ],
        }

    def rows(self) -> list[tuple[str, str]]:
        """Return name and value of the figures that fit a table for people."""
        document = self.document()
        frames, session = document["frames"], document["session"]
        dropped = ", ".join(f"{count} {reason}" for reason, count in self.dropped.items()) or "none"
        agreement = document["compare"]["agreement"]
        return [
            ("session", f"{session['id']}: {session['start']} to {session['end']}"),
            (
                "captured / labelled / shown",
                f"{frames['captured']} / {frames['inferred']} / {frames['shown']}",
            ),
            ("dropped", dropped),
            ("frames per second", f"{document['fps']:.1f}"),
            *((f"{stage.value} p50 / p95 / p99 (measured)", _text(self.host_ms[stage])) for stage in Stage),
            ("chip (modelled)", "not modelled" if self.modelled_ms is None else f"{self.modelled_ms:.2f} ms"),
            ("float and 8 bit agree", "not compared" if agreement is None else f"{agreement:.1%}"),
            ("events", str(len(self.events))),
        ]


def make_report(reader: HistoryReader, number: int | None = None) -> Report:
    """Return the report on session ``number``, or on the last one that showed a picture.

    Raises:
        HistoryError: there is no such session, or the history cannot be read.
    """
    session = _choose(reader, number)
    span = session.span
    frames = reader.frames(span, session.id, MOST_FRAMES)
    if not frames.complete:
        raise HistoryError(f"history {reader.path}: session {session.id} has more than {MOST_FRAMES} frames")
    names, engines = reader.labels(), reader.engines()
    counted = Counter(frames.label[frames.label >= 0].tolist())
    modelled = frames.modelled_ms[np.isfinite(frames.modelled_ms)]
    return Report(
        history=str(reader.path),
        session=session,
        minutes=reader.minutes(span, session.id),
        host_ms={stage: summary(times_ms) for stage, times_ms in frames.stages_ms.items()},
        frames_kept=int(frames.date_us.size),
        modelled_ms=float(modelled[-1]) if modelled.size else None,
        dropped=reader.drops(span, session.id),
        engines=tuple(_engine_shares(frames, engines)),
        labels=tuple((names.get(label, "?"), count) for label, count in counted.most_common(MOST_LABELS)),
        events=tuple(reader.events(span, session.id)),
    )


def session_rows(sessions: Sequence[SessionRow]) -> list[dict[str, Any]]:
    """Return one row of values per session, oldest first."""
    return [
        {
            "session": session.id,
            "start": local_text(session.span.start_us),
            "end": local_text(session.span.end_us),
            "frames": session.frames,
            "version": session.version,
        }
        for session in sessions
    ]


def summary(times_ms: Floats) -> dict[str, float] | None:
    """Return p50, p95, p99 and maximum of what is not NaN, None if nothing is left."""
    known = times_ms[np.isfinite(times_ms)]
    if not known.size:
        return None
    p50, p95, p99 = np.percentile(known, (50, 95, 99))
    return {"p50": float(p50), "p95": float(p95), "p99": float(p99), "max": float(known.max())}


def _choose(reader: HistoryReader, number: int | None) -> SessionRow:
    sessions = reader.sessions()
    if number is None:
        shown = [session for session in sessions if session.frames]
        if not shown:
            raise HistoryError(f"history {reader.path}: no session in it showed a picture yet")
        return shown[-1]
    for session in sessions:
        if session.id == number:
            return session
    known = ", ".join(str(session.id) for session in sessions[-10:]) or "none"
    raise HistoryError(f"history {reader.path}: there is no session {number}; the last ones are {known}")


def _engine_shares(frames: Frames, engines: dict[int, str]) -> Iterator[EngineShare]:
    numbers: Integers = np.unique(frames.engine[frames.engine >= 0])
    for number in numbers.tolist():
        mine = frames.engine == number
        yield EngineShare(
            engines.get(number, "?"), int(mine.sum()), summary(frames.stages_ms[Stage.RUN][mine])
        )


def _text(found: dict[str, float] | None) -> str:
    return "none" if found is None else f"{found['p50']:.2f} / {found['p95']:.2f} / {found['p99']:.2f} ms"
