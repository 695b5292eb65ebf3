import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.runtime.html import STYLE, Clock, Html, document, join, section, table, tag, tile


@given(st.text())
def test_text_never_becomes_markup(text):
    element = tag("p", text, title=text)
    assert element.count("<") == element.count(">") == 2
    assert join(element) is not element
    assert join(element, element) == element + element


def test_attributes():
    assert (
        tag("g", class_="a b", text_anchor="end", x=1.0, y=2.346, gone=None)
        == '<g class="a b" text-anchor="end" x="1" y="2.35"></g>'
    )
    assert tag("meta", name="n") == '<meta name="n">'


def test_table_aligns_numbers_and_escapes_cells():
    assert table(("a", "b"), (("<", "2"),), numeric=(1,)) == (
        '<div class="scroll"><table><thead><tr><th>a</th><th class="n">b</th></tr></thead>'
        '<tbody><tr><td>&lt;</td><td class="n">2</td></tr></tbody></table></div>'
    )


def test_a_clock_brings_its_word_and_style():
    assert tile("chip,", "1 ms", "", Clock.MODELLED).startswith(
        '<div class="tile modelled"><div class="caption">chip, <em'
    )
    assert "measured" not in tile("top-1", "80 %", "")


def test_page_has_a_policy_against_everything_from_outside():
    text = document("a < b", section("t", "lead", Html("<b></b>")))
    assert text.startswith("<!doctype html>")
    assert "<title>a &lt; b</title>" in text
    assert "<b></b>" in text
    assert "script" not in text


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [0, 1], ids=["dark", "light"])
def test_contrast(theme):
    blocks = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    colours = dict(re.findall(r"--(\w+):(#[0-9A-F]{6})", blocks[theme]))
    assert len(colours) == 13
    for ground in ("background", "surface", "raised"):
        for name in ("text", "second", "measured", "modelled", "good", "warning", "bad", "float", "device"):
            bright, dark = sorted((luminance(colours[name]), luminance(colours[ground])), reverse=True)
            assert (bright + 0.05) / (dark + 0.05) >= 4.5, f"{name} on {ground}"
