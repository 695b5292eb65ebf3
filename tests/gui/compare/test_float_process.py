"""The float process: the very logits of the engine's float reference, and every way it can fail."""

import subprocess
import sys

import numpy as np
import pytest

from engine.compiler.compile import CompileOptions, float_graph
from engine.host.float_session import FloatSession
from engine.host.preprocess import to_real
from gui.compare.child import Child, ChildError
from gui.compare.float_client import FloatClient
from gui.core.state import EngineChoice

FAKES = "tests.gui.compare.fake_processes"


@pytest.mark.slow
def test_its_logits_are_those_of_the_float_reference():
    client = FloatClient(EngineChoice())
    try:
        client.wait_ready()
        assert client.input_hw == (224, 224)
        assert len(client.labels) == 1000
        graph = float_graph("efficientnet_lite0", CompileOptions())
        reference = FloatSession(graph)
        for seed in range(2):
            pixels = np.random.default_rng(seed).integers(0, 256, (224, 224, 3)).astype(np.uint8)
            answer = client.run(pixels)
            expected = reference.run({graph.inputs[0]: to_real(pixels, graph.input_spec)[None]})
            np.testing.assert_array_equal(answer.logits, expected[graph.outputs[0]].reshape(-1))
            assert answer.run_ns > 0
    finally:
        client.close()


def test_a_model_that_cannot_be_read_is_one_clear_line(tmp_path):
    client = FloatClient(EngineChoice(model=str(tmp_path / "nothing.onnx")))
    try:
        with pytest.raises(ChildError, match=r"nothing\.onnx"):
            client.wait_ready()
    finally:
        client.close()


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("dies", "ended with status 3"),
        ("says_nothing", "ended with status 0"),
        ("babbles", "answers nonsense"),
        ("lies", "answers nonsense"),
        ("complains", "out of luck"),
    ],
)
def test_a_process_that_fails_at_its_start_is_one_clear_line(kind, words):
    client = FloatClient(EngineChoice(model=kind), module=FAKES)
    try:
        with pytest.raises(ChildError, match=words):
            client.wait_ready()
    finally:
        client.close()


def test_a_process_that_dies_at_work_is_one_clear_line():
    client = FloatClient(EngineChoice(model="dies_at_work"), module=FAKES)
    try:
        client.wait_ready()
        with pytest.raises(ChildError, match="ended with status 4"):
            client.run(np.zeros((2, 2, 3), np.uint8))
    finally:
        client.close()


def test_it_goes_when_the_window_dies():
    """Kill -9 the parent: the child reads the end of its input and ends."""
    script = (
        "import os\n"
        "from gui.compare.child import Child\n"
        f"child = Child({FAKES!r}, {{'model': 'waits'}})\n"
        "child.read_document()\n"
        "print(child._process.pid, flush=True)\n"
        "os.kill(os.getpid(), 9)"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60
    )
    watched = subprocess.run(
        ["tail", "--pid", run.stdout.strip(), "-f", "/dev/null"], timeout=20, check=False, capture_output=True
    )
    assert watched.returncode == 0


def test_its_output_belongs_to_the_protocol_alone():
    child = Child(FAKES, {"model": "chatters"})
    try:
        assert child.read_document() == {"ready": True}
    finally:
        child.close()
    assert not child.is_alive
