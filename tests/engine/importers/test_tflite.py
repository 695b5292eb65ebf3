"""TFLite files: operators against LiteRT where it is installed, quantization against its definition, MobileNetV2."""

from pathlib import Path

import numpy as np
import pytest

from engine.errors import ModelError, UnsupportedError
from engine.host.float_session import FloatSession
from engine.host.pictures import picture_files, read_picture
from engine.host.preprocess import preprocess, to_real
from engine.importers import ImportOptions, import_model
from engine.ir import ops
from engine.ir.activations import RELU6
from engine.ir.graph import Array, Graph
from engine.passes.pipeline import optimize
from tests.engine.importers.tflite_cases import RELU, SAME, cases
from tests.engine.importers.tflite_models import Operator, Tensor, constant, write

MOBILENET = "data/models/mobilenet_v2_1.0_224_quant.tflite"
CASES = dict(cases())


def imported(folder: Path, data: bytes, options: ImportOptions | None = None) -> Graph:
    path = folder / "model.tflite"
    path.write_bytes(data)
    return import_model(path, options)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", CASES)
def test_operator_computes_what_litert_does(name: str, tmp_path: Path) -> None:
    litert = pytest.importorskip("ai_edge_litert.interpreter", reason="LiteRT is not installed")
    interpreter = litert.Interpreter(
        model_content=CASES[name],
        experimental_op_resolver_type=litert.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    )
    interpreter.allocate_tensors()
    (source,) = interpreter.get_input_details()
    x = np.random.default_rng(1).standard_normal(source["shape"]).astype(np.float32)
    interpreter.set_tensor(source["index"], x)
    interpreter.invoke()
    expected = {
        each["name"]: interpreter.get_tensor(each["index"]) for each in interpreter.get_output_details()
    }
    graph = imported(tmp_path, CASES[name])
    for form in (graph, optimize(graph)):
        found = FloatSession(form).run({"x": x})
        assert list(found) == list(expected)
        for output, wanted in expected.items():
            assert found[output].shape == wanted.shape
            np.testing.assert_allclose(found[output], wanted, rtol=1e-4, atol=1e-5)


def quantized_convolution(
    *, weight_dtype: str = "uint8", zero_point: int | list[int] = 120, scale: float | list[float] = 0.02
) -> tuple[bytes, Array, Array]:
    """Return a file, its real weights [O,kh,kw,C] and its real bias."""
    random = np.random.default_rng(3)
    stored = random.integers(0, 127, (5, 3, 3, 3)).astype(weight_dtype)
    bias = random.integers(-900, 900, 5).astype(np.int32)
    scales = np.broadcast_to(np.asarray(scale), 5)
    bias_scale = [float(each) * 0.0078125 for each in np.atleast_1d(scale)]
    tensors = {
        "input": Tensor((1, 8, 8, 3), "uint8", scale=0.0078125, zero_point=128),
        "w": constant(stored, weight_dtype, scale=scale, zero_point=zero_point),
        "b": constant(bias, "int32", scale=bias_scale if len(bias_scale) > 1 else bias_scale[0]),
        "y": Tensor((1, 8, 8, 5), "uint8", scale=0.05, zero_point=10),
    }
    options = {"Padding": SAME, "StrideH": 1, "StrideW": 1, "FusedActivationFunction": RELU}
    operator = Operator("CONV_2D", ["input", "w", "b"], ["y"], "Conv2DOptions", options)
    shape = (5, 1, 1, 1)
    zeros = np.broadcast_to(np.asarray(zero_point), 5).reshape(shape)
    real = (stored.astype(np.float64) - zeros) * scales.reshape(shape)
    return write(tensors, [operator], ["input"], ["y"]), real, bias * scales * 0.0078125


@pytest.mark.parametrize(
    ("dtype", "zero_point", "scale"),
    [("uint8", 120, 0.02), ("int8", [0] * 5, [0.01, 0.02, 0.03, 0.04, 0.05])],
)
def test_quantized_weights_become_real_and_ranges_are_kept(
    dtype: str, zero_point: int | list[int], scale: float | list[float], tmp_path: Path
) -> None:
    data, weight, bias = quantized_convolution(weight_dtype=dtype, zero_point=zero_point, scale=scale)
    graph = optimize(imported(tmp_path, data))
    (node,) = graph.nodes
    np.testing.assert_allclose(graph.constants[node.inputs[1]], weight, rtol=1e-6)
    np.testing.assert_allclose(graph.constants[node.inputs[2]], bias, rtol=1e-6)
    assert graph.ranges["y"] == pytest.approx((-0.5, 12.25))
    assert graph.tensors["input"].dtype == "float32"


def test_picture_is_normalized_as_the_inputs_quantization_says(tmp_path: Path) -> None:
    data, _, _ = quantized_convolution()
    spec = imported(tmp_path, data).input_spec
    assert spec is not None
    assert spec.mean == (128.0, 128.0, 128.0)
    assert spec.scale == (0.0078125, 0.0078125, 0.0078125)


@pytest.mark.parametrize(
    ("mean", "scale", "real_mean", "real_scale"),
    [
        (0.0, 1.0, 128.0, 0.0078125),
        (10.0, 0.5, 10.0 + 256.0, 0.00390625),
        (127.5, 1 / 127.5, 127.5, 1 / 127.5),
    ],
)
def test_given_mean_and_scale_are_those_of_the_integers_they_fill(
    mean: float, scale: float, real_mean: float, real_scale: float, tmp_path: Path
) -> None:
    data, _, _ = quantized_convolution()
    options = ImportOptions(mean=(mean,) * 3, scale=(scale,) * 3)
    spec = imported(tmp_path, data, options).input_spec
    assert spec is not None
    assert spec.mean == pytest.approx((real_mean,) * 3)
    assert spec.scale == pytest.approx((real_scale,) * 3)


def test_float16_weights_are_read_through_dequantize(tmp_path: Path) -> None:
    tensors = {
        "x": Tensor((2, 4)), "half": constant(np.eye(4), "float16"), "w": Tensor((4, 4)), "y": Tensor((2, 4)),
    }  # fmt: skip
    operators = [
        Operator("DEQUANTIZE", ["half"], ["w"]),
        Operator("FULLY_CONNECTED", ["x", "w", ""], ["y"], "FullyConnectedOptions"),
    ]
    graph = imported(tmp_path, write(tensors, operators, ["x"], ["y"]))
    x = np.arange(8, dtype=np.float32).reshape(2, 4)
    np.testing.assert_array_equal(FloatSession(graph).run({"x": x})["y"], x)


def test_operators_that_only_compute_shapes_are_left_out(tmp_path: Path) -> None:
    tensors = {"x": Tensor((1, 6)), "shape": Tensor((2,), "int32"), "y": Tensor((2, 3))}
    operators = [Operator("SHAPE", ["x"], ["shape"]), Operator("RESHAPE", ["x", "shape"], ["y"])]
    graph = imported(tmp_path, write(tensors, operators, ["x"], ["y"]))
    assert [node.op for node in graph.nodes] == [ops.Reshape((2, 3))]


def test_mobilenet_names_photos(shared: Path) -> None:
    graph = optimize(import_model(shared / MOBILENET))
    assert len(graph.labels) == 1001
    assert graph.labels[:2] == ("background", "tench")
    assert sum(isinstance(node.op, ops.Conv2d) for node in graph.nodes) == 53
    assert sum(getattr(node.op, "activation", None) == RELU6 for node in graph.nodes) == 35
    assert all(graph.ranges.get(node.outputs[0]) for node in graph.nodes)
    assert graph.input_spec is not None
    session, right = FloatSession(graph), 0
    files = picture_files(shared / "data" / "images")[::10]
    for path in files:
        pixels = preprocess(read_picture(path), graph.input_spec, (224, 224))
        scores = session.run({"input": to_real(pixels, graph.input_spec)[None]})[graph.outputs[0]]
        right += int(scores.argmax()) - 1 == int(path.name[:4])
    assert right >= 0.8 * len(files)


def custom() -> bytes:
    return write({"x": Tensor((1, 4)), "y": Tensor((1, 4))}, [Operator("CUSTOM", ["x"], ["y"])], ["x"], ["y"])


def strided(begin: int) -> dict[str, Tensor]:
    """Return the limits of one element of the second of two axes."""
    return {
        "b": constant([0, begin], "int32"), "e": constant([1, begin + 1], "int32"), "s": constant([1, 1], "int32"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        (custom(), UnsupportedError, "custom operator '?'"),
        (
            write({"x": Tensor((1, 4)), "y": Tensor((1, 4))}, [Operator("CUMSUM", ["x", "x"], ["y"])], ["x"], ["y"]),
            UnsupportedError,
            r"node 'y' \(CUMSUM\): the operator is not supported in TFLite files; ONNX files may have more",
        ),
        (
            write({"x": Tensor((1, 4)), "y": Tensor((1, 5))}, [Operator("RELU", ["x"], ["y"])], ["x"], ["y"]),
            ModelError,
            r"tensor 'y': the file gives shape \[1, 5\], computed \[1, 4\]",
        ),
        (
            write({"x": Tensor((1, 4)), "z": Tensor((1, 4)), "y": Tensor((1, 4))},
                  [Operator("ADD", ["x", "z"], ["y"], "AddOptions")], ["x"], ["y"]),
            ModelError,
            "reads 'z', which nothing before it writes",
        ),
        (
            write({"x": Tensor((1, 4)), "c": constant([np.nan] * 4), "y": Tensor((1, 4))},
                  [Operator("ADD", ["x", "c"], ["y"], "AddOptions")], ["x"], ["y"]),
            ModelError,
            "tensor 'c': holds NaN",
        ),
        (
            write({"x": Tensor((1, 1 << 30)), "y": Tensor((1, 1 << 30))}, [Operator("RELU", ["x"], ["y"])], ["x"], ["y"]),
            UnsupportedError,
            "tensor 'x': shape .* elements, at most",
        ),
        (
            write({"x": Tensor((1, -1)), "y": Tensor((1, 4))}, [Operator("RELU", ["x"], ["y"])], ["x"], ["y"]),
            UnsupportedError,
            "tensor 'x': has shape .* all dimensions must be positive",
        ),
        (
            write({"x": Tensor((1, 4)), "y": Tensor((1, 4))}, [Operator("RELU", ["x"], ["y"])], ["x", "x"], ["y"]),
            ModelError,
            "an input is listed twice: x, x",
        ),
        (
            write({"x": Tensor((1, 4)), "y": Tensor((1, 4))}, [Operator("RELU", ["x"], ["y"])], ["x"], ["y", "y"]),
            ModelError,
            "an output is listed twice: y, y",
        ),
        (
            write({"x": Tensor((1, 4, 4, 2)), "s": constant([8], "int32"), "y": Tensor((1, 8, 8, 2))},
                  [Operator("RESIZE_BILINEAR", ["x", "s"], ["y"], "ResizeBilinearOptions")], ["x"], ["y"]),
            ModelError,
            r"node 'y' \(RESIZE_BILINEAR\): its size \[8\] is not height and width",
        ),
        (
            write({"x": Tensor((1, 4)), "z": Tensor((1, 0)), "y": Tensor((1,)), **strided(0)},
                  [Operator("STRIDED_SLICE", ["z", "b", "e", "s"], ["y"],
                            "StridedSliceOptions", {"ShrinkAxisMask": 2})], ["x"], ["y"]),
            UnsupportedError,
            "its input 0: has shape .1, 0., all dimensions must be positive",
        ),
        (
            write({"x": Tensor((1, 4)), "y": Tensor((1,)), **strided(4)},
                  [Operator("STRIDED_SLICE", ["x", "b", "e", "s"], ["y"],
                            "StridedSliceOptions", {"ShrinkAxisMask": 2})], ["x"], ["y"]),
            ModelError,
            r"node 'y' \(STRIDED_SLICE\): begin 4 lies outside axis 1 of \[1, 4\]",
        ),
    ],
)  # fmt: skip
def test_files_are_refused_by_name(
    data: bytes, error: type[ModelError], message: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=message) as caught:
        imported(tmp_path, data)
    assert str(caught.value).startswith(str(tmp_path / "model.tflite"))
