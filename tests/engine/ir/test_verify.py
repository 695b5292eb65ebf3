from dataclasses import replace

import numpy as np
import pytest

from engine.errors import ModelError
from engine.ir import ops
from engine.ir.activations import RELU6
from engine.ir.graph import Node, TensorType
from engine.ir.verify import verify
from tests.engine.passes.small_graphs import graph


def two_layers():
    weights = {"w": np.ones((4, 3, 3, 2), np.float32), "b": np.zeros(4, np.float32)}
    steps = [
        ("y", ops.Conv2d(pads=(0, 0, 1, 1), activation=RELU6), ("x", "w", "b")),
        ("z", ops.ReduceMean((1, 2)), ("y",)),
    ]
    return graph({"x": (1, 4, 4, 2)}, weights, steps, ["z"])


def changed(index, **fields):
    good = two_layers()
    nodes = list(good.nodes)
    nodes[index] = replace(nodes[index], **fields)
    return replace(good, nodes=tuple(nodes))


BROKEN = {
    "no outputs": (replace(two_layers(), outputs=()), "has no outputs"),
    "no inputs": (replace(two_layers(), inputs=()), "has no inputs"),
    "output unknown": (replace(two_layers(), outputs=("q",)), "'q' is written by no node"),
    "same name": (changed(1, name="y"), "two nodes are called 'y'"),
    "reads nothing": (changed(1, inputs=("q",)), "node 'z' reads 'q', which nothing before it writes"),
    "writes twice": (changed(1, outputs=("y",)), "node 'z' writes 'y', which exists already"),
    "untyped": (changed(1, outputs=("q",)), "node 'z' writes 'q', which has no type"),
    "not a constant": (changed(0, inputs=("x", "x", "b")), r"node 'y' \(Conv2d\): 'x' must be a constant"),
    "wrong shape": (
        replace(two_layers(), tensors={**two_layers().tensors, "z": TensorType((1, 4))}),
        r"node 'z' \(ReduceMean\): output is declared float32\[1, 4\], must be float32\[1, 1, 1, 4\]",
    ),
    "bad operator": (changed(1, op=ops.ReduceMean((7,))), r"node 'z' \(ReduceMean\): axis 7 is outside"),
    "empty tensor": (
        replace(two_layers(), tensors={**two_layers().tensors, "e": TensorType((1, 0))}),
        "all dimensions must be positive",
    ),
    "input is constant": (
        replace(two_layers(), constants={**two_layers().constants, "x": np.zeros(1)}),
        "both a graph input and a constant",
    ),
}


def test_a_good_graph_passes():
    verify(two_layers())


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_graph_is_refused_by_name(case):
    broken, message = BROKEN[case]
    with pytest.raises(ModelError, match=message):
        verify(broken)


@pytest.mark.parametrize(
    ("op", "position"),
    [
        *(
            (op(), position)
            for op in (ops.Conv2d, ops.ConvTranspose2d, ops.FullyConnected)
            for position in (1, 2)
        ),
        *((ops.BatchNorm(), position) for position in (1, 2, 3, 4)),
        (ops.Prelu(), 1),
    ],
    ids=lambda value: value if isinstance(value, int) else type(value).__name__,
)
def test_weights_that_another_node_computes_are_refused(op, position):
    names = ["x", "a", "b", "c", "d"]
    constants = {name: np.ones(2, np.float32) for name in names[1:]}
    names[position] = "x"
    without_nodes = graph({"x": (1, 4, 4, 2)}, constants, [], ["x"])
    with pytest.raises(ModelError, match=r"node 'y' .*: 'x' must be a constant"):
        verify(replace(without_nodes, nodes=(Node("y", op, tuple(names), ("y",)),)))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_not_finite_are_refused_with_the_nodes_name(value):
    weights = np.ones((4, 3, 3, 2), np.float32)
    weights[1, 2, 0] = value
    broken = replace(two_layers(), constants={**two_layers().constants, "w": weights})
    with pytest.raises(
        ModelError, match=r"node 'y' \(Conv2d\): constant 'w' has 2 values that are NaN or infinite"
    ):
        verify(broken)


def test_a_foreign_node_may_leave_optional_inputs_out():
    good = two_layers()
    foreign = Node("f", ops.OnnxNode("Clip", b"", 17), ("z", "", ""), ("f",))
    verify(
        replace(
            good,
            nodes=(*good.nodes, foreign),
            tensors={**good.tensors, "f": good.tensors["z"]},
            outputs=("f",),
        )
    )
