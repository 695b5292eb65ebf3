from dataclasses import replace

import numpy as np
import pytest

from engine.host.float_session import FloatSession
from engine.ir import ops
from engine.ir.activations import RELU6
from engine.quant.calibrate import calibrate
from engine.quant.equalize import equalize, rescale
from engine.quant.options import QuantOptions
from tests.engine.passes.small_graphs import graph


def residual(op=None, extra=()):
    """x -> project (linear) -> add with itself projected -> two readers; channel sizes differ by up to 64."""
    dice = np.random.default_rng(0)
    sizes = 2.0 ** np.array([-3, -2, -1, 0, 1, 2, 3, 0]).reshape(-1, 1, 1, 1)
    constants = {
        "p.w": (dice.normal(size=(8, 3, 3, 4)) * sizes).astype(np.float32),
        "p.b": dice.normal(size=8).astype(np.float32),
        "q.w": (dice.normal(size=(8, 1, 1, 4)) * sizes).astype(np.float32),
        "r.w": dice.normal(size=(16, 1, 1, 8)).astype(np.float32),
        "d.w": dice.normal(size=(8, 3, 3, 1)).astype(np.float32),
    }
    steps = [
        ("p", ops.Conv2d(pads=(1, 1, 1, 1)), ("x", "p.w", "p.b")),
        ("q", ops.Conv2d(), ("x", "q.w")),
        ("s", ops.Add(op), ("p", "q")),
        ("r", ops.Conv2d(activation=RELU6), ("s", "r.w")),
        ("d", ops.Conv2d(group=8), ("s", "d.w")),
        *extra,
    ]
    return graph({"x": (1, 6, 6, 4)}, constants, steps, ["r", "d"])


def inputs(count=3):
    return list(np.random.default_rng(1).normal(size=(count, 1, 6, 6, 4)).astype(np.float32))


def equalized(made):
    return equalize(made, calibrate(made, inputs(), QuantOptions()))


def weight_of(made, name):
    node = made.producers()[name]
    return made.constants[node.inputs[1]]


def test_the_float_network_computes_the_same_bits():
    made = residual()
    after, _, gains = equalized(made)
    assert set(gains) == {"p", "q", "s"}
    (x, *_) = inputs()
    before, now = FloatSession(made).run({"x": x}), FloatSession(after).run({"x": x})
    for name in made.outputs:
        np.testing.assert_array_equal(before[name], now[name])


def test_gains_are_powers_of_two_and_make_rows_more_alike():
    made = residual()
    after, _, gains = equalized(made)
    np.testing.assert_array_equal(np.log2(gains["s"]), np.round(np.log2(gains["s"])))

    def spread(rows):
        tops = np.abs(rows.reshape(8, -1)).max(axis=1)
        return tops.max() / tops.min()

    assert spread(weight_of(after, "p")) < spread(weight_of(made, "p")) / 2


def test_statistics_and_tensors_are_multiplied_by_the_gains():
    made = residual()
    table = calibrate(made, inputs(), QuantOptions())
    after, scaled, gains = equalize(made, table)
    again = calibrate(after, inputs(), QuantOptions())
    for name in ("p", "q", "s", "r", "d"):
        np.testing.assert_allclose(scaled[name].high, again[name].high, rtol=1e-6)
        gain = gains.get(name, np.ones(1))
        np.testing.assert_allclose(again[name].mean, table[name].mean * gain, rtol=1e-5, atol=1e-6)


def test_rescaling_by_the_gains_is_the_same_network():
    made = residual()
    after, _, gains = equalized(made)
    for name in ("p", "r", "d"):
        np.testing.assert_array_equal(weight_of(rescale(made, gains), name), weight_of(after, name))


LEFT_ALONE = {
    "a clip": residual(op=RELU6),
    "a prescribed range": replace(residual(), ranges={"s": (-1.0, 1.0)}),
    "a network output": replace(residual(), outputs=("r", "d", "s")),
    "another reader": residual(extra=[("m", ops.Softmax(3), ("s",))]),
}


@pytest.mark.parametrize("case", LEFT_ALONE)
def test_tensors_whose_scale_matters_are_left_alone(case):
    assert not equalized(LEFT_ALONE[case])[2]


def test_channels_without_weights_keep_their_gain():
    made = residual()
    constants = dict(made.constants)
    for name in ("p.w", "q.w"):
        constants[name] = constants[name] * (np.arange(8) != 2).reshape(-1, 1, 1, 1).astype(np.float32)
    assert equalized(replace(made, constants=constants))[2]["s"][2] == 1.0
