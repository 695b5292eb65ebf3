from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ModelError
from engine.host.float_session import FloatSession
from engine.ir import ops
from engine.ir.graph import TensorType
from engine.ir.shapes import broadcast, output_types, window_size
from tests.engine.op_graphs import DEVICE_GRAPHS, frames


@pytest.mark.parametrize("op", get_args(ops.Op))
def test_every_operator_has_a_shape_rule(op):
    assert op in output_types.registry


@pytest.mark.parametrize("name", DEVICE_GRAPHS)
def test_declared_shapes_are_those_that_onnx_runtime_computes(name):
    graph = DEVICE_GRAPHS[name]
    (values,) = frames(graph, 1)
    result = FloatSession(graph).run(values)["z"]
    assert (result.shape, result.dtype.name) == (graph.tensors["z"].shape, graph.tensors["z"].dtype)


@given(st.integers(1, 40), st.integers(1, 7), st.integers(1, 4), st.integers(1, 3), st.integers(0, 6))
def test_window_size_counts_windows(size, kernel, stride, dilation, padding):
    reach = dilation * (kernel - 1) + 1
    starts = [i for i in range(0, size + padding, stride) if i + reach <= size + padding]
    assert max(window_size(size, kernel, stride, dilation, padding), 0) == len(starts)


@given(st.lists(st.sampled_from([1, 2, 3]), max_size=4), st.lists(st.sampled_from([1, 2, 3]), max_size=4))
def test_broadcast_is_numpys(a, b):
    try:
        expected = np.broadcast_shapes(tuple(a), tuple(b))
    except ValueError:
        with pytest.raises(ModelError, match="do not broadcast"):
            broadcast(tuple(a), tuple(b))
    else:
        assert broadcast(tuple(a), tuple(b)) == expected


MAP, WEIGHT = TensorType((1, 8, 8, 4)), TensorType((6, 3, 3, 4))
REFUSED = {
    "weight does not fit": (ops.Conv2d(), [MAP, TensorType((6, 3, 3, 3))], "does not fit 4 input channels"),
    "flat weight": (ops.Conv2d(), [MAP, TensorType((6, 3, 4))], r"weight must be \[O,kh,kw,C/group\]"),
    "bias": (ops.Conv2d(), [MAP, WEIGHT, TensorType((5,))], r"bias has shape \[5\], must be \[6\]"),
    "flat map": (ops.Conv2d(), [TensorType((8, 4)), WEIGHT], r"takes a feature map"),
    "window too large": (ops.MaxPool((9, 9)), [MAP], "larger than the 8x8 input"),
    "no stride": (ops.MaxPool((2, 2), (0, 1)), [MAP], "must be >= 1"),
    "matrix": (ops.FullyConnected(), [TensorType((1, 5)), TensorType((3, 4))], "last dimension of the input"),
    "parameters": (ops.BatchNorm(), [MAP, *[TensorType((3,))] * 4], r"must all have shape \[4\]"),
    "dtypes": (ops.Add(), [MAP, replace(MAP, dtype="int64")], "must be of one type"),
    "input count": (ops.Mul(), [MAP], "takes 2 inputs, got 1"),
    "axis": (ops.Softmax(4), [MAP], "axis 4 is outside 0 to 3"),
    "axes": (ops.ReduceMean((2, 1)), [MAP], "must be sorted"),
    "concat": (ops.Concat(3), [MAP, TensorType((1, 7, 8, 4))], "differ off axis 3"),
    "slice": (ops.Slice((0,) * 4, (1, 9, 8, 4), (1,) * 4), [MAP], "0:9:1 does not fit an axis of 8"),
    "pad": (ops.Pad((0, -1, 0, 0), (0,) * 4), [MAP], "non-negative"),
    "perm": (ops.Transpose((0, 1, 1, 2)), [MAP], "not a permutation"),
    "reshape": (ops.Reshape((3, 5)), [MAP], "does not reshape"),
    "shuffle": (ops.ChannelShuffle(3), [MAP], "do not divide into 3 groups"),
    "resize": (ops.Resize((0, 3)), [MAP], "at least 1x1"),
    "slope": (ops.Prelu(), [MAP, TensorType((3,))], "one value per channel"),
    "negative output": (ops.ConvTranspose2d(pads=(9, 9, 9, 9)), [MAP, WEIGHT], "output would have"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_fit_is_refused(case):
    op, inputs, message = REFUSED[case]
    with pytest.raises(ModelError, match=message):
        output_types(op, inputs)
