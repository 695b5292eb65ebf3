"""Local response normalisation between two subgraphs of the device: computed by the kernel set, and the same as before."""

from dataclasses import replace

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from engine.compiler.compile import CompileOptions, compile_model
from engine.program.artifact import Artifact, DeviceSegment, HostSegment, read_artifact
from engine.runtime.session import Session
from tests.engine.runtime.validation.tiny import SIDE_PX, write_pictures


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    """Return a compiled network: a convolution, LRN, another convolution, a classifier."""
    folder, rng = tmp_path_factory.mktemp("lrn"), np.random.default_rng(5)

    def weight(name: str, *shape: int) -> onnx.TensorProto:
        return numpy_helper.from_array(rng.normal(0, 0.4, shape).astype(np.float32), name)

    nodes = [
        helper.make_node("Conv", ["x", "w0"], ["a"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node("LRN", ["b"], ["c"], size=5, alpha=0.5, bias=2.0),
        helper.make_node("Conv", ["c", "w1"], ["d"], kernel_shape=[3, 3]),
        helper.make_node("GlobalAveragePool", ["d"], ["e"]),
        helper.make_node("Flatten", ["e"], ["logits"]),
    ]
    ends = (("x", (1, 3, SIDE_PX, SIDE_PX)), ("logits", (1, 6)))
    inputs, outputs = (
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)] for name, shape in ends
    )
    weights = [weight("w0", 40, 3, 3, 3), weight("w1", 6, 40, 3, 3)]
    graph = helper.make_graph(nodes, "lrn", inputs, outputs, weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, folder / "lrn.onnx")
    write_pictures(folder / "pictures")
    options = CompileOptions(calibration=folder / "pictures")
    compile_model(str(folder / "lrn.onnx"), folder / "artifact", options)
    return read_artifact(folder / "artifact")


@pytest.mark.parametrize("kernels", ["reference", "auto"])
def test_the_kernel_set_normalises_as_onnx_runtime_does(
    artifact: Artifact, kernels: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert [type(each) for each in artifact.segments] == [DeviceSegment, HostSegment, DeviceSegment]
    known = artifact.segments[1]
    assert isinstance(known, HostSegment)
    assert known.local_response is not None
    segments = (artifact.segments[0], replace(known, local_response=None), artifact.segments[2])
    last = artifact.segments[2]
    assert isinstance(last, DeviceSegment)
    step = 1 / last.program.tensors[artifact.output].scale
    cache = tmp_path_factory.getbasetemp() / "kernels"
    with (
        Session(artifact, kernels, cache_dir=cache) as ours,
        Session(replace(artifact, segments=segments), kernels, cache_dir=cache) as onnx_runtime,
    ):
        for seed in range(5):
            shape = (SIDE_PX, SIDE_PX, 3)
            pixels = np.random.default_rng(seed).integers(0, 256, shape, np.uint8)
            expected = onnx_runtime.run_pixels(pixels)
            assert np.ptp(expected) > 20 * step
            np.testing.assert_allclose(ours.run_pixels(pixels), expected, rtol=0, atol=2 * step)
