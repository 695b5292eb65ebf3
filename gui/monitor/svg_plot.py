"""Plots over time as SVG text, for reports that open anywhere without a script. NOTE: Qt-free."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

import numpy as np

from gui.monitor.history_reader import Floats, Integers

WIDTH_PX, HEIGHT_PX = 960, 220
_LEFT_PX, _RIGHT_PX, _TOP_PX, _BOTTOM_PX = 56, 24, 12, 26  # right: half of a time below the last moment
_MOST_TICKS_X, _MOST_TICKS_Y = 8, 5
_LEAST_US = 60_000_000
_STEPS_S = (60, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400)


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One curve: ``values`` float64 [n] at the plot's times, NaN where there is none."""

    name: str
    colour: str
    values: Floats
    opacity: float = 1.0


def time_plot(date_us: Integers, lines: Sequence[Line], unit: str, gap_us: int) -> str:
    """Return an SVG of ``lines`` over the dates [n]; a line is broken where two dates are more than ``gap_us`` apart.

    The vertical axis begins at zero.
    """
    if not date_us.size:
        return "<p>nothing was kept of this time</p>"
    start_us, end_us = int(date_us[0]), int(date_us[-1])
    if end_us - start_us < _LEAST_US:  # a single moment stands in the middle
        middle_us = (start_us + end_us) // 2
        start_us, end_us = middle_us - _LEAST_US // 2, middle_us + _LEAST_US // 2
    top = _nice_top(max((_largest(line.values) for line in lines), default=0.0))
    x_px = _LEFT_PX + (date_us - start_us) / (end_us - start_us) * (WIDTH_PX - _LEFT_PX - _RIGHT_PX)
    parts = [
        f'<svg viewBox="0 0 {WIDTH_PX} {HEIGHT_PX}" role="img" aria-label="{escape(", ".join(line.name for line in lines))}">'
    ]
    parts += _grid(start_us, end_us, top, unit)
    broken = np.flatnonzero(np.diff(date_us) > gap_us) + 1
    for line in lines:
        parts += _curves(x_px, _y_px(line.values, top), line, broken)
    return "\n".join([*parts, "</svg>", _legend(lines)])


def _curves(x_px: Floats, y_px: Floats, line: Line, broken: Sequence[int] | Integers) -> list[str]:
    style = f'stroke="{line.colour}" opacity="{line.opacity:g}"'
    curves = []
    for x, y in zip(np.split(x_px, broken), np.split(y_px, broken), strict=True):
        known = np.isfinite(y)
        if known.sum() == 1:
            curves.append(
                f'<circle cx="{x[known][0]:.1f}" cy="{y[known][0]:.1f}" r="4" fill="{line.colour}" opacity="{line.opacity:g}"/>'
            )
        elif known.any():
            points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x[known], y[known], strict=True))
            curves.append(f'<polyline points="{points}" fill="none" stroke-width="1.2" {style}/>')
    return curves


def _grid(start_us: int, end_us: int, top: float, unit: str) -> list[str]:
    parts = []
    step = _nice_step(top / _MOST_TICKS_Y)
    for number in range(math.floor(top / step + 1e-9) + 1):
        y_px = float(_y_px(np.array([number * step]), top)[0])
        parts.append(
            f'<line x1="{_LEFT_PX}" x2="{WIDTH_PX - _RIGHT_PX}" y1="{y_px:.1f}" y2="{y_px:.1f}" class="grid"/>'
        )
        parts.append(
            f'<text x="{_LEFT_PX - 6}" y="{y_px + 4:.1f}" text-anchor="end">{number * step:g}</text>'
        )
    parts.append(f'<text x="4" y="{_TOP_PX + 4}">{escape(unit)}</text>')
    for moment_s in _time_ticks(start_us // 1_000_000, end_us // 1_000_000):
        share = (moment_s * 1_000_000 - start_us) / (end_us - start_us)
        x_px = _LEFT_PX + share * (WIDTH_PX - _LEFT_PX - _RIGHT_PX)
        text = datetime.fromtimestamp(moment_s).astimezone().strftime("%H:%M")
        parts.append(f'<text x="{x_px:.1f}" y="{HEIGHT_PX - 6}" text-anchor="middle">{text}</text>')
    return parts


def _time_ticks(start_s: int, end_s: int) -> range:
    """Return round moments, at most ``_MOST_TICKS_X``, by this place's clock where it is off by whole hours."""
    step_s = next((step for step in _STEPS_S if (end_s - start_s) / step <= _MOST_TICKS_X), 7 * 86_400)
    return range(-(-start_s // step_s) * step_s, end_s + 1, step_s)


def _legend(lines: Sequence[Line]) -> str:
    entries = [
        f'<span style="color:{line.colour};opacity:{line.opacity:g}">──</span> {escape(line.name)}'
        for line in lines
    ]
    return f'<p class="legend">{" &#160; ".join(entries)}</p>'


def _y_px(values: Floats, top: float) -> Floats:
    height_px = HEIGHT_PX - _TOP_PX - _BOTTOM_PX
    scaled: Floats = HEIGHT_PX - _BOTTOM_PX - values / top * height_px
    return scaled


def _largest(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known.max()) if known.size else 0.0


def _nice_step(least: float) -> float:
    """Return the smallest of 1, 2, 5 times a power of ten that is not below ``least``."""
    power = 10.0 ** math.floor(math.log10(least))
    return float(next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least * (1 - 1e-9)))


def _nice_top(largest: float) -> float:
    if largest <= 0.0:
        return 1.0
    step = _nice_step(largest / _MOST_TICKS_Y)
    return math.ceil(largest / step - 1e-9) * step
