import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.ir import ops
from engine.quant.moments import patch_moments
from engine.quant.rounding import compensated, inverse_factor

SEEDS = st.integers(0, 2**32 - 1)


def correlated(seed, groups, depth, positions=400):
    """Return inputs [G,P,K] that share most of their variance, as neighbouring pixels do."""
    dice = np.random.default_rng(seed)
    return dice.normal(size=(groups, positions, 1)) + 0.2 * dice.normal(size=(groups, positions, depth))


def moments_of(x):
    return x.transpose(0, 2, 1) @ x / x.shape[1]


def output_error(weight, integers, scale, x):
    return np.square((weight - integers / scale) @ x.transpose(0, 2, 1)).mean()


@given(SEEDS)
@settings(max_examples=25)
def test_compensation_halves_the_output_error_on_correlated_inputs(seed):
    dice, x = np.random.default_rng(seed), correlated(seed, 3, 25)
    weight, scale = dice.normal(size=(3, 4, 25)), 10.0
    factor = inverse_factor(moments_of(x), 1e-3)
    q = compensated(weight, factor, np.array(scale), -128, 127)
    assert output_error(weight, q, scale, x) < 0.5 * output_error(weight, np.round(weight * scale), scale, x)


def test_without_correlation_it_is_rounding_to_nearest():
    weight = np.random.default_rng(0).normal(size=(2, 3, 130))
    factor = inverse_factor(np.tile(np.eye(130), (2, 1, 1)), 1e-3)
    np.testing.assert_array_equal(
        compensated(weight, factor, np.array(9.0), -128, 127), np.round(weight * 9.0)
    )


def test_blocks_change_nothing_but_speed(monkeypatch):
    x, weight = correlated(1, 2, 100), np.random.default_rng(1).normal(size=(2, 5, 100))
    factor = inverse_factor(moments_of(x), 1e-3)
    whole = compensated(weight, factor, np.array(30.0), -128, 127)
    monkeypatch.setattr("engine.quant.rounding._BLOCK", 7)
    np.testing.assert_array_equal(compensated(weight, factor, np.array(30.0), -128, 127), whole)


def test_integers_stay_in_range():
    x, weight = correlated(2, 1, 30), np.random.default_rng(2).normal(size=(1, 6, 30)) * 100
    q = compensated(weight, inverse_factor(moments_of(x), 1e-3), np.array(50.0), -128, 127)
    assert -128 <= q.min() <= q.max() <= 127


def test_inputs_that_are_always_zero_still_have_a_factor():
    factor = inverse_factor(np.zeros((2, 4, 4)), 1e-3)
    assert np.isfinite(factor).all()
    weight = np.full((2, 1, 4), 0.3)
    np.testing.assert_array_equal(
        compensated(weight, factor, np.array(10.0), -128, 127), np.full((2, 1, 4), 3.0)
    )


@pytest.mark.parametrize(
    ("op", "kernel"),
    [
        (ops.Conv2d(pads=(0, 0, 1, 1), stride=(2, 1)), (3, 2)),
        (ops.Conv2d(group=4, dilation=(2, 1)), (3, 3)),
        (ops.Conv2d(group=2), (1, 1)),
        (ops.FullyConnected(), (1, 1)),
    ],
)
def test_moments_predict_the_layers_outputs(op, kernel):
    """Mean and mean square of the outputs follow from the moments alone, for any weights."""
    dice = np.random.default_rng(3)
    values = [dice.integers(0, 256, (1, 7, 6, 4)).astype(np.uint8) for _ in range(3)]
    group = op.group if isinstance(op, ops.Conv2d) else 1
    moments = patch_moments(values, 40.0, op, kernel)
    weight = dice.normal(size=(group, 1, kernel[0] * kernel[1] * 4 // group))
    outputs = np.concatenate([patches_by_hand(value / 40.0, op, kernel, group) for value in values], axis=1)
    outputs = outputs @ weight.transpose(0, 2, 1)
    with_bias = np.concatenate([np.full((group, 1, 1), 0.5), weight], axis=2)
    predicted = np.einsum("gok,gkl,gol->g", with_bias, moments.second, with_bias)
    np.testing.assert_allclose(predicted, np.square(outputs + 0.5).mean(axis=(1, 2)), rtol=1e-5)
    assert moments.positions == outputs.shape[1]


def patches_by_hand(x, op, kernel, group):
    if isinstance(op, ops.FullyConnected):
        return x.reshape(1, -1, 4)
    top, left, bottom, right = op.pads
    x = np.pad(x[0], ((top, bottom), (left, right), (0, 0)))
    (kh, kw), (dh, dw) = kernel, op.dilation
    rows = range(0, x.shape[0] - dh * (kh - 1), op.stride[0])
    columns = range(0, x.shape[1] - dw * (kw - 1), op.stride[1])
    found = [
        x[i : i + dh * kh : dh, j : j + dw * kw : dw]
        .reshape(kh * kw, group, -1)
        .transpose(1, 0, 2)
        .reshape(group, -1)
        for i in rows
        for j in columns
    ]
    return np.stack(found, axis=1)
