import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.errors import CompileError
from engine.quant.integers import INT8, UINT8, int_type, quantize, round_half_away
from engine.quant.scales import full_range_scale, multipliers, power_of_two_below, smallest_shift

POSITIVE = st.floats(1e-6, 1e9)


def fits(acc_scale, max_abs, q_max, shift):
    return math.floor(max_abs * acc_scale / 2**shift + 0.5) <= q_max


@given(POSITIVE, st.floats(0, 1e6), st.sampled_from([127, 255, 32767]))
@example(127.4999, 1.0, 127)
@example(127.5, 1.0, 127)
def test_the_smallest_shift_is_the_smallest_that_fits_after_rounding(acc_scale, max_abs, q_max):
    shift = smallest_shift(acc_scale, max_abs, q_max)
    assert fits(acc_scale, max_abs, q_max, shift)
    assert shift == 0 or not fits(acc_scale, max_abs, q_max, shift - 1)


@pytest.mark.parametrize("scale", [0.0, -1.0, math.nan, math.inf])
def test_impossible_accumulator_scales_are_refused(scale):
    with pytest.raises(CompileError, match="accumulator scale"):
        smallest_shift(scale, 1.0, 255)


@given(st.lists(st.floats(1e-9, 2.0**22), min_size=1, max_size=5))
@example([1.0 - 2**-30])
def test_multipliers_have_24_bits_and_are_that_precise(ratios):
    m, s = multipliers(np.array(ratios))
    assert (m < 2**24).all()
    assert (s >= 0).all()
    np.testing.assert_allclose(np.ldexp(m.astype(float), -s), ratios, rtol=2.0**-23)


@pytest.mark.parametrize("ratio", [0.0, -1.0, math.nan, math.inf, 2.0**25])
def test_impossible_ratios_are_refused(ratio):
    with pytest.raises(CompileError, match="ratio"):
        multipliers(np.array([1.0, ratio]))


@given(st.floats(-1e6, 1e6))
@example(0.5)
@example(-2.5)
def test_rounding_is_half_away_from_zero(x):
    expected = math.copysign(math.floor(abs(x) + 0.5), x)
    assert float(round_half_away(x)) == expected


def test_quantizing_saturates():
    reals = np.array([-1e9, -0.5, 0.49, 0.5, 1e9])
    assert quantize(reals, 1.0, INT8).tolist() == [-128, -1, 0, 1, 127]
    assert quantize(reals, 1.0, UINT8).tolist() == [0, 0, 0, 1, 255]


def test_types_by_width_and_sign():
    assert [int_type(bits, signed).name for bits in (8, 16) for signed in (True, False)] == [
        "int8", "uint8", "int16", "uint16",
    ]  # fmt: skip


def test_a_range_of_zero_takes_scale_one():
    assert full_range_scale(0.0, 255) == 1.0
    assert full_range_scale(6.0, 255) == 42.5


@given(POSITIVE)
def test_power_of_two_below(scale):
    power = power_of_two_below(scale)
    assert power <= scale < 2 * power
    assert math.frexp(power)[0] == 0.5
