"""The same network for other engines: float and quantized ONNX with an NCHW input, made from our float graph."""

import engine.host.onnx_runtime  # noqa: F401  # isort: skip - first, whoever imports this: it shuts the telemetry off

import collections.abc
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from engine.host.export import to_onnx
from engine.ir.graph import Graph

CALIBRATION_FRAMES = 4


def float_model(graph: Graph, path: Path) -> Path:
    """Write ``graph`` as float ONNX that takes NCHW: the transpose our export begins with is cut off."""
    model = to_onnx(graph, as_standard=True)
    (picture,) = model.graph.input
    first = next(n for n in model.graph.node if picture.name in n.input)
    if first.op_type == "Transpose":
        n, h, w, c = graph.tensors[picture.name].shape
        nchw = helper.make_tensor_value_info(first.output[0], TensorProto.FLOAT, (n, c, h, w))
        model.graph.node.remove(first)
        model.graph.input.remove(picture)
        model.graph.input.append(nchw)
    onnx.save(model, path)
    return path


def int8_model(float_path: Path, path: Path) -> Path:
    """Quantize ``float_path`` per channel, QDQ, uint8 activations and int8 weights, on random pictures."""
    prepared = path.with_suffix(".prepared.onnx")
    quant_pre_process(str(float_path), str(prepared), skip_symbolic_shape=True)
    quantize_static(
        str(prepared), str(path), _RandomPictures(prepared), quant_format=QuantFormat.QDQ, per_channel=True,
        activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8,
    )  # fmt: skip
    return path


class _RandomPictures(CalibrationDataReader):
    """Normal noise: speed does not depend on the values."""

    def __init__(self, path: Path) -> None:
        (picture,) = onnx.load(path).graph.input
        self._name = picture.name
        self._shape = [dim.dim_value for dim in picture.type.tensor_type.shape.dim]
        self._left = CALIBRATION_FRAMES
        self._rng = np.random.default_rng(0)

    def get_next(self) -> collections.abc.Mapping[str, np.ndarray] | None:
        """Return the next picture, None after the last."""
        if not self._left:
            return None
        self._left -= 1
        return {self._name: self._rng.normal(0, 1, self._shape).astype(np.float32)}
