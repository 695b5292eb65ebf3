"""The comparing thread: both answers side by side, its own drops, a process that fails, hangs or is another's."""

import time
from threading import Event, Thread

import numpy as np
import pytest

from engine import Label, Result
from gui.compare.child import ChildError
from gui.compare.float_client import FloatAnswer
from gui.core.frame import Frame
from gui.core.state import EngineChoice
from gui.widgets.monitor_wording import agreement_line
from gui.workers import compare_worker
from gui.workers.compare_worker import TRIES, CompareState, CompareWorker

CHOICE, OTHER = EngineChoice(), EngineChoice(model="other.onnx")
PIXELS = np.zeros((4, 4, 3), np.uint8)
IMAGE = np.zeros((8, 8, 3), np.uint8)


class FakeClient:
    """Answers with a fixed first class; ``script`` may hold errors to raise, or events to wait for first."""

    def __init__(self, first: int = 1) -> None:
        self.labels = ("ant", "bee", "cat")
        self.input_hw = (4, 4)
        self.first = first
        self.script: list[object] = []
        self.ready_error: ChildError | None = None
        self.killed = Event()
        self.closed = False
        self.runs = 0

    def wait_ready(self) -> None:
        if self.ready_error is not None:
            raise self.ready_error

    def run(self, pixels) -> FloatAnswer:
        self.runs += 1
        step = self.script.pop(0) if self.script else None
        if isinstance(step, Exception):
            raise step
        if step == "hang":
            self.killed.wait(20)
            raise ChildError("ended with status -9")
        if isinstance(step, Event):
            step.wait(20)
        logits = np.zeros(3, np.float32)
        logits[self.first] = np.nan if step == "NaN" else 5.0
        return FloatAnswer(logits, 7_000_000)

    def kill(self) -> None:
        self.killed.set()

    def close(self) -> None:
        self.closed = True


class Bench:
    """A worker in its thread, over fake clients."""

    def __init__(self, *clients: FakeClient) -> None:
        self.clients = list(clients)
        self.made: list[EngineChoice] = []
        self.told: list[str] = []
        self.worker = CompareWorker(self.make, lambda _, text: self.told.append(text), lambda: None)
        self.thread = Thread(target=self.worker.run)
        self.seq = 0

    def make(self, choice: EngineChoice) -> FakeClient:
        self.made.append(choice)
        return self.clients[len(self.made) - 1]

    def offer(self, choice: EngineChoice = CHOICE, pixels=PIXELS, classes: int = 3) -> None:
        logits = np.zeros(classes, np.float32)
        logits[1] = 3.0
        result = Result((Label(1, "bee", 0.9),), logits, 0, 4_000_000, 0, None, pixels)
        self.worker.offer(Frame(IMAGE, self.seq, self.seq * 1000), result, choice)
        self.seq += 1

    def wait(self, condition) -> None:
        deadline_s = time.monotonic() + 10
        while not condition():
            assert time.monotonic() < deadline_s
            time.sleep(0.001)  # the other thread's turn

    def settle(self, choice: EngineChoice = CHOICE, **options) -> None:
        """Offer a frame and wait until it is compared or dropped."""
        agreement = self.worker.agreement
        before = agreement.compared + agreement.dropped
        self.offer(choice, **options)
        self.wait(lambda: agreement.compared + agreement.dropped > before)


@pytest.fixture
def bench():
    benches: list[Bench] = []

    def make(*clients: FakeClient) -> Bench:
        benches.append(Bench(*clients))
        benches[-1].thread.start()
        return benches[-1]

    yield make
    for each in benches:
        each.worker.stop()
        each.thread.join(10)
        assert not each.thread.is_alive()
        assert all(client.closed for client in each.clients[: len(each.made)])


def test_both_answers_of_a_frame_come_side_by_side(bench):
    stand = bench(FakeClient(first=1))
    stand.settle()
    latest = stand.worker.agreement.latest
    assert [label.name for label in latest.float_top] == ["bee", "ant", "cat"]
    assert latest.device_top[0].name == "bee"
    assert latest.agrees
    assert latest.cosine == pytest.approx(1.0)
    assert (latest.float_run_ns, latest.device_run_ns) == (7_000_000, 4_000_000)
    assert stand.worker.state is CompareState.COMPARING


def test_a_disagreement_keeps_its_picture(bench):
    stand = bench(FakeClient(first=2))
    stand.settle()
    (kept,) = stand.worker.agreement.disagreements()
    assert kept.compared.float_top[0].name == "cat"
    assert stand.worker.agreement.agreed == 0


def test_frames_that_come_while_it_is_busy_are_dropped_and_counted(bench):
    client, gate = FakeClient(), Event()
    client.script = [gate]
    stand = bench(client)
    stand.offer()
    stand.wait(lambda: client.runs == 1)
    for _ in range(5):
        stand.offer()
    assert stand.worker.agreement.dropped == 4
    gate.set()
    stand.wait(lambda: stand.worker.agreement.compared == 2)
    assert stand.worker.agreement.latest.seq == 5


def test_another_engine_gets_its_own_network(bench):
    first, second = FakeClient(), FakeClient()
    stand = bench(first, second)
    stand.settle()
    stand.settle(OTHER)
    assert stand.made == [CHOICE, OTHER]
    assert first.closed
    assert second.runs == 1


def test_a_process_that_ends_is_started_anew(bench):
    first, second = FakeClient(), FakeClient()
    first.script = [ChildError("gui.compare.float_process ended with status -11")]
    stand = bench(first, second)
    stand.settle()
    stand.settle()
    assert stand.worker.agreement.compared == 1
    assert stand.told == [
        "float against 8 bit: gui.compare.float_process ended with status -11; it is started anew"
    ]


def test_a_process_that_always_ends_is_given_up(bench):
    clients = [FakeClient() for _ in range(TRIES)]
    for client in clients:
        client.script = [ChildError("it ended")]
    stand = bench(*clients)
    for _ in range(TRIES + 3):
        stand.settle()
    assert len(stand.made) == TRIES
    assert stand.worker.state is CompareState.FAILED
    assert stand.worker.agreement.dropped == TRIES + 3
    assert stand.told[-1] == "float against 8 bit: it ended"


def test_failures_count_against_a_process_only_until_it_answers(bench):
    clients = [FakeClient() for _ in range(2 * TRIES - 1)]
    for client in clients[:-1]:
        client.script = [ChildError("it ended")]
    clients[TRIES - 1].script.insert(0, "answer")  # after one failure less than are too many
    stand = bench(*clients)
    for _ in range(2 * TRIES):
        stand.settle()
    assert stand.worker.agreement.compared == 2
    assert stand.worker.state is CompareState.COMPARING


def test_failures_of_one_model_do_not_count_against_another(bench):
    clients = [FakeClient() for _ in range(2 * TRIES)]
    for client in clients[:-1]:
        client.script = [ChildError("it ended")]
    stand = bench(*clients)
    for choice in (CHOICE, OTHER):
        for _ in range(TRIES):
            stand.settle(choice)
    assert stand.worker.agreement.compared == 1
    assert stand.worker.state is CompareState.COMPARING


def test_a_model_without_a_float_network_is_said_once_and_another_may_have_one(bench):
    first, second = FakeClient(), FakeClient()
    first.ready_error = ChildError("an artifact folder holds no float network")
    stand = bench(first, second)
    for _ in range(3):
        stand.settle()
    assert stand.told == ["float against 8 bit: an artifact folder holds no float network"]
    stand.settle(OTHER)
    assert stand.worker.agreement.compared == 1


def test_a_process_that_hangs_is_killed_and_started_anew(bench, monkeypatch):
    monkeypatch.setattr(compare_worker, "HANGS_AFTER_S", 0.05)
    first, second = FakeClient(), FakeClient()
    first.script = ["hang"]
    stand = bench(first, second)
    stand.offer()
    stand.wait(lambda: first.runs == 1)

    def killed() -> bool:
        stand.worker.look_after()
        return first.killed.is_set()

    stand.wait(killed)
    stand.wait(lambda: first.closed)
    stand.settle()
    assert stand.worker.agreement.compared == 1
    assert stand.told[0] == "the float network does not answer; it is started anew"


@pytest.mark.parametrize("options", [{"pixels": np.zeros((5, 5, 3), np.uint8)}, {"classes": 7}])
def test_an_answer_of_another_network_is_not_compared(bench, options):
    stand = bench(FakeClient())
    stand.settle(**options)
    assert (stand.worker.agreement.compared, stand.worker.agreement.dropped) == (0, 1)


def test_a_result_without_pixels_is_left_alone(bench):
    stand = bench(FakeClient())
    stand.offer(pixels=None)
    stand.settle()
    assert (stand.worker.agreement.compared, stand.worker.agreement.dropped) == (1, 0)


def test_stopping_ends_a_process_that_hangs(bench):
    client = FakeClient()
    client.script = ["hang"]
    stand = bench(client)
    stand.offer()
    stand.wait(lambda: client.runs == 1)
    stand.worker.stop()
    stand.thread.join(10)
    assert client.killed.is_set()
    assert stand.told == []


def test_frames_on_which_a_network_names_nothing_are_counted_and_not_compared(bench):
    client = FakeClient()
    client.script = ["NaN"]
    stand = bench(client)
    agreement = stand.worker.agreement
    stand.offer()
    stand.wait(lambda: agreement.unnamed == 1)
    none = Result((), np.full(3, np.nan, np.float32), 0, 4_000_000, 0, None, PIXELS)
    stand.worker.offer(Frame(IMAGE, 9, 9), none, CHOICE)
    stand.wait(lambda: agreement.unnamed == 2)
    assert stand.worker.state is CompareState.COMPARING
    stand.settle()
    assert agreement.compared == 1
    assert agreement_line(agreement).endswith("2 not, a network named nothing")
