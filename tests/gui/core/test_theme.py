"""The palette can be read: by contrast, and by more than colour."""

from __future__ import annotations

import pytest

from gui.core.theme import (
    BENCH_SCALE,
    SHOW_SCALE,
    THEMES,
    Mark,
    Palette,
    TypeSize,
    contrast,
    over,
    text_pairs,
)

INTER_CAPITALS = 0.727


@pytest.mark.parametrize("palette", THEMES.values(), ids=THEMES)
def test_every_text_has_enough_contrast(palette: Palette) -> None:
    weak = {pair: contrast(*pair) for pair in text_pairs(palette) if contrast(*pair) < 4.5}
    assert not weak


@pytest.mark.parametrize("palette", THEMES.values(), ids=THEMES)
def test_no_state_has_the_colour_of_a_clock(palette: Palette) -> None:
    states = {palette.mark(mark) for mark in Mark}
    assert len(states) == len(Mark)
    assert not states & {palette.measured, palette.modelled}
    assert palette.measured != palette.modelled


def test_states_differ_in_shape() -> None:
    assert len({mark.value for mark in Mark}) == len(Mark)


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)
    assert contrast("#FFFFFF", "#777777") == contrast("#777777", "#FFFFFF")


def test_over_mixes_by_opacity() -> None:
    assert over("#FFFFFF", 0.5, "#000000") == "#808080"
    assert over("#123456", 1.0, "#FFFFFF") == "#123456"
    assert over("#123456", 0.0, "#FFFFFF") == "#FFFFFF"


@pytest.mark.parametrize("height_px", [768, 900, 1080, 2160])
def test_the_first_label_is_legible_at_three_metres(height_px: int) -> None:
    size_px = SHOW_SCALE.px(SHOW_SCALE.first_label, height_px)
    assert size_px * INTER_CAPITALS >= 0.06 * height_px
    assert SHOW_SCALE.px(SHOW_SCALE.first_label_least, height_px) >= round(0.06 * height_px)
    assert SHOW_SCALE.px(SHOW_SCALE.other_labels, height_px) == pytest.approx(size_px / 2, abs=1)


def test_small_views_keep_a_legible_size() -> None:
    assert BENCH_SCALE.px(BENCH_SCALE.other_labels, 180) == TypeSize.CAPTION
