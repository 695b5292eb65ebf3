from dataclasses import replace

import numpy as np
import pytest
from onnx import helper

from engine.errors import CalibrationError
from engine.host.float_session import FloatSession
from engine.ir import ops
from engine.ir.activations import Activation, Fn
from engine.ir.graph import Graph, Node, TensorType
from engine.quant import frames as calibration_frames
from engine.quant.calibrate import calibrate, expose_linear, linear_name
from engine.quant.calibration import from_json, read_table
from engine.quant.frames import most_frames
from engine.quant.options import QuantOptions
from tests.engine.op_graphs import DEVICE_GRAPHS, frames
from tests.engine.passes.small_graphs import graph

OPTIONS = QuantOptions()
CONV = DEVICE_GRAPHS["conv"]


def inputs(made, count):
    return [each["x"] for each in frames(made, count)]


def test_statistics_are_per_channel_over_all_frames():
    table = calibrate(CONV, inputs(CONV, 5), OPTIONS)
    session = FloatSession(CONV)
    outputs = np.concatenate([session.run({"x": x})["z"].reshape(-1, 8) for x in inputs(CONV, 5)])
    np.testing.assert_array_equal(table["z"].low, outputs.min(axis=0))
    np.testing.assert_array_equal(table["z"].high, outputs.max(axis=0))
    np.testing.assert_allclose(table["z"].mean, outputs.mean(axis=0), rtol=1e-6)
    assert table["z"].max_abs == np.abs(outputs).max()
    assert table.frame_count == 5


def test_the_tail_is_what_one_value_in_10000_exceeds_averaged_over_frames():
    made = graph({"x": (1, 10, 10, 150)}, {}, [("z", ops.Add(), ("x", "x"))], ["z"])
    x = np.random.default_rng(0).permutation(15_000).reshape(1, 10, 10, 150) / 15_000.0
    table = calibrate(made, [x, -10.0 * x], OPTIONS)
    assert table["x"].tail == pytest.approx((1 + 10) / 2 * 14_998 / 15_000)
    small = calibrate(CONV, inputs(CONV, 5), OPTIONS)["z"]
    session = FloatSession(CONV)
    tops = [np.abs(session.run({"x": x})["z"]).max() for x in inputs(CONV, 5)]
    assert small.tail == pytest.approx(np.mean(tops))  # a frame of few values has none to spare


def test_only_calibration_frames_many_are_read_and_progress_is_told():
    told = []
    dice = np.random.default_rng(0)
    endless = (dice.normal(size=(1, 6, 8, 4)) for _ in iter(int, 1))
    table = calibrate(CONV, endless, replace(OPTIONS, calibration_frames=3), told.append)
    assert table.frame_count == len(table.frames) == 3
    assert told == [1 / 3, 2 / 3, 1.0]


def test_of_large_maps_fewer_frames_are_kept_than_measured(monkeypatch):
    values = 6 * 8 * 4 + 3 * 4 * 8  # of the convolution's input and output
    assert most_frames(CONV) == calibration_frames.MOST_BYTES // (values * 6)
    monkeypatch.setattr(calibration_frames, "MOST_BYTES", 2 * values * 6 + 1)
    table = calibrate(CONV, inputs(CONV, 5), OPTIONS)
    assert (table.frame_count, len(table.frames)) == (5, 2)
    np.testing.assert_array_equal(table["z"].low, calibrate(CONV, inputs(CONV, 5), OPTIONS)["z"].low)
    monkeypatch.setattr(calibration_frames, "MOST_BYTES", 1)
    assert most_frames(CONV) == 1


def test_values_that_nothing_reads_any_more_take_no_memory(monkeypatch):
    chain = graph(
        {"x": (1, 4, 4, 8)}, {}, [("a", ops.Add(), ("x", "x")), ("b", ops.Add(), ("a", "a"))], ["b"]
    )
    monkeypatch.setattr(calibration_frames, "MOST_BYTES", 2 * 4 * 4 * 8 * 6)
    assert most_frames(chain) == 1
    monkeypatch.setattr(calibration_frames, "MOST_BYTES", 4 * 4 * 4 * 8 * 6)
    assert most_frames(chain) == 2


def test_tensors_asked_for_are_kept():
    table = calibrate(CONV, inputs(CONV, 2), OPTIONS, keep=("z",))
    assert [sorted(frame) for frame in table.frames] == [["x", "z"]] * 2


def test_what_is_before_an_activation_with_a_table_is_measured_too():
    silu = Activation(Fn.SILU)
    made = graph({"x": (1, 2, 2, 3)}, {}, [("z", ops.Add(silu), ("x", "x"))], ["z"])
    (x,) = inputs(made, 1)
    table = calibrate(made, [x], OPTIONS)
    assert table[linear_name("z")].max_abs == np.abs(2 * x).max()
    np.testing.assert_allclose(
        FloatSession(expose_linear(made)).run({"x": x})["z"], FloatSession(made).run({"x": x})["z"], rtol=1e-6
    )


BAD = {
    "none": ([], "there are no calibration images"),
    "wrong shape": ([np.zeros((1, 3, 3, 4))], r"frame 0 has shape \[1, 3, 3, 4\], must be \[1, 6, 8, 4\]"),
    "not finite": ([np.full((1, 6, 8, 4), np.nan)], "values that are NaN or infinite in tensor 'x'"),
}


@pytest.mark.parametrize("case", BAD)
def test_useless_frames_are_refused(case):
    given, message = BAD[case]
    with pytest.raises(CalibrationError, match=message):
        calibrate(CONV, given, OPTIONS)


def test_comparisons_on_the_host_calibrate():
    steps = [
        ops.OnnxNode(
            "Greater", helper.make_node("Greater", ["x", "zero"], ["above"]).SerializeToString(), 13
        ),
        ops.OnnxNode(
            "Where", helper.make_node("Where", ["above", "x", "zero"], ["z"]).SerializeToString(), 13
        ),
    ]
    made = Graph(
        "compared",
        ("x",),
        ("z",),
        (
            Node("above", steps[0], ("x", "zero"), ("above",)),
            Node("z", steps[1], ("above", "x", "zero"), ("z",)),
        ),
        {"x": TensorType((1, 4)), "above": TensorType((1, 4), "bool"), "z": TensorType((1, 4))},
        {"zero": np.zeros(1, np.float32)},
    )
    frame = np.array([[-2, -1, 1, 3]], np.float32)
    table = calibrate(made, [frame, frame / 2], OPTIONS)
    np.testing.assert_array_equal(table["above"].high, [0, 0, 1, 1])
    assert table["z"].max_abs == 3


def test_black_frames_calibrate():
    table = calibrate(CONV, [np.zeros((1, 6, 8, 4))], OPTIONS)
    assert table["x"].range == (0.0, 0.0)


def test_a_graph_of_two_inputs_is_refused():
    made = graph({"x": (1, 2), "y": (1, 2)}, {}, [("z", ops.Add(), ("x", "y"))], ["z"])
    with pytest.raises(CalibrationError, match="has 2 inputs"):
        calibrate(made, [], OPTIONS)


def test_a_table_survives_json(tmp_path):
    table = calibrate(CONV, inputs(CONV, 2), OPTIONS)
    path = tmp_path / "calibration.json"
    path.write_text(table.to_json())
    again = read_table(path)
    assert again.frame_count == 2
    assert not again.frames
    for name, statistics in table.tensors.items():
        for field in ("low", "high", "mean", "tail"):
            np.testing.assert_allclose(getattr(again[name], field), getattr(statistics, field), rtol=1e-6)
    assert from_json(again.to_json()).to_json() == again.to_json()


ENTRY = '{"low": [0], "high": [1], "mean": [0.5], "tail": 1}'
GOOD = '{"format": "lens7-calibration-1", "frames": 1, "tensors": {"t": %s}}'
DAMAGED = [
    "",
    "[]",
    "{}",
    "null",
    GOOD.replace("-1", "-9") % ENTRY,
    GOOD % "7",
    GOOD % ENTRY.replace("[1]", "[-1]"),
    GOOD % ENTRY.replace("[1]", "[1, 2]"),
    GOOD % ENTRY.replace("[0.5]", "[NaN]"),
    GOOD % ENTRY.replace("0.5", '"half"'),
]


@pytest.mark.parametrize("text", DAMAGED)
def test_a_damaged_table_is_refused_in_one_line(text, tmp_path):
    path = tmp_path / "table.json"
    path.write_text(text)
    with pytest.raises(CalibrationError, match="table") as caught:
        read_table(path)
    assert "\n" not in str(caught.value)
    assert "Error" not in str(caught.value)


def test_a_missing_or_binary_table_is_refused(tmp_path):
    with pytest.raises(CalibrationError, match="cannot read the calibration table"):
        read_table(tmp_path / "none.json")
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CalibrationError, match=r"binary\.json"):
        read_table(tmp_path / "binary.json")


def test_an_unknown_tensor_is_of_another_model():
    with pytest.raises(CalibrationError, match="has no tensor 'q': it is of another model"):
        calibrate(CONV, inputs(CONV, 1), OPTIONS)["q"]
