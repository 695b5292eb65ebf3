"""Reads a TFLite file into plain data; every count and offset is checked before it is used."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import tflite

from engine.errors import ModelError, UnsupportedError
from engine.importers.limits import MAX_NODES, check_shape, read_bytes
from engine.ir.graph import Array

IDENTIFIER = b"TFL3"
_VERSION = 3
_ABSENT = -1
# What flatbuffers and NumPy raise when an offset or a length in the file is nonsense.
_MALFORMED = (struct.error, IndexError, ValueError, TypeError, OverflowError, AttributeError, KeyError)

_DTYPES = {
    tflite.TensorType.FLOAT32: "float32", tflite.TensorType.FLOAT16: "float16", tflite.TensorType.INT32: "int32",
    tflite.TensorType.UINT8: "uint8", tflite.TensorType.INT64: "int64", tflite.TensorType.BOOL: "bool",
    tflite.TensorType.INT16: "int16", tflite.TensorType.INT8: "int8", tflite.TensorType.FLOAT64: "float64",
}  # fmt: skip
_NAMES = {value: name for name, value in vars(tflite.BuiltinOperator).items() if isinstance(value, int)}

_CONV = ("Padding", "StrideH", "StrideW", "DilationHFactor", "DilationWFactor", "FusedActivationFunction")
_POOL = ("Padding", "StrideH", "StrideW", "FilterHeight", "FilterWidth", "FusedActivationFunction")
_RESIZE = ("AlignCorners", "HalfPixelCenters")
_MASKS = ("BeginMask", "EndMask", "EllipsisMask", "NewAxisMask", "ShrinkAxisMask")
# The options that the converters read, by operator.
_OPTIONS: dict[str, tuple[type, tuple[str, ...]]] = {
    "ADD": (tflite.AddOptions, ("FusedActivationFunction",)),
    "AVERAGE_POOL_2D": (tflite.Pool2DOptions, _POOL),
    "CONCATENATION": (tflite.ConcatenationOptions, ("Axis", "FusedActivationFunction")),
    "CONV_2D": (tflite.Conv2DOptions, _CONV),
    "DEPTHWISE_CONV_2D": (tflite.DepthwiseConv2DOptions, _CONV),
    "DEPTH_TO_SPACE": (tflite.DepthToSpaceOptions, ("BlockSize",)),
    "DIV": (tflite.DivOptions, ("FusedActivationFunction",)),
    "FULLY_CONNECTED": (tflite.FullyConnectedOptions, ("FusedActivationFunction", "WeightsFormat")),
    "GATHER": (tflite.GatherOptions, ("Axis", "BatchDims")),
    "GELU": (tflite.GeluOptions, ("Approximate",)),
    "LEAKY_RELU": (tflite.LeakyReluOptions, ("Alpha",)),
    "LOCAL_RESPONSE_NORMALIZATION": (
        tflite.LocalResponseNormalizationOptions, ("Radius", "Bias", "Alpha", "Beta"),
    ),
    "MAX_POOL_2D": (tflite.Pool2DOptions, _POOL),
    "MEAN": (tflite.ReducerOptions, ("KeepDims",)),
    "MIRROR_PAD": (tflite.MirrorPadOptions, ("Mode",)),
    "MUL": (tflite.MulOptions, ("FusedActivationFunction",)),
    "PACK": (tflite.PackOptions, ("Axis",)),
    "REDUCE_MAX": (tflite.ReducerOptions, ("KeepDims",)),
    "RESIZE_BILINEAR": (tflite.ResizeBilinearOptions, _RESIZE),
    "RESIZE_NEAREST_NEIGHBOR": (tflite.ResizeNearestNeighborOptions, _RESIZE),
    "SOFTMAX": (tflite.SoftmaxOptions, ("Beta",)),
    "SPACE_TO_DEPTH": (tflite.SpaceToDepthOptions, ("BlockSize",)),
    "STRIDED_SLICE": (tflite.StridedSliceOptions, _MASKS),
    "SUB": (tflite.SubOptions, ("FusedActivationFunction",)),
    "SUM": (tflite.ReducerOptions, ("KeepDims",)),
    "TRANSPOSE_CONV": (
        tflite.TransposeConvOptions, ("Padding", "StrideH", "StrideW", "FusedActivationFunction"),
    ),
    "UNPACK": (tflite.UnpackOptions, ("Axis",)),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Quantization:
    """real = (q - zero_points) * scales, per tensor, or per element of ``axis``."""

    scales: Array
    zero_points: Array
    axis: int


@dataclass(frozen=True, slots=True)
class TflTensor:
    """A tensor of the file; ``values`` are those of a constant, as stored."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    values: Array | None
    quantization: Quantization | None


@dataclass(frozen=True, slots=True)
class TflOperator:
    """An operator of the file; tensors by index, -1 where an optional one is left out."""

    kind: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TflModel:
    """The only subgraph of a TFLite file."""

    name: str
    tensors: tuple[TflTensor, ...]
    operators: tuple[TflOperator, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


def read_model(path: Path) -> TflModel:
    """Return the contents of a TFLite file.

    Raises:
        ModelError: the file is unreadable, truncated or no TFLite model.
        UnsupportedError: it is a valid one with several subgraphs, sparse tensors or custom operators.
    """
    data = read_bytes(path)
    if data[4:8] != IDENTIFIER:
        raise ModelError(f"{path}: not a TFLite model: it has no {IDENTIFIER.decode()} mark at byte 4")
    try:
        return _Reader(path.stem, data).read()
    except _MALFORMED as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise ModelError(f"{path}: the TFLite file is damaged or truncated ({reason})") from None


class _Reader:
    def __init__(self, name: str, data: bytes) -> None:
        self._name = name
        self._data = data
        self._model = tflite.Model.GetRootAs(data, 0)

    def read(self) -> TflModel:
        if self._model.Version() != _VERSION:
            raise UnsupportedError(f"TFLite schema version {self._model.Version()}, {_VERSION} is supported")
        if self._model.SubgraphsLength() != 1:
            raise UnsupportedError(
                f"{self._model.SubgraphsLength()} subgraphs (control flow), one is supported"
            )
        graph = self._model.Subgraphs(0)
        self._count(graph.TensorsLength())
        self._count(graph.OperatorsLength())
        tensors = tuple(self._tensor(graph.Tensors(i), i) for i in range(graph.TensorsLength()))
        operators = tuple(
            self._operator(graph.Operators(i), len(tensors)) for i in range(graph.OperatorsLength())
        )
        inputs, outputs = (
            self._indices(each, len(tensors), 0) for each in (graph.InputsAsNumpy(), graph.OutputsAsNumpy())
        )
        return TflModel(self._name, tensors, operators, inputs, outputs)

    def _count(self, number: int) -> None:
        """Refuse a count that the file is too short for; each element takes at least its four-byte offset."""
        if 4 * number > len(self._data) or number > MAX_NODES:
            raise ModelError(
                f"{number} tensors or operators, more than a file of {len(self._data)} bytes can hold"
            )

    def _tensor(self, tensor: Any, index: int) -> TflTensor:
        name = (tensor.Name() or b"").decode("utf-8", "replace") or f"tensor{index}"
        owner = f"tensor {name!r}"
        if tensor.Type() not in _DTYPES:
            raise UnsupportedError(f"{owner}: element type {tensor.Type()} is not supported")
        if tensor.Sparsity() is not None:
            raise UnsupportedError(f"{owner}: sparse tensors are not supported; store dense ones")
        dtype = _DTYPES[tensor.Type()]
        shape = tuple(int(each) for each in _vector(tensor.ShapeAsNumpy()))
        values = self._values(tensor.Buffer(), shape, dtype, owner)
        if 0 not in shape:
            check_shape(shape, owner)
        return TflTensor(name, shape, dtype, values, _quantization(tensor.Quantization(), shape, owner))

    def _values(self, index: int, shape: tuple[int, ...], dtype: str, owner: str) -> Array | None:
        """Return the values in buffer ``index``; None if it is empty, as those of activations are."""
        if index == 0:
            return None
        if index >= self._model.BuffersLength():
            raise ModelError(f"{owner}: buffer {index} of {self._model.BuffersLength()} does not exist")
        buffer = self._model.Buffers(index)
        raw = _vector(buffer.DataAsNumpy()).astype(np.uint8, copy=False)
        if buffer.Offset() > 1:  # large files keep their data behind the flatbuffer
            end = buffer.Offset() + buffer.Size()
            if end > len(self._data):
                raise ModelError(f"{owner}: its data ends at byte {end} of {len(self._data)}")
            raw = np.frombuffer(self._data, np.uint8, buffer.Size(), buffer.Offset())
        if not raw.size:
            return None
        wanted = prod(shape) * np.dtype(dtype).itemsize
        if raw.size != wanted:
            raise ModelError(f"{owner}: has {raw.size} bytes of data, its shape {list(shape)} needs {wanted}")
        values = np.frombuffer(raw.tobytes(), np.dtype(dtype).newbyteorder("<")).astype(dtype).reshape(shape)
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise ModelError(f"{owner}: holds NaN or infinite values; all weights must be finite")
        return values

    def _operator(self, operator: Any, tensors: int) -> TflOperator:
        index = operator.OpcodeIndex()
        if index >= self._model.OperatorCodesLength():
            raise ModelError(f"operator code {index} of {self._model.OperatorCodesLength()} does not exist")
        code = self._model.OperatorCodes(index)
        number = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
        kind = _NAMES.get(number, str(number))
        if kind == "CUSTOM":
            custom = (code.CustomCode() or b"?").decode("utf-8", "replace")
            raise UnsupportedError(f"custom operator {custom!r} is not supported")
        inputs = self._indices(operator.InputsAsNumpy(), tensors, _ABSENT)
        outputs = self._indices(operator.OutputsAsNumpy(), tensors, 0)
        return TflOperator(kind, inputs, outputs, _options(kind, operator))

    def _indices(self, vector: Any, tensors: int, lowest: int) -> tuple[int, ...]:
        indices = tuple(int(each) for each in _vector(vector))
        if any(not lowest <= each < tensors for each in indices):
            raise ModelError(f"tensor index {list(indices)} is outside 0 to {tensors - 1}")
        return indices


def _vector(found: Any) -> Array:
    """Return a flatbuffers vector as array; an absent one reads as the integer 0."""
    return found if isinstance(found, np.ndarray) else np.empty(0, np.int64)


def _quantization(parameters: Any, shape: tuple[int, ...], owner: str) -> Quantization | None:
    if parameters is None or not _vector(parameters.ScaleAsNumpy()).size:
        return None
    scales = _vector(parameters.ScaleAsNumpy()).astype(np.float64)
    zero_points = _vector(parameters.ZeroPointAsNumpy())
    zero_points = np.zeros(scales.size, np.int64) if not zero_points.size else zero_points.astype(np.int64)
    axis = parameters.QuantizedDimension()
    per_axis = scales.size > 1
    if zero_points.size != scales.size or (per_axis and (axis >= len(shape) or shape[axis] != scales.size)):
        raise ModelError(
            f"{owner}: {scales.size} scales and {zero_points.size} zero points do not fit {list(shape)}"
        )
    if not (np.isfinite(scales).all() and (scales > 0).all()):
        raise ModelError(f"{owner}: its quantization scales must be positive and finite")
    return Quantization(scales, zero_points, axis)


def _options(kind: str, operator: Any) -> dict[str, Any]:
    if kind not in _OPTIONS:
        return {}
    reader, names = _OPTIONS[kind]
    table = operator.BuiltinOptions()
    if table is None:
        raise ModelError(f"an operator {kind} has no options")
    options = reader()
    options.Init(table.Bytes, table.Pos)
    return {name: getattr(options, name)() for name in names}
