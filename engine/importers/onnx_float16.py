"""Widens a float16 network to float32; every value stays what it was."""

from collections.abc import Iterable

import numpy as np
import onnx
from onnx import numpy_helper

_FROM, _TO = onnx.TensorProto.FLOAT16, onnx.TensorProto.FLOAT
_TYPE_ATTRIBUTES = ("to", "dtype", "output_dtype")


def widen(model: onnx.ModelProto) -> None:
    """Change ``model`` in place: inputs, casts and values in attributes. Initializers are widened when they are read."""
    for value in model.graph.input:
        if value.type.tensor_type.elem_type == _FROM:
            value.type.tensor_type.elem_type = _TO
    _widen_nodes(model.graph.node)


def _widen_nodes(nodes: Iterable[onnx.NodeProto]) -> None:
    for node in nodes:
        for attribute in node.attribute:
            if attribute.name in _TYPE_ATTRIBUTES and attribute.i == _FROM:
                attribute.i = _TO
            if node.op_type == "ConstantOfShape" and attribute.t.data_type == _FROM:
                values = numpy_helper.to_array(attribute.t).astype(np.float32)
                attribute.t.CopyFrom(numpy_helper.from_array(values))
            if attribute.HasField("g"):
                _widen_nodes(attribute.g.node)
