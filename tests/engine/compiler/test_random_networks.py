"""Random networks, and those that once went wrong, are compiled to what the law says; see ``random_networks``."""

from dataclasses import replace

import numpy as np
import pytest

from engine.host.float_session import FloatSession
from engine.host.preprocess import to_real
from engine.ir import ops
from engine.ir.activations import Activation, Fn
from engine.program.artifact import DeviceSegment, read_artifact, write_artifact
from engine.quant.options import QuantOptions
from engine.runtime.session import Session
from tests.engine.compiler.random_networks import (
    SPECS,
    Choice,
    by_the_law,
    choice,
    compiled,
    complaint,
    in_session,
    network,
    pictures,
)  # fmt: skip
from tests.engine.kernels.sets import NATIVE_NAMES
from tests.engine.passes.small_graphs import graph


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("kernels")


@pytest.mark.parametrize("seed", range(60))
def test_random_networks_are_what_the_law_says(seed, cache):
    sets = ("reference", "numpy", "native") if NATIVE_NAMES else ("reference", "numpy")
    assert complaint(seed, sets, cache) is None


def test_the_random_networks_have_every_operator_of_the_device():
    made = [network(seed) for seed in range(60)]
    found = {type(node.op) for each in made for node in each.nodes}
    assert found == set(ops.Op.__args__) - {ops.ArgMax, ops.OnnxNode}
    ways = [choice(seed, each) for seed, each in enumerate(made)]
    assert {way.options.tensor_bits for way in ways} == {8, 16}
    assert any(way.deny_list for way in ways)


def several_readers_of_the_picture():
    """A network whose first convolution, and a concatenation late in it, read the picture."""
    shape = (1, 8, 8, 3)
    dice = np.random.default_rng(0)
    constants = {
        name: (dice.normal(size=(4, 3, 3, c)) * 0.3).astype(np.float32) for name, c in (("v", 3), ("w", 7))
    }
    constants["fc"] = dice.normal(size=(5, 4)).astype(np.float32)
    same = ops.Conv2d(pads=(1, 1, 1, 1))
    steps = [
        ("c", same, ("x", "v")),
        ("late", ops.Unary(Activation(Fn.TANH)), ("c",)),
        ("both", ops.Concat(3), ("late", "x")),
        ("d", same, ("both", "w")),
        ("m", ops.ReduceMean((1, 2), keepdims=False), ("d",)),
        ("y", ops.FullyConnected(), ("m", "fc")),
    ]
    return replace(graph({"x": shape}, constants, steps, ["y"]), input_spec=SPECS[0])


@pytest.mark.parametrize(
    ("deny_list", "places"),
    [
        (("late",), [True, False, True]),  # a later subgraph of the device reads the picture again
        (("late", "both"), [True, False, True]),  # the A72 reads it behind the device
        (("c",), [False, True]),  # the A72 comes first, then the device reads it
    ],
)
def test_any_subgraph_may_read_the_picture(deny_list, places):
    made = several_readers_of_the_picture()
    artifact = compiled(
        made, Choice(options=QuantOptions(tensor_bits=16, calibration_frames=3), deny_list=deny_list)
    )
    assert [isinstance(segment, DeviceSegment) for segment in artifact.segments] == places
    pixels, spec = pictures(made, 1, seed=0)[0], made.input_spec
    expected = FloatSession(made).run({"x": to_real(pixels, spec)[None]})["y"].reshape(-1)
    with Session(artifact, "numpy") as session:
        got = session.run_pixels(pixels)
    np.testing.assert_allclose(got, expected, atol=0.01 * np.abs(expected).max())


@pytest.mark.parametrize("soc", ["tda4vm", "am68a"])
def test_16_bit_layers_may_have_accumulators_beyond_32_bit(soc, tmp_path, cache):
    dice = np.random.default_rng(0)
    constants = {
        "w": np.abs(dice.normal(size=(6, 3, 3, 16))).astype(np.float32),
        "fc": np.eye(6, dtype=np.float32),
    }
    steps = [
        ("wide", ops.Conv2d(), ("x", "first")),
        ("c", ops.Conv2d(), ("wide", "w")),
        ("m", ops.ReduceMean((1, 2), keepdims=False), ("c",)),
        ("y", ops.FullyConnected(), ("m", "fc")),
    ]
    constants["first"] = dice.normal(size=(16, 1, 1, 3)).astype(np.float32)
    made = replace(graph({"x": (1, 8, 8, 3)}, constants, steps, ["y"]), input_spec=SPECS[0])
    artifact = compiled(made, Choice(soc, QuantOptions(tensor_bits=16, calibration_frames=3)))
    write_artifact(artifact, tmp_path / "wide")
    (segment,) = read_artifact(tmp_path / "wide").segments
    bounds = {d.name: d.acc_bound for d in segment.program.descriptors if hasattr(d, "acc_bound")}
    assert bounds["c"] > 2**31
    pixels = pictures(made, 1, seed=0)[0]
    law = dict(by_the_law(artifact, pixels))
    for kernels in ("numpy", "native") if NATIVE_NAMES else ("numpy",):
        for name, got in in_session(artifact, kernels, pixels, cache):
            np.testing.assert_array_equal(got, law[name])
    expected = FloatSession(made).run({"x": to_real(pixels, made.input_spec)[None]})["y"].reshape(-1)
    np.testing.assert_allclose(law["output"], expected, atol=1e-3 * np.abs(expected).max())
