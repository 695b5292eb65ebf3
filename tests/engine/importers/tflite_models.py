"""Writes small TFLite files for tests, with the flatbuffers builder that the format's own package brings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import flatbuffers
import numpy as np
import tflite

from engine.ir.graph import Array

_TYPES = {
    "float32": tflite.TensorType.FLOAT32, "uint8": tflite.TensorType.UINT8, "int8": tflite.TensorType.INT8,
    "int16": tflite.TensorType.INT16, "int32": tflite.TensorType.INT32, "int64": tflite.TensorType.INT64,
    "float16": tflite.TensorType.FLOAT16,
}  # fmt: skip


@dataclass(frozen=True)
class Tensor:
    """A tensor to write; ``scale`` and ``zero_point`` quantize it."""

    shape: tuple[int, ...]
    dtype: str = "float32"
    values: Array | None = None
    scale: float | Sequence[float] | None = None
    zero_point: int | Sequence[int] = 0
    axis: int = 0


def constant(values: Any, dtype: str = "float32", **more: Any) -> Tensor:
    """Return a tensor that holds ``values``."""
    stored = np.asarray(values, dtype)
    return Tensor(stored.shape, dtype, stored, **more)


@dataclass(frozen=True)
class Operator:
    """An operator to write; ``options`` are fields of the options table that ``options_type`` names."""

    kind: str
    inputs: Sequence[str]
    outputs: Sequence[str]
    options_type: str = ""
    options: Mapping[str, float] = field(default_factory=dict)


def write(
    tensors: Mapping[str, Tensor],
    operators: Sequence[Operator],
    inputs: Sequence[str],
    outputs: Sequence[str],
) -> bytes:
    """Return a TFLite file."""
    b = flatbuffers.Builder(1 << 12)
    index = {name: i for i, name in enumerate(tensors)}
    kinds = list(dict.fromkeys(each.kind for each in operators))
    buffers = [None, *(each.values for each in tensors.values())]
    written = {
        "OperatorCodes": [_code(b, kind) for kind in kinds],
        "Subgraphs": [_subgraph(b, tensors, operators, index, kinds, inputs, outputs)],
        "Buffers": [_buffer(b, values) for values in buffers],
    }
    vectors = {name: _offsets(b, offsets) for name, offsets in written.items()}
    tflite.ModelStart(b)
    tflite.ModelAddVersion(b, 3)
    for name, vector in vectors.items():
        getattr(tflite, f"ModelAdd{name}")(b, vector)
    b.Finish(tflite.ModelEnd(b), file_identifier=b"TFL3")
    return bytes(b.Output())


def _offsets(b: flatbuffers.Builder, offsets: Sequence[int]) -> int:
    b.StartVector(4, len(offsets), 4)
    for each in reversed(offsets):
        b.PrependUOffsetTRelative(each)
    return int(b.EndVector())


def _numbers(b: flatbuffers.Builder, values: Any, dtype: str) -> int:
    return int(b.CreateNumpyVector(np.asarray(values, dtype).reshape(-1)))


def _code(b: flatbuffers.Builder, kind: str) -> int:
    number = getattr(tflite.BuiltinOperator, kind)
    tflite.OperatorCodeStart(b)
    tflite.OperatorCodeAddDeprecatedBuiltinCode(b, min(number, 127))
    tflite.OperatorCodeAddBuiltinCode(b, number)
    return int(tflite.OperatorCodeEnd(b))


def _buffer(b: flatbuffers.Builder, values: Array | None) -> int:
    data = (
        None
        if values is None
        else _numbers(b, np.frombuffer(np.ascontiguousarray(values).tobytes(), np.uint8), "uint8")
    )
    tflite.BufferStart(b)
    if data is not None:
        tflite.BufferAddData(b, data)
    return int(tflite.BufferEnd(b))


def _tensor(b: flatbuffers.Builder, name: str, tensor: Tensor, buffer: int) -> int:
    text, shape = b.CreateString(name), _numbers(b, tensor.shape, "int32")
    quantization = None
    if tensor.scale is not None:
        scales, zeros = np.atleast_1d(tensor.scale), np.atleast_1d(tensor.zero_point)
        scale = _numbers(b, scales, "float32")
        zero_point = _numbers(b, np.broadcast_to(zeros, scales.shape), "int64")
        tflite.QuantizationParametersStart(b)
        tflite.QuantizationParametersAddScale(b, scale)
        tflite.QuantizationParametersAddZeroPoint(b, zero_point)
        tflite.QuantizationParametersAddQuantizedDimension(b, tensor.axis)
        quantization = tflite.QuantizationParametersEnd(b)
    tflite.TensorStart(b)
    tflite.TensorAddShape(b, shape)
    tflite.TensorAddType(b, _TYPES[tensor.dtype])
    tflite.TensorAddBuffer(b, buffer)
    tflite.TensorAddName(b, text)
    if quantization is not None:
        tflite.TensorAddQuantization(b, quantization)
    return int(tflite.TensorEnd(b))


def _operator(
    b: flatbuffers.Builder, operator: Operator, index: Mapping[str, int], kinds: Sequence[str]
) -> int:
    inputs = _numbers(b, [index[name] if name else -1 for name in operator.inputs], "int32")
    outputs = _numbers(b, [index[name] for name in operator.outputs], "int32")
    options = None
    if operator.options_type:
        kind = operator.options_type
        getattr(tflite, f"{kind}Start")(b)
        for name, value in operator.options.items():
            getattr(tflite, f"{kind}Add{name}")(b, value)
        options = getattr(tflite, f"{kind}End")(b)
    tflite.OperatorStart(b)
    tflite.OperatorAddOpcodeIndex(b, kinds.index(operator.kind))
    tflite.OperatorAddInputs(b, inputs)
    tflite.OperatorAddOutputs(b, outputs)
    if options is not None:
        tflite.OperatorAddBuiltinOptionsType(b, getattr(tflite.BuiltinOptions, operator.options_type))
        tflite.OperatorAddBuiltinOptions(b, options)
    return int(tflite.OperatorEnd(b))


def _subgraph(
    b: flatbuffers.Builder,
    tensors: Mapping[str, Tensor],
    operators: Sequence[Operator],
    index: Mapping[str, int],
    kinds: Sequence[str],
    inputs: Sequence[str],
    outputs: Sequence[str],
) -> int:
    written = _offsets(b, [_tensor(b, name, each, i + 1) for i, (name, each) in enumerate(tensors.items())])
    nodes = _offsets(b, [_operator(b, each, index, kinds) for each in operators])
    ins, outs = (_numbers(b, [index[name] for name in names], "int32") for names in (inputs, outputs))
    tflite.SubGraphStart(b)
    tflite.SubGraphAddTensors(b, written)
    tflite.SubGraphAddInputs(b, ins)
    tflite.SubGraphAddOutputs(b, outs)
    tflite.SubGraphAddOperators(b, nodes)
    return int(tflite.SubGraphEnd(b))
