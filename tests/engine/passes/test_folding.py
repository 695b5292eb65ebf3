"""What goes into the layer before it, and what must not because somebody else sees what is between."""

from dataclasses import replace

import numpy as np
import pytest

from engine.errors import ModelError
from engine.ir import ops
from engine.ir.activations import RELU, RELU6, Activation, Fn
from engine.passes import fold_batch_norm, fuse_activation, fuse_gates
from tests.engine.passes.small_graphs import graph, keeps_meaning, kinds

MAP = (1, 6, 5, 4)
SILU = Activation(Fn.SILU)


def vectors(channels, *names):
    dice = np.random.default_rng(2)
    return {name: dice.uniform(0.5, 1.5, channels).astype(np.float32) for name in names}


def weights(*shape):
    return np.random.default_rng(3).standard_normal(shape).astype(np.float32)


LAYERS = {
    "dense": (ops.Conv2d(pads=(1, 0, 1, 0)), MAP, weights(6, 3, 1, 4)),
    "grouped": (ops.Conv2d(group=2), MAP, weights(6, 2, 2, 2)),
    "transposed": (ops.ConvTranspose2d(stride=(2, 1), group=2), MAP, weights(6, 2, 2, 2)),
    "full": (ops.FullyConnected(), (3, 4), weights(6, 4)),
}


@pytest.mark.parametrize("has_bias", [False, True])
@pytest.mark.parametrize("kind", LAYERS)
def test_normalization_and_numbers_per_channel_go_into_weights(kind, has_bias):
    op, shape, weight = LAYERS[kind]
    constants = {"w": weight, "half": np.float32(0.5), **vectors(6, "bias", *"gbmvfo")}
    steps = [
        ("layer", op, ["x", "w", "bias"] if has_bias else ["x", "w"]),
        ("norm", ops.BatchNorm(1e-3), ["layer", "g", "b", "m", "v"]),
        ("scaled", ops.Mul(), ["f", "norm"]),
        ("moved", ops.Add(), ["scaled", "o"]),
        ("less", ops.Sub(), ["moved", "half"]),
        ("y", ops.Sub(), ["o", "less"]),
    ]
    after = keeps_meaning(fold_batch_norm.run, graph({"x": shape}, constants, steps, ["y"]))
    assert kinds(after) == [type(op).__name__]


def test_folded_weights_take_no_name_that_something_else_has():
    constants = {"w": weights(4, 1, 1, 4), "y.weight": weights(4, 1, 1, 4), **vectors(4, "f")}
    steps = [
        ("y.bias", ops.Unary(RELU), ["x"]),
        ("layer", ops.Conv2d(), ["x", "w"]),
        ("y", ops.Mul(), ["layer", "f"]),
        ("z", ops.Conv2d(), ["y.bias", "y.weight"]),
    ]
    after = keeps_meaning(fold_batch_norm.run, graph({"x": MAP}, constants, steps, ["y", "z"]))
    assert kinds(after) == ["Unary", "Conv2d", "Conv2d"]


@pytest.mark.parametrize("why", ["an output", "read twice", "a prescribed range", "an activation between"])
@pytest.mark.parametrize("follower", ["affine", "activation"])
def test_what_others_see_stays(follower, why):
    activation = RELU6 if why == "an activation between" else None
    constants = {"w": weights(4, 1, 1, 4), **vectors(4, "f")}
    last = ("y", ops.Mul(), ["layer", "f"]) if follower == "affine" else ("y", ops.Unary(SILU), ["layer"])
    steps = [("layer", ops.Conv2d(activation=activation), ["x", "w"]), last]
    outputs = ["y", "layer"] if why == "an output" else ["y"]
    if why == "read twice":
        steps, outputs = [*steps, ("z", ops.MaxPool((2, 2)), ["layer"])], ["y", "z"]
    before = graph({"x": MAP}, constants, steps, outputs)
    if why == "a prescribed range":
        before = replace(before, ranges={"layer": (-1.0, 1.0)})
    run = fold_batch_norm.run if follower == "affine" else fuse_activation.run
    assert kinds(keeps_meaning(run, before)) == kinds(before)


@pytest.mark.parametrize(
    ("shape", "constant"),
    [
        ((1, 3, 4, 4), (4, 1)),  # as many columns as channels, and one number for each column
        (MAP, (2, 1, 1, 1, 4)),  # makes the result larger
        (MAP, (5, 4)),
    ],
)
def test_numbers_that_are_not_one_per_channel_stay(shape, constant):
    steps = [("layer", ops.Conv2d(), ["x", "w"]), ("y", ops.Add(), ["layer", "c"])]
    before = graph({"x": shape}, {"w": weights(4, 1, 1, 4), "c": weights(*constant)}, steps, ["y"])
    assert kinds(keeps_meaning(fold_batch_norm.run, before)) == ["Conv2d", "Add"]


@pytest.mark.parametrize("variance", [[1.0, -1.0, 1.0, 1.0], [-2.0] * 4])
def test_a_variance_below_zero_is_refused_by_name(variance):
    constants = {"v": np.float32(variance), **vectors(4, *"gbm")}
    before = graph({"x": MAP}, constants, [("norm", ops.BatchNorm(1e-3), ["x", *"gbmv"])], ["norm"])
    with pytest.raises(ModelError, match=r"'norm' .*must be positive"):
        fold_batch_norm.run(before)


@pytest.mark.parametrize("activation", [RELU, RELU6, SILU, Activation(Fn.LEAKY_RELU, alpha=0.1)])
@pytest.mark.parametrize("kind", [*LAYERS, "sum", "difference", "product"])
def test_an_activation_goes_into_what_computes_its_input(kind, activation):
    binary = {"sum": ops.Add(), "difference": ops.Sub(), "product": ops.Mul()}
    op, shape, weight = LAYERS.get(kind) or (binary[kind], MAP, weights(4))
    steps = [("layer", op, ["x", "w"]), ("y", ops.Unary(activation), ["layer"])]
    after = keeps_meaning(fuse_activation.run, graph({"x": shape}, {"w": weight}, steps, ["y"]))
    (node,) = after.nodes
    assert (node.name, node.op) == ("layer", replace(op, activation=activation))


def test_a_second_activation_and_one_behind_a_pooling_stay():
    steps = [
        ("pool", ops.MaxPool((2, 2)), ["x"]),
        ("a", ops.Unary(SILU), ["pool"]),
        ("sum", ops.Add(), ["a", "a"]),
        ("b", ops.Unary(SILU), ["sum"]),
        ("y", ops.Unary(RELU), ["b"]),
    ]
    after = keeps_meaning(fuse_activation.run, graph({"x": MAP}, {}, steps, ["y"]))
    assert kinds(after) == ["MaxPool", "Unary", "Add", "Unary"]


GATES = {
    "another slope": [("gate", ops.Unary(Activation(Fn.HARD_SIGMOID, alpha=0.2, beta=0.5)), ["x"])],
    "another middle": [("gate", ops.Unary(Activation(Fn.HARD_SIGMOID, alpha=1 / 6, beta=0.4)), ["x"])],
    "another function": [("gate", ops.Unary(Activation(Fn.TANH)), ["x"])],
    "a gate of something else": [("gate", ops.Unary(Activation(Fn.SIGMOID)), ["z"])],
    "another top": [
        ("plus", ops.Add(), ["x", "three"]), ("clip", ops.Unary(Activation(Fn.CLIP, 0.0, 5.0)), ["plus"]),
        ("gate", ops.Mul(), ["clip", "sixth"]),
    ],
    "no clip": [
        ("plus", ops.Add(), ["x", "three"]), ("tanh", ops.Unary(Activation(Fn.TANH)), ["plus"]),
        ("gate", ops.Mul(), ["tanh", "sixth"]),
    ],
    "another offset": [
        ("plus", ops.Add(), ["x", "two"]), ("clip", ops.Unary(RELU6), ["plus"]), ("gate", ops.Mul(), ["clip", "sixth"]),
    ],
    "minus": [
        ("plus", ops.Sub(), ["x", "three"]), ("clip", ops.Unary(RELU6), ["plus"]), ("gate", ops.Mul(), ["clip", "sixth"]),
    ],
}  # fmt: skip


@pytest.mark.parametrize("gate", GATES)
def test_what_looks_like_a_gate_stays_what_it_is(gate):
    numbers = {"two": np.float32(2), "three": np.float32(3), "sixth": np.float32(1 / 6)}
    before = graph({"x": MAP, "z": MAP}, numbers, [*GATES[gate], ("y", ops.Mul(), ["x", "gate"])], ["y"])
    assert kinds(keeps_meaning(fuse_gates.run, before)) == kinds(before)
