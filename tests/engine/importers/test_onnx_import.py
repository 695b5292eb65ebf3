"""What exporters do around a network, and what becomes of it."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from engine.compiler.strip import without_softmax
from engine.errors import ModelError, UnsupportedError
from engine.host.float_session import FloatSession
from engine.host.preprocess import to_real
from engine.importers import ImportOptions, Layout, import_model
from engine.ir import ops
from engine.ir.activations import RELU, Activation, Fn
from engine.ir.graph import Array, Graph
from engine.passes.pipeline import optimize
from tests.engine.importers.onnx_models import model, run, save
from tests.engine.passes.small_graphs import kinds

node = helper.make_node
PICTURE = {"x": (1, 3, 8, 8)}
STEP = 1 / 16  # of quantized tensors
KERNEL = np.random.default_rng(0).standard_normal((4, 3, 3, 3)).astype(np.float32)


def random(*shape: int) -> Array:
    return np.random.default_rng(5).standard_normal(shape, np.float32)


def agrees(path: Path, nchw: Array, options: ImportOptions | None = None) -> Graph:
    """Return the optimized network after checking that it computes what ONNX Runtime makes of the file."""
    graph = optimize(import_model(path, options))
    (source,) = graph.inputs
    fed = nchw if graph.tensors[source].shape == nchw.shape else nchw.transpose(0, 2, 3, 1)
    found = FloatSession(graph).run({source: fed})
    for name, expected in zip(graph.outputs, run(path, {source: nchw}), strict=True):
        np.testing.assert_allclose(found[name], expected, rtol=1e-4, atol=1e-5)
    return graph


def test_shape_programs_are_folded(tmp_path: Path) -> None:
    nodes = [
        node("Conv", ["x", "w"], ["c"]),
        node("Shape", ["c"], ["s"]),
        node("Gather", ["s", "zero"], ["n"]),
        node("Unsqueeze", ["n", "axes"], ["n1"]),
        node("Concat", ["n1", "minus"], ["target"], axis=0),
        node("Reshape", ["c", "target"], ["y"]),
    ]
    constants = {"w": KERNEL, "zero": np.int64(0), "axes": np.array([0]), "minus": np.array([-1])}
    graph = agrees(save(tmp_path, model(nodes, PICTURE, ["y"], constants)), random(1, 3, 8, 8))
    assert kinds(graph) == ["Conv2d", "Transpose", "Reshape"]


def test_weights_that_the_file_standardises_are_constants(tmp_path: Path) -> None:
    """NFNet and BiT export the mean and variance of their kernels as a batch normalization in training form."""
    nodes = [
        node("Reshape", ["w", "flat"], ["f"]),
        node("BatchNormalization", ["f", "one", "zero", "zero", "one"], ["n", "m", "v"], training_mode=1),
        node("Reshape", ["n", "shape"], ["k"]),
        node("Conv", ["x", "k"], ["y"]),
    ]
    constants = {
        "w": KERNEL, "flat": np.array([1, 4, -1]), "shape": np.array(KERNEL.shape), "one": np.ones(4, np.float32),
        "zero": np.zeros(4, np.float32),
    }  # fmt: skip
    path = save(tmp_path, model(nodes, PICTURE, ["y"], constants))
    assert kinds(agrees(path, random(1, 3, 8, 8))) == ["Conv2d", "Transpose"]


def test_scalars_stay_scalars(tmp_path: Path) -> None:
    """Range and CumSum insist on constants without dimensions."""
    nodes = [
        node("Shape", ["x"], ["s"]),
        node("Gather", ["s", "three"], ["w"]),
        node("Cast", ["w"], ["limit"], to=TensorProto.FLOAT),
        node("Range", ["zero", "limit", "one"], ["columns"]),
        node("Add", ["x", "columns"], ["a"]),
        node("CumSum", ["a", "three"], ["y"]),
    ]
    constants = {"three": np.int64(3), "zero": np.float32(0), "one": np.float32(1)}
    agrees(save(tmp_path, model(nodes, PICTURE, ["y"], constants)), random(1, 3, 8, 8))


def branch(name: str, op: str, outer: str) -> onnx.GraphProto:
    """Return a branch whose inner names are those of the other branch too."""
    inner = [node(op, [outer], ["inner"]), node("Add", ["inner", "one"], ["out"])]
    out = helper.make_tensor_value_info("out", TensorProto.FLOAT, None)
    return helper.make_graph(inner, name, [], [out], [numpy_helper.from_array(np.float32(1), "one")])


@pytest.mark.parametrize(("condition", "taken"), [(True, "relu"), (False, "tanh")])
def test_if_on_a_constant_becomes_its_branch(condition: bool, taken: str, tmp_path: Path) -> None:
    nodes = [
        node("Relu", ["x"], ["inner"]),  # a name that the branches use as well
        node(
            "If", ["flag"], ["y"], then_branch=branch("t", "Relu", "x"), else_branch=branch("e", "Tanh", "x")
        ),
        node("Add", ["inner", "y"], ["z"]),
    ]
    path = save(tmp_path, model(nodes, PICTURE, ["z"], {"flag": np.array(condition)}))
    if condition:  # ONNX Runtime refuses names that shadow; the importer renames them
        assert "Relu" not in [getattr(each.op, "op_type", "") for each in import_model(path).nodes]
    found = FloatSession(optimize(import_model(path))).run({"x": random(1, 8, 8, 3)})["z"]
    x = random(1, 8, 8, 3)
    inner = np.maximum(x, 0) if taken == "relu" else np.tanh(x)
    np.testing.assert_allclose(
        found, (np.maximum(x, 0) + inner + 1).transpose(0, 3, 1, 2), rtol=1e-5, atol=1e-6
    )


def test_unsorted_nodes_are_sorted(tmp_path: Path) -> None:
    nodes = [node("Relu", ["c"], ["y"]), node("Conv", ["x", "w"], ["c"])]
    graph = import_model(save(tmp_path, model(nodes, PICTURE, ["y"], {"w": KERNEL})))
    assert [kind for kind in kinds(graph) if kind != "Transpose"] == ["Conv2d", "Unary"]


def test_float16_is_widened(tmp_path: Path) -> None:
    proto = model(
        [node("Conv", ["x", "w"], ["c"]), node("Cast", ["c"], ["y"], to=TensorProto.FLOAT16)], PICTURE, ["y"]
    )
    proto.graph.initializer.append(numpy_helper.from_array(KERNEL.astype(np.float16), "w"))
    proto.graph.input[0].type.tensor_type.elem_type = TensorProto.FLOAT16
    graph = optimize(import_model(save(tmp_path, proto)))
    assert [node.op for node in graph.nodes if isinstance(node.op, ops.Conv2d)]
    assert {tensor.dtype for tensor in graph.tensors.values()} == {"float32"}


def test_external_data_inside_the_folder_is_read(tmp_path: Path) -> None:
    path = save(tmp_path, model([node("Conv", ["x", "w"], ["y"])], PICTURE, ["y"], {"w": KERNEL}))
    expected = agrees(path, random(1, 3, 8, 8)).constants
    proto = onnx.load(path)
    onnx.save(proto, path, save_as_external_data=True, location="weights.bin", size_threshold=0)
    found = agrees(path, random(1, 3, 8, 8)).constants
    assert all(np.array_equal(found[name], expected[name]) for name in expected)


def test_tensorflow_habit_of_transposes_vanishes(tmp_path: Path) -> None:
    nodes = [
        node("Transpose", ["x"], ["a"], perm=[0, 3, 1, 2]),
        node("Pad", ["a", "pads"], ["p"]),
        node("Conv", ["p", "w"], ["c"], strides=[2, 2]),
        node("Transpose", ["c"], ["b"], perm=[0, 2, 3, 1]),
        node("Add", ["b", "bias"], ["d"]),
        node("Clip", ["d", "low", "high"], ["y"]),
    ]
    constants = {
        "w": KERNEL, "pads": np.array([0, 0, 0, 0, 0, 0, 1, 1]), "bias": np.arange(4, dtype=np.float32),
        "low": np.float32(0), "high": np.float32(6),
    }  # fmt: skip
    path = save(tmp_path, model(nodes, {"x": (1, 8, 8, 3)}, ["y"], constants))
    graph = agrees(path, random(1, 8, 8, 3))
    assert [each.op for each in graph.nodes] == [
        ops.Conv2d(stride=(2, 2), pads=(0, 0, 1, 1), activation=graph.nodes[0].op.activation)  # type: ignore[union-attr]
    ]


@pytest.mark.parametrize("flatten", ["Flatten", "Reshape"])
def test_flattened_maps_need_no_transpose(flatten: str, tmp_path: Path) -> None:
    reads = ["c"] if flatten == "Flatten" else ["c", "shape"]
    nodes = [
        node("Conv", ["x", "w"], ["c"]),
        node(flatten, reads, ["f"]),
        node("Gemm", ["f", "m"], ["y"], transB=1),
    ]
    constants = {"w": KERNEL, "m": random(7, 144), "shape": np.array([1, -1])}
    graph = agrees(save(tmp_path, model(nodes, PICTURE, ["y"], constants)), random(1, 3, 8, 8))
    assert kinds(graph) == ["Conv2d", "Reshape", "FullyConnected"]


def test_squeeze_and_excite_stays_on_the_device_without_transposes(tmp_path: Path) -> None:
    nodes = [
        node("Conv", ["x", "w"], ["c"]),
        node("GlobalAveragePool", ["c"], ["p"]),
        node("Flatten", ["p"], ["f"]),
        node("Gemm", ["f", "m"], ["g"]),
        node("Sigmoid", ["g"], ["s"]),
        node("Reshape", ["s", "shape"], ["gate"]),
        node("Mul", ["c", "gate"], ["y"]),
        node("Relu", ["y"], ["z"]),
        node("Conv", ["z", "v"], ["out"]),
    ]
    constants = {"w": KERNEL, "m": random(4, 4), "v": random(2, 4, 1, 1), "shape": np.array([1, 4, 1, 1])}
    graph = agrees(save(tmp_path, model(nodes, PICTURE, ["out"], constants)), random(1, 3, 8, 8))
    assert kinds(graph).count("Transpose") == 1  # the output keeps the file's layout
    assert not [each for each in graph.nodes if isinstance(each.op, ops.OnnxNode)]


def test_quantize_dequantize_pairs_become_ranges(tmp_path: Path) -> None:
    nodes = [
        node("QuantizeLinear", ["x", "s", "z"], ["q"]),
        node("DequantizeLinear", ["q", "s", "z"], ["d"]),
        node("DequantizeLinear", ["w", "ws", "wz"], ["r"], axis=0),
        node("Conv", ["d", "r"], ["c"]),
        node("Relu", ["c"], ["a"]),
        node("QuantizeLinear", ["a", "s", "z"], ["aq"]),
        node("DequantizeLinear", ["aq", "s", "z"], ["y"]),
    ]
    stored = np.random.default_rng(1).integers(-127, 128, KERNEL.shape).astype(np.int8)
    scales = np.array([0.01, 0.02, 0.03, 0.04], np.float32)
    constants = {
        "s": np.float32(0.02), "z": np.uint8(3), "w": stored, "ws": scales, "wz": np.zeros(4, np.int8),
    }  # fmt: skip
    graph = optimize(import_model(save(tmp_path, model(nodes, PICTURE, ["y"], constants))))
    (conv,) = (each for each in graph.nodes if isinstance(each.op, ops.Conv2d))
    assert graph.ranges[conv.output] == pytest.approx((-0.06, 5.04))
    expected = (stored * scales[:, None, None, None]).transpose(0, 2, 3, 1)
    np.testing.assert_allclose(graph.constants[conv.inputs[1]], expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("kind", "zero", "between", "wanted"),
    [
        (np.uint8, 0, "", Activation(Fn.CLIP, low=0.0, high=255 * STEP)),  # the quantizing tool left ReLU out
        (np.int8, -128, "", Activation(Fn.CLIP, low=0.0, high=255 * STEP)),
        (np.uint8, 0, "MaxPool", Activation(Fn.CLIP, low=0.0, high=255 * STEP)),
        (np.uint8, 0, "Relu", RELU),  # it did not
        (np.uint8, 0, "Sigmoid", Activation(Fn.SIGMOID)),
        (np.uint8, 128, "", None),
        (np.int8, 0, "", None),
    ],
)
def test_a_relu_that_saturation_stands_for_is_put_back(
    kind: type[np.integer], zero: int, between: str, wanted: Activation | None, tmp_path: Path
) -> None:
    attributes = {"kernel_shape": [2, 2]} if between == "MaxPool" else {}
    nodes = [
        node("QuantizeLinear", ["x", "in", "none"], ["xq"]),
        node("DequantizeLinear", ["xq", "in", "none"], ["xd"]),
        node("Conv", ["xd", "w"], ["c"]),
        *([node(between, ["c"], ["m"], **attributes)] if between else []),
        node("QuantizeLinear", ["m" if between else "c", "s", "z"], ["q"]),
        node("DequantizeLinear", ["q", "s", "z"], ["d"]),
        node("GlobalAveragePool", ["d"], ["y"]),
    ]
    constants = {
        "in": np.float32(0.01), "none": np.uint8(0), "w": KERNEL, "s": np.float32(STEP), "z": kind(zero),
    }  # fmt: skip
    path = save(tmp_path, model(nodes, PICTURE, ["y"], constants))
    graph = optimize(import_model(path))
    found = [each.op.activation for each in graph.nodes if isinstance(each.op, ops.Conv2d | ops.Unary)]
    assert [each for each in found if each is not None] == ([] if wanted is None else [wanted])
    limits = np.iinfo(kind)
    assert ((limits.min - zero) * STEP, (limits.max - zero) * STEP) in graph.ranges.values()
    x = np.abs(random(1, 8, 8, 3)) * 0.5
    expected = run(path, {"x": x.transpose(0, 3, 1, 2)})[0]
    np.testing.assert_allclose(FloatSession(graph).run({"x": x})["y"], expected, atol=STEP / 2)


def integer_network(kind: type[np.integer] = np.int8, zero: int = 0) -> onnx.ModelProto:
    """Return a network in the form with operators on integers (QOperator), ONNX's own and ONNX Runtime's.

    Its weights are stored as ``kind``, ``zero`` for 0.0; what they are does not depend on that.
    """
    q, of_ort = ["s", "z"], {"domain": "com.microsoft"}
    nodes = [
        node("QuantizeLinear", ["x", *q], ["xq"]),
        node("QLinearConv", ["xq", *q, "w", "ws", "wz", *q, "b"], ["c"], pads=[1, 1, 1, 1]),
        node("MaxPool", ["c"], ["m"], kernel_shape=[2, 2], strides=[2, 2]),
        node("QLinearConv", ["m", *q, "v", "vs", "vz", *q], ["d"]),
        node("QLinearSigmoid", ["d", *q, "s", "z"], ["g"], **of_ort),
        node("QLinearMul", ["m", *q, "g", *q, *q], ["e"], **of_ort),
        node("QLinearAdd", ["m", *q, "e", *q, *q], ["a"], **of_ort),
        node("QLinearLeakyRelu", ["a", *q, *q], ["l"], alpha=0.1, **of_ort),
        node("QLinearConcat", [*q, "l", *q, "a", *q], ["k"], axis=1, **of_ort),
        node("QLinearAveragePool", ["k", *q, *q], ["t"], kernel_shape=[2, 2], **of_ort),
        node("QLinearGlobalAveragePool", ["t", *q, *q], ["p"], **of_ort),
        node("Flatten", ["p"], ["f"]),
        node("QGemm", ["f", *q, "u", "us", "uz", "ub", *q], ["h"], transB=1, **of_ort),
        node("QLinearMatMul", ["h", *q, "o", "os", "oz", *q], ["i"]),
        node("DequantizeLinear", ["i", *q], ["y"]),
    ]
    dice = np.random.default_rng(7)
    stored = {
        name: (dice.integers(-100, 100, shape) + zero).astype(kind)
        for name, shape in {"w": (4, 3, 3, 3), "v": (4, 4, 1, 1), "u": (6, 8), "o": (6, 5)}.items()
    }
    steps = {
        "ws": [0.002, 0.0025, 0.003, 0.0015],
        "us": [0.004, 0.008, 0.006, 0.005, 0.007, 0.006],
        "os": [0.004, 0.006, 0.008, 0.01, 0.012],
    }
    scales = {"s": np.float32(1 / 32), "vs": np.float32(0.004)}
    scales |= {name: np.array(values, np.float32) for name, values in steps.items()}
    zeros = {"z": np.uint8(128), "vz": kind(zero)}
    zeros |= {name.replace("s", "z"): np.full(len(values), zero, kind) for name, values in steps.items()}
    biases = {"b": np.array([90, -300, 1000, 0], np.int32), "ub": np.arange(-900, 900, 300, np.int32)}
    proto = model(nodes, PICTURE, ["y"], stored | scales | zeros | biases)
    proto.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    return proto


@pytest.mark.parametrize(("kind", "zero"), [(np.int8, 0), (np.int8, -7), (np.uint8, 130)])
def test_operators_on_integers_become_operators_on_reals(
    kind: type[np.integer], zero: int, tmp_path: Path
) -> None:
    path = save(tmp_path, integer_network(kind, zero))
    graph = optimize(import_model(path))
    assert not [each for each in graph.nodes if isinstance(each.op, ops.OnnxNode)]
    x = random(1, 8, 8, 3)
    (expected,) = run(path, {"x": x.transpose(0, 3, 1, 2)})
    assert expected.std() > 0.3
    np.testing.assert_allclose(FloatSession(graph).run({"x": x})["y"], expected, atol=3 / 32)
    assert len(graph.ranges) > 8


@pytest.mark.parametrize("operator", ["QLinearAveragePool", "Sigmoid"])
def test_other_operators_of_onnx_runtime_are_refused_by_their_names(operator: str, tmp_path: Path) -> None:
    of_ort, q = {"domain": "com.microsoft"}, ["s", "z"]
    nodes = [
        node("QuantizeLinear", ["x", *q], ["xq"]),
        node("QLinearAveragePool", ["xq", *q, *q], ["p"], kernel_shape=[2, 2], channels_last=1, **of_ort),
        node("DequantizeLinear", ["p", *q], ["y"]),
    ]
    if operator == "Sigmoid":  # a name that is also ONNX's own
        nodes = [node("Sigmoid", ["x"], ["y"], **of_ort)]
    proto = model(nodes, PICTURE, ["y"], {"s": np.float32(STEP), "z": np.uint8(128)})
    proto.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    with pytest.raises(UnsupportedError, match=rf"\(com\.microsoft::{operator}\): unknown operator"):
        import_model(save(tmp_path, proto))


@pytest.mark.parametrize(
    ("operator", "limit", "wanted"),
    [
        ("Max", np.float32(-0.5), Activation(Fn.CLIP, low=-0.5)),
        ("Min", np.float32([0.5]), Activation(Fn.CLIP, high=0.5)),
        ("Max", np.full((1, 1, 1, 1), 0.5, np.float32), Activation(Fn.CLIP, low=0.5)),
        ("Min", np.full((1, 1, 1, 1, 1), 0.5, np.float32), None),  # its result has five dimensions
        ("Max", np.float32([-0.5, 0, 0.5, 1]).reshape(4, 1, 1), None),
    ],
    ids=["number", "one number", "four dimensions", "five dimensions", "number per channel"],
)
@pytest.mark.parametrize("order", [1, -1], ids=["tensor first", "limit first"])
def test_the_greater_or_the_less_of_a_tensor_and_a_number_is_a_limit(
    operator: str, limit: Array, wanted: Activation | None, order: int, tmp_path: Path
) -> None:
    nodes = [node("Conv", ["x", "w"], ["c"]), node(operator, ["c", "k"][::order], ["y"])]
    graph = agrees(
        save(tmp_path, model(nodes, PICTURE, ["y"], {"w": KERNEL, "k": limit})), random(1, 3, 8, 8)
    )
    found = [each.op.activation for each in graph.nodes if isinstance(each.op, ops.Conv2d | ops.Unary)]
    assert [each for each in found if each is not None] == ([] if wanted is None else [wanted])
    assert ("OnnxNode" in kinds(graph)) == (wanted is None)


@pytest.mark.parametrize(
    ("slopes", "wanted"),
    [
        (np.float32([0.25]), "Unary"),
        (np.float32([0.25, -0.5]).reshape(2, 1, 1), "Prelu"),
        (np.float32([0.25, -0.5]), "OnnxNode"),  # one per column
    ],
    ids=["one", "per channel", "per column"],
)
def test_a_leaky_relu_learns_one_slope_or_one_per_channel(slopes: Array, wanted: str, tmp_path: Path) -> None:
    path = save(
        tmp_path, model([node("PRelu", ["x", "s"], ["y"])], {"x": (1, 2, 3, 2)}, ["y"], {"s": slopes})
    )
    assert wanted in kinds(agrees(path, random(1, 2, 3, 2)))


def test_pixels_that_the_network_casts_itself_stay_pixels(tmp_path: Path) -> None:
    nodes = [node("Cast", ["x"], ["f"], to=TensorProto.FLOAT), node("Conv", ["f", "w"], ["y"])]
    proto = model(nodes, PICTURE, ["y"], {"w": KERNEL})
    proto.graph.input[0].type.tensor_type.elem_type = TensorProto.UINT8
    graph = import_model(save(tmp_path, proto))
    assert graph.tensors["x"].dtype == "float32"
    assert graph.input_spec is not None
    assert (graph.input_spec.mean, graph.input_spec.scale) == ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    assert kinds(optimize(graph)) == ["Conv2d", "Transpose"]


@pytest.mark.parametrize(("kind", "zero", "pixel_of_zero"), [(np.uint8, 114, 114), (np.int8, -14, 114)])
def test_bytes_that_the_network_dequantizes_are_pixels_and_such_outputs_real(
    kind: type[np.integer], zero: int, pixel_of_zero: int, tmp_path: Path
) -> None:
    nodes = [
        node("DequantizeLinear", ["x", "s", "z"], ["f"]),
        node("Conv", ["f", "w"], ["c"]),
        node("GlobalAveragePool", ["c"], ["p"]),
        node("QuantizeLinear", ["p", "s", "none"], ["y"]),
    ]
    constants = {"s": np.float32(STEP), "z": kind(zero), "none": np.int8(0), "w": KERNEL * np.float32(0.1)}
    proto = model(nodes, PICTURE, [], constants)
    proto.graph.input[0].type.tensor_type.elem_type = helper.np_dtype_to_tensor_dtype(np.dtype(kind))
    proto.graph.output.append(helper.make_tensor_value_info("y", TensorProto.INT8, None))
    path = save(tmp_path, proto)
    graph = optimize(import_model(path))
    spec = graph.input_spec
    assert spec is not None
    assert kinds(graph)[:2] == ["Conv2d", "ReduceMean"]
    assert (spec.mean, spec.scale) == ((pixel_of_zero,) * 3, (STEP,) * 3)
    pixels = np.random.default_rng(3).integers(0, 256, (8, 8, 3)).astype(np.uint8)
    stored = (pixels.astype(np.int16) - (128 if kind is np.int8 else 0)).astype(kind).transpose(2, 0, 1)[None]
    found = FloatSession(graph).run({"x": to_real(pixels, spec)[None]})["y"]
    np.testing.assert_allclose(found, run(path, {"x": stored})[0] * STEP, atol=STEP / 2 + 1e-5)


def test_bytes_that_are_neither_cast_nor_dequantized_are_no_pixels(tmp_path: Path) -> None:
    nodes = [node("DequantizeLinear", ["x", "s"], ["f"]), node("DequantizeLinear", ["x", "t"], ["g"])]
    nodes.append(node("Add", ["f", "g"], ["y"]))
    proto = model(nodes, PICTURE, ["y"], {"s": np.float32(0.5), "t": np.float32(0.25)})
    proto.graph.input[0].type.tensor_type.elem_type = TensorProto.UINT8
    assert import_model(save(tmp_path, proto)).input_spec is None


def test_open_batch_is_one_and_open_size_is_asked_for(tmp_path: Path) -> None:
    path = save(
        tmp_path, model([node("Conv", ["x", "w"], ["y"])], {"x": ("n", 3, "h", "w")}, ["y"], {"w": KERNEL})
    )
    with pytest.raises(UnsupportedError, match=r"shape \['n', 3, 'h', 'w'\] is dynamic.*--size"):
        import_model(path)
    graph = import_model(path, ImportOptions(size=(10, 12)))
    assert graph.tensors["x"].shape == (1, 10, 12, 3)


@pytest.mark.parametrize(
    ("dims", "found"),
    [
        (("n", 3, 48, "w"), (1, 48, 12, 3)),
        (("n", "h", "w", 3), (1, 10, 12, 3)),
        ((1, 7, "w", 3), (1, 7, 12, 3)),
        ((1, 3, "h", 9), (1, 10, 9, 3)),
    ],
)
def test_size_fills_what_is_open(dims: tuple[int | str, ...], found: tuple[int, ...], tmp_path: Path) -> None:
    path = save(tmp_path, model([node("Relu", ["x"], ["y"])], {"x": dims}, ["y"]))
    assert import_model(path, ImportOptions(size=found[1:3])).tensors["x"].shape == found


@pytest.mark.parametrize("dims", [(1, 3, 48, 12), ("n", 3, 48, "w"), (1, 10, 48, 3)])
def test_a_size_that_the_network_does_not_take_is_refused(
    dims: tuple[int | str, ...], tmp_path: Path
) -> None:
    path = save(tmp_path, model([node("Relu", ["x"], ["y"])], {"x": dims}, ["y"]))
    takes = "10x48" if dims[3] == 3 else "48x12"
    with pytest.raises(ModelError, match=f"model.onnx: --size asks for 10x12, the network takes {takes}"):
        import_model(path, ImportOptions(size=(10, 12)))


@pytest.mark.parametrize(
    ("shape", "layout", "found"),
    [
        ((1, 3, 8, 8), None, (1, 8, 8, 3)),
        ((1, 8, 8, 3), None, (1, 8, 8, 3)),
        ((1, 3, 8, 3), None, (1, 8, 3, 3)),
        ((1, 3, 8, 3), Layout.NHWC, (1, 3, 8, 3)),
    ],
)
def test_the_picture_is_found_and_becomes_nhwc(
    shape: tuple[int, ...], layout: Layout | None, found: tuple[int, ...], tmp_path: Path
) -> None:
    path = save(tmp_path, model([node("Relu", ["x"], ["y"])], {"x": shape}, ["y"]))
    graph = import_model(path, ImportOptions(layout=layout))
    assert graph.tensors["x"].shape == found
    assert graph.input_spec is not None


def test_other_inputs_keep_their_layout(tmp_path: Path) -> None:
    graph = import_model(save(tmp_path, model([node("Relu", ["x"], ["y"])], {"x": (1, 5, 8, 8)}, ["y"])))
    assert graph.tensors["x"].shape == (1, 5, 8, 8)
    assert graph.input_spec is None


@pytest.mark.parametrize(("opset", "keepdims"), [(11, 1), (17, 0)])
def test_sums_over_axes_stay_on_the_device(opset: int, keepdims: int, tmp_path: Path) -> None:
    """Networks with attention over branches (SKNet, ResNeSt) add them up so."""
    axes = {"axes": [1, -1]} if opset < 13 else {}
    reads = ["x"] if opset < 13 else ["x", "axes"]
    path = save(
        tmp_path,
        model(
            [node("ReduceSum", reads, ["y"], keepdims=keepdims, **axes)],
            PICTURE,
            ["y"],
            {} if opset < 13 else {"axes": np.array([1, -1])},
            opset,
        ),
    )
    assert kinds(agrees(path, random(1, 3, 8, 8)))[:2] == ["ReduceMean", "Mul"]


@pytest.mark.parametrize(
    ("repeats", "found"), [([1, 2, 3, 1], ["Concat", "Concat"]), ([1, 17, 1, 1], ["OnnxNode"])]
)
def test_few_repeats_are_joined_on_the_device(repeats: list[int], found: list[str], tmp_path: Path) -> None:
    constants = {"r": np.array(repeats), "w": random(2, 3 * repeats[1], 1, 1)}
    nodes = [node("Tile", ["x", "r"], ["t"]), node("Conv", ["t", "w"], ["y"])]
    graph = agrees(save(tmp_path, model(nodes, PICTURE, ["y"], constants)), random(1, 3, 8, 8))
    assert [kind for kind in kinds(graph) if kind not in ("Conv2d", "Transpose")] == found


@pytest.mark.parametrize(
    ("mode", "pads", "on_device"),
    [
        ("reflect", [0, 0, 1, 2, 0, 0, 3, 7], True),
        ("edge", [0, 1, 2, 0, 0, 0, 0, 8], True),
        ("edge", [0, 0, 9, 0, 0, 0, 0, 0], False),
        ("reflect", [0, 0, 1, -1, 0, 0, 0, 0], False),
    ],
)
def test_padding_with_the_picture_itself(mode: str, pads: list[int], on_device: bool, tmp_path: Path) -> None:
    constants = {"pads": np.array(pads), "w": random(2, 3 + pads[1], 3, 3)}
    nodes = [node("Pad", ["x", "pads"], ["p"], mode=mode), node("Conv", ["p", "w"], ["y"])]
    graph = agrees(save(tmp_path, model(nodes, PICTURE, ["y"], constants)), random(1, 3, 8, 8))
    assert ("OnnxNode" not in kinds(graph)) is on_device
    assert kinds(graph).count("Transpose") == (1 if on_device else 3)


def test_nearest_resizing_as_tensorflow_centres_pixels(tmp_path: Path) -> None:
    resize = node(
        "Resize", ["x", "none", "none", "sizes"], ["y"],
        mode="nearest", coordinate_transformation_mode="tf_half_pixel_for_nn", nearest_mode="floor",
    )  # fmt: skip
    constants = {"none": np.zeros(0, np.float32), "sizes": np.array([1, 3, 13, 5])}
    path = save(tmp_path, model([resize], PICTURE, ["y"], constants, opset=11))
    assert "OnnxNode" not in kinds(agrees(path, random(1, 3, 8, 8)))


def test_host_operators_of_old_opsets_are_brought_to_newer_ones(tmp_path: Path) -> None:
    nodes = [node("ReduceL2", ["x"], ["s"], axes=[1], keepdims=1), node("Softplus", ["s"], ["y"])]
    graph = agrees(save(tmp_path, model(nodes, PICTURE, ["y"], opset=9)), random(1, 3, 8, 8))
    hosts = [each.op for each in graph.nodes if isinstance(each.op, ops.OnnxNode)]
    assert [each.op_type for each in hosts] == ["ReduceL2", "Softplus"]
    assert all(each.opset >= 13 for each in hosts)


@pytest.mark.parametrize(
    ("op", "reads", "opset", "attributes"),
    [
        ("GroupNormalization", ["x", "one", "zero"], 21, {"num_groups": 2}),
        ("MeanVarianceNormalization", ["x"], 13, {}),
        ("GreaterOrEqual", ["x", "row"], 15, {}),
        ("LessOrEqual", ["x", "row"], 15, {}),
    ],
)
def test_operators_for_which_onnx_infers_no_shape(
    op: str, reads: list[str], opset: int, attributes: dict[str, int], tmp_path: Path
) -> None:
    nodes = [
        node(op, reads, ["z"], **attributes),
        node("Cast", ["z"], ["y"], to=TensorProto.FLOAT),
    ]
    stored = {"one": np.ones(4), "zero": np.zeros(4), "row": np.linspace(-1, 1, 6).reshape(1, 6)}
    constants = {name: values.astype(np.float32) for name, values in stored.items() if name in reads}
    path = save(tmp_path, model(nodes, {"x": (1, 4, 5, 6)}, ["y"], constants, opset))
    agrees(path, random(1, 4, 5, 6))


@pytest.mark.parametrize(
    "op",
    [
        node("Pad", ["x", "pads", "", "axes"], ["p"], mode="reflect"),
        node("Resize", ["x", "", "scales"], ["p"], axes=[-1, 2], mode="cubic"),
        node("Resize", ["x", "", "", "sizes"], ["p"], axes=[3, 2], mode="cubic"),
    ],
    ids=["pad", "scales", "sizes"],
)
def test_host_operators_of_some_axes_work_between_layout_changes(op: onnx.NodeProto, tmp_path: Path) -> None:
    nodes = [op, node("Conv", ["p", "w"], ["c"]), node("Transpose", ["c"], ["y"], perm=[0, 2, 3, 1])]
    constants = {
        "w": KERNEL, "pads": np.array([1, 2, 0, 3]), "axes": np.array([3, -2]), "scales": np.array([1.5, 2], np.float32),
        "sizes": np.array([11, 7]),
    }  # fmt: skip
    agrees(save(tmp_path, model(nodes, PICTURE, ["y"], constants, opset=18)), random(1, 3, 8, 8))


@pytest.mark.parametrize("mode", ["cubic", "linear"])
def test_resizing_works_between_layout_changes(mode: str, tmp_path: Path) -> None:
    nodes = [
        node("Resize", ["x", "", "scales"], ["p"], mode=mode),
        node("Transpose", ["p"], ["t"], perm=[0, 2, 3, 1]),
        node("MatMul", ["t", "m"], ["y"]),
    ]
    constants = {"scales": np.array([1, 1, 0.5, 2], np.float32), "m": random(3, 4)}
    agrees(save(tmp_path, model(nodes, PICTURE, ["y"], constants)), random(1, 3, 8, 8))


@pytest.mark.parametrize("axis", [1, 2])
def test_logarithm_of_softmax_over_several_axes(axis: int, tmp_path: Path) -> None:
    nodes = [node("GlobalAveragePool", ["x"], ["p"]), node("Add", ["p", "c"], ["a"])]
    nodes.append(node("LogSoftmax", ["a"], ["y"], axis=axis))
    path = save(tmp_path, model(nodes, PICTURE, ["y"], {"c": random(1, 3, 2, 2)}, opset=11))
    graph = agrees(path, random(1, 3, 8, 8))
    assert "OnnxNode" not in kinds(without_softmax(graph))


def test_upsample_of_opset_9(tmp_path: Path) -> None:
    scales = {"s": np.array([1, 1, 2, 3], np.float32)}
    path = save(
        tmp_path,
        model([node("Upsample", ["x", "s"], ["y"], mode="nearest")], PICTURE, ["y"], scales, opset=9),
    )
    graph = agrees(path, random(1, 3, 8, 8))
    assert ops.Resize(
        (16, 24), coordinates=ops.Coordinates.ASYMMETRIC, rounding=ops.NearestRounding.FLOOR
    ) in [each.op for each in graph.nodes]


def test_a_dilated_window_may_have_more_padding_than_kernel(tmp_path: Path) -> None:
    pool = node(
        "MaxPool", ["x"], ["y"],
        kernel_shape=[2, 2], strides=[2, 2], dilations=[2, 2], pads=[1, 1, 1, 1], ceil_mode=1,
    )  # fmt: skip
    path = save(tmp_path, model([pool], PICTURE, ["y"]))
    assert agrees(path, random(1, 3, 8, 8)).tensors["y"].shape == (1, 3, 5, 5)


@pytest.mark.parametrize("opset", [10, 18, 22])
@pytest.mark.parametrize("op", ["MaxPool", "AveragePool"])
def test_no_window_of_ceil_mode_starts_behind_the_picture(op: str, opset: int, tmp_path: Path) -> None:
    pool = node(op, ["x"], ["y"], kernel_shape=[2, 2], strides=[2, 2], pads=[1, 1, 1, 1], ceil_mode=1)
    path = save(tmp_path, model([pool], {"x": (1, 3, 7, 8)}, ["y"], opset=opset))
    graph = agrees(path, random(1, 3, 7, 8))
    assert graph.tensors["y"].shape == (1, 3, 4, 5)


def test_axes_of_old_opsets_may_be_counted_from_the_end(tmp_path: Path) -> None:
    nodes = [
        node("Concat", ["x", "x"], ["c"], axis=-3),
        node("ReduceMean", ["c"], ["m"], axes=[-1, -2]),
        node("Squeeze", ["m"], ["s"], axes=[-1]),
        node("Flatten", ["s"], ["f"], axis=-2),
        node("Unsqueeze", ["f"], ["y"], axes=[-1]),
    ]
    graph = agrees(save(tmp_path, model(nodes, PICTURE, ["y"], opset=9)), random(1, 3, 8, 8))
    assert graph.tensors["y"].shape == (1, 6, 1)


def test_a_dropout_mask_that_nothing_reads_is_left_out(tmp_path: Path) -> None:
    nodes = [node("Dropout", ["x"], ["d", "mask"]), node("Conv", ["d", "w"], ["y"])]
    graph = agrees(save(tmp_path, model(nodes, PICTURE, ["y"], {"w": KERNEL})), random(1, 3, 8, 8))
    assert kinds(graph) == ["Conv2d", "Transpose"]


def test_a_factor_stands_behind_a_host_operator_of_several_outputs(tmp_path: Path) -> None:
    nodes = [
        node("TopK", ["x", "k"], ["values", "indices"]),
        node("Mul", ["values", "factor"], ["m"]),
        node("Cast", ["indices"], ["i"], to=TensorProto.FLOAT),
        node("Add", ["m", "i"], ["y"]),
    ]
    constants = {"k": np.array([2]), "factor": np.float32(0.5)}
    agrees(save(tmp_path, model(nodes, PICTURE, ["y"], constants)), random(1, 3, 8, 8))


@pytest.mark.parametrize("names", [("y",), ("y", "z"), ("z", "y")])
def test_outputs_keep_their_names_even_where_they_are_one_tensor(
    names: tuple[str, ...], tmp_path: Path
) -> None:
    nodes = [node("Relu", ["x"], ["a"]), node("Identity", ["a"], ["y"]), node("Identity", ["a"], ["z"])]
    graph = agrees(save(tmp_path, model(nodes, PICTURE, names)), random(1, 3, 8, 8))
    assert graph.outputs == names


def test_a_network_that_does_nothing_still_has_a_node(tmp_path: Path) -> None:
    graph = agrees(
        save(tmp_path, model([node("Identity", ["x"], ["y"])], {"x": (2, 5)}, ["y"])), random(2, 5)
    )
    assert kinds(graph) == ["Reshape"]


def test_local_functions_are_inlined(tmp_path: Path) -> None:
    proto = model([node("Twice", ["x"], ["y"], domain="local")], PICTURE, ["y"])
    body = [node("Relu", ["a"], ["r"]), node("Add", ["r", "r"], ["b"])]
    proto.functions.append(
        helper.make_function("local", "Twice", ["a"], ["b"], body, [helper.make_opsetid("", 17)])
    )
    proto.opset_import.append(helper.make_opsetid("local", 1))
    agrees(save(tmp_path, proto), random(1, 3, 8, 8))


def test_labels_must_fit_the_classes(tmp_path: Path) -> None:
    nodes = [node("GlobalAveragePool", ["x"], ["p"]), node("Flatten", ["p"], ["y"])]
    path, labels = save(tmp_path, model(nodes, PICTURE, ["y"])), tmp_path / "labels.txt"
    labels.write_text("red\ngreen\nblue\n")
    assert import_model(path, ImportOptions(labels=labels)).labels == ("red", "green", "blue")
    labels.write_text("red\ngreen\nblue\n", encoding="utf-8-sig")
    assert import_model(path, ImportOptions(labels=labels)).labels == ("red", "green", "blue")
    assert import_model(path).labels == ()
    labels.write_text("red\ngreen\n")
    with pytest.raises(ModelError, match="has 2 labels, the network has 3 classes"):
        import_model(path, ImportOptions(labels=labels))
    with pytest.raises(ModelError, match=r"none\.txt: no such file"):
        import_model(path, ImportOptions(labels=tmp_path / "none.txt"))


@pytest.mark.parametrize("outputs", [["i"], ["i", "s"], ["s", "i"], ["i", "v"]])
def test_a_network_that_gives_the_best_class_alone_gives_all_scores(
    outputs: list[str], tmp_path: Path
) -> None:
    nodes = [
        node("GlobalAveragePool", ["x"], ["p"]),
        node("Flatten", ["p"], ["v"]),
        node("Softmax", ["v"], ["s"], axis=1),
        node("ArgMax", ["v" if outputs[-1] == "v" else "s"], ["i"], axis=1, keepdims=0),
    ]
    proto = model(nodes, PICTURE, outputs)
    next(
        each for each in proto.graph.output if each.name == "i"
    ).type.tensor_type.elem_type = TensorProto.INT64
    labels = tmp_path / "labels.txt"
    labels.write_text("red\ngreen\nblue\n")
    graph = without_softmax(optimize(import_model(save(tmp_path, proto), ImportOptions(labels=labels))))
    assert kinds(graph) == ["ReduceMean", "Reshape"]
    assert len(graph.outputs) == 1
    assert graph.labels == ("red", "green", "blue")


@pytest.mark.parametrize(
    ("outputs", "ranking"),
    [
        (["values"], {}),
        (["indices"], {"axis": 1}),
        (["indices", "values"], {"sorted": 0}),
        (["first"], {}),
        (["as_float", "v"], {}),
    ],
)
def test_a_network_that_gives_its_best_classes_alone_gives_all_scores(
    outputs: list[str], ranking: dict[str, int], tmp_path: Path
) -> None:
    nodes = [
        node("GlobalAveragePool", ["x"], ["p"]),
        node("Flatten", ["p"], ["v"]),
        node("TopK", ["v", "k"], ["values", "indices"], **ranking),
        node("Flatten", ["values"], ["first"], axis=0),
        node("Cast", ["indices"], ["as_float"], to=TensorProto.FLOAT),
    ]
    proto = model(nodes, PICTURE, outputs, {"k": np.array([2], np.int64)})
    for each in proto.graph.output:
        each.type.tensor_type.elem_type = TensorProto.INT64 if each.name == "indices" else TensorProto.FLOAT
    graph = agrees_in_shape(save(tmp_path, proto), (1, 3))
    assert kinds(graph) == ["ReduceMean", "Reshape"]


def test_the_smallest_scores_name_no_class(tmp_path: Path) -> None:
    nodes = [
        node("GlobalAveragePool", ["x"], ["p"]),
        node("Flatten", ["p"], ["v"]),
        node("TopK", ["v", "k"], ["values", "indices"], largest=0),
    ]
    proto = model(nodes, PICTURE, ["values"], {"k": np.array([2], np.int64)})
    agrees_in_shape(save(tmp_path, proto), (1, 2))


def agrees_in_shape(path: Path, shape: tuple[int, ...]) -> Graph:
    """Return the optimized network after checking that its only output has ``shape``."""
    graph = optimize(import_model(path))
    assert [graph.tensors[name].shape for name in graph.outputs] == [shape]
    return graph


def test_names_from_a_file_cannot_break_a_message(tmp_path: Path) -> None:
    path = save(tmp_path, model([node("Ma\ngic", ["x"], ["y"], "n\n" * 5000)], PICTURE, ["y"]))
    with pytest.raises(UnsupportedError) as caught:
        import_model(path)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 1000
