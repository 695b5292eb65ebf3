"""TI's runtime options reach the compiler where the user left defaults."""

from pathlib import Path

import numpy as np
import pytest
from onnx import helper

from engine.compiler.compile import CompileOptions, as_described, compile_model, place_model
from engine.compiler.runtime_options import Adopted, adopt
from engine.errors import CompileError
from engine.importers import runtime_options
from engine.quant.options import QuantOptions, Recipe, ScaleType
from engine.soc import load_soc
from tests.engine.importers.onnx_models import model, save

OURS = QuantOptions()


def adopted(soc: str = "am68a", given: QuantOptions = OURS, **runtime: object) -> Adopted:
    named = {key.replace("__", ":"): value for key, value in runtime.items()}
    return adopt(named, given, ("denied",), 16, load_soc(soc))


def test_without_a_description_nothing_changes() -> None:
    assert adopted() == Adopted(OURS, ("denied",), 16, ())


def test_options_are_taken_under_tis_names() -> None:
    found = adopted(
        tensor_bits=16, accuracy_level=9, advanced_options__calibration_frames=50, advanced_options__bias_calibration=0,
        advanced_options__quantization_scale_type=4, advanced_options__output_feature_16bit_names_list="a, b",
        deny_list="MaxPool, n7", max_num_subgraphs=4, tidl_tools_path="/anywhere", debug_level=3,
    )  # fmt: skip
    options = found.quantization
    assert (options.tensor_bits, options.accuracy_level, options.calibration_frames) == (16, 9, 50)
    assert options.bias_calibration is False
    assert options.quantization_scale_type is ScaleType.PER_CHANNEL
    assert options.output_feature_16bit_names_list == ("a", "b")
    assert (found.deny_list, found.max_num_subgraphs) == (("denied", "MaxPool", "n7"), 4)
    assert found.notes == ()


def test_what_the_user_chose_goes_before() -> None:
    assert adopted(given=QuantOptions(tensor_bits=16), tensor_bits=8).quantization.tensor_bits == 16


def test_placeholders_of_the_zoo_are_noted_not_followed() -> None:
    found = adopted(
        "tda4vm", advanced_options__calibration_frames=1, advanced_options__quantization_scale_type=4
    )
    assert found.quantization == OURS
    assert len(found.notes) == 2
    assert "calibration_frames 1" in found.notes[0]
    assert "MMA version 2" in found.notes[1]


@pytest.mark.parametrize(("recipe", "least"), [(Recipe.TI, 50), (Recipe.LENS7, 2)])
def test_iterations_are_at_least_the_recipes(recipe: Recipe, least: int) -> None:
    given = QuantOptions(recipe=recipe)
    found = adopted(given=given, advanced_options__calibration_iterations=1)
    assert found.quantization == given
    assert found.notes == (
        f"calibration_iterations 1 of the model description is below {least}, which is used",
    )
    more = adopted(given=given, advanced_options__calibration_iterations=60)
    assert more.quantization.iterations == 60


@pytest.mark.parametrize(
    ("runtime", "says"),
    [
        (
            {"tensor_bits": "eight"},
            "tensor_bits of the model description must be a whole number, found 'eight'",
        ),
        ({"advanced_options__quantization_scale_type": 7}, "is 7, must be 0, 1 or 4"),
        ({"tensor_bits": 7}, "tensor_bits is 7"),
    ],
)
def test_wrong_values_are_refused(runtime: dict[str, object], says: str) -> None:
    with pytest.raises(CompileError, match=says):
        adopted(**runtime)


def test_a_described_model_is_compiled_as_described(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["c"]),
        helper.make_node("MaxPool", ["c"], ["y"], kernel_shape=[2, 2]),
    ]
    save(
        tmp_path, model(nodes, {"x": (1, 3, 8, 8)}, ["y"], {"w": np.ones((4, 3, 3, 3), np.float32)}), "m.onnx"
    )
    (tmp_path / "param.yaml").write_text(
        "session: {model_path: m.onnx, runtime_options: {deny_list: MaxPool}}"
    )
    assert dict(runtime_options(tmp_path)) == {"deny_list": "MaxPool"}
    options, _ = as_described(tmp_path, CompileOptions(), load_soc("tda4vm"))
    assert options.deny_list == ("MaxPool",)
    places = {place.op: place.place for place in place_model(tmp_path, CompileOptions())}
    assert (places["Conv2d"], places["MaxPool"]) == ("device", "host")


def test_an_unknown_recipe_is_refused_in_one_line(tmp_path) -> None:
    with pytest.raises(CompileError, match="unknown recipe 'TI'; there are ti, lens7"):
        compile_model("efficientnet_lite0", tmp_path / "net", CompileOptions(recipe="TI"))
