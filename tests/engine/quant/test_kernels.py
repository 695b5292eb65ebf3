"""The recipes run the network with any kernels: it does not matter to the integers which."""

from dataclasses import replace

import numpy as np
import pytest

from engine.errors import KernelError
from engine.kernels.select import open_kernels
from engine.quant.options import QuantOptions, Recipe
from engine.quant.quantize import quantize
from engine.soc import load_soc
from tests.engine.op_graphs import DEVICE_GRAPHS
from tests.engine.quant.test_quantize import calibrate_pictures, calibrated, small_network

V1 = load_soc("tda4vm")
TI = QuantOptions(recipe=Recipe.TI, calibration_frames=12, calibration_iterations=3)
LENS7 = QuantOptions(recipe=Recipe.LENS7, calibration_frames=12)


@pytest.fixture(scope="module")
def native():
    try:
        return open_kernels("native").kernels
    except KernelError as error:
        pytest.skip(str(error))


def assert_equal(plain, other):
    assert plain.descriptors == other.descriptors
    assert plain.constants.keys() == other.constants.keys()
    for name, values in plain.constants.items():
        np.testing.assert_array_equal(values, other.constants[name])


@pytest.mark.parametrize("recipe", [TI, LENS7], ids=["ti", "lens7"])
def test_a_network_of_convolutions(recipe, native):
    made = small_network(spread=1.5)
    table = calibrate_pictures(made, recipe)
    plain = quantize(made, table, V1, recipe)
    assert_equal(plain, quantize(made, table, V1, recipe, kernels=native))
    slow = replace(recipe, calibration_iterations=1)
    reference = open_kernels("reference").kernels
    assert_equal(quantize(made, table, V1, slow), quantize(made, table, V1, slow, kernels=reference))


@pytest.mark.parametrize("name", DEVICE_GRAPHS)
def test_every_operator_of_the_device_alone(name, native):
    made = DEVICE_GRAPHS[name]
    table = calibrated(made, LENS7)
    assert_equal(quantize(made, table, V1, LENS7), quantize(made, table, V1, LENS7, kernels=native))
