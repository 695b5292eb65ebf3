import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import CompileError
from engine.quant.integers import INT8, INT16, UINT8, UINT16
from engine.quant.weights import (
    LayerWeights,
    Widths,
    accumulator_bound,
    channel_scales,
    check_bound,
    clipped,
    per_channel,
    per_tensor,
    tensor_bias,
    tensor_scale,
)

EIGHT, SIXTEEN = Widths(8, 8), Widths(16, 16)
SEEDS = st.integers(0, 2**32 - 1)


def layer(seed, outputs=4, depth=9, bias=1.0):
    dice = np.random.default_rng(seed)
    return dice.normal(size=(outputs, depth)), dice.normal(size=outputs) * bias


def test_weights_of_a_tensor_fill_int8():
    weight, bias = layer(0)
    scale = tensor_scale(weight, bias, 40.0, EIGHT, power_of_two=False)
    assert scale == 128.0 / np.abs(weight).max()
    integers = per_tensor(weight, bias, 40.0, scale, EIGHT).weight
    assert integers.dtype == np.int8
    assert np.abs(integers.astype(int)).max() >= 127


@given(SEEDS, st.floats(1e-3, 1e4), st.floats(1e-2, 1e4), st.sampled_from([EIGHT, Widths(8, 16), SIXTEEN]))
def test_the_bias_fits_twice_its_width_in_accumulator_units(seed, size, in_scale, widths):
    weight, bias = layer(seed, bias=size)
    scale = tensor_scale(weight, bias, in_scale, widths, power_of_two=False)
    units = tensor_bias(bias, in_scale, scale, widths)
    assert np.abs(bias).max() * in_scale * scale <= widths.bias_limit * (1 + 1e-12)
    assert -widths.bias_limit <= units.min() <= units.max() < widths.bias_limit
    step = np.abs(bias).max() / 2 ** (widths.bias - 1) * in_scale * scale
    assert np.abs(units - bias * in_scale * scale).max() <= step + 1.5  # the largest value saturates


def test_a_power_of_two_scale_is_rounded_down():
    weight, bias = layer(1)
    free = tensor_scale(weight, bias, 8.0, EIGHT, power_of_two=False)
    power = tensor_scale(weight, bias, 8.0, EIGHT, power_of_two=True)
    assert np.log2(power) == np.floor(np.log2(free))


@given(SEEDS, st.sampled_from([EIGHT, SIXTEEN]))
def test_every_channel_fills_its_own_range(seed, widths):
    weight, bias = layer(seed)
    scale = channel_scales(weight, bias, 40.0, widths)
    found = per_channel(weight, bias, 40.0, scale, widths)
    top = np.abs(found.weight.astype(int)).max(axis=1)
    assert (top == 2 ** (widths.weight - 1) - 1).all()
    np.testing.assert_allclose(found.bias, bias * 40.0 * scale, atol=0.5)


def test_channels_of_zero_weights_take_scale_one():
    weight, bias = layer(2)
    weight[1] = 0.0
    assert channel_scales(weight, bias, 40.0, EIGHT)[1] == 1.0
    nothing = np.zeros_like(weight)
    assert tensor_scale(nothing, np.zeros(4), 40.0, EIGHT, power_of_two=False) == 1.0
    assert not per_tensor(nothing, np.zeros(4), 40.0, 1.0, EIGHT).weight.any()


def test_tiny_weights_beside_a_large_bias_stay_within_24_bits():
    weight, bias = np.full((1, 3), 1e-30), np.array([5.0])
    found = per_channel(weight, bias, 40.0, channel_scales(weight, bias, 40.0, EIGHT), EIGHT)
    assert abs(int(found.bias[0])) < 2**24


@given(SEEDS, st.sampled_from([INT8, UINT8, INT16, UINT16]))
def test_the_accumulator_bound_is_reached_and_never_passed(seed, kind):
    dice = np.random.default_rng(seed)
    weight = dice.integers(-128, 128, (5, 3, 2, 2)).astype(np.int8)
    weights = LayerWeights(weight, dice.integers(-30000, 30000, 5), np.ones(5))
    bound = accumulator_bound(weights, kind)
    rows = weight.reshape(5, -1).astype(np.int64)
    highest = np.where(rows > 0, kind.qmax, kind.qmin)
    lowest = np.where(rows > 0, kind.qmin, kind.qmax)
    worst = [np.abs((rows * x).sum(axis=1) + weights.bias).max() for x in (highest, lowest)]
    assert bound == max(worst)
    some = dice.integers(kind.qmin, kind.qmax + 1, (50, rows.shape[1]))
    assert np.abs(some @ rows.T + weights.bias).max() <= bound


def test_an_accumulator_that_may_overflow_is_refused_by_name():
    check_bound("fc", 2**31 - 1, 0, wide=False)
    check_bound("fc", 2**31, 0, wide=True)
    for bound, shift, wide in ((2**31, 0, False), (2**31 - 1, 1, False), (2**53 + 1, 0, True)):
        reached = bound + (1 << shift >> 1)
        with pytest.raises(CompileError, match=f"layer 'fc': the accumulator may reach {reached},"):
            check_bound("fc", bound, shift, wide)


def test_clipping_by_hand():
    weight = np.array([[0.5, -0.25, 1.0], [-0.5, 60.0, -40.0]])
    # Of the two middle magnitudes, 0.5 and 1, the lower: 16 times it is 8, a power of two, and 120/128 of that is 7.5.
    np.testing.assert_array_equal(clipped(weight), [[0.5, -0.25, 1.0], [-0.5, 7.5, -7.5]])
    # 15.5 is above 15 and above 16 * 0.1 = 1.6, which lies below 2, whose 120/128 is 1.875.
    np.testing.assert_array_equal(clipped(np.array([0.1, -0.1, 0.2, 15.5])), [0.1, -0.1, 0.2, 1.875])
    # 16 * 0.6 = 9.6 lies below 16, whose 120/128 is 15.
    np.testing.assert_array_equal(clipped(np.array([0.6, -0.6, 0.1, 33.0])), [0.6, -0.6, 0.1, 15.0])


@pytest.mark.parametrize(
    "weight",
    [
        [0.1, -0.1, 0.2, 15.0],  # 150 medians, but not above 15
        [1.5, -1.5, 2.0, 24.0],  # above 15, but only 16 medians
        [0.0, 0.0, 0.0, 40.0],  # sparse: the median says nothing
        [0.0, 0.0, 0.0, 0.0],
    ],
)
def test_clipping_leaves_other_weights_alone(weight):
    np.testing.assert_array_equal(clipped(np.array(weight)), weight)


def test_clipping_saves_the_resolution_of_a_depthwise_layer():
    weight = np.random.default_rng(0).normal(size=(32, 3, 3, 1)) * 0.3
    weight[7] *= 150.0  # a channel that hardly varies, once batch normalisation is folded
    usual = np.delete(np.arange(32), 7)

    def error(limited):
        scale = tensor_scale(limited, np.zeros(32), 40.0, EIGHT, power_of_two=False)
        integers = per_tensor(weight, np.zeros(32), 40.0, scale, EIGHT).weight
        return np.square(integers[usual] / scale - weight[usual]).mean()

    assert error(clipped(weight)) < error(weight) / 16
