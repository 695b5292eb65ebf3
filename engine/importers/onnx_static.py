"""Makes an ONNX graph static: nodes in order, every shape a number, whatever depends on constants only folded away.

PyTorch and TensorFlow write shapes as little programs (Shape, Gather, Concat, If ...) beside the network. With the input
shape fixed they are constants; what is left is the network.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper, shape_inference

from engine.errors import ModelError, UnsupportedError
from engine.importers.limits import (
    FOLDED_BYTES,
    FOLDED_GROWTH,
    FOLDED_READS,
    MAX_CONSTANT_ELEMENTS,
    check_shape,
)
from engine.importers.onnx_file import DOMAINS, numpy_dtype, opset_of, tensor_values
from engine.importers.onnx_fold import fold, is_foldable, is_view
from engine.importers.onnx_order import in_order
from engine.ir.graph import Array, TensorType
from engine.ir.shapes import broadcast

_MAX_HINT_ELEMENTS = 1 << 12  # shapes and axes; shape inference never looks into larger constants
# Operators for which ONNX defines no shape inference.
_KEEPING_TYPE = ("GroupNormalization", "MeanVarianceNormalization")
_COMPARISONS = ("GreaterOrEqual", "LessOrEqual")
# Operators whose older definitions infer wrong shapes, and the opset of the first that infers what runtimes compute in all:
# ceil mode has no window that starts behind the picture, and axes may be counted from the end.
_INFERRED_AS_IN = {
    "AveragePool": 22, "LpPool": 22, "MaxPool": 22, "Concat": 11, "Flatten": 11, "Squeeze": 11, "Unsqueeze": 11,
}  # fmt: skip
_POSITIVE_ATTRIBUTES = ("strides", "dilations", "kernel_shape", "group", "blocksize", "num_outputs")
# ONNX's own checks take any word here.
_WORDS = {
    "auto_pad": (b"", b"NOTSET", b"SAME_UPPER", b"SAME_LOWER", b"VALID"),
    ("DepthToSpace", "mode"): (b"DCR", b"CRD"),
}


@dataclass(frozen=True, slots=True)
class StaticModel:
    """An ONNX network without control flow. ``types`` has every tensor, ``constants`` every known value."""

    name: str
    opset: int
    inputs: dict[str, TensorType]
    outputs: tuple[str, ...]
    nodes: tuple[onnx.NodeProto, ...]
    types: Mapping[str, TensorType]
    constants: Mapping[str, Array]


def make_static(model: onnx.ModelProto, folder: Path, size: tuple[int, int] | None) -> StaticModel:
    """Return ``model`` with static shapes; ``size`` (height, width) fills open dimensions of four-dimensional inputs.

    Raises:
        ModelError: names are read before they are written or written twice, a node is malformed, the graph is cyclic.
        UnsupportedError: an input or a tensor keeps an open dimension, or an operator or type is not taken.
    """
    evaluator = _Evaluator(model, folder)
    graph = model.graph
    evaluator.add_initializers(graph.initializer, "")
    inputs = {
        value.name: _input_type(value, size) for value in graph.input if value.name not in evaluator.constants
    }
    evaluator.types.update(inputs)
    evaluator.run(graph.node, {})
    outputs = tuple(value.name for value in graph.output)
    for name in outputs:
        evaluator.type_of(name)
    if len(set(outputs)) != len(outputs):
        raise ModelError(f"graph outputs {list(outputs)} name a tensor twice")
    _leave_out_unread(evaluator.nodes, outputs, opset_of(model))
    return StaticModel(
        graph.name or "network", opset_of(model), inputs, outputs, tuple(evaluator.nodes), evaluator.types,
        evaluator.constants,
    )  # fmt: skip


def _input_type(value: onnx.ValueInfoProto, size: tuple[int, int] | None) -> TensorType:
    owner = f"graph input {value.name!r}"
    if not value.type.HasField("tensor_type") or not value.type.tensor_type.HasField("shape"):
        raise UnsupportedError(f"{owner}: has no shape; export the model with fixed input shapes")
    dims = [each.dim_value if each.dim_value > 0 else 0 for each in value.type.tensor_type.shape.dim]
    shown = [each.dim_value or each.dim_param or "?" for each in value.type.tensor_type.shape.dim]
    if dims and dims[0] == 0:
        dims[0] = 1
    if size is not None and len(dims) == 4:
        first = 1 if dims[1] == 0 or dims[3] == 3 else 2  # of height and width: NHWC or NCHW
        for axis, pixels in enumerate(size, start=first):
            dims[axis] = dims[axis] or pixels
    if 0 in dims:
        raise UnsupportedError(
            f"{owner}: shape {shown} is dynamic; only the batch may be open: give the picture's size (--size) "
            "or export the model with fixed input shapes"
        )
    return TensorType(check_shape(dims, owner), numpy_dtype(value.type.tensor_type.elem_type, owner).name)


def _leave_out_unread(nodes: Sequence[onnx.NodeProto], outputs: Sequence[str], opset: int) -> None:
    """Leave out what nothing reads of what a node need not give, as Dropout's mask: few devices would give it."""
    read = {name for node in nodes for name in node.input}.union(outputs)
    for node in nodes:
        if any(each.name == "training_mode" and each.i for each in node.attribute):
            continue  # a batch normalization that must give all three
        known = onnx.defs.get_schema(node.op_type, opset, "").outputs
        for i, name in list(enumerate(node.output))[: len(known)]:
            if name not in read and known[i].option == onnx.defs.OpSchema.FormalParameterOption.Optional:
                node.output[i] = ""
        while node.output and not node.output[-1]:
            node.output.pop()


class _Evaluator:
    """Walks nodes in order and knows of each tensor its type or its value."""

    def __init__(self, model: onnx.ModelProto, folder: Path) -> None:
        self.types: dict[str, TensorType] = {}
        self.constants: dict[str, Array] = {}
        self.nodes: list[onnx.NodeProto] = []
        self._untyped: dict[str, str] = {}  # tensor of unknown shape -> what writes it
        self._folder = folder
        self._opset = opset_of(model)
        self._context = onnx.checker.C.CheckerContext()
        self._context.ir_version = onnx.IR_VERSION
        self._context.opset_imports = {"": self._opset}
        self._budget_bytes, self._budget_reads = FOLDED_BYTES, FOLDED_READS
        self._constant_elements = 0

    def type_of(self, name: str) -> TensorType:
        """Return the type of a tensor that a node or the graph's end reads.

        Raises:
            ModelError: nothing writes it.
            UnsupportedError: its shape depends on the data.
        """
        if name in self._untyped:
            raise UnsupportedError(
                f"{self._untyped[name]}: the shape of {name!r} depends on the data; only fixed shapes are supported"
            )
        if name not in self.types:
            raise ModelError(f"graph output {name!r} is written by no node")
        return self.types[name]

    def add_initializers(self, tensors: Iterable[onnx.TensorProto], prefix: str) -> None:
        """Make the tensors stored in a graph constants."""
        for tensor in tensors:
            owner = f"initializer {prefix + tensor.name!r}"
            values = tensor_values(tensor, self._folder, owner)
            self._budget_bytes += FOLDED_GROWTH * values.nbytes
            self._set_constant(prefix + tensor.name, values)

    def run(self, nodes: Iterable[onnx.NodeProto], renamed: dict[str, str], prefix: str = "") -> None:
        """Evaluate ``nodes``; ``renamed`` maps names of the enclosing ``If`` branches to unique ones."""
        for each in in_order(nodes, self.types.keys() | renamed.keys()):
            node = onnx.NodeProto()
            node.CopyFrom(each)
            for i, name in enumerate(node.input):
                node.input[i] = renamed.get(name, name)
            for i, name in enumerate(node.output):
                if name and prefix:
                    renamed[name] = prefix + name
                    node.output[i] = prefix + name
            self._evaluate(node, renamed)

    def _evaluate(self, node: onnx.NodeProto, renamed: dict[str, str]) -> None:
        owner = describe(node)
        if not node.output or not node.output[0]:
            raise UnsupportedError(f"{owner}: leaves out its first output; name it, even if nothing reads it")
        for name in node.output:
            if name in self.types or name in self._untyped:
                raise ModelError(f"{owner}: writes {name!r}, which exists already")
        if node.domain in DOMAINS and node.op_type == "If":
            self._take_branch(node, renamed)
            return
        if node.domain in DOMAINS and node.op_type == "Constant":
            self._set_constant(node.output[0], self._constant_values(node))
            return
        _check_is_known(node, self._opset)
        self._check(node)
        inferred = self._infer(node)
        if is_foldable(node) and all(name in self.constants for name in node.input if name):
            self._fold(node, inferred)
            return
        if node.op_type in ("Shape", "Size") and node.domain in DOMAINS:
            self._fold_shape(node)
            return
        for i, name in enumerate(node.output):
            tensor = inferred.get(name)
            if tensor is None:  # an output that nothing reads, Dropout's mask for example, does no harm
                self._untyped[name] = owner
                node.output[i] = ""
            else:
                self.types[name] = tensor
        self.nodes.append(node)

    def _take_branch(self, node: onnx.NodeProto, renamed: dict[str, str]) -> None:
        owner = describe(node)
        condition = self.constants.get(node.input[0]) if node.input else None
        if condition is None or condition.size != 1:
            raise UnsupportedError(
                f"{owner}: its condition depends on the data; control flow is not supported"
            )
        wanted = "then_branch" if bool(condition.reshape(())) else "else_branch"
        branch = next((each.g for each in node.attribute if each.name == wanted), None)
        if branch is None or len(branch.output) != len(node.output):
            raise ModelError(f"{owner}: has no {wanted} that gives its {len(node.output)} outputs")
        inner, prefix = dict(renamed), f"{node.name or node.output[0]}/"
        self.add_initializers(branch.initializer, prefix)
        inner.update({tensor.name: prefix + tensor.name for tensor in branch.initializer})
        self.run(branch.node, inner, prefix)
        for source, target in zip(branch.output, node.output, strict=True):
            read = inner.get(source.name, source.name)
            self._evaluate(helper.make_node("Identity", [read], [target], name=prefix + source.name), renamed)

    def _constant_values(self, node: onnx.NodeProto) -> Array:
        owner = describe(node)
        if len(node.attribute) != 1 or len(node.output) != 1:
            raise ModelError(f"{owner}: must hold exactly one value and have one output")
        attribute = node.attribute[0]
        match attribute.name:
            case "value":
                return tensor_values(attribute.t, self._folder, owner)
            case "value_float":
                return np.array(attribute.f, np.float32)
            case "value_floats":
                return np.array(attribute.floats, np.float32)
            case "value_int":
                return np.array(attribute.i, np.int64)
            case "value_ints":
                return np.array(attribute.ints, np.int64)
        raise UnsupportedError(f"{owner}: constants of kind {attribute.name!r} are not supported")

    def _set_constant(self, name: str, values: Array) -> None:
        if name in self.constants or name in self.types:
            raise ModelError(f"{name!r} is stored or written twice; every tensor needs its own name")
        self._constant_elements += values.size
        if self._constant_elements > MAX_CONSTANT_ELEMENTS:
            raise UnsupportedError(f"tensor {name!r}: constants grow beyond {MAX_CONSTANT_ELEMENTS} elements")
        self.constants[name] = values
        self.types[name] = TensorType(values.shape, values.dtype.name)

    def _fold_shape(self, node: onnx.NodeProto) -> None:
        shape = self.types[node.input[0]].shape
        values = {each.name: int(each.i) for each in node.attribute}
        part = shape[slice(values.get("start", 0), values.get("end", len(shape)))]
        result = (
            np.array(part, np.int64) if node.op_type == "Shape" else np.array(np.prod(shape, dtype=np.int64))
        )
        self._set_constant(node.output[0], result)

    def _fold(self, node: onnx.NodeProto, inferred: Mapping[str, TensorType | None]) -> None:
        inputs = [self.constants.get(name) if name else None for name in node.input]
        if not is_view(node):
            known = [tensor for tensor in inferred.values() if tensor is not None]
            self._budget_bytes -= sum(prod(each.shape) * np.dtype(each.dtype).itemsize for each in known)
            self._budget_reads -= sum(values.size for values in inputs if values is not None)
        if self._budget_reads < 0:
            raise UnsupportedError(
                f"{describe(node)}: more than {FOLDED_READS} elements of constants are computed with"
            )
        if self._budget_bytes < 0:
            raise UnsupportedError(
                f"{describe(node)}: constants grow beyond {FOLDED_BYTES >> 20} MiB and {FOLDED_GROWTH} times what is stored"
            )
        results = fold(node, inputs, inferred, self._opset)
        for name, values in zip(node.output, results, strict=False):
            if name:
                self._set_constant(name, values)

    def _check(self, node: onnx.NodeProto) -> None:
        """Check inputs, outputs and attributes against the operator's definition, before anything trusts them."""
        try:
            onnx.checker.check_node(node, self._context)
        except (onnx.checker.ValidationError, RuntimeError, ValueError) as error:
            raise ModelError(f"{describe(node)}: is malformed: {_first_line(error)}") from None
        _check_attributes(node)

    def _infer(self, node: onnx.NodeProto) -> dict[str, TensorType | None]:
        """Return the type of each output that has a name; None where the shape depends on data."""
        owner = describe(node)
        opset = max(self._opset, _INFERRED_AS_IN.get(node.op_type, 0))
        schema = onnx.defs.get_schema(node.op_type, opset, "")
        hints = {
            name: numpy_helper.from_array(np.asarray(self.constants[name], order="C"), name)
            for name in node.input
            if name in self.constants and self.constants[name].size <= _MAX_HINT_ELEMENTS
        }
        types = {name: _type_proto(self.type_of(name)) for name in node.input if name}
        try:
            found = shape_inference.infer_node_outputs(
                schema, node, types, hints, opset_imports=[helper.make_opsetid("", opset)]
            )
        except (
            shape_inference.InferenceError,
            onnx.checker.ValidationError,
            RuntimeError,
            ValueError,
        ) as error:
            raise ModelError(f"{owner}: its inputs or attributes are wrong: {_first_line(error)}") from None
        types_of = {name: _tensor_type(found.get(name), name, owner) for name in node.output if name}
        if not schema.has_type_and_shape_inference_function and types_of[node.output[0]] is None:
            types_of[node.output[0]] = self._own_rule(node)
        return types_of

    def _own_rule(self, node: onnx.NodeProto) -> TensorType | None:
        """Return the output's type of an operator for which ONNX defines no inference; None if that is not known."""
        if node.op_type in _KEEPING_TYPE:
            return self.types[node.input[0]]
        if node.op_type in _COMPARISONS:
            try:
                return TensorType(broadcast(*(self.types[name].shape for name in node.input)), "bool")
            except ModelError as error:
                raise ModelError(f"{describe(node)}: {error}") from None
        return None


def describe(node: onnx.NodeProto) -> str:
    """Return how messages name a node: its name, or what it writes, and its operator."""
    name = node.name or next((each for each in node.output if each), "?")
    domain = "" if node.domain in DOMAINS else f"{node.domain}::"
    return f"node {name!r} ({domain}{node.op_type})"


def _check_is_known(node: onnx.NodeProto, opset: int) -> None:
    """Refuse an operator that this opset does not have, or that runs other nodes (Loop, Scan)."""
    known = isinstance(node.op_type, str) and onnx.defs.has(
        node.op_type, opset, ""
    )  # bytes where it is no text
    if node.domain not in DOMAINS or not known:
        raise UnsupportedError(
            f"{describe(node)}: unknown operator; opset {opset} of ONNX itself is supported, other domains are not"
        )
    if any(attribute.HasField("g") or attribute.graphs for attribute in node.attribute):
        raise UnsupportedError(
            f"{describe(node)}: control flow is not supported; export the model without it"
        )


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _check_attributes(node: onnx.NodeProto) -> None:
    for attribute in node.attribute:
        if attribute.name in _POSITIVE_ATTRIBUTES:
            values = list(attribute.ints) or [attribute.i]
            if min(values) < 1 or max(values) > np.iinfo(np.int32).max:
                raise ModelError(f"{describe(node)}: {attribute.name} is {values}, must be positive")
        words = _WORDS.get(attribute.name) or _WORDS.get((node.op_type, attribute.name))
        if words and attribute.s not in words:
            allowed = ", ".join(word.decode() for word in words if word)
            found = attribute.s.decode("utf-8", "replace")
            raise ModelError(f"{describe(node)}: {attribute.name} is {found!r}, must be one of {allowed}")


def _type_proto(tensor: TensorType) -> onnx.TypeProto:
    return helper.make_tensor_type_proto(
        helper.np_dtype_to_tensor_dtype(np.dtype(tensor.dtype)), tensor.shape
    )


def _tensor_type(proto: onnx.TypeProto | None, name: str, owner: str) -> TensorType | None:
    """Return the type that inference found; None if a dimension is open."""
    if proto is None:
        return None
    if not proto.HasField("tensor_type"):
        raise UnsupportedError(
            f"{owner}: {name!r} is a sequence, map or optional; only tensors are supported"
        )
    if not proto.tensor_type.HasField("shape"):
        return None
    dims = proto.tensor_type.shape.dim
    if not all(dim.HasField("dim_value") for dim in dims):
        return None
    shape = tuple(dim.dim_value for dim in dims)
    dtype = numpy_dtype(proto.tensor_type.elem_type, owner).name
    if 0 in shape:  # empty constants occur in shape programs; an empty activation is refused when it is used
        return TensorType(shape, dtype)
    return TensorType(check_shape(shape, f"{owner}, output {name!r}"), dtype)
