"""The calibration pictures of a folder become the network's input, or are refused by name."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from engine.compiler.compile import CompileOptions, calibration_frames, compile_model
from engine.errors import CalibrationError, ImageError
from engine.ir.graph import Graph, InputSpec, TensorType
from engine.quant.options import QuantOptions
from tests.engine.runtime.validation.tiny import write_model, write_pictures

NETWORK = Graph("net", ("x",), ("x",), (), {"x": TensorType((1, 8, 8, 3))}, {}, InputSpec(resize_short=8))


def write(path, picture) -> None:
    cv2.imwrite(str(path), np.asarray(picture, np.uint8))


def frames(folder):
    return list(calibration_frames(NETWORK, CompileOptions(calibration=folder)))


def test_pictures_of_any_size_give_the_input_size(tmp_path):
    write(tmp_path / "a.png", np.arange(3 * 5 * 3).reshape(3, 5, 3))
    write(tmp_path / "b.png", np.zeros((40, 9, 3)))
    assert [frame.shape for frame in frames(tmp_path)] == [(1, 8, 8, 3)] * 2


def test_a_folder_of_black_pictures_says_so(tmp_path):
    for name in ("a.png", "b.png"):
        write(tmp_path / name, np.zeros((9, 9, 3)))
    with pytest.raises(CalibrationError, match="each of the 2 calibration pictures is of one colour"):
        frames(tmp_path)


def test_pictures_for_a_network_of_one_pixel_may_be_of_one_colour(tmp_path):
    write(tmp_path / "a.png", np.full((9, 9, 3), 200))
    network = Graph("net", ("x",), ("x",), (), {"x": TensorType((1, 1, 1, 3))}, {}, InputSpec(resize_short=8))
    assert len(list(calibration_frames(network, CompileOptions(calibration=tmp_path)))) == 1


def test_a_line_of_pixels_is_named(tmp_path):
    network_of_224 = Graph(
        "net", ("x",), ("x",), (), {"x": TensorType((1, 224, 224, 3))}, {}, InputSpec(resize_short=256)
    )
    write(tmp_path / "line.png", np.zeros((1, 100_000, 3)))
    with pytest.raises(ImageError, match=r"line\.png: the picture is 100000x1 pixels"):
        list(calibration_frames(network_of_224, CompileOptions(calibration=tmp_path)))


@pytest.mark.parametrize("recipe", ["lens7", "ti"])
def test_how_many_pictures_correct_the_biases_of_large_maps_is_told(recipe, tmp_path, monkeypatch):
    monkeypatch.setattr("engine.quant.frames.MOST_BYTES", 1)
    write_pictures(tmp_path / "calibration", 3)
    write_model(tmp_path / "tiny.onnx")
    quantization = QuantOptions(calibration_iterations=1)
    options = CompileOptions(recipe=recipe, quantization=quantization, calibration=tmp_path / "calibration")
    (note,) = compile_model(tmp_path / "tiny.onnx", tmp_path / "out", options).notes
    assert note.startswith("biases are corrected on 1 of the 3 calibration pictures")
    plain = replace(options, quantization=QuantOptions(accuracy_level=0))
    assert compile_model(tmp_path / "tiny.onnx", tmp_path / "plain", plain).notes == ()
