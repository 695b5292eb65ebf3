"""Loop sizes and bytes of layers, counted by hand."""

from dataclasses import replace

import pytest

from engine.cycles.geometry import geometry
from engine.program import descriptors as D
from tests.engine.cycles.layers import QUANT, Shape, conv, examples, tensor


@pytest.mark.parametrize(
    ("kernel", "stride", "dilation", "read"),
    [
        (3, 1, 1, (3, 4, 7)),
        (3, 2, 1, (3, 5, 11)),
        (1, 2, 1, (1, 3, 9)),
        (3, 1, 2, (5, 6, 9)),
        (2, 5, 3, (4, 9, 24)),
    ],
)
def test_what_one_two_and_five_neighbouring_outputs_read(kernel, stride, dilation, read):
    """A window reaches over dilation * (kernel - 1) + 1 rows or columns and moves on by stride of them."""
    tensors = {"x": tensor("x", 2, 30, 20, 6), "y": tensor("y", 2, 8, 20, 4)}
    for axis, (one, size) in enumerate((((1, 0), 2 * 30), ((0, 1), 20))):
        shape, step, apart = (tuple(n if here else 1 for here in one) for n in (kernel, stride, dilation))
        window = {"stride": step, "dilation": apart, "pads": (0,) * 4}
        layers = [
            (D.Conv2d("c", "x", "y", "w", **QUANT, **window), {"w": Shape((4, *shape, 6))}),
            (D.MaxPool("m", "x", "y", shape, **window), {}),
        ]
        if dilation == 1:
            layers.append((D.AvgPool("a", "x", "y", shape, step, (0,) * 4), {}))
        for descriptor, constants in layers:
            found = geometry(descriptor, tensors, constants).windows[axis]
            expected = [min(1, count / size) for count in read]
            assert [found.share(outputs) for outputs in (1, 2, 5)] == pytest.approx(expected)


def test_a_convolution_by_hand():
    d, tensors, constants = conv(8, 6, 32, 64, 3, group=4)
    tensors["y"] = replace(tensors["y"], dtype="int16")
    found = geometry(d, tensors, constants)
    assert (found.rows, found.columns, found.channels, found.groups) == (8, 6, 64, 4)
    assert (found.depth, found.phases) == (9 * 8, 1)
    assert found.macs == 8 * 6 * 64 * 9 * 8
    assert (found.input_bytes, found.output_bytes) == (8 * 6 * 32, 2 * 8 * 6 * 64)
    assert (found.weights, found.weight_bytes) == (("w",), 64 * 9 * 8)
    assert not found.depthwise
    assert geometry(*conv(8, 6, 32, 64, 3, group=32)).depthwise  # two output channels for each input channel
    assert not geometry(*conv(8, 6, 1, 64, 3)).depthwise


def test_a_transposed_convolution_is_one_small_convolution_for_each_phase():
    """Stride 2 x 3 makes 6 phases; of the 3 x 4 taps each phase meets at most 2 x 2, which reach over one row more."""
    d = D.ConvTranspose2d("d", "x", "y", "w", stride=(2, 3), group=2, **QUANT)
    tensors = {"x": tensor("x", 2, 5, 7, 8), "y": tensor("y", 2, 11, 22, 6)}
    found = geometry(d, tensors, {"w": Shape((6, 3, 4, 4), 2)})
    assert (found.rows, found.columns, found.channels) == (2 * 5, 7, 6)
    assert (found.phases, found.groups, found.depth) == (6, 2, 2 * 2 * 4)
    assert found.macs == 2 * 5 * 7 * (6 * 3 * 4 * 4)  # each input position meets every weight once
    assert [found.windows[0].share(outputs) for outputs in (1, 3)] == pytest.approx([2 / 10, 4 / 10])
    assert [found.windows[1].share(outputs) for outputs in (1, 3)] == pytest.approx([2 / 7, 4 / 7])
    assert (found.input_bytes, found.output_bytes) == (2 * 5 * 7 * 8, 2 * 11 * 22 * 6)
    assert (found.weights, found.weight_bytes, found.element_bytes) == (("w",), 2 * 6 * 3 * 4 * 4, 2)


def test_a_fully_connected_layer_by_hand():
    d = D.FullyConnected("f", "x", "y", "w", **QUANT)
    found = geometry(d, {"x": tensor("x", 3, 40), "y": tensor("y", 3, 10)}, {"w": Shape((10, 40))})
    assert (found.rows, found.columns, found.channels, found.depth) == (1, 3, 10, 40)
    assert (found.macs, found.weight_bytes, found.windows) == (3 * 400, 400, None)


@pytest.mark.parametrize(
    ("kind", "ops"),
    [
        (D.Add, 2), (D.Mul, 2 + 2),  # the product has a table
        (D.MaxPool, 4), (D.AvgPool, 4),  # windows of 2 x 2
        (D.ReduceMean, 64), (D.ReduceMax, 64), (D.ArgMax, 32),  # as many as become one
        (D.Table, 2), (D.DataConvert, 2), (D.Resize, 4), (D.Softmax, 16),
        (D.Concat, 1), (D.Pad, 1), (D.Slice, 1), (D.Transpose, 1), (D.Reshape, 1),
    ],
)  # fmt: skip
def test_vector_operations_per_output_element(kind, ops):
    found = geometry(*examples()[kind])
    assert found.vector_ops == ops
    assert found.reduces == (kind in (D.MaxPool, D.AvgPool, D.ReduceMean, D.ReduceMax, D.ArgMax))
    assert (found.depth, found.macs, found.weight_bytes) == (0, 0, 0)


@pytest.mark.parametrize("kind", [D.Conv2d, D.ConvTranspose2d, D.FullyConnected])
def test_a_table_behind_a_layer_with_weights_is_the_vector_units(kind):
    d, tensors, constants = examples()[kind]
    assert geometry(d, tensors, constants).vector_ops == 0
    assert geometry(replace(d, table="t"), tensors, constants).vector_ops == 2


@pytest.mark.parametrize(
    ("shape", "rows", "columns", "channels"),
    [((2, 5, 7, 3), 10, 7, 3), ((4, 9), 1, 4, 9), ((2, 3, 8), 1, 6, 8), ((11,), 1, 1, 11)],
)
def test_the_loops_of_layers_without_weights(shape, rows, columns, channels):
    tensors = {"x": tensor("x", *shape), "z": tensor("z", *shape, dtype="int16"), "y": tensor("y", *shape)}
    found = geometry(D.Add("d", ("x", "z"), "y", (1, 1), 1, 0, -128, 127), tensors, {})
    assert (found.rows, found.columns, found.channels) == (rows, columns, channels)
    assert found.element_bytes == 2
    assert found.input_bytes == 3 * found.output_bytes == 3 * rows * columns * channels
    assert geometry(D.Table("d", "x", "y", "t"), tensors, {}).element_bytes == 1
