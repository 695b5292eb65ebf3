"""TI's iterated biases: one step by hand, what many do, and that it does not matter who is told."""

from dataclasses import replace

import numpy as np
import pytest

from engine.host.float_session import FloatSession
from engine.quant.bias_iterations import share_of
from engine.quant.calibrate import calibrate
from engine.quant.options import QuantOptions, Recipe
from engine.quant.quantize import quantize
from engine.soc import load_soc
from tests.engine.op_graphs import DEVICE_GRAPHS
from tests.engine.quant.device import run_integers
from tests.engine.quant.test_quantize import calibrate_pictures, calibrated, pictures, small_network
from tests.engine.quant.test_spec_by_hand import dense

V1, V2 = load_soc("tda4vm"), load_soc("am68a")
TI = QuantOptions(recipe=Recipe.TI, calibration_frames=12)


@pytest.mark.parametrize(("iterations", "bias"), [(1, 6), (2, 13)])
def test_a_step_adds_a_twentieth_of_the_mean_error(iterations, bias):
    """y = x at x = 1: x is 127, the weight 1.0 * 128 saturates at 127, and (127 * 127 + 64) >> 7 is 126, not 127.

    The error is 1 / 127, a step adds 0.05 / 127 to the bias. That is 128 steps of the bias' own scale, saturates at 127,
    and becomes 127 / 128 * 0.05 / 127 * (127 * 128) = 6.35 accumulator units. With it the output is 126 still: the second
    step adds as much, which makes 12.7.
    """
    made = dense([[1.0]], [0.0])
    options = replace(TI, calibration_iterations=iterations)
    network = quantize(made, calibrate(made, [np.ones((1, 1), np.float32)], options), V1, options)
    assert network.constants["y.weight"].tolist() == [[127]]
    assert network.constants["y.bias"].tolist() == [bias]


def test_the_first_and_the_last_tenth_are_careful():
    shares = [share_of(index, 50) for index in range(50)]
    assert shares == pytest.approx([0.005] * 5 + [0.05] * 40 + [0.005] * 5)
    assert [share_of(index, 9) for index in range(9)] == [0.05] * 9


def mean_error(made, network):
    """Return the sum of squared errors of all convolutions' mean outputs over the calibration pictures, in real units."""
    names = [node.output for node in made.nodes if node.output.startswith(("expand", "depthwise", "project"))]
    session, errors = FloatSession(made, names), {name: [] for name in names}
    for pixels in pictures(12, seed=7):
        real = session.run({"x": ((pixels.astype(np.float32) - 127) / 128)})
        memory = run_integers(network, {"x": pixels})
        for name in names:
            found = memory.arrays[name] / network.tensors[name].scale
            errors[name].append((real[name] - found).mean(axis=(0, 1, 2)))
    return sum(np.square(np.mean(each, axis=0)).sum() for each in errors.values())


@pytest.mark.parametrize("soc", [V1, V2], ids=lambda soc: soc.name)
def test_iterations_bring_the_means_to_floats(soc):
    made = small_network(spread=1.5)
    bare = replace(TI, accuracy_level=9, bias_calibration=False, activation_clipping=False)
    table, steps = calibrate_pictures(made, TI), (5, 50)
    iterated = [replace(bare, bias_calibration=True, calibration_iterations=each) for each in steps]
    found = [mean_error(made, quantize(made, table, soc, each)) for each in (bare, *iterated)]
    assert found[0] > found[1] > 2 * found[2]


@pytest.mark.parametrize("name", ["conv", "max_pool"])
def test_progress_only_grows_and_ends_at_1(name):
    told: list[float] = []
    made, options = DEVICE_GRAPHS[name], replace(TI, calibration_iterations=4)
    quantize(made, calibrated(made, options), V1, options, told.append)
    assert told == sorted(set(told))
    assert told[-1] == 1.0


def test_each_recipe_has_a_number_of_iterations_of_its_own():
    assert QuantOptions(recipe=Recipe.TI).iterations == 50
    assert QuantOptions(recipe=Recipe.LENS7).iterations == 2
    assert replace(TI, calibration_iterations=7).iterations == 7


def test_a_table_without_frames_needs_no_iterations():
    made = small_network()
    table = replace(calibrate_pictures(made, TI), frames=())
    assert any("from the calibration table's means" in note for note in quantize(made, table, V1, TI).notes)
