"""A dropped model or label file: checked beside the one in use, cancelled, refused, used by one call."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Event

import pytest
from pytestqt.qtbot import QtBot

from engine.errors import ArtifactError, EngineError
from gui.core.state import EngineChoice, Progress, Severity
from gui.workers.beside import Beside
from gui.workers.candidates import Candidates, CandidateState
from gui.workers.label_file import class_count, read_labels
from gui.workers.pipeline import Pipeline
from tests.gui.fakes import FakeBackend, FakeSource


@pytest.fixture
def backend() -> FakeBackend:
    return FakeBackend()


@pytest.fixture
def candidates(qtbot: QtBot, backend: FakeBackend, beside: Beside):
    made = Candidates(backend, beside.run)
    yield made
    made.close()


CHOICE = EngineChoice(model="/models/net.onnx")


def test_a_good_model_is_ready_and_its_session_closed(
    qtbot: QtBot, candidates: Candidates, backend: FakeBackend
) -> None:
    candidates.check(CHOICE)
    assert candidates.current is not None and candidates.current.state is CandidateState.CHECKING
    qtbot.waitUntil(lambda: candidates.current.state is CandidateState.READY)
    assert backend.asked == [CHOICE]
    assert backend.session.closed


def test_progress_is_told_and_a_cancel_stops_the_work(
    qtbot: QtBot, candidates: Candidates, backend: FakeBackend
) -> None:
    stopped = Event()

    def work(choice, status, cancellation) -> None:
        cancellation.stop_job_by(stopped.set)
        status.set_progress(Progress("quantize", 0.5))
        stopped.wait(10)
        cancellation.check()

    backend.work = work
    candidates.check(CHOICE)
    qtbot.waitUntil(lambda: candidates.current.progress == Progress("quantize", 0.5))
    refused: list[str] = []
    candidates.refused.connect(lambda _severity, text: refused.append(text))
    candidates.drop()
    assert stopped.is_set()
    assert candidates.current is None
    backend.work = lambda *_: None
    candidates.check(CHOICE)
    qtbot.waitUntil(lambda: candidates.current.state is CandidateState.READY)
    assert refused == []


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (EngineError("net.onnx: no ONNX model"), "net.onnx: no ONNX model"),
        (OSError(2, "No such file or directory", "net.onnx"), "net.onnx: No such file or directory"),
        (ValueError("odd"), "engine: ValueError: odd"),
    ],
)
def test_a_bad_model_is_refused_in_one_line(
    qtbot: QtBot, candidates: Candidates, backend: FakeBackend, error: Exception, text: str
) -> None:
    def work(*_: object) -> None:
        raise error

    backend.work = work
    with qtbot.waitSignal(candidates.refused) as refused:
        candidates.check(CHOICE)
    assert refused.args == [Severity.BAD, text]
    assert candidates.current is None


def test_the_pipeline_uses_what_is_ready_and_only_then(qtbot: QtBot, backend: FakeBackend) -> None:
    pipeline = Pipeline(backend, make_source=lambda _: FakeSource(None))
    pipeline.engine.use_candidate()
    pipeline.engine.check_model("/models/net.onnx")
    qtbot.waitUntil(lambda: pipeline.candidates.current.state is CandidateState.READY)
    assert pipeline.engine.model == "efficientnet_lite0"
    pipeline.engine.use_candidate()
    assert pipeline.engine.model == "/models/net.onnx"
    assert pipeline.candidates.current is None
    pipeline.engine.check_labels("/labels.txt")
    qtbot.waitUntil(lambda: pipeline.candidates.current.state is CandidateState.READY)
    assert backend.asked[-1] == EngineChoice(model="/models/net.onnx", labels="/labels.txt")
    pipeline.close()


# --- label files ------------------------------------------------------------------------------------------------


def test_one_name_a_line_is_read(tmp_path: Path) -> None:
    file = tmp_path / "labels.txt"
    file.write_text("\ufeffcup\n mug \nöse\n\n", encoding="utf-8")
    assert read_labels(file, 3) == ("cup", "mug", "öse")


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"cup\nmug\n", "has 2 lines, the network tells 3 classes apart"), (b"\xff\xfe\x00", "no UTF-8 text")],
)
def test_a_wrong_label_file_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    file = tmp_path / "labels.txt"
    file.write_bytes(content)
    with pytest.raises(ArtifactError, match=says):
        read_labels(file, 3)
    with pytest.raises(ArtifactError, match="No such file"):
        read_labels(tmp_path / "none.txt", 3)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_nobody_waits_for_a_pipe_of_labels(tmp_path: Path) -> None:
    pipe = tmp_path / "labels.txt"
    os.mkfifo(pipe)
    with pytest.raises(ArtifactError, match="labels.txt: is no regular file"):
        read_labels(pipe, 3)


def test_classes_are_counted_on_the_chip_and_on_the_a72() -> None:
    import onnx
    from onnx import TensorProto, helper

    from engine.program.artifact import DeviceSegment, HostSegment

    class Of:
        def __init__(self, **fields: object) -> None:
            self.__dict__.update(fields)

    on_chip = Of(
        segments=(DeviceSegment(Of(tensors={"out": Of(shape=(1, 1000))})),),
        output="out",
    )
    assert class_count(on_chip) == 1000
    value = helper.make_tensor_value_info("out", TensorProto.FLOAT, [1, 7])
    graph = helper.make_graph([helper.make_node("Identity", ["in"], ["out"])], "g", [value], [value])
    model = helper.make_model(graph).SerializeToString()
    assert isinstance(onnx.load_model_from_string(model), onnx.ModelProto)
    assert class_count(Of(segments=(HostSegment(model, ("in",), ("out",)),), output="out")) == 7
