"""The device ends in logits: a final softmax goes, what only rearranges its output stays."""

from dataclasses import replace

import numpy as np
import pytest
from onnx import helper

from engine.compiler.strip import without_softmax
from engine.host.float_session import FloatSession
from engine.ir import ops
from engine.ir.activations import RELU
from engine.ir.verify import verify
from tests.engine.passes.small_graphs import Step, graph, kinds

SHAPE = (1, 1, 1, 6)


@pytest.mark.parametrize(
    "behind",
    [
        [],
        [("r", ops.Reshape((1, 6)), ["s"])],
        [("t", ops.Transpose((0, 3, 1, 2)), ["s"]), ("r", ops.Reshape((6,)), ["t"])],
    ],
)
def test_final_softmax_goes_and_the_rest_stays(behind: list[Step]) -> None:
    whole = graph({"x": SHAPE}, {}, [("a", ops.Unary(RELU), ["x"]), ("s", ops.Softmax(3), ["a"]), *behind], [
        behind[-1][0] if behind else "s"
    ])  # fmt: skip
    stripped = without_softmax(whole)
    verify(stripped)
    assert kinds(stripped) == ["Unary", *(type(op).__name__ for _, op, _ in behind)]
    x = np.arange(6, dtype=np.float32).reshape(SHAPE)
    logits = FloatSession(stripped).run({"x": x})[stripped.outputs[0]]
    expected = FloatSession(whole).run({"x": x})[whole.outputs[0]]
    assert logits.shape == expected.shape
    np.testing.assert_allclose(np.exp(logits) / np.exp(logits).sum(), expected, rtol=1e-5)


def test_a_final_logarithm_of_softmax_goes_too() -> None:
    proto = helper.make_node("LogSoftmax", ["x"], ["y"], axis=-1).SerializeToString()
    steps: list[Step] = [("a", ops.Unary(RELU), ["x"]), ("s", ops.OnnxNode("LogSoftmax", proto, 17), ["a"])]
    assert kinds(without_softmax(graph({"x": SHAPE}, {}, steps, ["s"]))) == ["Unary"]


def test_logits_and_their_softmax_are_one_output() -> None:
    steps: list[Step] = [("a", ops.Unary(RELU), ["x"]), ("s", ops.Softmax(3), ["a"])]
    stripped = without_softmax(graph({"x": SHAPE}, {}, steps, ["a", "s"]))
    verify(stripped)
    assert stripped.outputs == ("a",)


def test_ranges_of_probabilities_do_not_clip_logits() -> None:
    steps: list[Step] = [("s", ops.Softmax(3), ["x"]), ("r", ops.Reshape((1, 6)), ["s"])]
    whole = replace(
        graph({"x": SHAPE}, {}, steps, ["r"]), ranges={"x": (-9.0, 9.0), "s": (0.0, 1.0), "r": (0.0, 1.0)}
    )
    assert without_softmax(whole).ranges == {"x": (-9.0, 9.0)}


def test_softmax_inside_the_network_stays() -> None:
    steps: list[Step] = [("s", ops.Softmax(3), ["x"]), ("y", ops.Unary(RELU), ["s"])]
    assert kinds(without_softmax(graph({"x": SHAPE}, {}, steps, ["y"]))) == ["Softmax", "Unary"]


def test_softmax_that_is_also_read_stays() -> None:
    steps: list[Step] = [
        ("s", ops.Softmax(3), ["x"]),
        ("r", ops.Reshape((1, 6)), ["s"]),
        ("y", ops.Unary(RELU), ["s"]),
    ]
    assert "Softmax" in kinds(without_softmax(graph({"x": SHAPE}, {}, steps, ["r", "y"])))
    assert "Softmax" in kinds(without_softmax(graph({"x": SHAPE}, {}, steps[:1] + steps[2:], ["s", "y"])))
