"""The function as a web service: limits, throttling, strangers, nonsense; and as a real process."""

import http.client
import json
import math
from threading import Event, Thread

import cv2
import numpy as np
import pytest

from engine import Label, Result
from gui.compare.child import Child, ChildError
from gui.compare.cloud import CloudSettings, Edge
from gui.compare.function import MAX_REQUEST_BYTES, PATH
from gui.compare.function_host import FunctionHost
from gui.compare.network import Network, RealClock
from gui.core.engine_task import task_of
from gui.core.frame import Frame
from gui.core.state import EngineChoice, Severity
from gui.workers.cloud_worker import CloudState, CloudWorker
from tests.gui.compare.fake_function import FakeNetwork, FakeProcess

TASK = {"token": "secret", "concurrency": 1}


def jpeg(height: int = 48, width: int = 64) -> bytes:
    return cv2.imencode(".jpg", np.full((height, width, 3), 90, np.uint8))[1].tobytes()


@pytest.fixture
def function():
    network = FakeNetwork()
    process = FakeProcess(TASK, network)
    process.network = network
    yield process
    network.gate.set()
    process.kill()


def ask(function, body=b"", path=PATH, token="secret", method="POST", headers=None):
    port = function.server.server_address[1]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, body, {"Authorization": f"Bearer {token}", **(headers or {})})
        answer = connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text.startswith(b"{") else text
    finally:
        connection.close()


def test_a_picture_is_labelled_and_its_times_are_measured(function):
    status, answer = ask(function, jpeg())
    assert status == 200
    assert [each["label"] for each in answer["top"]] == ["bee", "cat", "ant"]
    assert set(answer["ns"]) == {"decode", "preprocess", "run", "total"}
    assert answer["ns"]["total"] >= answer["ns"]["decode"] > 0
    assert function.network.seen == [(48, 64, 3)]


def test_scores_that_are_no_numbers_are_refused_in_words(function):
    function.network.scores = [math.nan] * 3
    assert ask(function, jpeg()) == (422, {"error": "the scores are NaN or infinite"})


def test_it_listens_on_this_computer_only(function):
    assert function.server.socket.getsockname()[0] == "127.0.0.1"


def test_a_request_above_6_mb_is_refused_before_it_is_read(function):
    headers = {"Content-Length": str(MAX_REQUEST_BYTES + 1)}
    status, answer = ask(function, b"", headers=headers)
    assert status == 413
    assert answer["error"] == "6.0 MB, a request carries at most 6 MB"


def test_more_at_once_than_the_limit_is_throttled(function):
    function.network.gate.clear()
    statuses = []
    first = Thread(target=lambda: statuses.append(ask(function, jpeg())[0]))
    first.start()
    while not function.network.running:
        pass
    assert ask(function, jpeg())[0] == 429
    function.network.gate.set()
    first.join(10)
    assert statuses == [200]
    assert ask(function, jpeg())[0] == 200
    assert function.network.most_running == 1


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"token": "guess"}, 403),
        ({"token": "gu\u00e4ss".encode().decode("latin-1")}, 403),
        ({"headers": {"Host": "evil.example"}}, 403),
        ({"path": "/etc/passwd"}, 404),
        ({"body": b"no picture"}, 400),
        ({"body": b""}, 400),
        ({"body": jpeg()[:200]}, 400),
        ({"headers": {"Content-Length": "-5"}}, 411),
        ({"headers": {"Content-Length": "1" * 30}}, 411),
        ({"method": "GET"}, 501),
    ],
)
def test_strangers_and_nonsense_are_refused(function, options, status):
    assert ask(function, **{"body": jpeg(), **options})[0] == status
    assert ask(function, jpeg())[0] == 200


def test_a_picture_too_large_to_decode_is_refused_by_its_header(function):
    bomb = bytearray(jpeg())
    place = bomb.index(b"\xff\xc0")
    bomb[place + 5 : place + 9] = b"\xff\xff\xff\xff"
    status, answer = ask(function, bytes(bomb))
    assert status == 400
    assert "64 million pixels" in answer["error"]


@pytest.mark.slow
def test_the_real_process_labels_a_picture_over_the_real_loopback():
    """Cold, warm, cold again after a kill: a real interpreter, a real load, and the edge's own label."""
    told: list[tuple[Severity, str]] = []
    nothing = Network(0.0, math.inf, math.inf, 0.0)
    changed = Event()
    settings = CloudSettings(network=nothing, in_flight=1)
    worker = CloudWorker(settings, lambda *line: told.append(line), changed.set)
    thread = Thread(target=worker.run_lane, args=(0,))
    thread.start()
    image = np.random.default_rng(0).integers(0, 256, (300, 400, 3)).astype(np.uint8)

    def answer_to(seq: int):
        result = Result((Label(1, "x", 0.5),), np.zeros(1000, np.float32), 1, 2, 3, None)
        worker.offer(Frame(image, seq, seq), result, EngineChoice())
        assert changed.wait(60)
        changed.clear()
        assert worker.state is CloudState.ANSWERING, told
        return worker.ledger.latest

    try:
        cold, warm = answer_to(1), answer_to(2)
        assert (cold.cold, warm.cold) == (True, False)
        assert cold.times.start_ns > 50_000_000, "an interpreter and a network were really loaded"
        assert cold.times.total_ns > cold.times.start_ns
        assert warm.times.start_ns == 0
        assert warm.times.total_ns == pytest.approx(
            warm.times.encode_ns + warm.times.exchange_ns, abs=3_000_000
        ), "without a network, the time is what the local function takes"
        assert 0 < warm.times.function_ns <= warm.times.exchange_ns
        assert len(warm.top) == 5
        worker.make_cold()
        assert answer_to(3).cold
        assert worker.cold_starts == 2
    finally:
        worker.stop()
        thread.join(20)
    assert not thread.is_alive()
    assert told == []


def test_a_process_without_a_model_says_why():
    child = Child(
        "gui.compare.function",
        task_of(EngineChoice(model="/nowhere/x.onnx")) | {"token": "t", "concurrency": 1},
    )
    try:
        with pytest.raises(ChildError, match=r"x\.onnx"):
            child.read_document()
    finally:
        child.close()


def test_the_host_gives_every_instance_a_secret_of_its_own():
    tasks = []

    def make(task):
        tasks.append(task)
        return FakeProcess(task, FakeNetwork())

    host = FunctionHost(RealClock(), make)
    with host.lease(EngineChoice(), 2) as (_, cold):
        assert cold
    host.make_cold()
    with host.lease(EngineChoice(), 2):
        pass
    host.close()
    assert len({task["token"] for task in tasks}) == 2
    assert all(len(task["token"]) >= 32 for task in tasks)


def test_edges_hold_what_is_asked_about():
    edge = Edge(Frame(np.zeros((1, 1, 3), np.uint8), 0, 0), (), 5)
    assert edge.edge_ns == 5
