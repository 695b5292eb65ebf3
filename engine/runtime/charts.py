"""Inline SVG charts for the HTML reports: plain shapes, styled by the page, each with its value as hover text."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.runtime.html import Clock, Html, tag

WIDTH = 1000.0
_ROW = 32.0
_AXIS = 56.0  # room for the numbers of a vertical axis


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of length ``fraction`` (0 to 1) with its name on the left and its value's text on the right."""

    label: str
    fraction: float
    text: str
    style: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a chart: its height, and the text that hovering shows."""

    value: float
    title: str
    style: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A square of a matrix: ``weight`` from 0 (nothing) to 1 is how strongly it is filled."""

    text: str
    weight: float
    title: str
    style: str


def bars(rows: Sequence[Sequence[Bar]], label: float = 150.0) -> Html:
    """Return groups of horizontal bars over tracks that stand for the whole."""
    shapes: list[Html] = []
    y, length = 0.0, WIDTH - label - 90.0
    for group in rows:
        for bar in group:
            middle = y + _ROW / 2 + 4
            shapes += [
                tag("text", bar.label, x=0.0, y=middle, class_="second"),
                tag("rect", x=label, y=y + 8, width=length, height=_ROW - 14, rx=3, class_="track"),
                _rect(
                    label,
                    y + 8,
                    length * bar.fraction,
                    _ROW - 14,
                    bar.style,
                    f"{bar.label}: {bar.text}",
                    radius=3,
                ),
                tag("text", bar.text, x=label + length + 12, y=middle),
            ]
            y += _ROW
        y += 12.0
    return _svg(y - 12.0, *shapes)


def columns(
    values: Sequence[Column], unit: str, height: float = 200.0, marks: Mapping[int, str] | None = None
) -> Html:
    """Return vertical columns in order; ``unit`` names the axis, ``marks`` writes a short text over some columns."""
    low, high = min(0.0, *(c.value for c in values)), max(0.0, *(c.value for c in values))
    ticks = nice_ticks(low, high)
    low, high = min(low, ticks[0]), max(high, ticks[-1])
    top, bottom = 24.0, height - 8.0
    scale = (bottom - top) / (high - low)
    step = (WIDTH - _AXIS) / len(values)
    shapes = _grid(ticks, lambda value: bottom - (value - low) * scale, unit)
    for index, column in enumerate(values):
        x, width = _AXIS + index * step, max(1.0, step * 0.72)
        y = bottom - (max(column.value, 0.0) - low) * scale
        shapes.append(_rect(x, y, width, abs(column.value) * scale, column.style, column.title))
        if marks is not None and index in marks:
            shapes.append(tag("text", marks[index], x=x + width / 2, y=y - 5, text_anchor="middle"))
    return _svg(height, *shapes)


def histogram(values: Sequence[float], unit: str, clock: Clock, marks: Mapping[str, float]) -> Html:
    """Return how often values occur, in at most 40 equal bins up to the 99th percentile; ``marks`` are vertical lines."""
    data = np.asarray(values, np.float64)
    low, high = float(data.min()), float(np.percentile(data, 99))
    high = high if high > low else low + 1.0
    bins = min(40, max(8, int(math.sqrt(data.size) * 2)))
    counts, edges = np.histogram(data, bins, (low, high))
    top, bottom, height = 40.0, 196.0, 220.0
    scale = (bottom - top) / max(1, int(counts.max()))

    def across(value: float) -> float:
        return _AXIS + (min(value, high) - low) / (high - low) * (WIDTH - _AXIS - 8)

    shapes = _grid(nice_ticks(0.0, float(counts.max())), lambda value: bottom - value * scale, "pictures")
    for count, left, right in zip(counts.tolist(), edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        title = f"{left:.2f} to {right:.2f} {unit}: {count}"
        width = max(1.0, across(right) - across(left) - 1.5)
        shapes.append(_rect(across(left), bottom - count * scale, width, count * scale, clock.value, title))
    for tick in nice_ticks(low, high):
        if low <= tick <= high:
            at = {"x": across(tick), "y": bottom + 18}
            shapes.append(tag("text", f"{tick:g} {unit}", **at, text_anchor="middle", class_="second"))
    for index, (name, value) in enumerate(marks.items()):
        y = 12.0 + 14.0 * (index % 2)
        shapes += _mark(across(value), y, bottom, f"{name} {value:.1f} {unit}", clock)
    return _svg(height, *shapes)


def _mark(x: float, y: float, bottom: float, text: str, clock: Clock) -> tuple[Html, Html]:
    """Return a vertical line, and its text on the side where there is room."""
    anchor, beside = ("end", -4) if x > WIDTH - 120 else ("start", 4)
    line = tag("line", x1=x, y1=y + 4, x2=x, y2=bottom, class_=f"mark {clock.value}")
    return line, tag("text", text, x=x + beside, y=y, text_anchor=anchor)


def stacked(parts: Mapping[str, float], style: str) -> Html:
    """Return one bar cut into named parts (fractions of 1), each paler than the one before, with a legend below."""
    shapes: list[Html] = []
    x, legend_x = 0.0, 0.0
    for index, (name, part) in enumerate(sorted(parts.items(), key=lambda item: -item[1])):
        opacity = max(0.16, 1.0 - 0.24 * index)
        text = f"{name} {part:.0%}"
        width = part * WIDTH
        shapes.append(_rect(x, 0.0, max(0.0, width - 2), 28.0, style, text, radius=3, opacity=opacity))
        shapes.append(_rect(legend_x, 44.0, 12.0, 12.0, style, text, radius=3, opacity=opacity))
        shapes.append(tag("text", text, x=legend_x + 18, y=54.0))
        x, legend_x = x + width, legend_x + 50 + 6.6 * len(text)
    return _svg(64.0, *shapes)


def matrix(
    rows: Sequence[str], names: Sequence[str], cells: Sequence[Sequence[Cell]], label: float = 200.0
) -> Html:
    """Return squares in rows and columns, the columns' ``names`` written aslant above."""
    width, height, head = min(64.0, (WIDTH - label - 130) / max(1, len(names))), 32.0, 96.0
    shapes: list[Html] = []
    for j, name in enumerate(names):
        x, y = label + (j + 0.5) * width, head - 8
        turned = f"rotate(-35 {x:.1f} {y:.1f})"
        shapes.append(tag("text", short(name, 22), x=x, y=y, transform=turned, class_="second"))
    for i, (row, name) in enumerate(zip(cells, rows, strict=True)):
        y = head + i * height
        shapes.append(tag("text", short(name, 28), x=label - 12, y=y + height / 2 + 4, text_anchor="end"))
        for j, cell in enumerate(row):
            shapes += _square(cell, label + j * width + 1, y + 1, width - 2, height - 2)
    return _svg(head + height * len(rows) + 2, *shapes)


def _square(cell: Cell, x: float, y: float, width: float, height: float) -> list[Html]:
    shapes = [tag("rect", x=x, y=y, width=width, height=height, rx=3, class_="track")]
    if cell.weight > 0.0:
        middle = {"x": x + width / 2, "y": y + height / 2 + 4, "text_anchor": "middle"}
        shapes.append(_rect(x, y, width, height, cell.style, cell.title, radius=3, opacity=cell.weight))
        shapes.append(tag("text", cell.text, class_="on" if cell.weight > 0.5 else None, **middle))
    return shapes


def nice_ticks(low: float, high: float, wanted: int = 5) -> list[float]:
    """Return about ``wanted`` round numbers from ``low`` to ``high``, the ends included in between or just outside."""
    span = high - low if high > low else 1.0
    power = 10.0 ** math.floor(math.log10(span / wanted))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor * wanted >= span)
    first, last = math.floor(low / step + 1e-9), math.ceil((low + span) / step - 1e-9)
    return [index * step for index in range(first, last + 1)]


def short(text: str, limit: int) -> str:
    """Return ``text`` in at most ``limit`` characters."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _svg(height: float, *shapes: Html) -> Html:
    return tag(
        "div", tag("svg", *shapes, viewBox=f"0 0 {WIDTH:.0f} {height:.0f}", role="img"), class_="scroll"
    )


def _rect(
    x: float,
    y: float,
    width: float,
    height: float,
    style: str,
    title: str,
    radius: float = 1.0,
    opacity: float = 1.0,
) -> Html:
    return tag(
        "rect", tag("title", title), x=x, y=y, width=max(0.0, width), height=max(0.0, height), rx=radius, class_=style,
        fill_opacity=None if opacity == 1.0 else opacity,
    )  # fmt: skip


def _grid(ticks: Sequence[float], at: Callable[[float], float], unit: str) -> list[Html]:
    """Return horizontal lines with their numbers, and the unit over them."""
    shapes = [tag("text", unit, x=0.0, y=10.0, class_="second")]
    for tick in ticks:
        y = at(tick)
        shapes.append(tag("line", x1=_AXIS, y1=y, x2=WIDTH, y2=y, class_="grid"))
        shapes.append(tag("text", f"{tick:g}", x=_AXIS - 8, y=y + 4, text_anchor="end", class_="second"))
    return shapes
