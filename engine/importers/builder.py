"""Collects nodes while a file is read: unique names, types by the shape rules, one Graph at the end."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import prod

import onnx

from engine.errors import ModelError, UnsupportedError
from engine.importers.limits import check_shape
from engine.ir.graph import Array, Graph, InputSpec, Node, TensorType
from engine.ir.ops import ArgMax, Concat, OnnxNode, Op, Reshape
from engine.ir.shapes import output_types

MOST_REPEATS = 16  # along one axis, that the device joins; each is one more input


class _Names:
    """Hands out each name once; a second asker gets ``name:1``, ``name:2`` ..."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._next: dict[str, int] = {}

    def take(self, name: str) -> str:
        unique = name
        while unique in self._taken or not unique:
            self._next[name] = self._next.get(name, 0) + 1
            unique = f"{name}:{self._next[name]}"
        self._taken.add(unique)
        return unique


class GraphBuilder:
    """A graph under construction. Tensor and constant names share one name space, node names another.

    The names in ``outputs`` are kept free for the graph's outputs: ``finish`` gives them.
    """

    def __init__(self, name: str, inputs: Mapping[str, TensorType], outputs: Iterable[str]) -> None:
        self.name = name
        self.ranges: dict[str, tuple[float, float]] = {}
        self._tensor_names, self._node_names = _Names(), _Names()
        self._inputs = tuple(self._tensor_names.take(each) for each in inputs)
        self._tensors = dict(zip(self._inputs, inputs.values(), strict=True))
        self._output_names = {each: self._tensor_names.take(each) for each in outputs}
        self._nodes: list[Node] = []
        self._writers: dict[str, Node] = {}
        self._constants: dict[str, Array] = {}

    def add_constant(self, name: str, values: Array) -> str:
        """Store ``values`` under ``name``, made unique, and return that name."""
        unique = self._tensor_names.take(name)
        self._constants[unique] = values
        return unique

    def constant(self, name: str) -> Array | None:
        """Return the values of the constant ``name``; None if it is a tensor."""
        return self._constants.get(name)

    def writer(self, name: str) -> Node | None:
        """Return the node that writes ``name``; None for inputs and constants."""
        return self._writers.get(name)

    def type_of(self, name: str) -> TensorType:
        """Return the type of a tensor or constant."""
        if name in self._constants:
            values = self._constants[name]
            return TensorType(values.shape, values.dtype.name)
        return self._tensors[name]

    def emit(self, op: Op, inputs: Sequence[str], name: str, output: str | None = None) -> str:
        """Append a node with one output of the type that the shape rule gives; return the output's name.

        Raises:
            ModelError: the inputs do not fit the operator; the node is named.
        """
        node_name = self._node_names.take(name)
        try:
            types = output_types(op, [self.type_of(each) for each in inputs])
        except ModelError as error:
            raise ModelError(f"node {node_name!r} ({type(op).__name__}): {error}") from None
        assert types is not None, "operators without a shape rule are emitted by emit_onnx"
        (tensor,) = types
        check_shape(tensor.shape, f"node {node_name!r} ({type(op).__name__})")
        written = self._tensor_names.take(output or name)
        self._tensors[written] = tensor
        self._append(Node(node_name, op, tuple(inputs), (written,)))
        return written

    def emit_repeated(self, tensor: str, repeats: Sequence[int], name: str) -> str:
        """Return ``tensor`` repeated so often along each axis; it is joined to itself."""
        for axis, count in enumerate(repeats):
            if count > 1:
                tensor = self.emit(Concat(axis), [tensor] * count, name)
        return tensor

    def emit_onnx(
        self, op: OnnxNode, inputs: Sequence[str], outputs: Mapping[str, TensorType], name: str
    ) -> tuple[str, ...]:
        """Append a host operator; ``outputs`` are typed by the file's own shape inference. Return their names."""
        written = tuple(self._tensor_names.take(each) for each in outputs)
        self._tensors.update(zip(written, outputs.values(), strict=True))
        self._append(Node(self._node_names.take(name), op, tuple(inputs), written))
        return written

    def scores(self, outputs: Mapping[str, str]) -> dict[str, str]:
        """Return ``outputs`` with every class's score in place of the best classes: to find those is the host's work."""
        found = {name: tensor for name, tensor in outputs.items() if self._all_compared(tensor) is None}
        for name, tensor in outputs.items():
            scores = self._all_compared(tensor)
            if scores is not None and scores not in found.values():
                found[name] = scores
        return found

    def _all_compared(self, best: str) -> str | None:
        """Return the tensor of whose elements, all of them, ``best`` gives the largest, or where they are; None if none is."""
        writer = self._writers.get(best)
        while writer is not None and _only_rewrites(writer.op):
            writer = self._writers.get(writer.inputs[0])
        axis = None if writer is None else _compared_axis(writer.op)
        if writer is None or axis is None:
            return None
        shape = self.type_of(writer.inputs[0]).shape
        return writer.inputs[0] if prod(shape) == shape[axis] else None

    def _append(self, node: Node) -> None:
        self._nodes.append(node)
        self._writers.update(dict.fromkeys(node.outputs, node))

    def finish(
        self, outputs: Mapping[str, str], input_spec: InputSpec | None = None, labels: tuple[str, ...] = ()
    ) -> Graph:
        """Return the graph. ``outputs`` maps the names that the file gives its outputs to this builder's tensors.

        Raises:
            UnsupportedError: the network has no inputs or no outputs.
        """
        if not outputs or not self._inputs:
            raise UnsupportedError(f"network {self.name!r} has no {'inputs' if outputs else 'outputs'}")
        renamed: dict[str, str] = {}
        for wanted, tensor in outputs.items():
            own = tensor
            if tensor in renamed or tensor in self._constants or tensor in self._inputs:
                own = self.emit(Reshape(self.type_of(tensor).shape), [tensor], f"{wanted}:copy")
            renamed[own] = self._output_names[wanted]
        return Graph(
            name=self.name,
            inputs=self._inputs,
            outputs=tuple(renamed.values()),
            nodes=tuple(_rename(node, renamed) for node in self._nodes),
            tensors={renamed.get(name, name): tensor for name, tensor in self._tensors.items()},
            constants=self._constants,
            input_spec=input_spec,
            labels=labels,
            ranges={renamed.get(name, name): limits for name, limits in self.ranges.items()},
        )


def _rename(node: Node, renamed: Mapping[str, str]) -> Node:
    return replace(
        node,
        inputs=tuple(renamed.get(each, each) for each in node.inputs),
        outputs=tuple(renamed.get(each, each) for each in node.outputs),
    )


def _only_rewrites(op: Op) -> bool:
    """Return whether ``op`` gives the numbers that it reads in another shape or element type."""
    return isinstance(op, Reshape) or (
        isinstance(op, OnnxNode) and op.op_type in ("Cast", "Flatten", "Reshape", "Squeeze", "Unsqueeze")
    )


def _compared_axis(op: Op) -> int | None:
    """Return along which axis ``op`` finds the largest elements; None if it does not."""
    if isinstance(op, ArgMax):
        return op.axis
    if not isinstance(op, OnnxNode) or op.op_type != "TopK":
        return None
    node = onnx.NodeProto.FromString(op.proto)
    attributes = {each.name: onnx.helper.get_attribute_value(each) for each in node.attribute}
    return attributes.get("axis", -1) if attributes.get("largest", 1) else None
