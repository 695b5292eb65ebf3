import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.runtime.charts import (
    Bar,
    Cell,
    Column,
    bars,
    columns,
    histogram,
    matrix,
    nice_ticks,
    short,
    stacked,
)
from engine.runtime.html import Clock


def rects(svg: str, style: str) -> list[dict[str, float]]:
    """Return x, y, width and height of the shapes of one style."""
    found = [r for r in ET.fromstring(svg).iter("rect") if r.get("class") == style]
    return [{key: float(r.get(key, "nan")) for key in ("x", "y", "width", "height")} for r in found]


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
def test_ticks_are_few_round_and_around_everything(low, span):
    ticks = nice_ticks(low, low + span)
    assert ticks[0] <= low + 1e-6 * span
    assert ticks[-1] >= low + span - 1e-6 * span
    assert 2 <= len(ticks) <= 8


def test_ticks_of_nothing():
    assert nice_ticks(3.0, 3.0)[0] <= 3.0


def test_bars_are_as_long_as_their_fractions():
    (half, whole) = rects(bars([[Bar("a", 0.5, "50 %", "float"), Bar("b", 1.0, "100 %", "float")]]), "float")
    assert whole["width"] == pytest.approx(2 * half["width"])
    assert half["x"] == whole["x"]


def test_columns_stand_on_zero_and_carry_marks():
    svg = columns([Column(2.0, "two", "quiet"), Column(-1.0, "minus", "quiet")], "dB", marks={0: "worst"})
    up, down = rects(svg, "quiet")
    assert up["y"] + up["height"] == pytest.approx(down["y"], abs=0.02)
    assert up["height"] == pytest.approx(2 * down["height"], abs=0.02)
    assert [t.text for t in ET.fromstring(svg).iter("text")].count("worst") == 1
    assert [t.text for t in ET.fromstring(svg).iter("title")] == ["two", "minus"]


@given(st.lists(st.floats(0.1, 1000), min_size=1, max_size=80))
def test_histogram_counts_everything_up_to_the_99th_percentile(values):
    svg = histogram(values, "ms", Clock.MEASURED, {"p50": values[0]})
    counted = sum(int((t.text or "").rsplit(" ", 1)[1]) for t in ET.fromstring(svg).iter("title"))
    assert len(values) * 0.97 - 1 <= counted <= len(values)
    assert not rects(svg, "modelled")


def test_parts_of_a_stack_fill_it():
    parts = rects(stacked({"decode": 0.25, "run": 0.75}, "measured"), "measured")
    tall = [r for r in parts if r["height"] == 28]
    assert [r["width"] for r in tall] == [748.0, 248.0]
    assert tall[1]["x"] == 750.0


def test_matrix_fills_only_what_is_there():
    cells = [[Cell("1", 1.0, "all", "good"), Cell("0", 0.0, "none", "bad")]]
    svg = matrix(["cat"], ["cat", "dog"], cells)
    assert len(rects(svg, "track")) == 2
    assert len(rects(svg, "good")) == 1
    assert not rects(svg, "bad")


def test_short():
    assert short("abc", 3) == "abc"
    assert short("soft-coated wheaten terrier", 13) == "soft-coated…"
