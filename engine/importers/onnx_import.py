"""Turns an ONNX file into a graph: NCHW feature maps become NHWC, weights OHWI, the rest stays for ONNX Runtime."""

from pathlib import Path

import numpy as np
import onnx

from engine.errors import ModelError
from engine.importers import onnx_activations, onnx_math, onnx_movement, onnx_window, picture
from engine.importers.builder import GraphBuilder
from engine.importers.limits import check_shape
from engine.importers.onnx_context import TO_NCHW, Context, HostOnly
from engine.importers.onnx_file import DOMAINS, read_model
from engine.importers.onnx_float16 import widen
from engine.importers.onnx_host import host_node
from engine.importers.onnx_qoperator import expand
from engine.importers.onnx_static import StaticModel, describe, make_static
from engine.importers.options import ImportOptions, Layout
from engine.ir.graph import Graph, InputSpec, TensorType
from engine.ir.ops import Transpose
from engine.ir.verify import verify

CONVERTERS = (
    onnx_window.CONVERTERS | onnx_math.CONVERTERS | onnx_activations.CONVERTERS | onnx_movement.CONVERTERS
)


def import_onnx(path: Path, options: ImportOptions) -> Graph:
    """Return the network of an ONNX file as a float graph.

    A first input [1,3,H,W] or [1,H,W,3] is the picture and becomes float32 [1,H,W,3]; other inputs and all outputs keep
    the file's layout. Operators that the device lacks become ``OnnxNode``.

    Raises:
        ModelError: the file is malformed.
        UnsupportedError: it is valid, but uses what neither device nor host takes.
    """
    model = read_model(path)
    expand(model)
    widen(model)
    return convert(make_static(model, path.parent, options.size), options)


def convert(model: StaticModel, options: ImportOptions) -> Graph:
    """Return a static ONNX network as a graph (``import_onnx``)."""
    inputs = dict(model.inputs)
    spec = _picture(model, options, inputs)
    builder = GraphBuilder(model.name, inputs, model.outputs)
    names = {name: name for name in inputs}
    if spec is not None and inputs != model.inputs:
        first = next(iter(inputs))
        if inputs[first].shape != model.inputs[first].shape:
            names[first] = builder.emit(Transpose(TO_NCHW), [first], f"{first}:nchw")
    ctx = Context(model, builder, names)
    if spec is not None and model.types[next(iter(inputs))].dtype != "float32":
        ctx.quantized.add(next(iter(inputs)))
    for node in model.nodes:
        _convert_node(ctx, node)
    outputs = builder.scores({name: ctx.read(name) for name in model.outputs})
    shapes = [builder.type_of(each).shape for each in outputs.values()]
    labels = picture.class_labels(options, shapes[0]) if shapes else ()
    graph = builder.finish(outputs, spec, labels)
    verify(graph)
    return graph


def _picture(model: StaticModel, options: ImportOptions, inputs: dict[str, TensorType]) -> InputSpec | None:
    """Return the preprocessing if the first input is a picture, and give it its NHWC float32 type in ``inputs``."""
    if not inputs:
        return None
    first = next(iter(inputs))
    layout, dtype = picture.picture_layout(inputs[first].shape, options), inputs[first].dtype
    pixels = dtype == "uint8" and _only_cast_to_float(model, first)
    quantization = _dequantization(model, first)
    if layout is None or not (pixels or quantization or dtype == "float32"):
        return None
    n, a, b, c = inputs[first].shape
    shape = (n, b, c, a) if layout is Layout.NCHW else (n, a, b, c)
    inputs[first] = TensorType(shape)
    if pixels or quantization:
        return picture.integer_spec(options, shape[1:3], dtype, quantization)
    return picture.input_spec(options, shape[1:3], picture.IMAGENET_MEAN, picture.IMAGENET_SCALE)


def _only_cast_to_float(model: StaticModel, name: str) -> bool:
    readers = [node for node in model.nodes if name in node.input]
    return name not in model.outputs and all(
        node.op_type == "Cast" and model.types[node.output[0]].dtype == "float32" for node in readers
    )


def _dequantization(model: StaticModel, name: str) -> tuple[float, int] | None:
    """Return (scale, zero point) of an input of bytes that the network only dequantizes, by one of each; else None."""
    readings = {(node.op_type, *node.input[1:]) for node in model.nodes if name in node.input}
    if model.types[name].dtype not in ("uint8", "int8") or name in model.outputs or len(readings) != 1:
        return None
    ((kind, *parameters),) = readings
    if kind != "DequantizeLinear":
        return None
    scale, *zeros = (model.constants.get(each) for each in parameters)
    zero = zeros[0] if zeros else np.zeros(1)
    if scale is None or zero is None or (scale.size, zero.size) != (1, 1):
        return None
    return float(scale.reshape(())), int(zero.reshape(()))


def _convert_node(ctx: Context, node: onnx.NodeProto) -> None:
    if not any(node.output):  # none has a known shape, and none is read
        return
    for name in [*node.input, *node.output]:
        if name and ctx.value(name) is None:
            check_shape(ctx.shape(name), f"{describe(node)}, {name!r}")
    converter = CONVERTERS.get(node.op_type) if node.domain in DOMAINS else None
    try:
        if converter is None:
            raise HostOnly(f"the device has no operator {node.op_type}")
        converter(ctx, node)
    except HostOnly as reason:
        host_node(ctx, node, str(reason))
    for name in node.output:
        if name and name not in ctx.quantized and ctx.builder.type_of(ctx.read(name)) != ctx.type_of(name):
            raise ModelError(
                f"{describe(node)}: computes {ctx.builder.type_of(ctx.read(name))} where the file's shapes give "
                f"{ctx.type_of(name)} for {name!r}"
            )
