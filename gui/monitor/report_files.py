"""A session's report as a web page and as a table of frames. NOTE: Qt-free."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import TextIO

import numpy as np

from engine.files import written_whole
from gui.core.errors import GuiError
from gui.core.latency import Stage
from gui.core.theme import LIGHT
from gui.monitor.history_file import QUANTILES, STAGE_COLUMNS
from gui.monitor.history_reader import HistoryReader, local_text, per_second
from gui.monitor.report import MOST_FRAMES, Report
from gui.monitor.svg_plot import Line, time_plot

_OPACITIES = (1.0, 0.6, 0.35)  # p50, p95, p99
_GAP_US = 90_000_000
_STYLE = f"""
body {{ font: 15px/1.5 Inter, system-ui, sans-serif; color: {LIGHT.text}; background: {LIGHT.background};
  margin: 2rem auto; max-width: 60rem; padding: 0 1rem; font-variant-numeric: tabular-nums; }}
table {{ border-collapse: collapse; background: {LIGHT.surface}; margin: .5rem 0 1.5rem; }}
td, th {{ border: 1px solid {LIGHT.hairline}; padding: .25rem .75rem; text-align: left; vertical-align: top; }}
svg {{ width: 100%; background: {LIGHT.surface}; border: 1px solid {LIGHT.hairline}; }}
svg text {{ font-size: 11px; fill: {LIGHT.secondary}; }} .grid {{ stroke: {LIGHT.hairline}; }}
.legend, .note {{ color: {LIGHT.secondary}; font-size: 13px; }}
"""


class ReportError(GuiError):
    """A report cannot be written."""


def write_html(report: Report, path: Path) -> None:
    """Write the report as one web page: no script, nothing loaded from anywhere.

    Raises:
        ReportError: the file cannot be written.
    """
    page = html_page(report)
    _write(path, lambda file: file.write(page))


def write_csv(reader: HistoryReader, report: Report, path: Path) -> int:
    """Write one line per kept frame of the report's session and return how many there are.

    Raises:
        ReportError: the file cannot be written.
    """
    labels, engines = reader.labels(), reader.engines()
    session = report.session
    written = 0

    def write(file: TextIO) -> None:
        nonlocal written
        table = csv.writer(file, lineterminator="\n")
        stages = [f"{column}_ms_measured" for column in STAGE_COLUMNS.values()]
        table.writerow(["time", "engine", "label", "probability", *stages, "chip_ms_modelled"])
        for date_us, _, engine, label, permyriad, *times_us in rows:
            table.writerow(
                [
                    _iso(date_us or 0),
                    _cell(engines.get(engine or 0, "")),
                    _cell(labels.get(label or 0, "")),
                    "" if permyriad is None else f"{permyriad / 10_000:.4f}",
                    *("" if each is None else f"{each / 1000:.3f}" for each in times_us),
                ]
            )
            written += 1

    with closing(reader.frame_rows(session.span, session.id, MOST_FRAMES)) as rows:
        _write(path, write)
    return written


def html_page(report: Report) -> str:
    """Return the report as a web page."""
    session = report.session
    title = f"Lens7, session {session.id}, {local_text(session.span.start_us)}"
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>",
        _table(("", ""), report.rows()),
        f'<p class="note">Lens7 {escape(session.version)} on {escape(session.machine)}. <b>Measured</b> is time on that'
        " computer; <b>modelled</b> is the chip's time, computed from its program. They are never added up.</p>",
        *_plots(report),
        "<h2>Engines</h2>",
        _table(
            ("engine", "frames", "run p50 / p95 / p99 / max, ms measured"),
            [(x.engine, f"{x.frames}", _numbers(x.run)) for x in report.engines],
        ),
        "<h2>What was seen most</h2>",
        _table(("first label", "frames"), [(name, f"{count}") for name, count in report.labels]),
        "<h2>Events</h2>",
        _table(
            ("time", "kind", "", "what"),
            [(local_text(x.date_us), x.kind, x.severity, x.text) for x in report.events],
        ),
        "</body></html>",
    ]
    return "\n".join(parts)


def _plots(report: Report) -> list[str]:
    minutes, span = report.minutes, report.session.span
    date_us = minutes.start_us
    plots: list[str] = []
    for stage in (Stage.AGE, Stage.RUN, Stage.QUEUE):
        lines = [
            Line(f"p{quantile}", LIGHT.measured, minutes.stages_ms[stage][:, place], opacity)
            for place, (quantile, opacity) in enumerate(zip(QUANTILES, _OPACITIES, strict=False))
        ]
        plots += [
            f"<h2>{escape(stage.value.capitalize())}, measured</h2>",
            time_plot(date_us, lines, "ms", _GAP_US),
        ]
    rates = [
        Line("shown", LIGHT.measured, per_second(minutes, minutes.frames, span)),
        Line("captured", LIGHT.secondary, per_second(minutes, minutes.captured, span)),
    ]
    plots += ["<h2>Frames per second</h2>", time_plot(date_us, rates, "fps", _GAP_US)]
    if minutes.compared.any():
        with np.errstate(invalid="ignore"):
            agreement = 100.0 * minutes.agreed / minutes.compared
        lines = [Line("float and 8 bit agree", LIGHT.measured, agreement)]
        plots += ["<h2>Float against 8 bit</h2>", time_plot(date_us, lines, "%", _GAP_US)]
    return plots


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return "<p>none</p>"
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    body = "".join("<tr>" + "".join(f"<td>{escape(text)}</td>" for text in row) + "</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>" if any(heads) else f"<table>{body}</table>"


def _numbers(found: dict[str, float] | None) -> str:
    return "" if found is None else " / ".join(f"{found[name]:.2f}" for name in ("p50", "p95", "p99", "max"))


def _iso(date_us: int) -> str:
    try:
        moment = datetime.fromtimestamp(date_us / 1e6, UTC)
    except (OverflowError, OSError, ValueError):
        return ""
    return moment.isoformat(timespec="microseconds")


def _cell(text: str) -> str:
    """Return text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


def _write(path: Path, write: Callable[[TextIO], object]) -> None:
    try:
        with written_whole(path) as new, new.open("w", encoding="utf-8", newline="") as file:
            write(file)
    except OSError as error:
        raise ReportError(f"report {path}: {error.strerror or error}; choose another file") from error
