"""What the ONNX converters share: names, constants, attributes and layout changes of the network being imported."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import onnx
from onnx import helper

from engine.importers.builder import GraphBuilder
from engine.importers.onnx_static import StaticModel
from engine.ir.graph import Array, TensorType
from engine.ir.ops import Op, Reshape, Transpose

TO_NHWC = (0, 2, 3, 1)
TO_NCHW = (0, 3, 1, 2)


class HostOnly(Exception):  # noqa: N818 - not an error: the node is kept for ONNX Runtime
    """The node is valid, but in no form that the device has; the text says why, as the end of a sentence."""


class Context:
    """The network being imported: ONNX names on one side, the builder's on the other."""

    def __init__(self, model: StaticModel, builder: GraphBuilder, names: dict[str, str]) -> None:
        self.opset = model.opset
        self.builder = builder
        self.quantized: set[str] = set()  # integer ONNX tensors that stand for real ones here (QDQ form)
        self._model = model
        self._names = names

    def type_of(self, name: str) -> TensorType:
        """Return the type of an ONNX tensor."""
        return self._model.types[name]

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of an ONNX tensor, in ONNX's layout."""
        return self._model.types[name].shape

    def value(self, name: str) -> Array | None:
        """Return the values of an ONNX tensor that is constant; None if it is not, or if ``name`` is empty."""
        return self._model.constants.get(name)

    def constant(self, name: str, what: str) -> Array:
        """Return the values of a tensor that the device needs to be constant.

        Raises:
            HostOnly: it is not.
        """
        values = self.value(name)
        if values is None:
            raise HostOnly(f"its {what} must be constant")
        return values

    def floats(self, name: str, what: str) -> Array:
        """Return constant float32 values; raises HostOnly if they are none."""
        values = self.constant(name, what)
        if values.dtype != np.float32:
            raise HostOnly(f"its {what} must be float32, they are {values.dtype.name}")
        return values

    def integers(self, name: str, what: str) -> tuple[int, ...]:
        """Return constant integers; raises HostOnly if they are no list of such."""
        values = self.constant(name, what)
        if values.ndim != 1 or values.dtype.kind != "i":
            raise HostOnly(
                f"its {what} must be a list of integers, they are {values.dtype.name}{list(values.shape)}"
            )
        return tuple(int(each) for each in values)

    def stands_for_reals(self, name: str) -> bool:
        """Whether all who read an integer ONNX tensor dequantize it. At the end readers do so if the input is quantized."""
        kinds = {node.op_type for node in self._model.nodes if name in node.input}
        if name in self._model.outputs:
            return kinds <= {"DequantizeLinear"} and not self.quantized.isdisjoint(self._model.inputs)
        return kinds == {"DequantizeLinear"}

    def read(self, name: str) -> str:
        """Return the builder's name of an ONNX tensor; a constant is stored at its first use."""
        if name not in self._names:
            self._names[name] = self.builder.add_constant(name, self._model.constants[name])
        return self._names[name]

    def bind(self, name: str, tensor: str) -> None:
        """Let the ONNX tensor ``name`` be the builder's ``tensor``."""
        self._names[name] = tensor

    def put(self, node: onnx.NodeProto, op: Op, *inputs: str) -> None:
        """Emit ``op`` under the node's own name and let it write the node's first output."""
        self.bind(node.output[0], self.builder.emit(op, inputs, node_name(node), node.output[0]))

    def put_nhwc(self, node: onnx.NodeProto, op: Op, *inputs: str) -> None:
        """Emit ``op``, which writes a feature map, and behind it the way back to ONNX's layout and rank."""
        output = self.builder.emit(op, inputs, node_name(node), node.output[0])
        nchw = self.move(output, Transpose(TO_NCHW), f"{node_name(node)}:to_nchw", f"{node.output[0]}:nchw")
        self.bind(node.output[0], self.reshape(nchw, self.shape(node.output[0]), f"{node_name(node)}:shape"))

    def nhwc(self, name: str) -> str:
        """Return the ONNX feature map [N,C,H,W] or [N,C,L] as [N,H,W,C], H = 1 for the latter."""
        shape = self.shape(name)
        tensor = self.read(name)
        if len(shape) == 3:
            tensor = self.reshape(tensor, (shape[0], shape[1], 1, shape[2]), f"{name}:to_2d")
        return self.move(tensor, Transpose(TO_NHWC), f"{name}:to_nhwc")

    def channels_last(self, name: str) -> tuple[str, tuple[int, ...]]:
        """Return the tensor with axis 1 moved to the end, and the permutation that moves it back."""
        rank = len(self.shape(name))
        if rank < 2:
            raise HostOnly(f"its input has {rank} dimensions, at least 2 are needed")
        forth, back = (0, *range(2, rank), 1), (0, rank - 1, *range(1, rank - 1))
        return self.move(self.read(name), Transpose(forth), f"{name}:channels_last"), back

    def move(self, tensor: str, op: Transpose, name: str, output: str | None = None) -> str:
        """Emit a transpose unless it would change nothing."""
        if op.perm == tuple(range(len(op.perm))):
            return tensor
        return self.builder.emit(op, [tensor], name, output)

    def reshape(self, tensor: str, shape: Sequence[int], name: str) -> str:
        """Emit a reshape unless it would change nothing."""
        if self.builder.type_of(tensor).shape == tuple(shape):
            return tensor
        return self.builder.emit(Reshape(tuple(shape)), [tensor], name)


Converter: TypeAlias = Callable[[Context, onnx.NodeProto], None]


def node_name(node: onnx.NodeProto) -> str:
    """Return the node's name, or that of what it writes where it has none."""
    return node.name or str(node.output[0])


def attribute(node: onnx.NodeProto, name: str, default: Any = None) -> Any:
    """Return an attribute as Python value; texts as str, lists as tuples."""
    for each in node.attribute:
        if each.name == name:
            found = helper.get_attribute_value(each)
            if isinstance(found, bytes):
                return found.decode("utf-8", "replace")
            return tuple(found) if isinstance(found, Sequence) and not isinstance(found, str) else found
    return default


def input_name(node: onnx.NodeProto, position: int) -> str:
    """Return the name of an optional input; empty if it is left out."""
    return str(node.input[position]) if position < len(node.input) else ""


def axis_in(axis: int, rank: int) -> int:
    """Return a possibly negative axis counted from the front."""
    return axis + rank if axis < 0 else axis


def need_floats(ctx: Context, *names: str) -> None:
    """Raise HostOnly unless all of these ONNX tensors are float32."""
    for name in names:
        if ctx.type_of(name).dtype != "float32":
            raise HostOnly(f"it works on {ctx.type_of(name).dtype}, the device on float32 networks")
