"""The cloud's threads: states, the plug, throttling, failures that heal and failures that do not."""

import math
import time
from threading import Condition, Thread

import numpy as np
import pytest

from engine import Label, Result
from gui.compare.child import ChildError
from gui.compare.cloud import CloudSettings
from gui.compare.function_host import TRIES, FunctionHost
from gui.compare.network import Network, RealClock
from gui.core.frame import Frame
from gui.core.state import EngineChoice
from gui.workers import cloud_worker
from gui.workers.cloud_worker import LANES, CloudState, CloudWorker
from tests.gui.compare.fake_function import Babbler, FakeNetwork, FakeProcess

NOTHING = Network(0.0, math.inf, math.inf, 0.0, 0.0)
CHOICE = EngineChoice()
IMAGE = np.zeros((64, 64, 3), np.uint8)


class Stand:
    """A worker with all its threads, over fake processes."""

    def __init__(self, make=None, **settings) -> None:
        self.network = FakeNetwork()
        self.processes = []
        self.told: list[str] = []
        self.changed = Condition()
        self.make = make or (lambda task: FakeProcess(task, self.network))
        self.worker = CloudWorker(
            CloudSettings(**{"network": NOTHING, **settings}),
            lambda _, text: self.told.append(text),
            self.note_change,
            FunctionHost(RealClock(), self._process),
            seed=0,
        )
        self.threads = [Thread(target=self.worker.run_lane, args=(lane,)) for lane in range(LANES)]
        for thread in self.threads:
            thread.start()
        self.seq = 0

    def _process(self, task):
        self.processes.append(self.make(task))
        return self.processes[-1]

    def note_change(self) -> None:
        with self.changed:
            self.changed.notify_all()

    def offer(self, choice: EngineChoice = CHOICE) -> None:
        self.seq += 1
        result = Result(
            (Label(1, "bee", 0.9),), np.zeros(3, np.float32), 1_000_000, 3_000_000, 1_000_000, None
        )
        self.worker.offer(Frame(IMAGE, self.seq, time.monotonic_ns()), result, choice)

    def wait(self, condition) -> None:
        with self.changed:
            deadline_s = time.monotonic() + 20
            while not condition():
                assert time.monotonic() < deadline_s, self.told
                self.changed.wait(0.01)

    @property
    def settled(self) -> int:
        ledger = self.worker.ledger
        return ledger.answered + ledger.failed + ledger.dropped

    def settle(self) -> None:
        self.offer()
        self.wait(lambda: self.settled == self.seq)

    def close(self) -> None:
        self.network.gate.set()
        self.worker.stop()
        for thread in self.threads:
            thread.join(20)
            assert not thread.is_alive()
        assert not any(process.is_alive for process in self.processes)


@pytest.fixture
def make_stand():
    stands: list[Stand] = []

    def make(*args, **settings) -> Stand:
        stands.append(Stand(*args, **settings))
        return stands[-1]

    yield make
    for stand in stands:
        stand.close()


def test_frames_are_answered_and_the_books_balance(make_stand):
    stand = make_stand()
    for _ in range(5):
        stand.settle()
    ledger = stand.worker.ledger
    assert (ledger.answered, ledger.failed, ledger.dropped, ledger.same_label) == (5, 0, 0, 5)
    assert stand.worker.state is CloudState.ANSWERING
    assert stand.worker.cold_starts == 1
    assert ledger.bytes_up > 5 * 500
    assert ledger.latest.seq == 5
    assert stand.told == []


def test_newer_frames_replace_those_that_wait(make_stand):
    stand = make_stand(in_flight=1)
    stand.settle()
    stand.network.gate.clear()
    stand.offer()
    stand.wait(lambda: stand.network.running == 1)
    for _ in range(4):
        stand.offer()
    assert stand.worker.ledger.dropped == 3
    stand.network.gate.set()
    stand.wait(lambda: stand.settled == stand.seq)
    assert stand.worker.ledger.latest.seq == 6


def test_more_in_flight_than_the_function_takes_is_throttled_and_said(make_stand):
    stand = make_stand(in_flight=3, concurrency=1)
    stand.settle()
    stand.network.gate.clear()
    stand.offer()
    stand.wait(lambda: stand.network.running == 1)
    stand.offer()
    stand.wait(lambda: stand.worker.ledger.failed == 1)
    stand.network.gate.set()
    stand.wait(lambda: stand.settled == stand.seq)
    assert stand.worker.ledger.failures() == {"throttled": 1}
    assert stand.told == ["cloud function: too many requests at once (status 429)"]
    stand.settle()
    assert stand.worker.ledger.answered == 3


def test_the_plug_is_an_outage_at_once_and_heals_at_once(make_stand):
    stand = make_stand(network=Network(60_000.0, math.inf, math.inf, 0.0), in_flight=2)
    stand.offer()
    stand.offer()
    start_s = time.monotonic()
    stand.worker.unplug()
    assert stand.worker.state is CloudState.UNPLUGGED
    stand.wait(lambda: stand.settled == 2)
    assert time.monotonic() - start_s < 1.0, "what was under way has ended"
    for _ in range(3):
        stand.settle()
    assert stand.worker.ledger.failures() == {"no network": 5 - stand.worker.ledger.dropped}
    stand.worker.set_settings(CloudSettings(network=NOTHING))
    stand.worker.plug_in()
    stand.settle()
    assert stand.worker.state is CloudState.ANSWERING
    assert stand.worker.ledger.answered == 1
    assert [text.split(":")[0] for text in stand.told] == [
        "the simulated network is unplugged",
        "the simulated network is back",
    ]


def test_a_function_that_hangs_shows_within_a_second_and_is_started_anew(make_stand):
    stand = make_stand(in_flight=1, timeout_s=1.5)
    stand.settle()
    stand.network.gate.clear()
    start_s = time.monotonic()
    stand.offer()
    stand.wait(lambda: stand.worker.state is CloudState.SILENT)
    assert 1.0 <= time.monotonic() - start_s < 1.4
    stand.wait(lambda: stand.worker.ledger.failed == 1)
    stand.network.gate.set()
    stand.settle()
    assert stand.worker.state is CloudState.ANSWERING
    assert stand.worker.cold_starts == 2
    assert stand.told == ["cloud function: no answer within 1.5 s; it is started anew, the edge goes on"]


def test_a_function_that_is_killed_is_started_anew(make_stand):
    stand = make_stand()
    stand.settle()
    stand.processes[0].kill()
    stand.settle()
    assert stand.worker.ledger.answered == 2
    assert stand.worker.cold_starts == 2


def test_a_function_that_always_babbles_is_given_up_until_asked_again(make_stand):
    stand = make_stand(make=lambda _: Babbler(b"nonsense\r\n\r\n"), in_flight=1)
    for _ in range(TRIES + 3):
        stand.settle()
    assert len(stand.processes) == TRIES
    assert stand.worker.state is CloudState.FAILED
    assert stand.told[-1].endswith("it is given up, the edge goes on")
    assert stand.worker.ledger.dropped == 3
    stand.make = lambda task: FakeProcess(task, stand.network)
    stand.worker.set_settings(CloudSettings(network=NOTHING))
    stand.settle()
    assert stand.worker.state is CloudState.ANSWERING


def test_a_model_without_a_float_network_is_said_once(make_stand):
    broken = ChildError("an artifact folder holds no float network")
    stand = make_stand(make=lambda task: FakeProcess(task, FakeNetwork(), broken), in_flight=1)
    for _ in range(3):
        stand.settle()
    assert stand.told == [
        "cloud function: an artifact folder holds no float network; it is given up, the edge goes on"
    ]
    stand.make = lambda task: FakeProcess(task, stand.network)
    stand.offer(EngineChoice(model="other"))
    stand.wait(lambda: stand.worker.ledger.answered == 1)


def test_an_answer_a_drop_at_a_time_is_ended(make_stand, monkeypatch):
    stand = make_stand(in_flight=1)
    stand.settle()
    stand.network.gate.clear()
    stand.offer()
    stand.wait(lambda: stand.network.running == 1)
    monkeypatch.setattr(cloud_worker.CloudWorker, "_asking_ns", lambda _: 10**12)
    stand.worker.look_after()
    assert not stand.processes[0].is_alive


def test_one_can_ask_for_a_cold_start(make_stand):
    stand = make_stand()
    stand.settle()
    stand.worker.make_cold()
    stand.settle()
    assert stand.worker.ledger.latest.cold
    assert stand.worker.cold_starts == 2


def test_frames_without_labels_are_not_sent_and_counted_so(make_stand):
    stand = make_stand()
    stand.worker.offer(Frame(IMAGE, 0, 0), Result((), np.zeros(3, np.float32), 1, 1, 1, None), EngineChoice())
    assert stand.worker.state is CloudState.UNASKED
    stand.seq = 1
    stand.settle()
    assert stand.worker.state is CloudState.ANSWERING
    ledger = stand.worker.ledger
    assert (ledger.answered, ledger.dropped) == (1, 1)
