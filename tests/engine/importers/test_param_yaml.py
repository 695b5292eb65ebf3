"""TI's model descriptions: a model-zoo folder, its param.yaml or the model beside it open alike."""

from pathlib import Path

import numpy as np
import pytest
from onnx import helper

from engine.errors import ModelError, UnsupportedError
from engine.importers import ImportOptions, import_model
from engine.importers.options import Layout
from engine.importers.param_yaml import read_description
from engine.importers.picture import input_spec
from tests.engine.importers.onnx_models import model, save

ZOO = """task_type: classification
preprocess:
  resize: 256
  crop: 224
  data_layout: NCHW
  reverse_channels: true
  resize_with_pad: false
  backend: pil
session:
  session_name: onnxrt
  input_mean: [123.675, 116.28, 103.53]
  input_scale: [0.017125, 0.017507, 0.017429]
  runtime_options:
    tensor_bits: 8
    accuracy_level: 1
    advanced_options:calibration_frames: 25
    info: {prequantized_model_type: 0}
  model_path: network.onnx
metric:
  label_offset_pred: -1
"""


def folder(
    tmp_path: Path, text: str = ZOO, name: str = "param.yaml", classes: int = 1001, size: int | str = 224
) -> Path:
    nodes = [
        helper.make_node("GlobalAveragePool", ["x"], ["p"]),
        helper.make_node("Flatten", ["p"], ["f"]),
        helper.make_node("Gemm", ["f", "w"], ["y"], transB=1),
    ]
    weight = {"w": np.ones((classes, 3), np.float32)}
    save(tmp_path, model(nodes, {"x": (1, 3, size, size)}, ["y"], weight), "network.onnx")
    (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize("name", ["param.yaml", "network_config.yaml"])
@pytest.mark.parametrize("opened", [".", "{name}", "network.onnx"])
def test_folder_description_and_model_open_alike(name: str, opened: str, tmp_path: Path) -> None:
    graph = import_model(folder(tmp_path, name=name) / opened.format(name=name))
    spec = graph.input_spec
    assert spec is not None
    assert spec.mean == (123.675, 116.28, 103.53)
    assert spec.scale == (0.017125, 0.017507, 0.017429)
    assert (spec.resize_short, spec.squash, spec.bgr) == (256, False, True)
    assert graph.labels[:2] == ("background", "tench")


def test_what_the_user_says_goes_before(tmp_path: Path) -> None:
    given = ImportOptions(mean=(1.0, 2.0, 3.0), resize_short=300)
    spec = import_model(folder(tmp_path), given).input_spec
    assert spec is not None
    assert (spec.mean, spec.resize_short) == ((1.0, 2.0, 3.0), 300)
    assert spec.scale[0] == 0.017125


def test_runtime_options_keep_their_names(tmp_path: Path) -> None:
    described = read_description(folder(tmp_path) / "param.yaml", ImportOptions())
    assert dict(described.runtime_options) == {
        "tensor_bits": 8,
        "accuracy_level": 1,
        "advanced_options:calibration_frames": 25,
    }
    assert described.options.layout is Layout.NCHW
    assert described.model == (tmp_path / "network.onnx").resolve()


def test_crop_gives_the_size_that_the_model_leaves_open(tmp_path: Path) -> None:
    graph = import_model(folder(tmp_path, size="side"))
    assert graph.tensors["x"].shape == (1, 224, 224, 3)


def test_two_sizes_squash(tmp_path: Path) -> None:
    text = ZOO.replace("resize: 256", "resize: [224, 224]")
    spec = import_model(folder(tmp_path, text)).input_spec
    assert spec is not None
    assert spec.squash


def test_the_model_may_lie_in_the_folder_model(tmp_path: Path) -> None:
    folder(tmp_path)
    (tmp_path / "model").mkdir()
    (tmp_path / "network.onnx").rename(tmp_path / "model" / "network.onnx")
    assert import_model(tmp_path).outputs == ("y",)


def test_a_description_of_another_model_is_not_taken(tmp_path: Path) -> None:
    folder(tmp_path)
    (tmp_path / "network.onnx").rename(tmp_path / "other.onnx")
    spec = import_model(tmp_path / "other.onnx").input_spec
    assert spec is not None
    assert not spec.bgr


def test_a_folder_with_one_model_needs_no_description(tmp_path: Path) -> None:
    folder(tmp_path)
    (tmp_path / "param.yaml").unlink()
    assert import_model(tmp_path).outputs == ("y",)
    save(tmp_path, model([helper.make_node("Relu", ["x"], ["y"])], {"x": (1, 3)}, ["y"]), "second.onnx")
    with pytest.raises(
        ModelError, match=r"exactly one .onnx or .tflite file, found network.onnx, second.onnx"
    ):
        import_model(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("session:", "other:", "no section 'session'"),
        ("  model_path: network.onnx\n", "", "session.model_path must name"),
        ("network.onnx", "../network.onnx", "'../network.onnx' is outside"),
        ("network.onnx", "/etc/passwd", "'/etc/passwd' is outside"),
        ("network.onnx", "missing.onnx", "'missing.onnx' is missing"),
        ("network.onnx", "param.yaml", "'param.yaml' is neither .onnx nor .tflite"),
        (
            "[123.675, 116.28, 103.53]",
            "[1, 2]",
            r"session.input_mean must be one or three numbers up to a million, found \[1, 2\]",
        ),
        ("[0.017125, 0.017507, 0.017429]", "[1, 0, 1]", "session.input_scale must not be zero"),
        (
            "[0.017125, 0.017507, 0.017429]",
            "[.nan, 1, 1]",
            "session.input_scale must be one or three numbers",
        ),
        ("resize: 256", "resize: big", "preprocess.resize must be one or two sizes in pixels, found 'big'"),
        ("crop: 224", "crop: 0", "preprocess.crop must be one or two sizes in pixels, found 0"),
        ("crop: 224", "crop: 192", "crops to 192x192, the network takes 224x224"),
        ("NCHW", "CHWN", "data layout must be NCHW or NHWC, found 'CHWN'"),
        ("NCHW", "NHWC", "is no NHWC picture"),
        ("preprocess:\n", "preprocess: [\n", "is not valid YAML"),
    ],
)
def test_wrong_descriptions_are_refused(old: str, new: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=says) as caught:
        import_model(folder(tmp_path, ZOO.replace(old, new)))
    assert str(tmp_path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_padding_resize_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match="resize_with_pad"):
        import_model(folder(tmp_path, ZOO.replace("resize_with_pad: false", "resize_with_pad: true")))


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [1,1,1,1,1,1,1,1,1]\n" + "".join(f"b{i}: &b{i} [*a,*a,*a,*a]\n" for i in range(9)),
        "[" * 3000,
        "!!python/object/apply:os.system [ls]",
        "x" * 300_000,
        "\x00\x01",
    ],
)
def test_hostile_yaml_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        import_model(folder(tmp_path, text))


def test_several_descriptions_must_be_named(tmp_path: Path) -> None:
    folder(tmp_path, name="network_config.yaml")
    (tmp_path / "second_config.yaml").write_text(ZOO)
    with pytest.raises(
        ModelError, match=r"several model descriptions \(network_config.yaml, second_config.yaml\)"
    ):
        import_model(tmp_path)
    assert import_model(tmp_path / "network_config.yaml").outputs == ("y",)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (ImportOptions(mean=(0.0, float("nan"), 0.0)), "mean must be finite"),
        (ImportOptions(scale=(1.0, 1.0, float("inf"))), "scale must be finite"),
        (ImportOptions(scale=(1.0, 0.0, 1.0)), "scale must not be 0"),
        (ImportOptions(scale=(1e-300, 1.0, 1.0)), "scale must not be 0 or nearer"),
        (ImportOptions(resize_short=0), "1 to 16384"),
        (ImportOptions(resize_short=100_000_000), "1 to 16384"),
    ],
)
def test_preprocessing_that_no_picture_can_have_is_refused(options, says):
    with pytest.raises(ModelError, match=says):
        input_spec(options, (224, 224), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
