"""LRN on the A72 is what ONNX says it is."""

import numpy as np
import onnx
import pytest
from onnx import helper

from engine.host.export import to_onnx
from engine.host.onnx_session import OnnxSession
from engine.ir import ops
from engine.ir.graph import Graph, Node, TensorType

SHAPE = (1, 7, 4, 3)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 9])
@pytest.mark.parametrize(
    "more", [{}, {"alpha": 0.3, "beta": 0.75, "bias": 2.0}, {"alpha": 0.3, "beta": 0.6, "bias": 0.5}]
)
def test_it_is_the_operator_of_the_standard(size: int, more: dict[str, float]) -> None:
    proto = helper.make_node("LRN", ["x"], ["y"], size=size, **more)
    node = Node("norm", ops.OnnxNode("LRN", proto.SerializeToString(), 13), ("x",), ("y",))
    types = {"x": TensorType(SHAPE), "y": TensorType(SHAPE)}
    graph = Graph("lrn", ("x",), ("y",), (node,), types, {})
    written = to_onnx(graph)
    assert [node.op_type for node in to_onnx(graph, as_standard=True).graph.node] == ["LRN"]
    assert "LRN" not in {node.op_type for node in written.graph.node}
    x = np.random.default_rng(size).normal(0, 3, SHAPE).astype(np.float32)
    ours = OnnxSession(written.SerializeToString()).run({"x": x})["y"]
    np.testing.assert_allclose(ours, by_definition(x.astype(np.float64), size, **more), rtol=2e-6)


def by_definition(
    x: np.ndarray, size: int, alpha: float = 1e-4, beta: float = 0.75, bias: float = 1.0
) -> np.ndarray:
    """Return LRN channel by channel, as the operator's description in the ONNX standard has it."""
    y = np.empty_like(x)
    for c in range(x.shape[1]):
        near = x[:, max(0, c - (size - 1) // 2) : c + size // 2 + 1]
        y[:, c] = x[:, c] / (bias + alpha / size * (near**2).sum(axis=1)) ** beta
    return y


def test_it_is_onnx_runtimes_own() -> None:
    proto = helper.make_node("LRN", ["x"], ["y"], size=5, alpha=0.2)
    ends = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, SHAPE) for name in "xy"]
    graph = helper.make_graph([proto], "lrn", ends[:1], ends[1:])
    own = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    x = np.random.default_rng(0).normal(0, 3, SHAPE).astype(np.float32)
    found = OnnxSession(own.SerializeToString()).run({"x": x})["y"]
    np.testing.assert_allclose(found, by_definition(x.astype(np.float64), 5, 0.2), rtol=2e-5)
