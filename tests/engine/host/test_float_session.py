from dataclasses import replace
from typing import get_args

import numpy as np
import onnx
import pytest
from onnx import helper

from engine.errors import ModelError
from engine.host.export import to_onnx
from engine.host.float_session import FloatSession
from engine.host.onnx_ops import emit
from engine.host.onnx_session import OnnxSession
from engine.ir import ops
from engine.ir.activations import RELU6, Activation, Fn, apply
from engine.ir.graph import Node
from tests.engine.passes.small_graphs import graph


def naive_conv(x, weight, bias, op):
    """Convolution by its definition in the operator's docstring."""
    top, left, bottom, right = op.pads
    x = np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)))
    count, kh, kw, depth = weight.shape
    rows = (x.shape[1] - op.dilation[0] * (kh - 1) - 1) // op.stride[0] + 1
    columns = (x.shape[2] - op.dilation[1] * (kw - 1) - 1) // op.stride[1] + 1
    y = np.zeros((1, rows, columns, count))
    for o in range(count):
        first = o // (count // op.group) * depth
        for i in range(rows):
            for j in range(columns):
                r, c = i * op.stride[0], j * op.stride[1]
                window = x[0, r :: op.dilation[0], c :: op.dilation[1], first : first + depth][:kh, :kw]
                y[0, i, j, o] = (window * weight[o]).sum() + bias[o]
    return y


def transposed_conv(x, weight, bias, op, shape):
    """Transposed convolution as the scatter of its docstring, on a canvas cut to ``shape``."""
    count, kh, kw, depth = weight.shape
    canvas = np.zeros((40, 40, count))
    for i in range(x.shape[1]):
        for j in range(x.shape[2]):
            for o in range(count):
                first = o // (count // op.group) * depth
                for ki in range(kh):
                    for kj in range(kw):
                        value = x[0, i, j, first : first + depth] @ weight[o, ki, kj]
                        r, c = i * op.stride[0] + ki * op.dilation[0], j * op.stride[1] + kj * op.dilation[1]
                        canvas[r, c, o] += value
    top, left = op.pads[:2]
    return (canvas + bias)[None, top : top + shape[1], left : left + shape[2]]


CONVOLUTIONS = [
    ops.Conv2d(pads=(0, 0, 1, 1), stride=(2, 2)),
    ops.Conv2d(group=2, dilation=(1, 2), pads=(2, 0, 1, 3)),
    ops.Conv2d(group=4, stride=(1, 3)),
    ops.ConvTranspose2d(stride=(2, 3), pads=(1, 0, 0, 1), output_pads=(1, 0), group=2),
    ops.ConvTranspose2d(dilation=(2, 1)),
]


@pytest.mark.parametrize("op", CONVOLUTIONS)
def test_convolutions_are_their_docstrings(op, dice):
    x, weight = dice.normal(size=(1, 7, 8, 4)), dice.normal(size=(8, 3, 3, 4 // op.group))
    bias = dice.normal(size=8)
    constants = {"w": weight.astype(np.float32), "b": bias.astype(np.float32)}
    made = graph({"x": x.shape}, constants, [("y", op, ("x", "w", "b"))], ["y"])
    got = FloatSession(made).run({"x": x.astype(np.float32)})["y"]
    if isinstance(op, ops.Conv2d):
        expected = naive_conv(x, weight, bias, op)
    else:
        expected = transposed_conv(x, weight, bias, op, made.tensors["y"].shape)
    np.testing.assert_allclose(got, expected, atol=1e-4)


ACTIVATIONS = [
    RELU6,
    Activation(Fn.CLIP, high=1.0),
    Activation(Fn.LEAKY_RELU, alpha=0.2),
    Activation(Fn.SIGMOID),
    Activation(Fn.TANH),
    Activation(Fn.HARD_SIGMOID, alpha=0.25, beta=0.4),
    Activation(Fn.HARD_SWISH),
    Activation(Fn.SILU),
    Activation(Fn.ELU, alpha=0.7),
    Activation(Fn.GELU),
    Activation(Fn.GELU_TANH),
    Activation(Fn.MISH),
]


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=lambda a: a.fn.value)
@pytest.mark.parametrize("fused", [False, True])
def test_activations_are_their_formulas(activation, fused, dice):
    x = (dice.normal(size=(1, 3, 4, 5)) * 5).astype(np.float32)
    op = ops.Add(activation) if fused else ops.Unary(activation)
    made = graph({"x": x.shape}, {}, [("y", op, ("x", "x") if fused else ("x",))], ["y"])
    expected = apply(activation, (2 * x if fused else x).astype(np.float64))
    np.testing.assert_allclose(FloatSession(made).run({"x": x})["y"], expected, atol=2e-6)


@pytest.mark.parametrize("op", get_args(ops.Op))
def test_every_operator_has_an_onnx_form(op):
    assert op in emit.registry


def chain():
    """Convolution, flat and four-dimensional constants, broadcasting, movement: every change of layout."""
    dice = np.random.default_rng(2)
    constants = {
        "w": dice.normal(size=(6, 1, 1, 4)).astype(np.float32),
        "c": dice.normal(size=6).astype(np.float32),
        "g": dice.normal(size=(1, 1, 1, 6)).astype(np.float32),
    }
    steps = [
        ("a", ops.Conv2d(), ("x", "w")),
        ("b", ops.Add(), ("a", "c")),
        ("m", ops.ReduceMean((1, 2)), ("b",)),
        ("s", ops.Mul(), ("b", "m")),
        ("t", ops.Mul(), ("g", "s")),
        ("h", ops.ChannelShuffle(3), ("t",)),
        ("k", ops.Concat(1), ("h", "t")),
        ("y", ops.Softmax(3), ("k",)),
    ]
    return graph({"x": (1, 3, 5, 4)}, constants, steps, ["y"])


def test_any_tensor_can_be_asked_for_and_is_nhwc():
    made, x = chain(), np.random.default_rng(3).normal(size=(1, 3, 5, 4)).astype(np.float32)
    names = ["x", *(node.output for node in made.nodes)]
    got = FloatSession(made, names).run({"x": x})
    a = x @ made.constants["w"].reshape(6, 4).T
    b = a + made.constants["c"]
    t = b * b.mean(axis=(1, 2), keepdims=True) * made.constants["g"]
    h = t.reshape(1, 3, 5, 3, 2).swapaxes(3, 4).reshape(t.shape)
    k = np.concatenate([h, t], axis=1)
    y = np.exp(k) / np.exp(k).sum(axis=3, keepdims=True)
    for name, expected in {"x": x, "a": a, "b": b, "t": t, "h": h, "k": k, "y": y}.items():
        np.testing.assert_allclose(got[name], expected, atol=1e-5)


def test_nodes_that_no_output_needs_are_left_out():
    assert len(to_onnx(chain(), ["a"]).graph.node) == 3  # transpose, convolution, transpose


def test_an_unknown_output_is_refused():
    with pytest.raises(ModelError, match="no node that writes 'q'"):
        to_onnx(chain(), ["q"])


def foreign(opset, name="f"):
    proto = helper.make_node("Relu", ["?"], ["?"]).SerializeToString()
    return Node(name, ops.OnnxNode("Relu", proto, opset), ("y",), (name,))


def with_foreign(*nodes):
    made = chain()
    tensors = {**made.tensors, **{node.output: made.tensors["y"] for node in nodes}}
    return replace(made, nodes=(*made.nodes, *nodes), tensors=tensors, outputs=tuple(n.output for n in nodes))


def test_a_foreign_node_passes_through_with_its_opset():
    model = to_onnx(with_foreign(foreign(19)))
    assert model.opset_import[0].version == 19
    onnx.checker.check_model(model)


def test_foreign_nodes_of_two_opsets_are_refused():
    with pytest.raises(ModelError, match="node 'g': opset 18, but others are of 19"):
        to_onnx(with_foreign(foreign(19), foreign(18, "g")))


def test_an_old_opset_is_refused():
    with pytest.raises(ModelError, match="opset 9 is older than 13"):
        to_onnx(with_foreign(foreign(9)))


def test_what_onnx_runtime_refuses_is_one_line():
    proto = helper.make_node("NoSuchOperator", ["?"], ["?"]).SerializeToString()
    node = Node("f", ops.OnnxNode("NoSuchOperator", proto, 17), ("y",), ("f",))
    with pytest.raises(ModelError, match="ONNX Runtime refuses graph 'small'") as caught:
        FloatSession(with_foreign(node))
    assert "\n" not in str(caught.value)


def test_onnx_runtime_says_nothing_of_its_own(capfd):
    wide = graph({"x": (1, 4, 4, 1)}, {}, [("y", ops.MaxPool((2, 2), pads=(2, 2, 2, 2)), ["x"])], ["y"])
    with pytest.raises(ModelError, match="Pad should be smaller than kernel"):
        FloatSession(wide)
    with pytest.raises(ModelError, match="Pad should be smaller than kernel"):
        OnnxSession(to_onnx(wide).SerializeToString())
    assert capfd.readouterr().err == ""


@pytest.fixture
def dice():
    return np.random.default_rng(1)


@pytest.mark.parametrize("session", [FloatSession, lambda g: OnnxSession(to_onnx(g).SerializeToString())])
def test_a_failure_of_onnx_runtime_is_one_line(session):
    relu = graph({"x": (1, 4)}, {}, [("y", ops.Unary(RELU6), ["x"])], ["y"])
    with pytest.raises(ModelError, match="ONNX Runtime cannot run") as caught:
        session(relu).run({"x": np.zeros((1, 5), np.float32)})
    assert "\n" not in str(caught.value)
