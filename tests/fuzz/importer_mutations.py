"""Valid model files and seeded ways to damage them; case ``i`` is the same on every machine."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from tests.engine.importers.bad_files import bad_files
from tests.engine.importers.onnx_cases import operator_cases
from tests.engine.importers.onnx_models import LIGHT
from tests.engine.importers.tflite_cases import cases as tflite_cases

Random = np.random.Generator
_EDGES = (0, 1, -1, 2, 3, 7, 127, 255, 65535, 1 << 20, (1 << 31) - 1, -(1 << 31), (1 << 63) - 1, -(1 << 63))
_YAML = b"""task_type: classification
preprocess: {resize: 256, crop: 224, data_layout: NCHW, reverse_channels: false, resize_with_pad: false}
session:
  input_mean: [123.675, 116.28, 103.53]
  input_scale: [0.017125, 0.017507, 0.017429]
  runtime_options: {tensor_bits: 8, accuracy_level: 1, 'advanced_options:calibration_frames': 25}
  model_path: model/network.onnx
metric: {label_offset_pred: -1}
"""


class Corpus:
    """The valid files, by kind; ``case`` returns the suffix and bytes of a damaged one."""

    def __init__(self, folder: Path) -> None:
        protos = [case.model for case in operator_cases()]
        light = [
            onnx.load(LIGHT / f"light_{name}.onnx") for name in ("squeezenet", "bvlc_alexnet", "shufflenet")
        ]
        wrong = [bad.make(folder) for bad in bad_files() if bad.name.endswith(".onnx")]
        self._protos = [*protos, *light, *light, *light]
        self._onnx = [each.SerializeToString() for each in protos] + [each for each in wrong if each]
        self._tflite = [data for _, data in tflite_cases()]

    def case(self, index: int) -> tuple[str, bytes]:
        """Return (suffix, bytes) of case ``index``."""
        random = np.random.default_rng(index)
        match index % 8:
            case 0 | 1 | 2 | 3:
                return ".onnx", _damaged_proto(_pick(random, self._protos), random)
            case 4:
                return ".onnx", _damaged_bytes(_pick(random, self._onnx), random, self._onnx)
            case 5 | 6:
                return ".tflite", _damaged_words(_pick(random, self._tflite), random)
            case _:
                corpus = [_YAML] if index % 16 == 7 else self._tflite
                suffix = ".yaml" if index % 16 == 7 else ".tflite"
                return suffix, _damaged_bytes(_pick(random, corpus), random, corpus)


def _pick(random: Random, values: list[Any]) -> Any:
    return values[int(random.integers(len(values)))]


def _edge(random: Random) -> int:
    return int(random.choice(_EDGES)) if random.random() < 0.7 else int(random.integers(-8, 64))


def _damaged_bytes(data: bytes, random: Random, corpus: list[bytes]) -> bytes:
    """Flip, cut, repeat, insert or splice a few times."""
    changed = bytearray(data)
    for _ in range(int(random.integers(1, 6))):
        if not changed:
            break
        at = int(random.integers(len(changed)))
        length = int(random.integers(1, 17))
        match int(random.integers(6)):
            case 0:
                changed[at] ^= 1 << int(random.integers(8))
            case 1:
                del changed[at:]
            case 2:
                del changed[at : at + length]
            case 3:
                changed[at:at] = changed[at : at + length]
            case 4:
                changed[at:at] = random.bytes(length)
            case _:
                other = _pick(random, corpus)
                start = int(random.integers(max(len(other), 1)))
                changed[at : at + length] = other[start : start + length]
    return bytes(changed)


def _damaged_words(data: bytes, random: Random) -> bytes:
    """Overwrite a few aligned 32 bit words: offsets, counts, indices and shapes of a flatbuffer."""
    words = np.frombuffer(data[: len(data) // 4 * 4], np.uint32).copy()
    for _ in range(int(random.integers(1, 5))):
        at = int(random.integers(1, len(words)))
        if at == 1:
            continue  # the mark that says TFLite
        near = int(words[at]) + int(random.integers(-9, 10))
        words[at] = np.uint32((near if random.random() < 0.5 else _edge(random)) & 0xFFFFFFFF)
    return words.tobytes() + data[len(words) * 4 :]


def _damaged_proto(proto: onnx.ModelProto, random: Random) -> bytes:
    """Change a few fields of a parsed model, so that the damage is behind the parser."""
    changed = onnx.ModelProto()
    changed.CopyFrom(proto)
    for _ in range(int(random.integers(1, 4))):
        if changed.graph.node:
            _pick(random, _CHANGES)(changed, random)
    return bytes(changed.SerializeToString())


def _any_node(model: onnx.ModelProto, random: Random) -> onnx.NodeProto:
    return model.graph.node[int(random.integers(len(model.graph.node)))]


def _change_attribute(model: onnx.ModelProto, random: Random) -> None:
    node = _any_node(model, random)
    if not node.attribute:
        return
    attribute = node.attribute[int(random.integers(len(node.attribute)))]
    values = attribute.ints
    match int(random.integers(5)):
        case 0 if len(values):
            values[int(random.integers(len(values)))] = _edge(random)
        case 1 if len(values):
            del values[int(random.integers(len(values))) :]
        case 2:
            values.append(_edge(random))
        case 3:
            attribute.i = _edge(random)
        case _:
            attribute.f = float(random.choice([0.0, -1.0, np.inf, np.nan, 1e30]))


def _drop_attribute(model: onnx.ModelProto, random: Random) -> None:
    node = _any_node(model, random)
    if node.attribute:
        del node.attribute[int(random.integers(len(node.attribute)))]


def _change_operator(model: onnx.ModelProto, random: Random) -> None:
    _any_node(model, random).op_type = str(
        random.choice(["Conv", "Add", "Reshape", "Loop", "MaxPool", "Resize", "Pad", ""])
    )


def _change_link(model: onnx.ModelProto, random: Random) -> None:
    node, other = _any_node(model, random), _any_node(model, random)
    names = [*other.input, *other.output, "", *(each.name for each in model.graph.input)]
    ends = node.input if random.random() < 0.7 else node.output
    if random.random() < 0.2:
        ends.append(_pick(random, names))
    elif len(ends):
        ends[int(random.integers(len(ends)))] = _pick(random, names)


def _drop_link(model: onnx.ModelProto, random: Random) -> None:
    node = _any_node(model, random)
    ends = node.input if random.random() < 0.5 else node.output
    if len(ends):
        del ends[int(random.integers(len(ends)))]


def _change_shape(model: onnx.ModelProto, random: Random) -> None:
    values = model.graph.input
    dims = values[int(random.integers(len(values)))].type.tensor_type.shape.dim if values else []
    if len(dims):
        dims[int(random.integers(len(dims)))].dim_value = _edge(random)


def _change_type(model: onnx.ModelProto, random: Random) -> None:
    if model.graph.input:
        value = model.graph.input[int(random.integers(len(model.graph.input)))]
        value.type.tensor_type.elem_type = int(random.integers(0, 28))


def _change_weights(model: onnx.ModelProto, random: Random) -> None:
    tensors = model.graph.initializer
    if not tensors:
        return
    tensor = tensors[int(random.integers(len(tensors)))]
    match int(random.integers(4)):
        case 0 if len(tensor.dims):
            tensor.dims[int(random.integers(len(tensor.dims)))] = _edge(random)
        case 1:
            tensor.data_type = int(random.integers(0, 28))
        case 2:
            tensor.data_location = onnx.TensorProto.EXTERNAL
            tensor.external_data.add(
                key="location", value=str(random.choice(["../x", "/etc/passwd", "x", ""]))
            )
        case _:
            tensor.raw_data = random.bytes(len(tensor.raw_data))


def _change_nodes(model: onnx.ModelProto, random: Random) -> None:
    at = int(random.integers(len(model.graph.node)))
    if random.random() < 0.5:
        del model.graph.node[at]
    else:
        model.graph.node.add().CopyFrom(model.graph.node[at])


def _change_opset(model: onnx.ModelProto, random: Random) -> None:
    model.opset_import[0].version = int(random.integers(0, 32))


_CHANGES: list[Callable[[onnx.ModelProto, Random], None]] = [
    _change_attribute, _change_attribute, _change_attribute, _drop_attribute, _change_operator, _change_link,
    _change_link, _drop_link, _change_shape, _change_shape, _change_type, _change_weights, _change_weights,
    _change_nodes, _change_opset,
]  # fmt: skip
