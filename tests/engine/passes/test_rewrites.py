"""Each pass on the smallest graph that it changes, and on one that it must leave alone."""

from dataclasses import replace
from math import inf

import numpy as np
import onnx
import pytest
from onnx import helper

from engine.errors import ModelError
from engine.ir import ops
from engine.ir.activations import RELU, RELU6, Activation, Fn
from engine.ir.graph import Graph, Node, TensorType
from engine.passes import (
    drop_expand,
    flatten_weights,
    fold_batch_norm,
    fold_constants,
    fuse_gates,
    fuse_lrn,
    fuse_shuffle,
    merge_pads,
    merge_reshapes,
    remove_dead,
    sink_transposes,
)
from engine.passes.pipeline import optimize
from tests.engine.passes.small_graphs import Step, graph, keeps_meaning, kinds

MAP = (1, 6, 5, 4)


def one(value: float) -> np.ndarray:
    return np.array(value, np.float32)


def onnx_op(op_type: str, read: list[str]) -> ops.OnnxNode:
    return ops.OnnxNode(op_type, helper.make_node(op_type, read, ["y"]).SerializeToString(), 17)


def shuffle(view: tuple[int, ...], perm: tuple[int, ...], shape: tuple[int, ...]) -> Graph:
    steps: list[Step] = [
        ("split", ops.Reshape(view), ["x"]),
        ("swap", ops.Transpose(perm), ["split"]),
        ("y", ops.Reshape(shape), ["swap"]),
    ]
    return graph({"x": shape}, {}, steps, ["y"])


@pytest.mark.parametrize(
    ("view", "perm", "shape"),
    [
        ((1, 5, 4, 2, 3), (0, 1, 2, 4, 3), (1, 5, 4, 6)),
        ((1, 2, 3, 5, 4), (0, 2, 1, 3, 4), (1, 6, 5, 4)),
        ((1, 3, 2, 20), (0, 2, 1, 3), (1, 6, 5, 4)),
    ],
)
def test_channel_shuffle_is_recognised(
    view: tuple[int, ...], perm: tuple[int, ...], shape: tuple[int, ...]
) -> None:
    after = keeps_meaning(fuse_shuffle.run, shuffle(view, perm, shape))
    assert [n.op for n in after.nodes if isinstance(n.op, ops.ChannelShuffle)] == [
        ops.ChannelShuffle(view[-2] if shape[-1] == 6 else view[1])
    ]


def test_swapping_far_axes_is_no_shuffle() -> None:
    assert "ChannelShuffle" not in kinds(
        fuse_shuffle.run(shuffle((1, 5, 4, 2, 3), (0, 2, 1, 4, 3), (1, 5, 4, 6)))
    )


def test_shuffle_whose_parts_are_read_elsewhere_stays() -> None:
    before = shuffle((1, 5, 4, 2, 3), (0, 1, 2, 4, 3), (1, 5, 4, 6))
    read = Node("also", ops.Unary(RELU), ("swap",), ("also",))
    tensors = {**before.tensors, "also": before.tensors["swap"]}
    both = Graph("small", ("x",), ("y", "also"), (*before.nodes, read), tensors, {})
    assert "ChannelShuffle" not in kinds(keeps_meaning(fuse_shuffle.run, both))


@pytest.mark.parametrize("swap", [False, True])
def test_silu_is_recognised(swap: bool) -> None:
    sigmoid = ("gate", ops.Unary(Activation(Fn.SIGMOID)), ["x"])
    before = graph(
        {"x": MAP}, {}, [sigmoid, ("y", ops.Mul(), ["gate", "x"] if swap else ["x", "gate"])], ["y"]
    )
    after = remove_dead.run(keeps_meaning(fuse_gates.run, before))
    assert [node.op for node in after.nodes] == [ops.Unary(Activation(Fn.SILU))]


CLIPPED: list[Step] = [("plus", ops.Add(), ["x", "three"]), ("clip", ops.Unary(RELU6), ["plus"])]
NUMBERS = {"three": one(3), "sixth": one(1 / 6)}


@pytest.mark.parametrize(
    "steps",
    [
        [("gate", ops.Mul(), ["clip", "sixth"]), ("y", ops.Mul(), ["x", "gate"])],
        [("product", ops.Mul(), ["x", "clip"]), ("y", ops.Mul(), ["product", "sixth"])],
    ],
)
def test_hard_swish_is_recognised(steps: list[Step]) -> None:
    before = graph({"x": MAP}, NUMBERS, [*CLIPPED, *steps], ["y"])
    after = remove_dead.run(keeps_meaning(fuse_gates.run, before))
    assert [node.op for node in after.nodes] == [ops.Unary(Activation(Fn.HARD_SWISH))]


ONE_PLUS_ERF: list[Step] = [
    ("scaled", ops.Mul(), ["x", "root"]),
    ("erf", onnx_op("Erf", ["scaled"]), ["scaled"]),
    ("raised", ops.Add(), ["erf", "one"]),
]
CUBE: list[Step] = [("square", ops.Mul(), ["x", "x"]), ("cube", ops.Mul(), ["square", "x"])]
POWER: list[Step] = [("cube", onnx_op("Pow", ["x", "three"]), ["x", "three"])]
ONE_PLUS_TANH: list[Step] = [
    ("small", ops.Mul(), ["cube", "cubic"]),
    ("sum", ops.Add(), ["x", "small"]),
    ("bent", ops.Mul(), ["factor", "sum"]),
    ("tanh", ops.Unary(Activation(Fn.TANH)), ["bent"]),
    ("raised", ops.Add(), ["one", "tanh"]),
]
GELU_NUMBERS = {
    "root": one(0.5**0.5), "one": one(1), "half": one(0.5), "three": one(3), "cubic": one(0.044715), "factor": one(0.79788456),
}  # fmt: skip


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("x", "raised"), ("p", "half")),
        (("half", "x"), ("raised", "p")),
        (("raised", "half"), ("x", "p")),
    ],
)
@pytest.mark.parametrize(
    ("steps", "fn"),
    [
        (ONE_PLUS_ERF, Fn.GELU),
        ([*CUBE, *ONE_PLUS_TANH], Fn.GELU_TANH),
        ([*POWER, *ONE_PLUS_TANH], Fn.GELU_TANH),
    ],
)
def test_gelu_is_recognised(
    steps: list[Step], fn: Fn, first: tuple[str, str], second: tuple[str, str]
) -> None:
    products = [("p", ops.Mul(), first), ("y", ops.Mul(), second)]
    before = graph({"x": MAP}, GELU_NUMBERS, [*steps, *products], ["y"])
    after = remove_dead.run(keeps_meaning(fuse_gates.run, before))
    assert [node.op for node in after.nodes] == [ops.Unary(Activation(fn))]


def test_gelu_with_another_factor_stays_arithmetic() -> None:
    numbers = {**GELU_NUMBERS, "root": one(0.7)}
    steps: list[Step] = [*ONE_PLUS_ERF, ("p", ops.Mul(), ["x", "raised"]), ("y", ops.Mul(), ["p", "half"])]
    assert "Unary" not in kinds(fuse_gates.run(graph({"x": MAP}, numbers, steps, ["y"])))


def test_mish_is_recognised() -> None:
    steps: list[Step] = [
        ("softplus", onnx_op("Softplus", ["x"]), ["x"]),
        ("gate", ops.Unary(Activation(Fn.TANH)), ["softplus"]),
        ("y", ops.Mul(), ["x", "gate"]),
    ]
    after = remove_dead.run(keeps_meaning(fuse_gates.run, graph({"x": MAP}, {}, steps, ["y"])))
    assert [node.op for node in after.nodes] == [ops.Unary(Activation(Fn.MISH))]


@pytest.mark.parametrize(("alpha", "fused"), [(0.1, True), (1.5, False)])
def test_leaky_relu_is_recognised(alpha: float, fused: bool) -> None:
    steps: list[Step] = [
        ("part", ops.Mul(), ["a", "x"]),
        ("y", onnx_op("Max", ["part", "x"]), ["part", "x"]),
    ]
    before = graph({"x": MAP}, {"a": one(alpha)}, steps, ["y"])
    after = remove_dead.run(keeps_meaning(fuse_gates.run, before))
    leaky = ops.Unary(Activation(Fn.LEAKY_RELU, alpha=float(np.float32(alpha))))
    assert ([node.op for node in after.nodes] == [leaky]) is fused


def test_hard_sigmoid_is_recognised() -> None:
    before = graph({"x": MAP}, NUMBERS, [*CLIPPED, ("y", ops.Mul(), ["clip", "sixth"])], ["y"])
    after = remove_dead.run(keeps_meaning(fuse_gates.run, before))
    assert [node.op for node in after.nodes] == [
        ops.Unary(Activation(Fn.HARD_SIGMOID, alpha=1 / 6, beta=0.5))
    ]


def test_a_gate_by_another_number_is_no_hard_sigmoid() -> None:
    numbers = {"three": one(3), "sixth": one(0.2)}
    before = graph({"x": MAP}, numbers, [*CLIPPED, ("y", ops.Mul(), ["clip", "sixth"])], ["y"])
    assert kinds(fuse_gates.run(before)) == kinds(before)


def lrn(size: int, before: int, after: int, side: int = 1) -> Graph:
    """Return x / (1 + 0.1 * average of squares over ``size`` channels) ** 0.75 as PyTorch exports it."""
    n, c, h, w = shape = (1, 8, 3, 3)
    pads = [0, side // 2, side // 2] * 2  # the average over neighbouring pixels too, if there is one
    pool = helper.make_node(
        "AveragePool", ["p"], ["y"], kernel_shape=[size, side, side], strides=[1, 1, 1], pads=pads
    )
    power, divide = helper.make_node("Pow", ["a", "b"], ["y"]), helper.make_node("Div", ["a", "b"], ["y"])

    def host(name: str, proto: onnx.NodeProto, *inputs: str) -> Node:
        return Node(name, ops.OnnxNode(proto.op_type, proto.SerializeToString(), 17), inputs, (name,))

    def own(name: str, op: ops.Op, *inputs: str) -> Node:
        return Node(name, op, inputs, (name,))

    nodes = (
        own("square", ops.Mul(), "x", "x"),
        own("wide", ops.Reshape((n, 1, c, h, w)), "square"),
        own("padded", ops.Pad((0, 0, before, 0, 0), (0, 0, after, 0, 0)), "wide"),
        host("mean", pool, "padded"),
        own("flat", ops.Reshape(shape), "mean"),
        own("scaled", ops.Mul(), "flat", "alpha"),
        own("base", ops.Add(), "one", "scaled"),
        host("power", power, "base", "beta"),
        host("y", divide, "x", "power"),
    )
    wide = TensorType((n, 1, c, h, w))
    types = {name: TensorType(shape) for name in ("x", "square", "flat", "scaled", "base", "power", "y")}
    types |= {"wide": wide, "mean": wide, "padded": TensorType((n, 1, c + before + after, h, w))}
    return Graph("lrn", ("x",), ("y",), nodes, types, {"alpha": one(0.1), "one": one(1), "beta": one(0.75)})


@pytest.mark.parametrize("size", [1, 3, 5])
def test_local_response_normalisation_is_recognised(size: int) -> None:
    found = remove_dead.run(keeps_meaning(fuse_lrn.run, lrn(size, size // 2, size // 2)))
    (node,) = found.nodes
    assert isinstance(node.op, ops.OnnxNode)
    assert node.op.op_type == "LRN"


@pytest.mark.parametrize(("size", "before", "after"), [(5, 4, 0), (4, 1, 2), (4, 2, 1)])
def test_an_off_centre_window_is_no_lrn(size: int, before: int, after: int) -> None:
    assert len(remove_dead.run(fuse_lrn.run(lrn(size, before, after))).nodes) == 9


def test_an_average_over_neighbouring_pixels_too_is_no_lrn() -> None:
    assert len(remove_dead.run(keeps_meaning(fuse_lrn.run, lrn(3, 1, 1, side=3))).nodes) == 9


def expanded(op: ops.Op, shape: tuple[int, ...], other: tuple[int, ...]) -> Graph:
    """Return ``op`` of x, repeated to ``shape``, and y."""
    node = helper.make_node("Expand", ["x", "shape"], ["wide"])
    expand = ops.OnnxNode("Expand", node.SerializeToString(), 13)
    return Graph(
        "expanded",
        ("x", "y"),
        ("z",),
        (Node("expand", expand, ("x", "shape"), ("wide",)), Node("z", op, ("wide", "y"), ("z",))),
        {
            "x": TensorType((1, 1, 1, 4)),
            "y": TensorType(other),
            "wide": TensorType(shape),
            "z": TensorType(shape),
        },
        {"shape": np.array(shape, np.int64)},
    )


@pytest.mark.parametrize("op", [ops.Mul(), ops.Add(), ops.Sub()])
def test_a_repeated_operand_is_read_before_it_is_repeated(op: ops.Op) -> None:
    after = remove_dead.run(keeps_meaning(drop_expand.run, expanded(op, MAP, MAP)))
    assert kinds(after) == [type(op).__name__]
    assert after.nodes[0].inputs == ("x", "y")


def test_repeating_that_gives_the_result_its_shape_stays() -> None:
    before = expanded(ops.Mul(), MAP, (1, 6, 1, 4))
    assert drop_expand.run(before) == before


def test_zero_padding_goes_into_the_convolution() -> None:
    weight = np.ones((2, 3, 3, 4), np.float32)
    steps: list[Step] = [
        ("padded", ops.Pad((0, 1, 0, 0), (0, 2, 1, 0)), ["x"]),
        ("y", ops.Conv2d(pads=(0, 1, 0, 0)), ["padded", "w"]),
    ]
    after = remove_dead.run(keeps_meaning(merge_pads.run, graph({"x": MAP}, {"w": weight}, steps, ["y"])))
    assert [node.op for node in after.nodes] == [ops.Conv2d(pads=(1, 1, 2, 1))]


@pytest.mark.parametrize(
    ("pad", "reader"),
    [
        (ops.Pad((0, 1, 1, 0), (0, 1, 1, 0), 1.0), ops.Conv2d()),
        (ops.Pad((0, 1, 1, 0), (0, 1, 1, 0), 0.0), ops.MaxPool((2, 2))),
    ],
)
def test_padding_that_is_not_neutral_stays(pad: ops.Pad, reader: ops.Op) -> None:
    weight = np.ones((2, 3, 3, 4), np.float32)
    read = ["padded", "w"] if isinstance(reader, ops.Conv2d) else ["padded"]
    before = graph({"x": MAP}, {"w": weight}, [("padded", pad, ["x"]), ("y", reader, read)], ["y"])
    assert kinds(remove_dead.run(merge_pads.run(before))) == kinds(before)


@pytest.mark.parametrize("value", [-inf, float(np.finfo(np.float32).min)])
def test_padding_with_the_lowest_number_goes_into_the_maximum(value: float) -> None:
    steps: list[Step] = [
        ("padded", ops.Pad((0, 1, 1, 0), (0, 1, 1, 0), value), ["x"]),
        ("y", ops.MaxPool((3, 3), (2, 2)), ["padded"]),
    ]
    after = remove_dead.run(keeps_meaning(merge_pads.run, graph({"x": MAP}, {}, steps, ["y"])))
    assert [node.op for node in after.nodes] == [ops.MaxPool((3, 3), (2, 2), (1, 1, 1, 1))]


def test_a_window_that_would_see_padding_alone_keeps_the_pad() -> None:
    steps: list[Step] = [
        ("padded", ops.Pad((0, 2, 0, 0), (0, 0, 0, 0), float(np.finfo(np.float32).min)), ["x"]),
        ("y", ops.MaxPool((2, 2)), ["padded"]),
    ]
    assert kinds(remove_dead.run(merge_pads.run(graph({"x": MAP}, {}, steps, ["y"])))) == ["Pad", "MaxPool"]


@pytest.mark.parametrize(
    ("value", "reader"),
    [(-inf, ops.MaxPool((3, 3), (2, 2))), (0.0, ops.Conv2d()), (0.0, ops.MaxPool((3, 3)))],
)
def test_padding_in_the_layout_of_the_a72_is_seen_behind_its_transpose(value: float, reader: ops.Op) -> None:
    weight = np.random.default_rng(0).standard_normal((2, 3, 3, 4)).astype(np.float32)
    steps: list[Step] = [
        ("padded", ops.Pad((0, 0, 1, 2), (0, 0, 2, 1), value), ["x"]),
        ("nhwc", ops.Transpose((0, 2, 3, 1)), ["padded"]),
        ("y", reader, ["nhwc", "w"] if isinstance(reader, ops.Conv2d) else ["nhwc"]),
        ("z", reader, ["nhwc", "w"] if isinstance(reader, ops.Conv2d) else ["nhwc"]),
    ]
    before = graph({"x": (1, 4, 6, 5)}, {"w": weight}, steps, ["y", "z"])
    after = remove_dead.run(keeps_meaning(merge_pads.run, before))
    kind, neutral = type(reader).__name__, value == (0.0 if isinstance(reader, ops.Conv2d) else -inf)
    assert kinds(after) == (["Transpose", kind, kind] if neutral else kinds(before))


def test_flattening_order_goes_into_the_matrix() -> None:
    weight = np.random.default_rng(0).standard_normal((7, 120)).astype(np.float32)
    steps: list[Step] = [
        ("nchw", ops.Transpose((0, 3, 1, 2)), ["x"]),
        ("flat", ops.Reshape((1, 120)), ["nchw"]),
        ("y", ops.FullyConnected(), ["flat", "w"]),
    ]
    after = remove_dead.run(
        keeps_meaning(flatten_weights.run, graph({"x": MAP}, {"w": weight}, steps, ["y"]))
    )
    assert kinds(after) == ["Reshape", "FullyConnected"]


def test_a_prescribed_range_follows_its_values() -> None:
    """SPEC (15): what a quantized file says of a tensor holds for the one that takes its place."""
    steps: list[Step] = [
        ("nchw", ops.Transpose((0, 3, 1, 2)), ["x"]),
        ("flat", ops.Reshape((1, 120)), ["nchw"]),
        ("y", ops.FullyConnected(), ["flat", "w"]),
    ]
    before = graph({"x": MAP}, {"w": np.ones((7, 120), np.float32)}, steps, ["y"])
    after = remove_dead.run(flatten_weights.run(replace(before, ranges={"flat": (-2.0, 3.0)})))
    assert after.ranges == {after.nodes[-1].inputs[0]: (-2.0, 3.0)}
    before = replace(shuffle((1, 5, 4, 2, 3), (0, 1, 2, 4, 3), (1, 5, 4, 6)), ranges={"y": (-2.0, 3.0)})
    after = fuse_shuffle.run(before)
    shuffled = next(node for node in after.nodes if isinstance(node.op, ops.ChannelShuffle))
    assert after.ranges == {"y": (-2.0, 3.0), shuffled.output: (-2.0, 3.0)}


def test_reshapes_of_reshapes_are_one_and_idle_ones_none() -> None:
    steps: list[Step] = [
        ("a", ops.Reshape((1, 120)), ["x"]),
        ("b", ops.Reshape((120,)), ["a"]),
        ("c", ops.Reshape(MAP), ["b"]),
        ("y", ops.Unary(RELU), ["c"]),
        ("z", ops.Reshape((1, 120)), ["b"]),
    ]
    after = remove_dead.run(keeps_meaning(merge_reshapes.run, graph({"x": MAP}, {}, steps, ["y", "z"])))
    assert sorted(kinds(after)) == ["Reshape", "Unary"]


def test_constants_are_computed_once() -> None:
    steps: list[Step] = [
        ("turned", ops.Transpose((1, 0)), ["c"]),
        ("flat", ops.Reshape((6,)), ["turned"]),
        ("y", ops.Add(), ["x", "flat"]),
    ]
    before = graph({"x": (4, 6)}, {"c": np.arange(6, dtype=np.float32).reshape(2, 3)}, steps, ["y"])
    after = keeps_meaning(fold_constants.run, before)
    assert kinds(after) == ["Add"]


def test_what_reads_an_input_or_is_an_output_is_no_constant() -> None:
    steps: list[Step] = [
        ("turned", ops.Transpose((1, 0)), ["c"]),
        ("positive", ops.Unary(RELU), ["x"]),
        ("y", ops.Add(), ["positive", "turned"]),
        ("z", ops.Unary(RELU), ["c"]),
    ]
    before = graph({"x": (3, 2)}, {"c": np.arange(-3, 3, dtype=np.float32).reshape(2, 3)}, steps, ["y", "z"])
    assert kinds(keeps_meaning(fold_constants.run, before)) == ["Unary", "Add", "Unary"]


def test_dead_nodes_and_constants_go() -> None:
    steps: list[Step] = [("y", ops.Unary(RELU), ["x"]), ("dead", ops.Add(), ["x", "c"])]
    after = remove_dead.run(graph({"x": MAP}, {"c": one(1)}, steps, ["y"]))
    assert kinds(after) == ["Unary"]
    assert not after.constants
    assert "dead" not in after.tensors


def test_chains_of_normalizations_become_one() -> None:
    random = np.random.default_rng(1)
    vectors = {
        name: random.uniform(0.5, 1.5, 4).astype(np.float32) for name in ("g", "b", "m", "v", "f", "o")
    }
    steps: list[Step] = [
        ("norm", ops.BatchNorm(1e-3), ["x", "g", "b", "m", "v"]),
        ("scaled", ops.Mul(), ["norm", "f"]),
        ("y", ops.Sub(), ["o", "scaled"]),
    ]
    after = keeps_meaning(fold_batch_norm.run, graph({"x": MAP}, vectors, steps, ["y"]))
    assert kinds(after) == ["BatchNorm"]


def test_optimize_refuses_a_malformed_graph() -> None:
    good = graph({"x": MAP}, {}, [("y", ops.Unary(RELU), ["x"])], ["y"])
    bad = Graph("small", ("x",), ("missing",), good.nodes, good.tensors, {})
    with pytest.raises(ModelError, match="missing"):
        optimize(bad)


def test_two_outputs_of_one_tensor_both_survive() -> None:
    steps: list[Step] = [
        ("a", ops.Transpose((0, 3, 1, 2)), ["x"]),
        ("y", ops.Transpose((0, 2, 3, 1)), ["a"]),
        ("z", ops.Transpose((0, 2, 3, 1)), ["a"]),
    ]
    keeps_meaning(sink_transposes.run, graph({"x": MAP}, {}, steps, ["y", "z"]))
