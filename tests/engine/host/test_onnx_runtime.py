"""ONNX Runtime says nothing to anybody: its telemetry would keep a device identity in the user's cache and send events."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
USE = """
import numpy as np, onnx
from onnx import TensorProto, helper
from engine.host.onnx_runtime import ort

x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, (1,)) for name in "xy")
graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "g", [x], [y])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
assert session.run(None, {"x": np.array([-1], np.float32)})[0].tolist() == [0]
"""


def test_a_session_leaves_no_trace(tmp_path):
    # As a user runs it: telemetry also rests where a variable says that software is being tested.
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    home = {name: str(tmp_path) for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")}
    subprocess.run([sys.executable, "-c", USE], cwd=ROOT, env=kept | home, check=True, timeout=120)
    assert list(tmp_path.rglob("*")) == []
