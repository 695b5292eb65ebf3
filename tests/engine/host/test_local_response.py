"""LRN on the A72 is what ONNX says it is."""

from dataclasses import replace

import numpy as np
import onnx
import pytest
from onnx import helper

from engine.host.export import to_onnx
from engine.host.local_response import local_response_of
from engine.host.onnx_session import OnnxSession
from engine.ir import ops
from engine.ir.graph import Graph, Node, TensorType
from engine.program.local_response import LocalResponse
from engine.reference.local_response import normalise

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


def between_transposes(perm: tuple[int, ...] = (0, 3, 1, 2), **more: float) -> Graph:
    """Return LRN over the channels of an NHWC map, as partitioning leaves it to the A72."""
    proto = helper.make_node("LRN", ["turned"], ["normal"], size=5, **more)
    nodes = (
        Node("forth", ops.Transpose(perm), ("x",), ("turned",)),
        Node("norm", ops.OnnxNode("LRN", proto.SerializeToString(), 13), ("turned",), ("normal",)),
        Node("back", ops.Transpose((0, 2, 3, 1)), ("normal",), ("y",)),
    )
    shapes = {"x": (1, 4, 3, 7), "turned": (1, 7, 4, 3), "normal": (1, 7, 4, 3), "y": (1, 4, 3, 7)}
    return Graph(
        "lrn", ("x",), ("y",), nodes, {name: TensorType(shape) for name, shape in shapes.items()}, {}
    )


def test_a_subgraph_that_is_nothing_else_is_recognised_and_the_reference_computes_the_same() -> None:
    graph = between_transposes(alpha=0.25, bias=2.0)
    how = local_response_of(graph)
    assert how == LocalResponse(5, 0.25, 2.0)
    x = np.random.default_rng(0).normal(0, 3, (1, 4, 3, 7)).astype(np.float32)
    expected, got = OnnxSession(to_onnx(graph).SerializeToString()).run({"x": x})["y"], np.empty_like(x)
    normalise(x, how, got)
    np.testing.assert_allclose(got, expected, rtol=2e-6)


@pytest.mark.parametrize(
    "other",
    [
        between_transposes(beta=0.5),
        between_transposes(bias=0.0),
        between_transposes(alpha=-1.0),
        between_transposes(perm=(0, 3, 2, 1)),
        replace(between_transposes(), outputs=("y", "normal")),
        replace(between_transposes(), nodes=between_transposes().nodes[:2], outputs=("normal",)),
    ],
)
def test_anything_else_is_left_to_onnx_runtime(other: Graph) -> None:
    assert local_response_of(other) is None
