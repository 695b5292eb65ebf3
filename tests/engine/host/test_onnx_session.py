import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from engine.errors import ModelError
from engine.host.onnx_session import OnnxSession


def model() -> bytes:
    """x + 1 = y and y * 2 = z."""
    nodes = [helper.make_node("Add", ["x", "one"], ["y"]), helper.make_node("Mul", ["y", "two"], ["z"])]
    info = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [2]) for name in "xyz"]
    weights = [helper.make_tensor("one", 1, [1], [1.0]), helper.make_tensor("two", 1, [1], [2.0])]
    graph = helper.make_graph(nodes, "g", info[:1], info[1:], weights)
    opset = [helper.make_opsetid("", 17)]
    return onnx.helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()


INPUTS = {"x": np.float32([3, 4]), "other": np.float32([0])}


def test_all_outputs_by_name_and_inputs_that_it_does_not_read_are_no_harm():
    got = OnnxSession(model()).run(INPUTS)
    assert {name: value.tolist() for name, value in got.items()} == {"y": [4, 5], "z": [8, 10]}


def test_only_the_wanted_output():
    got = OnnxSession(model(), ["z"], threads=2).run(INPUTS)
    assert {name: value.tolist() for name, value in got.items()} == {"z": [8, 10]}


@pytest.mark.parametrize("outputs", [None, ["z"]])
def test_bytes_that_are_no_model_are_refused_in_one_line(outputs):
    with pytest.raises(ModelError) as caught:
        OnnxSession(b"\x08\x99 no model", outputs)
    assert "\n" not in str(caught.value)
