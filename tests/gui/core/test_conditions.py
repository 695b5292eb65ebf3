from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.core.conditions import CONDITIONS, NEUTRAL, PRESETS, Conditions, apply
from gui.core.picture_pool import PicturePool

PICTURE = np.random.default_rng(0).integers(0, 256, (90, 120, 3)).astype(np.uint8)
EVERY = st.builds(Conditions, **{c.name: st.integers(c.low, c.high) for c in CONDITIONS})


def test_neutral_conditions_hand_the_picture_through():
    assert apply(PICTURE, NEUTRAL) is PICTURE
    assert NEUTRAL.neutral


@given(EVERY, st.sampled_from([(90, 120, 3), (1, 1, 3), (7, 300, 3)]))
def test_shape_and_type_stay_whatever_happens(conditions, shape):
    result = apply(np.full(shape, 90, np.uint8), conditions, seed=3)
    assert result.shape == shape
    assert result.dtype == np.uint8


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda c: c.name)
def test_each_slider_changes_the_picture_alone(condition):
    value = condition.low if condition.neutral != condition.low else condition.high
    changed = Conditions(**{condition.name: value})
    assert (apply(PICTURE, changed) != PICTURE).any()


def test_brightness_contrast_and_rotation_do_what_they_say():
    grey = np.full((8, 8, 3), 100, np.uint8)
    assert apply(grey, Conditions(brightness=20)).mean() == 151
    assert apply(grey, Conditions(contrast=200)).mean() == 72
    turned = apply(PICTURE[:90, :90], Conditions(rotation=180))
    np.testing.assert_array_equal(turned[1:, 1:], PICTURE[:90, :90][::-1, ::-1][:-1, :-1])


def test_the_same_seed_gives_the_same_noise():
    noisy = Conditions(noise=20)
    np.testing.assert_array_equal(apply(PICTURE, noisy, 1), apply(PICTURE, noisy, 1))
    assert (apply(PICTURE, noisy, 1) != apply(PICTURE, noisy, 2)).any()


def test_presets_are_hard():
    for name in ("dim hall", "cheap camera", "motion"):
        assert not PRESETS[name].neutral


@pytest.mark.parametrize("wrong", [{"noise": -1}, {"quality": 0}, {"rotation": 181}])
def test_values_outside_their_range_are_refused(wrong):
    with pytest.raises(ValueError, match="allowed are"):
        Conditions(**wrong)


@pytest.mark.parametrize("conditions", PRESETS.values(), ids=PRESETS.keys())
def test_memory_that_is_used_again_changes_neither_the_picture_before_nor_the_result(conditions):
    pool, before = PicturePool(), PICTURE.copy()
    conditions = replace(conditions, rotation=10)
    expected = apply(PICTURE, conditions, seed=1)
    held = [apply(PICTURE, conditions, seed=1, pool=pool) for _ in range(3)]
    assert all((result == expected).all() for result in held)
    assert (before == PICTURE).all()


def test_noise_covers_a_picture_larger_than_its_tile():
    grey = np.full((300, 520, 3), 128, np.uint8)
    noisy = apply(grey, Conditions(noise=40), seed=2)
    assert (noisy[:256, :256] == noisy[:256, 256:512]).all()
    assert all(part.std() > 20 for part in (noisy[:256, :256], noisy[256:], noisy[:, 512:]))
