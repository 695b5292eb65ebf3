"""Padding with a tensor's own elements, held against NumPy's."""

from itertools import product

import numpy as np
import pytest

from engine.host.float_session import FloatSession
from engine.importers.borders import MOST_ELEMENTS, Border, emit_border, why_not
from engine.importers.builder import GraphBuilder
from engine.ir.graph import Graph, TensorType

SHAPE = (1, 4, 3, 2)


def padded(before, after, border) -> Graph:
    builder = GraphBuilder("padded", {"x": TensorType(SHAPE)}, ["y"])
    result = emit_border(builder, "x", before, after, border, "pad")
    return builder.finish({"y": result})


@pytest.mark.parametrize("border", Border)
@pytest.mark.parametrize(("before", "after"), [((0, 3, 1, 0), (0, 2, 2, 1)), ((0, 0, 2, 1), (0, 1, 0, 0))])
def test_the_elements_are_those_that_numpy_pads_with(border, before, after):
    x = np.arange(24, dtype=np.float32).reshape(SHAPE)
    expected = np.pad(x, tuple(zip(before, after, strict=True)), border.value)
    assert why_not(SHAPE, before, after, border) == ""
    np.testing.assert_array_equal(FloatSession(padded(before, after, border)).run({"x": x})["y"], expected)


@pytest.mark.parametrize("border", Border)
def test_what_has_its_elements_within_the_tensor_is_padded_up_to_a_width(border):
    for size, low, high in product(range(1, 12), range(12), range(12)):
        farthest = {Border.REFLECT: size - 1, Border.SYMMETRIC: size, Border.EDGE: MOST_ELEMENTS}[border]
        fits = max(low, high) <= min(farthest, MOST_ELEMENTS)
        # The other axis is long enough for all, and not padded.
        assert (why_not((size, 20), (low, 0), (high, 0), border) == "") == fits
        assert (why_not((20, size), (0, low), (0, high), border) == "") == fits


def test_what_the_device_cannot_pad_says_why():
    reasons = [
        why_not((20, 20), (0, 9), (0, 0), Border.EDGE),
        why_not((20, 4), (0, 0), (0, 4), Border.REFLECT),
        why_not((20, 20), (0, 1), (-1, 0), Border.SYMMETRIC),
    ]
    assert reasons == [
        "it adds 9 elements in mode edge, the device at most 8",
        "it adds more elements than there are",
        "it both cuts and continues the picture",
    ]
