"""Small ONNX models for tests, and networks with real-looking weights out of weightless topologies."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

from engine.host.onnx_runtime import ort
from engine.ir.graph import Array

LIGHT = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
LIGHT_NETWORKS = sorted(LIGHT.glob("light_*.onnx"))


def model(
    nodes: Sequence[onnx.NodeProto],
    inputs: Mapping[str, Sequence[int | str]],
    outputs: Sequence[str],
    constants: Mapping[str, Array] | None = None,
    opset: int = 17,
) -> onnx.ModelProto:
    """Return a float32 model; the types of outputs are left to shape inference."""
    graph = helper.make_graph(
        list(nodes),
        "small",
        [
            helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)
            for name, shape in inputs.items()
        ],
        [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in outputs],
        [numpy_helper.from_array(np.asarray(values), name) for name, values in (constants or {}).items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def save(folder: Path, proto: onnx.ModelProto, name: str = "model.onnx") -> Path:
    """Write the model into ``folder`` and return its path."""
    path = folder / name
    path.write_bytes(proto.SerializeToString())
    return path


def run(path: Path, feeds: Mapping[str, Array]) -> list[Array]:
    """Return what ONNX Runtime makes of the file itself."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"]).run(None, dict(feeds))


def with_weights(topology: Path, seed: int, narrow: Mapping[int, int] | None = None) -> onnx.ModelProto:
    """Return the network with random weights of a sane scale stored where the topology fills in a constant.

    ``narrow`` gives fully connected layers of some widths others.
    """
    proto = onnx.load(topology)
    known = {each.name: numpy_helper.to_array(each) for each in proto.graph.initializer}
    known |= {
        each.output[0]: numpy_helper.to_array(each.attribute[0].t)
        for each in proto.graph.node
        if each.op_type == "Constant"
    }
    random = np.random.default_rng(seed)
    kept = []
    for node in proto.graph.node:
        if not _fills_weights(node):
            kept.append(node)
            continue
        shape = tuple(
            int(each) for each in known[node.output[0] if node.output[0] in known else node.input[0]]
        )
        if narrow and len(shape) <= 2:
            shape = tuple(narrow.get(each, each) for each in shape)
        weights = _weights(shape, _is_positive(node.output[0], proto.graph), random)
        proto.graph.initializer.append(numpy_helper.from_array(weights, node.output[0]))
    del proto.graph.node[:]
    proto.graph.node.extend(kept)
    return proto


def _fills_weights(node: onnx.NodeProto) -> bool:
    if node.op_type != "ConstantOfShape":
        return False
    return not node.attribute or node.attribute[0].t.data_type == onnx.TensorProto.FLOAT


def _weights(shape: tuple[int, ...], positive: bool, random: np.random.Generator) -> Array:
    if len(shape) > 1:
        scale = np.float32(np.sqrt(2 / np.prod(shape[1:])))
        return random.standard_normal(shape, np.float32) * scale
    if positive:
        return random.uniform(0.7, 1.3, shape).astype(np.float32)
    return (0.1 * random.standard_normal(shape)).astype(np.float32)


def _is_positive(name: str, graph: onnx.GraphProto) -> bool:
    """Whether a vector is a scale or a variance."""
    for node in graph.node:
        if name in node.input and node.op_type == "BatchNormalization":
            return list(node.input).index(name) in (1, 4)
        if name in node.input and node.op_type == "Unsqueeze":
            return any(node.output[0] in other.input and other.op_type == "Mul" for other in graph.node)
    return False
