"""The soak's report: one HTML file with its plots inside."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from tests.soak import book

WIDTH_PX, HEIGHT_PX, LEFT_PX, BOTTOM_PX = 760, 190, 60, 24
COLOURS = ("#0072B2", "#9A4F00", "#00694C", "#A33B00", "#6B5B00", "#5B3FA0")
_STYLE = """body{font:14px/1.5 sans-serif;max-width:820px;margin:2em auto;padding:0 1em;color:#14191E}
table{border-collapse:collapse}td,th{padding:2px 12px 2px 0;text-align:left}td.n{text-align:right}
.bad{color:#A33B00;font-weight:bold}"""


def write(state: dict[str, Any], path: Path) -> None:
    """Write the report of all runs in ``state``."""
    runs = state["runs"]
    plots = (
        ("memory in use at quiet moments (MB)", "in_use_mb"),
        ("resident memory (MB)", "rss_mb"),
        ("threads", "threads"),
        ("open handles", "handles"),
        ("history and its log (bytes)", "history_bytes"),
        ("frame age, p95 of the last minute (ms), measured", "age_p95_ms"),
    )
    body = [
        "<h1>Lens7 soak</h1>",
        _summary(runs),
        *(f"<h2>{escape(title)}</h2>{_plot(runs, name)}" for title, name in plots),
        *(
            f"<h2>{title}</h2>{_counts(book.merged(runs, name))}"
            for title, name in (
                ("Injected faults", "faults"),
                ("User actions", "actions"),
                ("Repairs", "repairs"),
                ("Frames dropped, by reason", "dropped"),
            )
        ),
        "<h2>Violations</h2>",
        _lines(runs, "violations"),
        "<h2>Excused: the machine was too busy with other programs</h2>",
        _lines(runs, "excused"),
    ]
    page = (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>Lens7 soak</title><style>{_STYLE}</style>"
    )
    path.write_text(page + "".join(body) + "</html>\n", encoding="utf-8")


def _summary(runs: list[dict[str, Any]]) -> str:
    rows = [
        "<tr><th>seed<th>hours<th>frames<th>shown<th>faults<th>actions<th>longest frozen (s)"
        "<th>in use<th>RSS (MB per 100,000 frames)<th>ended"
    ]
    for run in runs:
        slopes = (book.in_use_slope_mb(run), book.rss_slope_mb(run))
        memory = "".join(f"<td class=n>{'–' if slope is None else f'{slope:.2f}'}" for slope in slopes)
        rows.append(
            f"<tr><td>{run['seed']}<td>{run['seconds'] / 3600:.2f}<td class=n>{run['captured']:,}"
            f"<td class=n>{run['shown']:,}<td class=n>{sum(run['faults'].values()):,}"
            f"<td class=n>{sum(run['actions'].values()):,}<td class=n>{run['longest_frozen_s']:.2f}"
            f"{memory}<td>{'yes' if run['finished'] else 'no'}"
        )
    rows.append(
        f"<tr><th>all<th>{sum(run['seconds'] for run in runs) / 3600:.2f}<th>{book.total(runs, 'captured'):,}"
        f"<th>{book.total(runs, 'shown'):,}<th>{book.total(runs, 'faults'):,}<th>{book.total(runs, 'actions'):,}"
    )
    return f"<table>{''.join(rows)}</table>"


def _plot(runs: list[dict[str, Any]], name: str) -> str:
    series = [
        [(each["frames"], each.get(name) or 0) for each in _told(run["samples"], name)]
        for run in runs
        if _told(run["samples"], name)
    ]
    if not series:
        return "<p>no samples</p>"
    most_frames = max(points[-1][0] for points in series) or 1
    top = max(value for points in series for _, value in points) or 1.0
    lines = "".join(
        f'<polyline fill="none" stroke="{COLOURS[index % len(COLOURS)]}" points="{_points(points, most_frames, top)}"/>'
        for index, points in enumerate(series)
    )
    labels = (
        f'<text x="0" y="12">{top:.0f}</text><text x="0" y="{HEIGHT_PX - BOTTOM_PX}">0</text>'
        f'<text x="{WIDTH_PX - 130}" y="{HEIGHT_PX - 6}">{most_frames:,} frames</text>'
    )
    return f'<svg viewBox="0 0 {WIDTH_PX} {HEIGHT_PX}" font-size="12" role="img">{lines}{labels}</svg>'


def _told(samples: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """Return the samples that say something of ``name``: what is in use is compared at quiet moments alone."""
    return [each for each in samples if each.get("quiet")] if name == "in_use_mb" else samples


def _points(points: Sequence[tuple[int, float]], most_frames: int, top: float) -> str:
    step = max(1, len(points) // 400)
    return " ".join(
        f"{LEFT_PX + frames / most_frames * (WIDTH_PX - LEFT_PX):.1f},"
        f"{(HEIGHT_PX - BOTTOM_PX) * (1 - value / top * 0.95):.1f}"
        for frames, value in points[::step]
    )


def _counts(counts: dict[str, int]) -> str:
    rows = "".join(f"<tr><td>{escape(name)}<td class=n>{count:,}" for name, count in counts.items())
    return f"<table>{rows}</table>"


def _lines(runs: list[dict[str, Any]], name: str) -> str:
    lines = [f"seed {run['seed']}: {text}" for run in runs for text in run.get(name, [])]
    if not lines:
        return "<p>none</p>"
    return "<ul>" + "".join(f"<li class=bad>{escape(line)}" for line in lines) + "</ul>"
