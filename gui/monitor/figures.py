"""All figures of one moment, as one JSON document and as Prometheus text. NOTE: Qt-free.

Text format: https://prometheus.io/docs/instrumenting/exposition_formats/, version 0.0.4. Times are in seconds there;
a metric says in its name and help whether it is measured or modelled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gui.core.latency import Percentiles, Stage
from gui.monitor.records import EngineRecord

_QUANTILES = (("p50_ms", "0.5"), ("p95_ms", "0.95"), ("p99_ms", "0.99"), ("max_ms", "1"))


@dataclass(frozen=True, slots=True)
class CompareFigures:
    """Float against 8 bit so far; ``cosine`` of the logits is the mean over the last minute."""

    compared: int
    agreed: int
    dropped: int
    cosine: float | None = None


@dataclass(frozen=True, slots=True)
class CloudFigures:
    """Edge against cloud so far; latency over the last minute, partly simulated."""

    answered: int
    failed: int
    bytes_sent: int
    p50_ms: float | None
    p95_ms: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that is told about one moment."""

    version: str
    uptime_s: float
    source_state: str
    engine_state: str
    engine: EngineRecord | None
    captured: int
    labelled: int
    shown: int
    dropped: Mapping[str, int]
    fps: float
    stages: Mapping[Stage, Percentiles | None]
    modelled_ms: float | None
    memory_bytes: int
    alarms: tuple[str, ...] = ()
    compare: CompareFigures | None = None
    cloud: CloudFigures | None = None
    history_lost: int = 0


def document(figures: Figures) -> dict[str, Any]:
    """Return the figures as JSON values; null where something is not measured or not modelled."""
    engine, compare, cloud = figures.engine, figures.compare, figures.cloud
    return {
        "version": figures.version,
        "uptime_s": round(figures.uptime_s, 1),
        "source_state": figures.source_state,
        "engine_state": figures.engine_state,
        "engine": None
        if engine is None
        else {name: getattr(engine, name) for name in EngineRecord.__slots__},
        "frames": {
            "captured": figures.captured,
            "inferred": figures.labelled,
            "shown": figures.shown,
            "dropped": dict(figures.dropped),
        },
        "fps": round(figures.fps, 2),
        "host_ms": {stage.name.lower(): _summary(found) for stage, found in figures.stages.items()},
        "device_ms": figures.modelled_ms,
        "memory_bytes": figures.memory_bytes,
        "alarms": list(figures.alarms),
        "compare": None
        if compare is None
        else {name: getattr(compare, name) for name in CompareFigures.__slots__},
        "cloud": None if cloud is None else {name: getattr(cloud, name) for name in CloudFigures.__slots__},
        "history_lost": figures.history_lost,
    }


def _summary(found: Percentiles | None) -> dict[str, float] | None:
    return (
        None
        if found is None
        else {"p50": found.p50_ms, "p95": found.p95_ms, "p99": found.p99_ms, "max": found.max_ms}
    )


def prometheus_text(figures: Figures) -> str:
    """Return the figures in Prometheus' text format."""
    text = _Text()
    engine = figures.engine
    facts = (
        {name: str(getattr(engine, name)) for name in EngineRecord.__slots__} if engine is not None else {}
    )
    text.gauge("lens7_info", "What runs.", [({"version": figures.version, **facts}, 1)])
    text.gauge("lens7_uptime_seconds", "Time since the window was started.", [({}, figures.uptime_s)])
    text.gauge("lens7_source_state", "Where the frame source stands.", [({"state": figures.source_state}, 1)])
    text.gauge("lens7_engine_state", "Where the engine stands.", [({"state": figures.engine_state}, 1)])
    text.counter("lens7_frames_captured", "Frames that came from sources.", [({}, figures.captured)])
    text.counter("lens7_frames_labelled", "Frames that the engine labelled.", [({}, figures.labelled)])
    text.counter("lens7_frames_shown", "Frames that were painted.", [({}, figures.shown)])
    dropped = [({"reason": reason}, count) for reason, count in figures.dropped.items()]
    text.counter("lens7_frames_dropped", "Frames that were not painted, by reason.", dropped)
    text.gauge("lens7_frames_per_second", "Painted frames per second.", [({}, figures.fps)])
    text.gauge("lens7_stage_seconds", "Measured time of a stage, last 60 s.", _stage_samples(figures.stages))
    if figures.modelled_ms is not None:
        text.gauge(
            "lens7_chip_modelled_seconds", "Modelled time of the chip.", [({}, figures.modelled_ms / 1000)]
        )
    text.gauge("lens7_resident_memory_bytes", "Memory of the window's process.", [({}, figures.memory_bytes)])
    text.gauge("lens7_alarms", "Alarms that stand.", [({}, len(figures.alarms))])
    text.counter("lens7_history_lost_records", "Records that history lost.", [({}, figures.history_lost)])
    _compare_samples(text, figures.compare)
    _cloud_samples(text, figures.cloud)
    return text.finish()


def _stage_samples(stages: Mapping[Stage, Percentiles | None]) -> list[tuple[dict[str, str], float]]:
    return [
        ({"stage": stage.value, "quantile": quantile}, getattr(found, field_) / 1000)
        for stage, found in stages.items()
        if found is not None
        for field_, quantile in _QUANTILES
    ]


def _compare_samples(text: _Text, compare: CompareFigures | None) -> None:
    if compare is None:
        return
    text.counter(
        "lens7_frames_compared", "Frames that float and 8 bit both labelled.", [({}, compare.compared)]
    )
    text.counter("lens7_frames_agreed", "Compared frames with the same first label.", [({}, compare.agreed)])
    text.counter("lens7_compare_dropped", "Frames that float had no time for.", [({}, compare.dropped)])
    if compare.cosine is not None:
        text.gauge("lens7_logit_cosine", "Mean cosine of the logits, last 60 s.", [({}, compare.cosine)])


def _cloud_samples(text: _Text, cloud: CloudFigures | None) -> None:
    if cloud is None:
        return
    text.counter("lens7_cloud_answers", "Frames that the cloud function labelled.", [({}, cloud.answered)])
    text.counter("lens7_cloud_failures", "Requests to the cloud function that failed.", [({}, cloud.failed)])
    text.counter("lens7_cloud_sent_bytes", "Bytes that went to the cloud function.", [({}, cloud.bytes_sent)])
    found = ((cloud.p50_ms, "0.5"), (cloud.p95_ms, "0.95"))
    samples = [({"quantile": quantile}, ms / 1000) for ms, quantile in found if ms is not None]
    text.gauge("lens7_cloud_seconds", "Time to the cloud's answer, partly simulated, last 60 s.", samples)


class _Text:
    """Collects metric families."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def gauge(self, name: str, help_: str, samples: Iterable[tuple[Mapping[str, str], float]]) -> None:
        self._family(name, "gauge", help_, samples)

    def counter(self, name: str, help_: str, samples: Iterable[tuple[Mapping[str, str], float]]) -> None:
        self._family(f"{name}_total", "counter", help_, samples)

    def _family(
        self, name: str, kind: str, help_: str, samples: Iterable[tuple[Mapping[str, str], float]]
    ) -> None:
        self._lines += [f"# HELP {name} {help_}", f"# TYPE {name} {kind}"]
        for labels, value in samples:
            inside = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
            self._lines.append(f"{name}{{{inside}}} {value:.10g}" if inside else f"{name} {value:.10g}")

    def finish(self) -> str:
        return "\n".join(self._lines) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
