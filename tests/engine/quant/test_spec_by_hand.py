"""SPEC.md's equations with numbers worked out by hand: what the quantizer makes of networks of one or two nodes."""

import math
from dataclasses import replace

import numpy as np
import pytest

from engine.ir import ops
from engine.ir.activations import RELU, RELU6, Activation, Fn
from engine.ir.graph import InputSpec
from engine.quant.calibration import Calibration, TensorStatistics
from engine.quant.options import QuantOptions, Recipe
from engine.quant.quantize import quantize
from engine.quant.weights import Widths, tensor_bias, tensor_scale
from engine.soc import load_soc
from tests.engine.passes.small_graphs import graph

V1, V2 = load_soc("tda4vm"), load_soc("am68a")
TI = QuantOptions(recipe=Recipe.TI, accuracy_level=0)


def lowered(soc, made, ranges):
    """Return the network that ranges (low, high) by tensor give."""
    stats = {
        name: TensorStatistics(np.float64([low]), np.float64([high]), np.float64([0]), max(-low, high))
        for name, (low, high) in ranges.items()
    }
    return quantize(made, Calibration(stats, 1), soc, TI)


def dense(weight, bias, activation=None):
    constants = {"w": np.float32(weight), "b": np.float32(bias)}
    return graph(
        {"x": (1, len(weight[0]))}, constants, [("y", ops.FullyConnected(activation), ("x", "w", "b"))], ["y"]
    )


def test_a_layer_of_mma_version_1():
    """(2) w_scale = 128 / 0.5 = 256, and 0.25 -> 64, -0.5 -> -128, 0.5 -> 128 that saturates at 127.

    (3) b_scale = 128 / 2 = 64, -2 -> -128; in units of 127 * 256 that is -65024: beyond 16 bit. So w_scale becomes
    32768 / (2 * 127) = 129.0078..., weights 32, -65 (64.5 away from zero), 65, and the bias -32768.
    (5) 32768/2 units per real unit: 6 would be 98304; shift 9 gives 192 > 127, shift 10 gives 96.
    """
    made = dense([[0.25, -0.5, 0.5]], [-2.0])
    network = lowered(V1, made, {"x": (-1, 1), "y": (-6, 6)})
    assert network.tensors["x"].scale == 127
    assert network.constants["y.weight"].tolist() == [[32, -65, 65]]
    assert network.constants["y.bias"].tolist() == [-32768]
    assert network.constants["y.shift"].tolist() == [10]
    assert network.tensors["y"].scale == pytest.approx(16384 / 1024)
    (d,) = network.descriptors
    assert d.acc_bound == 32 * 128 + 65 * 127 + 65 * 128 + 32768  # (4), x = -128, 127, -128


def test_a_bias_that_fits_leaves_the_weights_alone():
    """(3) w_scale 128, in_scale 100: max|b| = 1 is 12800 units. b_scale = 128: 0.3 -> 38.4 -> 38 -> 3800; 1 saturates at 127."""
    scale = tensor_scale(np.float64([[1.0]]), np.float64([1.0]), 100.0, Widths(8, 8), power_of_two=False)
    assert scale == 128
    assert tensor_bias(np.float64([0.3, 1.0, -1.0]), 100.0, scale, Widths(8, 8)).tolist() == [
        3800,
        12700,
        -12800,
    ]


@pytest.mark.parametrize(
    ("top", "shift"),
    [
        (255.49, 0),
        (255.5, 1),
        (510.99, 1),
        (511.0, 2),
    ],  # (5) judged after rounding: 255.49 is 255, 510.99 / 2 is 255
)
def test_the_smallest_shift_that_fits_after_rounding(top, shift):
    made = dense([[1.0]], [0.0], RELU)
    unit = 127 * 128  # accumulator units per real unit: in_scale * w_scale
    network = lowered(V1, made, {"x": (-1, 1), "y": (0, top / unit)})
    assert network.constants["y.shift"].tolist() == [shift]
    assert network.tensors["y"].scale == unit / 2**shift


def test_relu6_clips_at_six_in_the_outputs_units():
    """(6) 127 * 128 / 2^9 = 31.75 units per real unit, 6 of them are 190.5, and halves go away from zero: 191."""
    network = lowered(V1, dense([[1.0]], [0.0], RELU6), {"x": (-1, 1), "y": (0, 6)})
    (d,) = network.descriptors
    assert (network.constants["y.shift"].tolist(), d.qmin, d.qmax) == ([9], 0, 191)


def test_an_activation_that_is_no_clip_is_a_table_over_its_integers():
    """(13) 2 is 32512 units of 16256: 8 bits leave 127, 63.5 units per real unit; tanh of each in 127 units."""
    ranges = {"x": (-1, 1), "y@linear": (-2, 2), "y": (-1, 1)}
    network = lowered(V1, dense([[1.0]], [0.0], Activation(Fn.TANH)), ranges)
    (d,) = network.descriptors
    assert (network.constants["y.shift"].tolist(), d.qmin, d.qmax) == ([8], -128, 127)
    assert (network.tensors["y"].dtype, network.tensors["y"].scale) == ("int8", 127)
    table = network.constants[d.table].tolist()
    assert len(table) == 256
    assert table[::51] == [round(127 * math.tanh(q / 63.5)) for q in range(-128, 128, 51)]
    assert (table[0], table[128], table[255]) == (-123, 0, 122)  # tanh(2.016) and tanh(2)


def test_a_range_of_zero_comes_as_close_to_scale_one_as_shifting_does():
    """(14) 16256 units per real unit become 0.99 after 14 bits; 1.6e10 of them would need 34 bits and get 30."""
    network = lowered(V1, dense([[1.0]], [0.0]), {"x": (-1, 1), "y": (0, 0)})
    assert network.constants["y.shift"].tolist() == [14]
    assert network.tensors["y"].scale == 16256 / 2**14
    network = lowered(V1, dense([[1.0]], [0.0]), {"x": (-1e-6, 1e-6), "y": (0, 0)})
    assert network.constants["y.shift"].tolist() == [30]
    assert lowered(V2, dense([[1.0]], [0.0]), {"x": (-1, 1), "y": (0, 0)}).tensors["y"].scale == 1


def binary(op, *names):
    steps = [("a", ops.Unary(Activation(Fn.TANH)), ("x",)), ("b", ops.Unary(Activation(Fn.SIGMOID)), ("x",))]
    return graph({"x": (1, 4)}, {}, [*steps, ("y", op, names or ("a", "b"))], ["y"])


RANGES = {"x": (-1, 1), "a": (-1, 1), "b": (0, 0.25)}  # a int8 of scale 127, b uint8 of scale 1020


def test_a_sum_of_mma_version_1():
    """(7) base = 127; coefficients 64 and round(64 * 127 / 1020 = 7.97) = 8; 8128 units: 1.25 is 10160, 80 after 7 bits."""
    network = lowered(V1, binary(ops.Add()), RANGES | {"y": (-1, 1.25)})
    d = network.descriptors[-1]
    assert (d.coefficients, d.multiplier, d.shift) == ((64, 8), 1, 7)
    assert (network.tensors["y"].dtype, network.tensors["y"].scale) == ("int8", 127 * 64 / 2**7)
    negative = lowered(V1, binary(ops.Sub()), RANGES | {"y": (-1, 1.25)})
    assert negative.descriptors[-1].coefficients == (64, -8)


def test_a_concatenation_of_mma_version_1():
    """(7) 128 and round(15.94) = 16; 16256 units per real unit, 1 needs 7 bits: 127."""
    network = lowered(V1, binary(ops.Concat(1)), RANGES | {"y": (-1, 1)})
    d = network.descriptors[-1]
    assert (d.multipliers, d.shifts) == ((128, 16), (7, 7))
    assert network.tensors["y"].scale == 127


@pytest.mark.parametrize("op", [ops.Add(), ops.Concat(1)])
def test_what_was_always_zero_does_not_coarsen_what_it_is_added_to(op):
    """(14) gives b the scale 1. As the base of (7) it would leave a coefficient of round(64 / 127) = 1 for a."""
    network = lowered(V1, binary(op), RANGES | {"b": (0, 0), "y": (-1, 1)})
    d = network.descriptors[-1]
    unit = 64 if isinstance(op, ops.Add) else 128
    factors = d.coefficients if isinstance(op, ops.Add) else d.multipliers
    assert network.tensors["b"].scale == 1
    assert factors == (unit, unit * 127)
    assert network.tensors["y"].scale == 127


def test_what_was_always_zero_joins_the_smallest_values_of_mma_version_2():
    """(14) gives b the scale 1, (5) gives y 127e9: a ratio beyond 24 bit, which no value of b ever needs."""
    tiny = (-1e-9, 1e-9)
    network = lowered(V2, binary(ops.Concat(1)), {"x": tiny, "a": tiny, "b": (0, 0), "y": tiny})
    m, s = network.descriptors[-1].multipliers, network.descriptors[-1].shifts
    assert m[0] / 2 ** s[0] == 1
    assert m[1] / 2 ** s[1] == 2**15 - 1


def test_a_product():
    """(16) 127 * 1020 = 129540 units; 0.25 is 32385: 8 bits leave 126.5, which rounds to 127."""
    network = lowered(V1, binary(ops.Mul()), RANGES | {"y": (-0.25, 0.25)})
    d = network.descriptors[-1]
    assert (d.multiplier, d.shift) == (1, 8)


def test_a_layer_of_mma_version_2():
    """(2) 127 / 0.5 = 254 and 127 / 2 = 63.5; (3) biases 1 * 127 * 254 and 1 * 127 * 63.5 = 8064.5, away from zero.

    (5) out_scale 127 / 4 = 31.75; 31.75 / (127 * 254) = 2^-10 * 1.00787...: m of 24 bit, s = 33.
    """
    network = lowered(V2, dense([[0.5, -0.25], [2.0, 1.0]], [1.0, 1.0]), {"x": (-1, 1), "y": (-4, 4)})
    assert network.constants["y.weight"].tolist() == [[127, -64], [127, 64]]
    assert network.constants["y.bias"].tolist() == [32258, 8065]
    m, s = network.constants["y.multiplier"], network.constants["y.shift"]
    assert (m < 2**24).all()
    assert (m >= 2**23).all()
    assert s.tolist() == [33, 31]
    assert m.tolist() == [round(2**33 / 1016), round(2**31 / 254)]


@pytest.mark.parametrize(("recipe", "dtype"), [(Recipe.TI, "int8"), (Recipe.LENS7, "int16")])
def test_the_last_tensor_has_its_width_before_it_is_rearranged(recipe, dtype):
    """(12) int8 in recipe ti, int16 in lens7; what only moves integers, (21), cannot widen them."""
    constants = {"w": np.float32([[1, -1], [1, 1]]), "b": np.zeros(2, np.float32)}
    steps = [
        ("y", ops.FullyConnected(), ("x", "w", "b")),
        ("turned", ops.Transpose((1, 0)), ("y",)),
        ("z", ops.Reshape((2,)), ("turned",)),
    ]
    made = graph({"x": (1, 2)}, constants, steps, ["z"])
    wide = (np.float64([-2]), np.float64([2]), np.float64([0]), 2.0)
    stats = {name: TensorStatistics(*wide) for name in ("x", "y", "turned", "z")}
    network = quantize(made, Calibration(stats, 1), V1, QuantOptions(recipe=recipe, accuracy_level=0))
    assert [network.tensors[name].dtype for name in ("y", "turned", "z")] == [dtype] * 3


def test_pixels_that_saturate():
    """(9) (pixel - 127) / 127.5 lies in -0.996..1.004: scale 128 / 1.004 = 127.5, q = pixel - 127, and 128 becomes 127."""
    made = graph({"x": (1, 1, 1, 3)}, {}, [("y", ops.MaxPool((1, 1)), ("x",))], ["y"])
    made = replace(made, input_spec=InputSpec((127.0,) * 3, (1 / 127.5,) * 3))
    network = lowered(V1, made, {"x": (-1, 1), "y": (-1, 1)})
    table = network.constants[network.descriptors[0].table]
    assert network.tensors["x.converted"].scale == pytest.approx(127.5)
    assert table[0, [0, 126, 127, 128, 254, 255]].tolist() == [-127, -1, 0, 1, 127, 127]


def test_padding_beyond_the_range_is_reported():
    made = graph({"x": (1, 2)}, {}, [("y", ops.Pad((0, 1), (0, 0), 5.0), ("x",))], ["y"])
    network = lowered(V1, made, {"x": (-1, 1), "y": (-1, 5)})
    assert network.descriptors[0].value == 127
    assert network.notes == ("pad 'y': its value 5 saturates at 1",)
