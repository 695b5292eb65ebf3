"""Computes an ONNX node whose inputs are all constants."""

import warnings
from collections.abc import Mapping, Sequence

import numpy as np
import onnx
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from engine.errors import ModelError, UnsupportedError
from engine.importers.limits import check_shape
from engine.ir.graph import Array, TensorType

# Cheap operators that exporters write around a network. Others stay nodes, whatever their inputs are.
_FOLDABLE = frozenset({
    "Abs", "Add", "And", "ArgMax", "ArgMin", "BatchNormalization", "Cast", "CastLike", "Ceil", "Clip", "Compress", "Concat",
    "ConstantOfShape", "CumSum", "DequantizeLinear", "Div", "Equal", "Exp", "Expand", "EyeLike",
    "Flatten", "Floor", "Gather", "GatherElements", "GatherND", "Greater", "GreaterOrEqual", "Identity",
    "IsInf", "IsNaN", "Less", "LessOrEqual", "Log", "Max", "Min", "Mod", "Mul", "Neg", "NonZero", "Not",
    "OneHot", "Or", "Pad", "Pow", "QuantizeLinear", "Range", "Reciprocal", "ReduceL2", "ReduceMax",
    "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum", "Reshape", "Round", "ScatterElements",
    "ScatterND", "Shape", "Sign", "Size", "Slice", "Split", "Sqrt", "Squeeze", "Sub", "Sum", "Tile",
    "Transpose", "Trilu", "Unsqueeze", "Where", "Xor",
})  # fmt: skip
# Their shape depends on data but cannot exceed the input.
_BOUNDED_BY_INPUT = frozenset({"NonZero", "Compress"})
_SMALL = 1 << 20  # elements
_VIEWS = frozenset({"ConstantOfShape", "Expand", "Flatten", "Identity", "Reshape", "Squeeze", "Unsqueeze"})
_OLDEST_DEQUANTIZE = 19  # the reference evaluator has no older one; what older files can say means the same


def is_foldable(node: onnx.NodeProto) -> bool:
    """Whether ``fold`` knows the operator."""
    return node.op_type in _FOLDABLE


def is_view(node: onnx.NodeProto) -> bool:
    """Whether ``fold`` returns views, which take no memory of their own."""
    return node.op_type in _VIEWS


def fold(
    node: onnx.NodeProto, inputs: Sequence[Array | None], outputs: Mapping[str, TensorType | None], opset: int
) -> list[Array]:
    """Return the values that ``node`` computes; ``outputs`` are their inferred types, None where a shape is unknown.

    Raises:
        ModelError: the node cannot be computed.
        UnsupportedError: a result is too large, or its size cannot be known beforehand.
    """
    owner = f"node {node.name or node.output[0]!r} ({node.op_type})"
    small = sum(values.size for values in inputs if values is not None) <= _SMALL
    for name, tensor in outputs.items():
        if tensor is None and not (node.op_type in _BOUNDED_BY_INPUT and small):
            raise UnsupportedError(f"{owner}: the size of {name!r} cannot be known before it is computed")
    if node.op_type == "ConstantOfShape":
        return [_filled(node, inputs[0], owner)]
    tensor = outputs.get(node.output[0])
    try:
        if node.op_type in _VIEWS and inputs[0] is not None and tensor is not None:
            return [_viewed(node, inputs[0], tensor.shape)]
        return _evaluate(node, inputs, opset)
    except (
        ValueError,
        TypeError,
        IndexError,
        ArithmeticError,
        RuntimeError,
        KeyError,
        AttributeError,
    ) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise ModelError(f"{owner}: cannot be computed from its constants: {reason}") from None


def _filled(node: onnx.NodeProto, shape: Array | None, owner: str) -> Array:
    """Return the constant as a view of one element, so that a network without weights takes no memory."""
    value = next((numpy_helper.to_array(each.t) for each in node.attribute), np.zeros(1, np.float32))
    if shape is None or shape.ndim != 1 or value.size != 1:
        raise ModelError(f"{owner}: needs a shape and one value")
    dims = tuple(int(each) for each in shape)
    if 0 not in dims:
        check_shape(dims, owner)
    return np.broadcast_to(value.reshape(()), dims)


def _viewed(node: onnx.NodeProto, values: Array, shape: tuple[int, ...]) -> Array:
    match node.op_type:
        case "Expand":
            return np.broadcast_to(values, shape)
        case "Identity":
            return values
    return values.reshape(shape)


def _evaluate(node: onnx.NodeProto, inputs: Sequence[Array | None], opset: int) -> list[Array]:
    names = [name for name in node.input if name]
    graph = helper.make_graph(
        [node],
        "constant",
        [onnx.ValueInfoProto(name=name) for name in dict.fromkeys(names)],
        [onnx.ValueInfoProto(name=name) for name in node.output if name],
    )
    if node.op_type == "DequantizeLinear":
        opset = max(opset, _OLDEST_DEQUANTIZE)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    feeds = {
        name: values for name, values in zip(node.input, inputs, strict=True) if name and values is not None
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # overflow and division by zero show in the values
        results = iter(ReferenceEvaluator(model).run(None, feeds))
    return [np.asarray(next(results)) if name else np.empty(0) for name in node.output]
