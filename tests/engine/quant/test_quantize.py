"""Every operator on both MMA versions: the law's integers against float, and the notes and refusals on the way."""

from dataclasses import replace

import numpy as np
import pytest

import assets
from engine.compiler.compile import lower as plan
from engine.errors import CalibrationError, CompileError, UnsupportedError
from engine.host.float_session import FloatSession
from engine.host.pictures import read_picture
from engine.host.preprocess import preprocess, to_real
from engine.importers import efficientnet_lite
from engine.ir import ops
from engine.ir.activations import RELU, RELU6
from engine.ir.graph import InputSpec, Node
from engine.kernels.numpy_set.dispatch import NumpySet
from engine.kernels.select import open_kernels
from engine.passes.pipeline import optimize
from engine.program import descriptors as D
from engine.quant.calibrate import calibrate
from engine.quant.calibration import from_json
from engine.quant.lowering import lower
from engine.quant.options import QuantOptions, Recipe, ScaleType
from engine.quant.quantize import quantize
from engine.quant.rules import rules_for
from engine.soc import load_soc
from tests.engine.op_graphs import DEVICE_GRAPHS, frames
from tests.engine.passes.small_graphs import graph
from tests.engine.quant.device import Memory, as_program, run_integers, run_real

V1, V2 = load_soc("tda4vm"), load_soc("am68a")
PLAIN = QuantOptions(recipe=Recipe.TI)


def calibrated(made, options=PLAIN, count=6):
    return calibrate(made, [each["x"] for each in frames(made, count)], options)


def snr_db(expected, got):
    noise = np.square(expected - got).sum()
    return 10 * np.log10(np.square(expected).sum() / max(noise, 1e-30))


@pytest.mark.parametrize("name", DEVICE_GRAPHS)
@pytest.mark.parametrize("soc", [V1, V2], ids=lambda soc: soc.name)
@pytest.mark.parametrize("bits", [8, 16])
def test_every_operator_computes_its_float_meaning(name, soc, bits):
    made = DEVICE_GRAPHS[name]
    # No activation is clipped: this frame may well be one that reaches beyond the average.
    options = replace(PLAIN, tensor_bits=bits, accuracy_level=9, activation_clipping=False)
    network = quantize(made, calibrated(made, options), soc, options)
    (values,) = frames(made, 1, seed=5)  # the first of the calibration frames
    expected, got = FloatSession(made).run(values)["z"], run_real(network, values)
    assert got.shape == expected.shape
    if name == "arg_max":
        assert (expected == got).mean() > 0.9
    else:
        assert snr_db(expected, got) > (20 if bits == 8 or name == "softmax" else 55)


def test_every_operator_but_foreign_ones_is_lowered():
    for name, made in DEVICE_GRAPHS.items():
        assert type(made.nodes[-1].op) in lower.registry, name
    foreign = Node("f", ops.OnnxNode("Relu", b"", 17), ("x",), ("z",))
    made = DEVICE_GRAPHS["reshape"]
    alien = replace(made, nodes=(foreign,))
    with pytest.raises(UnsupportedError, match="node 'f': the device has no operator OnnxNode"):
        quantize(alien, replace(calibrated(made), frames=()), V1, PLAIN)


def small_network(seed=0, spread=1.0):
    """A picture network of two inverted residual blocks; ``spread`` makes channels of very different sizes."""
    dice = np.random.default_rng(seed)

    def weight(*shape):
        sizes = np.exp(dice.normal(size=(shape[0],) + (1,) * (len(shape) - 1)) * spread)
        return (dice.normal(size=shape) * sizes / np.sqrt(np.prod(shape[1:]))).astype(np.float32)

    constants, steps, source, channels = {}, [], "x", 3
    for i, (outputs, stride) in enumerate([(8, 2), (8, 1), (8, 1)]):
        hidden = channels * 4
        shapes = {
            "expand": (hidden, 1, 1, channels),
            "depthwise": (hidden, 3, 3, 1),
            "project": (outputs, 1, 1, hidden),
        }
        for part, shape in shapes.items():
            constants[f"{part}{i}.w"] = weight(*shape)
            constants[f"{part}{i}.b"] = (dice.normal(size=shape[0]) * 0.3).astype(np.float32)
        wide = ops.Conv2d((stride, stride), pads=(1, 1, 1, 1), group=hidden, activation=RELU6)
        steps += [
            (f"expand{i}", ops.Conv2d(activation=RELU6), (source, f"expand{i}.w", f"expand{i}.b")),
            (f"depthwise{i}", wide, (f"expand{i}", f"depthwise{i}.w", f"depthwise{i}.b")),
            (f"project{i}", ops.Conv2d(), (f"depthwise{i}", f"project{i}.w", f"project{i}.b")),
        ]
        out = f"project{i}"
        if outputs == channels:
            out = f"add{i}"
            steps.append((out, ops.Add(), (f"project{i}", source)))
        source, channels = out, outputs
    constants["fc.w"] = weight(10, 8)
    steps += [
        ("pool", ops.ReduceMean((1, 2), keepdims=False), (source,)),
        ("y", ops.FullyConnected(), ("pool", "fc.w")),
    ]
    made = graph({"x": (1, 16, 16, 3)}, constants, steps, ["y"])
    return replace(made, input_spec=InputSpec(mean=(127.0,) * 3, scale=(1 / 128,) * 3))


def pictures(count, seed):
    """Smooth random pictures, uint8."""
    dice = np.random.default_rng(seed)
    coarse = dice.integers(0, 256, (count, 1, 4, 4, 3)).repeat(4, axis=2).repeat(4, axis=3)
    return np.clip(coarse + dice.integers(-20, 21, coarse.shape), 0, 255).astype(np.uint8)


def picture_errors(made, network, count=20):
    """Return the SNR of the network's output over pictures that did not calibrate it."""
    session, expected, got = FloatSession(made), [], []
    for pixels in pictures(count, seed=99):
        real = (pixels.astype(np.float32) - 127) / 128
        expected.append(session.run({"x": real})["y"])
        memory = run_integers(network, {"x": pixels})
        got.append(memory.arrays["y"] / network.tensors["y"].scale)
    return snr_db(np.concatenate(expected), np.concatenate(got))


def calibrate_pictures(made, options):
    return calibrate(made, ((p.astype(np.float32) - 127) / 128 for p in pictures(12, seed=7)), options)


LENS7 = QuantOptions(calibration_frames=12)


@pytest.mark.slow
@pytest.mark.slow
def test_recipe_lens7_loses_less_than_ti_on_the_default_model():
    made = optimize(efficientnet_lite.load())

    def pixels(folder):
        for path in sorted(assets.path(folder).glob("*.jpg")):
            yield preprocess(read_picture(path), made.input_spec, (224, 224))

    session, real = FloatSession(made), [to_real(each, made.input_spec)[None] for each in pixels("demo")]
    expected = np.concatenate([session.run({"image": each})["logits"] for each in real])
    table = calibrate(
        made, (to_real(each, made.input_spec)[None] for each in pixels("calibration")), QuantOptions()
    )
    quality = {}
    for recipe in Recipe:
        network = quantize(made, table, V1, QuantOptions(recipe=recipe), kernels=open_kernels("auto").kernels)
        memory = Memory(network)
        program, got = NumpySet().prepare(as_program(network), memory), []
        for each in pixels("demo"):
            memory.arrays["image"][...] = each
            program.run()
            got.append(memory.arrays["logits"] / network.tensors["logits"].scale)
        quality[recipe] = snr_db(expected, np.concatenate(got))
    assert quality[Recipe.LENS7] > quality[Recipe.TI] + 2.0


def test_the_first_descriptor_converts_pixels():
    made = small_network()
    network = quantize(made, calibrate_pictures(made, LENS7), V1, LENS7)
    first = network.descriptors[0]
    assert isinstance(first, D.DataConvert)
    assert (network.tensors["x"].dtype, network.tensors["x"].shape) == ("uint8", (1, 16, 16, 3))
    table = network.constants[first.table]
    assert table.dtype == np.int8
    np.testing.assert_array_equal(table, np.tile(np.clip(np.arange(256) - 127, -128, 127), (3, 1)))
    assert network.tensors[first.output].scale == 128.0


@pytest.mark.parametrize(("recipe", "dtype"), [(Recipe.TI, "int8"), (Recipe.LENS7, "int16")])
def test_the_last_tensors_width_is_the_recipes(recipe, dtype):
    made = small_network()
    options = replace(LENS7, recipe=recipe)
    network = quantize(made, calibrate_pictures(made, options), V1, options)
    assert network.tensors["y"].dtype == dtype


def test_relu6_outputs_are_unsigned_and_clip_at_six():
    made = small_network()
    network = quantize(made, calibrate_pictures(made, LENS7), V1, LENS7)
    for descriptor in network.descriptors:
        if isinstance(descriptor, D.Conv2d) and "project" not in descriptor.name:
            tensor = network.tensors[descriptor.output]
            assert (tensor.dtype, descriptor.qmin) == ("uint8", 0)
            assert descriptor.qmax == min(255, int(6 * tensor.scale + 0.5))


def test_mma_version_1_has_one_shift_and_no_multiplier():
    made = small_network()
    network = quantize(made, calibrate_pictures(made, LENS7), V1, LENS7)
    for descriptor in network.descriptors:
        if isinstance(descriptor, D.Conv2d | D.FullyConnected):
            shifts = network.constants[descriptor.shift]
            assert (network.constants[descriptor.multiplier] == 1).all()
            assert (shifts == shifts[0]).all()


@pytest.mark.parametrize("soc", [V1, V2], ids=lambda soc: soc.name)
@pytest.mark.parametrize("recipe", Recipe)
def test_no_accumulator_passes_its_proven_bound(soc, recipe):
    """Adversarial inputs: each layer alone, on the inputs that drive one of its channels to either end."""
    made = small_network(spread=2.0)
    options = replace(LENS7, recipe=recipe)
    network = quantize(made, calibrate_pictures(made, options), soc, options)
    for descriptor in network.descriptors:
        if isinstance(descriptor, D.Conv2d | D.FullyConnected):
            limits = np.iinfo(network.tensors[descriptor.input].dtype)
            weight = network.constants[descriptor.weight].astype(np.int64)
            rows, bias = weight.reshape(weight.shape[0], -1), network.constants[descriptor.bias]
            for ends in ((limits.max, limits.min), (limits.min, limits.max)):
                worst = (rows * np.where(rows > 0, *ends)).sum(axis=1) + bias
                assert np.abs(worst).max() <= descriptor.acc_bound < 2**31


def test_the_same_calibration_gives_the_same_integers():
    made = small_network()
    first, second = (quantize(made, calibrate_pictures(made, LENS7), V1, LENS7) for _ in range(2))
    assert first.descriptors == second.descriptors
    for name, values in first.constants.items():
        np.testing.assert_array_equal(values, second.constants[name])


def test_a_saved_table_alone_corrects_biases_from_means():
    made = small_network(spread=1.5)
    table = from_json(calibrate_pictures(made, LENS7).to_json())
    corrected = quantize(made, table, V1, LENS7)
    assert any("from the calibration table's means" in note for note in corrected.notes)
    plain = quantize(made, table, V1, replace(LENS7, accuracy_level=0))
    assert picture_errors(made, corrected) > picture_errors(made, plain)


def test_degenerate_layers_are_listed_and_finite():
    made = small_network()
    constants = dict(made.constants)
    for name in ("expand1.w", "expand1.b", "fc.w"):
        constants[name] = np.zeros_like(constants[name])
    dead = replace(made, constants=constants)
    for soc in (V1, V2):
        network = quantize(dead, calibrate_pictures(dead, LENS7), soc, LENS7)
        assert all(np.isfinite(t.scale) and t.scale > 0 for t in network.tensors.values())
        text = "\n".join(network.notes)
        assert "layer 'expand1': 32 of 32 output channels have only zero weights" in text
        assert "tensor 'expand1' is always 0 over the calibration images" in text
        assert not run_integers(network, {"x": pictures(1, 0)[0]}).arrays["y"].any()


@pytest.mark.parametrize("soc", [V1, V2], ids=lambda soc: soc.name)
@pytest.mark.parametrize("size", [1e-3, 1e-8, 1e-18])
@pytest.mark.parametrize("bits", [8, 16])
def test_a_dead_layer_of_tiny_weights_needs_no_room(size, soc, bits):
    """A layer that training has driven to nothing is 0 everywhere, however fine its accumulator's units."""
    weights = {"w": np.full((4, 4), -size, np.float32), "v": np.full((4, 4), size, np.float32)}
    made = graph(
        {"x": (1, 4)}, weights,
        [
            ("small", ops.FullyConnected(RELU), ("x", "v")),
            ("dead", ops.FullyConnected(RELU), ("small", "w")),
            ("product", ops.Mul(), ("dead", "small")),
            ("y", ops.Add(), ("product", "small")),
        ],
        ["y"],
    )  # fmt: skip
    options = replace(PLAIN, tensor_bits=bits)
    values = {"x": np.array([[1.0, 2.0, 0.5, 0.0]], np.float32)}
    network = quantize(made, calibrate(made, [values["x"]], options), soc, options)
    plan(network, made, soc)  # verifies the program
    np.testing.assert_allclose(run_real(network, values), FloatSession(made).run(values)["y"], rtol=0.01)


OPTIONS = {
    "iterations": replace(LENS7, calibration_iterations=1),
    "level 0": replace(LENS7, accuracy_level=0),
    "16 bit": replace(LENS7, tensor_bits=16),
    "wide output": replace(LENS7, output_feature_16bit_names_list=("expand0",)),
    "wide weights": replace(LENS7, params_16bit_names_list=("depthwise0",)),
    "power of two": replace(LENS7, quantization_scale_type=ScaleType.POWER_OF_2),
    "frames": replace(LENS7, calibration_frames=3),
    "no bias calibration": replace(LENS7, accuracy_level=9, bias_calibration=False),
}


@pytest.mark.parametrize("case", OPTIONS)
def test_every_option_changes_the_network(case):
    made, options = small_network(spread=1.5), OPTIONS[case]
    plain = replace(options, bias_calibration=True, accuracy_level=9) if "no bias" in case else LENS7
    usual = quantize(made, calibrate_pictures(made, plain), V1, plain)
    other = quantize(made, calibrate_pictures(made, options), V1, options)

    def content(network):
        arrays = [
            (name, values.dtype.name, values.tobytes()) for name, values in sorted(network.constants.items())
        ]
        return network.descriptors, arrays, network.tensors

    assert content(usual) != content(other)
    assert picture_errors(made, other) > 5


SWITCHES = {
    "activation_clipping": "clip_activations",
    "weight_clipping": "clip_weights",
    "bias_calibration": "correct_bias",
    "channel_wise_quantization": "per_channel",
}


@pytest.mark.parametrize("switch", SWITCHES)
@pytest.mark.parametrize("on", [False, True])
def test_level_9_takes_each_switch_as_given(switch, on):
    options = replace(LENS7, accuracy_level=9, **{switch: on})
    soc = V1 if switch == "weight_clipping" else V2  # scales per channel need no clipped weights
    assert getattr(rules_for(small_network(), soc, options), SWITCHES[switch]) is on


@pytest.mark.parametrize("level", [0, 1, 9])
def test_only_one_scale_per_tensor_clips_at_level_1_and_ever_clips_weights(level):
    made, options = small_network(), replace(PLAIN, accuracy_level=level)
    whole_tensor, each_channel = (rules_for(made, soc, options) for soc in (V1, V2))
    assert whole_tensor.clip_weights is whole_tensor.clip_activations is (level > 0)
    assert not each_channel.clip_weights
    assert each_channel.clip_activations is (level == 9)
    whole = replace(options, channel_wise_quantization=False)
    assert rules_for(made, V2, whole).clip_weights is (level == 9)
    ours = rules_for(made, V1, replace(LENS7, accuracy_level=min(level, 1)))
    assert not ours.clip_weights
    assert not ours.clip_activations


@pytest.mark.parametrize("wide", [(), ("depthwise0",)])
def test_one_huge_weight_is_clipped_where_weights_have_8_bit(wide):
    made = small_network()
    weight = made.constants["depthwise0.w"].copy()
    weight.flat[0] = 100.0 * np.abs(weight).max() + 100.0
    made = replace(made, constants={**made.constants, "depthwise0.w": weight})
    options = replace(PLAIN, params_16bit_names_list=wide)
    integers = quantize(made, calibrate_pictures(made, options), V1, options).constants["depthwise0.weight"]
    top, second = np.sort(np.abs(integers.astype(int)), axis=None)[[-1, -2]]
    assert bool(top < 60 * second) is not bool(wide)


def test_activation_clipping_takes_the_tail_for_the_range():
    made = small_network(spread=1.5)
    options = replace(LENS7, accuracy_level=9)
    table = calibrate_pictures(made, options)
    narrow = {name: replace(each, tail=each.max_abs / 2) for name, each in table.tensors.items()}
    network = quantize(made, replace(table, tensors=narrow), V2, options)
    assert network.tensors["add1"].scale == 127 / (table["add1"].max_abs / 2)


def test_channel_wise_quantization_can_be_switched_off():
    made = small_network(spread=1.5)
    table = calibrate_pictures(made, LENS7)
    options = replace(LENS7, accuracy_level=9, channel_wise_quantization=False)
    network = quantize(made, table, V2, options)
    assert (network.constants["expand0.multiplier"] == 1).all()


REFUSED = {
    "bits": (lambda: QuantOptions(tensor_bits=32), "tensor_bits is 32, must be one of 8, 16"),
    "level": (lambda: QuantOptions(accuracy_level=2), "accuracy_level is 2, must be one of 0, 1, 9"),
    "frames": (lambda: QuantOptions(calibration_frames=0), "calibration_frames is 0"),
    "iterations": (lambda: QuantOptions(calibration_iterations=0), "calibration_iterations is 0"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_impossible_options_are_refused(case):
    make, message = REFUSED[case]
    with pytest.raises(CompileError, match=message):
        make()


def test_options_that_do_not_fit_soc_or_network_are_refused():
    made = small_network()
    table = calibrate_pictures(made, LENS7)
    with pytest.raises(CompileError, match=r"quantization_scale_type 4 .* tda4vm"):
        quantize(made, table, V1, replace(LENS7, quantization_scale_type=ScaleType.PER_CHANNEL))
    wrong = replace(LENS7, output_feature_16bit_names_list=("expnd0",))
    with pytest.raises(
        CompileError, match="names 'expnd0', which the network does not have; did you mean 'expand0'"
    ):
        quantize(made, table, V1, wrong)


def test_a_table_of_another_model_is_refused():
    other = calibrated(DEVICE_GRAPHS["conv"])
    made = small_network()
    with pytest.raises(CalibrationError, match="of another model|hold no values"):
        quantize(made, replace(other, frames=()), V1, LENS7)


def test_prescribed_ranges_win_over_measured_ones():
    made = replace(DEVICE_GRAPHS["conv_no_bias"], ranges={"z": (-50.0, 40.0)})
    network = quantize(made, calibrated(made), V2, PLAIN)
    assert network.tensors["z"].scale == 127 / 50.0


def test_an_overflowing_accumulator_is_refused_by_name():
    weight = np.ones((1, 70_000), np.float32)
    made = graph({"x": (1, 70_000)}, {"w": weight}, [("y", ops.FullyConnected(RELU), ("x", "w"))], ["y"])
    table = calibrate(made, [np.ones((1, 70_000), np.float32)], PLAIN)
    wide = graph(
        {"x": (1, 140_000)},
        {"w": np.ones((1, 140_000), np.float32)},
        [("y", ops.FullyConnected(RELU), ("x", "w"))],
        ["y"],
    )
    assert quantize(made, table, V1, PLAIN).descriptors
    with pytest.raises(CompileError, match="layer 'y': the accumulator may reach"):
        quantize(wide, calibrate(wide, [np.ones((1, 140_000), np.float32)], PLAIN), V1, PLAIN)


def test_the_network_is_a_program_for_every_kernel_set():
    made = small_network(spread=1.5)
    network = quantize(made, calibrate_pictures(made, LENS7), V1, LENS7)
    pixels = pictures(1, seed=3)[0]
    law, fast = run_integers(network, {"x": pixels}), Memory(network)
    fast.arrays["x"][...] = pixels
    NumpySet().prepare(as_program(network), fast).run()
    for name, values in law.arrays.items():
        np.testing.assert_array_equal(values, fast.arrays[name])
