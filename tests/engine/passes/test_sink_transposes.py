from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper

from engine.ir import ops
from engine.ir.activations import RELU, Activation, Fn
from engine.ir.graph import Graph, Node
from engine.passes import remove_dead, sink_transposes
from tests.engine.passes.small_graphs import Step, graph, keeps_meaning, kinds

NCHW, NHWC = (0, 3, 1, 2), (0, 2, 3, 1)
SHAPE = (1, 5, 4, 3)


def sunk(before: Graph) -> Graph:
    return remove_dead.run(keeps_meaning(sink_transposes.run, before))


def between(*steps: Step, constants: dict[str, object] | None = None, last: str = "y") -> Graph:
    """Return x -> NCHW -> ``steps`` from "a" to "y" -> NHWC."""
    around: list[Step] = [("a", ops.Transpose(NCHW), ["x"]), *steps, ("out", ops.Transpose(NHWC), [last])]
    return graph({"x": SHAPE}, constants or {}, around, ["out"])


@pytest.mark.parametrize(
    "op",
    [
        ops.Unary(RELU),
        ops.Softmax(1),
        ops.ReduceMean((2, 3)),
        ops.ReduceMax((1,)),
        ops.Slice((0, 1, 0, 1), (1, 3, 4, 4), (1, 1, 2, 1)),
        ops.Pad((0, 1, 2, 0), (0, 0, 1, 1), 0.5),
    ],
)
def test_inverse_transposes_vanish_around(op: ops.Op) -> None:
    assert kinds(sunk(between(("y", op, ["a"])))) == [type(op).__name__]


def test_host_operators_that_know_no_layout_are_passed() -> None:
    proto = helper.make_node("Erf", ["x"], ["y"])
    erf = Node("y", ops.OnnxNode("Erf", proto.SerializeToString(), 17), ("a",), ("y",))
    whole = between(("y", ops.Unary(RELU), ["a"]))
    before = replace(whole, nodes=(whole.nodes[0], erf, whole.nodes[2]))
    assert kinds(sunk(before)) == ["OnnxNode"]


def test_constants_follow_their_tensor() -> None:
    bias = np.arange(3, dtype=np.float32).reshape(3, 1, 1)
    assert kinds(sunk(between(("y", ops.Add(), ["a", "bias"]), constants={"bias": bias}))) == ["Add"]


def test_a_gate_of_one_pixel_is_reshaped_not_transposed() -> None:
    before = graph(
        {"x": SHAPE, "gate": (1, 3)},
        {},
        [
            ("a", ops.Transpose(NCHW), ["x"]),
            ("wide", ops.Reshape((1, 3, 1, 1)), ["gate"]),
            ("y", ops.Mul(), ["a", "wide"]),
            ("out", ops.Transpose(NHWC), ["y"]),
        ],
        ["out"],
    )
    assert "Transpose" not in kinds(sunk(before))


def test_concat_joins_along_the_moved_axis() -> None:
    before = between(("b", ops.Unary(RELU), ["a"]), ("y", ops.Concat(1), ["a", "b"]))
    assert kinds(sunk(before)) == ["Unary", "Concat"]


def test_reduction_without_kept_dimensions_loses_the_transpose() -> None:
    before = graph(
        {"x": SHAPE},
        {},
        [("a", ops.Transpose(NCHW), ["x"]), ("y", ops.ReduceMean((2, 3), False), ["a"])],
        ["y"],
    )
    assert kinds(sunk(before)) == ["ReduceMean"]


def test_flattening_one_pixel_needs_no_transpose() -> None:
    before = graph(
        {"x": (1, 1, 1, 6)},
        {},
        [("a", ops.Transpose(NCHW), ["x"]), ("y", ops.Reshape((1, 6)), ["a"])],
        ["y"],
    )
    assert kinds(sunk(before)) == ["Reshape"]


def test_a_branch_in_another_layout_is_left_alone() -> None:
    before = graph(
        {"x": SHAPE, "z": (1, 3, 5, 4)},
        {},
        [("a", ops.Transpose(NCHW), ["x"]), ("y", ops.Add(), ["a", "z"])],
        ["y"],
    )
    assert kinds(sunk(before)) == ["Transpose", "Add"]


def test_outputs_keep_layout_and_name() -> None:
    before = graph(
        {"x": SHAPE}, {}, [("a", ops.Transpose(NCHW), ["x"]), ("y", ops.Unary(RELU), ["a"])], ["a", "y"]
    )
    after = sunk(before)
    assert after.tensors["y"].shape == (1, 3, 5, 4)


def test_prescribed_ranges_move_along() -> None:
    before = between(("y", ops.Unary(RELU), ["a"]))
    after = sunk(replace(before, ranges={"y": (0.0, 6.0)}))
    assert set(after.ranges.values()) == {(0.0, 6.0)}
    assert set(after.ranges) <= after.tensors.keys()


STEPS = st.sampled_from(
    [
        "transpose", "relu", "tanh", "softmax", "mean", "max", "slice", "pad", "add", "mul", "concat", "flatten",
        "constant",
    ]
)  # fmt: skip


@given(choices=st.lists(STEPS, min_size=2, max_size=9), data=st.data())
def test_any_chain_computes_the_same(choices: list[str], data: st.DataObject) -> None:
    steps: list[Step] = []
    shapes = {"x": SHAPE}
    constants: dict[str, np.ndarray] = {}
    for i, choice in enumerate(choices):
        source = data.draw(st.sampled_from(sorted(shapes)))
        step, shape = _step(choice, f"t{i}", source, shapes, constants, data)
        steps.append(step)
        shapes[f"t{i}"] = shape
    last = [f"t{i}" for i in range(len(choices))][-2:]
    keeps_meaning(sink_transposes.run, graph({"x": SHAPE}, constants, steps, last))


def _step(
    choice: str,
    name: str,
    source: str,
    shapes: dict[str, tuple[int, ...]],
    constants: dict[str, np.ndarray],
    data: st.DataObject,
) -> tuple[Step, tuple[int, ...]]:
    shape = shapes[source]
    axis = data.draw(st.integers(0, len(shape) - 1))
    same = sorted(each for each in shapes if shapes[each] == shape)
    other = data.draw(st.sampled_from(same))
    match choice:
        case "transpose":
            perm = tuple(data.draw(st.permutations(range(len(shape)))))
            return (name, ops.Transpose(perm), [source]), tuple(shape[each] for each in perm)
        case "tanh":
            return (name, ops.Unary(Activation(Fn.TANH)), [source]), shape
        case "softmax":
            return (name, ops.Softmax(axis), [source]), shape
        case "mean" | "max":
            kind = ops.ReduceMean if choice == "mean" else ops.ReduceMax
            return (name, kind((axis,)), [source]), (*shape[:axis], 1, *shape[axis + 1 :])
        case "slice":
            begins = tuple(int(each > 1) for each in shape)
            cut = tuple(size - begin for size, begin in zip(shape, begins, strict=True))
            return (name, ops.Slice(begins, shape, (1,) * len(shape)), [source]), cut
        case "pad":
            before = tuple(int(each == axis) for each in range(len(shape)))
            wider = tuple(size + low for size, low in zip(shape, before, strict=True))
            return (name, ops.Pad(before, (0,) * len(shape), 1.0), [source]), wider
        case "add" | "mul":
            kind2 = ops.Add if choice == "add" else ops.Mul
            return (name, kind2(), [source, other]), shape
        case "concat":
            longer = (*shape[:axis], 2 * shape[axis], *shape[axis + 1 :])
            return (name, ops.Concat(axis), [source, other]), longer
        case "flatten":
            flat = (1, int(np.prod(shape)))
            return (name, ops.Reshape(flat), [source]), flat
        case "constant":
            constants[f"{name}.c"] = np.arange(shape[axis], dtype=np.float32).reshape(
                (-1, *(1,) * (len(shape) - axis - 1))
            )
            return (name, ops.Mul(), [source, f"{name}.c"]), shape
    return (name, ops.Unary(RELU), [source]), shape
