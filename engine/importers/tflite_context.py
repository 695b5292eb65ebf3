"""What the TFLite converters share: real values, tensors, activations and SAME padding."""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from onnx import helper

from engine.errors import ModelError, UnsupportedError
from engine.importers.builder import GraphBuilder
from engine.importers.limits import check_shape
from engine.importers.tflite_file import Quantization, TflModel, TflOperator, TflTensor
from engine.ir.activations import RELU, RELU6, Activation, Fn
from engine.ir.graph import Array, TensorType
from engine.ir.ops import OnnxNode, Op, Pads, Pair, Reshape, Unary

ONNX_OPSET = 17
_SAME = 0  # tflite.Padding.SAME
_FUSED = {0: None, 1: RELU, 2: Activation(Fn.CLIP, -1.0, 1.0), 3: RELU6}  # TFLite ignores a fused TANH


class Context:
    """The network being imported: the file's tensor indices on one side, the builder's names on the other."""

    def __init__(self, model: TflModel, builder: GraphBuilder, names: dict[int, str]) -> None:
        self.builder = builder
        self._model = model
        self._names = names
        self._values: dict[int, Array] = {}

    def tensor(self, index: int) -> TflTensor:
        """Return what the file says of a tensor."""
        return self._model.tensors[index]

    def shape(self, index: int) -> tuple[int, ...]:
        """Return a tensor's shape."""
        return self._model.tensors[index].shape

    def index(self, node: TflOperator, position: int) -> int:
        """Return the tensor index of an input.

        Raises:
            ModelError: the input is left out.
        """
        if not self.has_input(node, position):
            raise ModelError(f"{self.describe(node)}: input {position} is missing")
        return node.inputs[position]

    def input_shape(self, node: TflOperator, position: int) -> tuple[int, ...]:
        """Return the shape of an input, which must be given.

        Raises:
            UnsupportedError: a dimension is below 1, or there are too many elements.
        """
        return check_shape(
            self.shape(self.index(node, position)), f"{self.describe(node)}: its input {position}"
        )

    def input_value(self, node: TflOperator, position: int) -> Array | None:
        """Return an input, which must be given, as stored; None if it is not constant."""
        return self.value(self.index(node, position))

    def describe(self, node: TflOperator) -> str:
        """Return how messages name an operator: by what it writes."""
        return f"node {self.name_of(node)!r} ({node.kind})"

    def name_of(self, node: TflOperator) -> str:
        """Return the name of the operator's first output, short of what converters joined to it."""
        return self.tensor(node.outputs[0]).name.split(";")[0] if node.outputs else node.kind

    def value(self, index: int) -> Array | None:
        """Return a constant as stored; None for other tensors."""
        return self._values.get(index, self.tensor(index).values)

    def set_value(self, index: int, values: Array) -> None:
        """Make a tensor a constant that was computed from constants."""
        self._values[index] = values

    def integers(self, node: TflOperator, position: int) -> list[int]:
        """Return a constant integer input, for example axes.

        Raises:
            UnsupportedError: it is not constant.
        """
        values = self.input_value(node, position)
        if values is None or values.dtype.kind not in "iu":
            raise UnsupportedError(f"{self.describe(node)}: its input {position} must be constant integers")
        return [int(each) for each in values.reshape(-1)]

    def real(self, node: TflOperator, position: int) -> Array:
        """Return constant weights as float32 real values, SPEC (15).

        Raises:
            UnsupportedError: they are not constant.
        """
        index = self.index(node, position)
        values = self.value(index)
        if values is None:
            raise UnsupportedError(f"{self.describe(node)}: its weights must be constant")
        return dequantize(values, self.tensor(index).quantization)

    def has_input(self, node: TflOperator, position: int) -> bool:
        """Whether an optional input is given."""
        return position < len(node.inputs) and node.inputs[position] >= 0

    def read(self, node: TflOperator, position: int) -> str:
        """Return the builder's name of an input; a constant is stored as real values.

        Raises:
            ModelError: the input is left out or nothing writes it.
            UnsupportedError: it is a tensor of integers that is no quantized one, so it was not converted.
        """
        index = self.index(node, position)
        if index not in self._names:
            values = self.value(index)
            tensor = self.tensor(index)
            if values is None and tensor.dtype in ("int32", "int64", "bool"):
                raise UnsupportedError(
                    f"{self.describe(node)}: computes with the {tensor.dtype} tensor {tensor.name!r}"
                )
            if values is None:
                raise ModelError(
                    f"{self.describe(node)}: reads {tensor.name!r}, which nothing before it writes"
                )
            self._names[index] = self.builder.add_constant(
                tensor.name, dequantize(values, tensor.quantization)
            )
        return self._names[index]

    def bind(self, index: int, name: str) -> None:
        """Let the file's tensor be the builder's ``name``; its quantization, if it has one, becomes a range.

        Raises:
            ModelError: the file gives the tensor another shape than the operator computes, or writes it twice.
        """
        tensor = self.tensor(index)
        found = self.builder.type_of(name).shape
        if found != tensor.shape:
            raise ModelError(
                f"tensor {tensor.name!r}: the file gives shape {list(tensor.shape)}, computed {list(found)}"
            )
        if index in self._names:
            raise ModelError(f"tensor {tensor.name!r}: is written twice")
        self._names[index] = name
        limits = real_range(tensor)
        if limits is not None:
            self.builder.ranges.setdefault(name, limits)

    def put(self, node: TflOperator, op: Op, *inputs: str, output: int = 0) -> None:
        """Emit ``op`` and let it write the operator's output."""
        index = node.outputs[output]
        self.bind(index, self.builder.emit(op, inputs, self.tensor(index).name.split(";")[0]))

    def put_activated(self, node: TflOperator, op: Op, *inputs: str) -> None:
        """Emit ``op``, which cannot fuse an activation, and the operator's activation behind it."""
        activation = self.activation(node)
        if activation is None:
            self.put(node, op, *inputs)
        else:
            linear = self.builder.emit(op, inputs, f"{self.name_of(node)}:linear")
            self.put(node, Unary(activation), linear)

    def put_onnx(
        self, node: TflOperator, op_type: str, *inputs: str, reason: str = "", **attributes: Any
    ) -> None:
        """Emit an ONNX operator for the host with the shape that the file gives."""
        name = self.host(node, op_type, inputs, self.shape(node.outputs[0]), reason=reason, **attributes)
        self.bind(node.outputs[0], name)

    def host(
        self, node: TflOperator, op_type: str, inputs: tuple[str, ...], shape: tuple[int, ...], *, reason: str = "",
        **attributes: Any,
    ) -> str:  # fmt: skip
        """Emit an ONNX operator for the host and return its output."""
        proto = helper.make_node(op_type, list(inputs), ["y"], **attributes)
        reason = reason or f"the device has no operator {node.kind}"
        op = OnnxNode(op_type, proto.SerializeToString(), ONNX_OPSET, reason=reason)
        name = self.name_of(node)
        (written,) = self.builder.emit_onnx(op, inputs, {name: TensorType(shape)}, name)
        return written

    def reshape(self, name: str, shape: tuple[int, ...], label: str) -> str:
        """Emit a reshape unless it would change nothing."""
        if self.builder.type_of(name).shape == shape:
            return name
        return self.builder.emit(Reshape(shape), [name], label)

    def activation(self, node: TflOperator) -> Activation | None:
        """Return the fused activation.

        Raises:
            UnsupportedError: the file names one that TFLite does not compute.
        """
        code = node.options.get("FusedActivationFunction", 0)
        if code not in _FUSED:
            raise UnsupportedError(f"{self.describe(node)}: fused activation {code} is not supported")
        return _FUSED[code]

    def pads(self, node: TflOperator, kernel: Pair, stride: Pair, dilation: Pair = (1, 1)) -> Pads:
        """Return TensorFlow's SAME or VALID padding for the operator's first input."""
        if node.options["Padding"] != _SAME:
            return (0, 0, 0, 0)
        _, height, width, _ = self.feature_map(node, 0)
        totals = []
        for size, k, s, d in zip((height, width), kernel, stride, dilation, strict=True):
            totals.append(max((-(-size // s) - 1) * s + d * (k - 1) + 1 - size, 0))
        rows, columns = totals
        return rows // 2, columns // 2, rows - rows // 2, columns - columns // 2

    def feature_map(self, node: TflOperator, position: int) -> tuple[int, int, int, int]:
        """Return the shape of an input that must be [N,H,W,C].

        Raises:
            ModelError: it has not four dimensions.
        """
        shape = self.input_shape(node, position)
        if len(shape) != 4:
            raise ModelError(
                f"{self.describe(node)}: input {position} has shape {list(shape)}, must be [N,H,W,C]"
            )
        return shape[0], shape[1], shape[2], shape[3]

    def positive(self, node: TflOperator, *names: str) -> tuple[int, ...]:
        """Return options that must be at least 1.

        Raises:
            ModelError: one is not.
        """
        values = tuple(int(node.options[name]) for name in names)
        if min(values) < 1:
            raise ModelError(
                f"{self.describe(node)}: {', '.join(names)} are {list(values)}, must be positive"
            )
        return values


Converter: TypeAlias = Callable[[Context, TflOperator], None]


def dequantize(values: Array, quantization: Quantization | None) -> Array:
    """Return real values, float32; floats are taken as they are, other numbers without quantization too."""
    if values.dtype.kind == "f" or quantization is None:
        return values.astype(np.float32)
    shape = [1] * values.ndim
    if quantization.scales.size > 1:
        shape[quantization.axis] = quantization.scales.size
    zero_points, scales = quantization.zero_points.reshape(shape), quantization.scales.reshape(shape)
    if values.ndim == 0:
        zero_points, scales = zero_points.reshape(()), scales.reshape(())
    real: Array = ((values.astype(np.float64) - zero_points) * scales).astype(np.float32)
    return real


def real_range(tensor: TflTensor) -> tuple[float, float] | None:
    """Return the real (low, high) that a quantized activation can hold; None for one that is not quantized."""
    quantization = tensor.quantization
    if (
        quantization is None
        or tensor.dtype not in ("uint8", "int8", "int16")
        or quantization.scales.size != 1
    ):
        return None
    limits = np.iinfo(tensor.dtype)
    scale, zero_point = float(quantization.scales[0]), int(quantization.zero_points[0])
    return (int(limits.min) - zero_point) * scale, (int(limits.max) - zero_point) * scale
