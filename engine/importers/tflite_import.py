"""Turns a TFLite file into a graph of real numbers; quantized activations keep their ranges, SPEC (15)."""

from pathlib import Path

from engine.errors import ModelError, UnsupportedError
from engine.importers import picture, tflite_compute, tflite_movement
from engine.importers.builder import GraphBuilder
from engine.importers.options import ImportOptions, Layout
from engine.importers.tflite_context import Context
from engine.importers.tflite_file import TflModel, TflOperator, read_model
from engine.ir.graph import Graph, InputSpec, TensorType
from engine.ir.verify import verify

CONVERTERS = tflite_compute.CONVERTERS | tflite_movement.CONVERTERS
_INTEGERS = ("int32", "int64", "bool")


def import_tflite(path: Path, options: ImportOptions) -> Graph:
    """Return the network of a TFLite file as a float graph.

    A first input [1,H,W,3] is the picture. Weights are read back to real values; the real range of every quantized
    activation goes into ``ranges``. The picture's mean and scale are by default those of the input's own quantization.

    Raises:
        ModelError: the file is malformed.
        UnsupportedError: it is valid, but uses what neither device nor host takes.
    """
    model = read_model(path)
    if not model.inputs or not model.outputs:
        raise ModelError("the network has no inputs or no outputs")
    inputs, outputs = _names(model, model.inputs, "input"), _names(model, model.outputs, "output")
    types = {name: TensorType(model.tensors[index].shape) for index, name in inputs.items()}
    builder = GraphBuilder(model.name, types, list(outputs.values()))
    ctx = Context(model, builder, dict(inputs))
    for node in model.operators:
        _convert(ctx, node)
    results = builder.scores(
        {name: ctx.read(TflOperator("output", (index,), ()), 0) for index, name in outputs.items()}
    )
    labels = picture.class_labels(options, builder.type_of(next(iter(results.values()))).shape)
    graph = builder.finish(results, _input_spec(model, options), labels)
    verify(graph)
    return graph


def _names(model: TflModel, ends: tuple[int, ...], what: str) -> dict[int, str]:
    """Return the names of all inputs or outputs by tensor; ModelError if two are one."""
    names = {index: _unique(model, index) for index in ends}
    if len({*names.values()}) < len(ends):
        raise ModelError(
            f"an {what} is listed twice: {', '.join(model.tensors[index].name for index in ends)}"
        )
    return names


def _unique(model: TflModel, index: int) -> str:
    """Return the name of an input or output, with its index where another has the same name."""
    name = model.tensors[index].name
    ends = {*model.inputs, *model.outputs} - {index}
    return f"{name}:{index}" if any(model.tensors[each].name == name for each in ends) else name


def _convert(ctx: Context, node: TflOperator) -> None:
    if not node.outputs:
        raise ModelError(f"an operator {node.kind} has no outputs")
    outputs = [ctx.tensor(index) for index in node.outputs]
    if node.kind != "ARG_MAX" and all(each.dtype in _INTEGERS for each in outputs):
        return  # programs that compute shapes: the file holds every shape already
    converter = CONVERTERS.get(node.kind)
    if converter is None:
        raise UnsupportedError(
            f"{ctx.describe(node)}: the operator is not supported in TFLite files; ONNX files may have more: export to ONNX"
        )
    if not node.inputs:
        raise ModelError(f"{ctx.describe(node)}: has no inputs")
    converter(ctx, node)


def _input_spec(model: TflModel, options: ImportOptions) -> InputSpec | None:
    tensor = model.tensors[model.inputs[0]]
    if picture.picture_layout(tensor.shape, options) is not Layout.NHWC:
        return None
    size = (tensor.shape[1], tensor.shape[2])
    if tensor.dtype == "float32":
        return picture.input_spec(options, size, picture.TENSORFLOW_MEAN, picture.TENSORFLOW_SCALE)
    known = tensor.quantization
    quantization = None if known is None else (float(known.scales[0]), int(known.zero_points[0]))
    return picture.integer_spec(options, size, tensor.dtype, quantization)
