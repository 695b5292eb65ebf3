"""Windows in reference cycles die in the main thread, whatever other threads allocate."""

import gc
import threading

import pytest
from PySide6.QtCore import QObject

from gui import garbage
from gui.garbage import MainThreadCollector


class Cycle(QObject):
    """Knows itself, so that only the collector takes it apart; notes in which thread."""

    def __init__(self, died_in: list[str]) -> None:
        super().__init__()
        self.own = self
        self.died_in = died_in

    def __del__(self) -> None:
        self.died_in.append(threading.current_thread().name)


def allocate() -> None:
    """Allocate more containers than any threshold of the collector."""
    kept = [[] for _ in range(200_000)]
    assert len(kept) == 200_000


def in_worker(work) -> None:
    worker = threading.Thread(target=work, name="worker")
    worker.start()
    worker.join()


@pytest.fixture
def left_alone(collector_state):
    """Let the collector do as it does in a new process, during the test."""
    gc.enable()


@pytest.mark.usefixtures("left_alone")
def test_left_alone_a_worker_collects_what_is_the_main_threads():
    died_in: list[str] = []
    Cycle(died_in)
    in_worker(allocate)
    assert died_in == ["worker"], "the danger that the collector of this module is for"


@pytest.mark.usefixtures("left_alone")
def test_cycles_die_in_the_main_thread_only(qtbot, monkeypatch):
    monkeypatch.setattr(garbage, "INTERVAL_MS", 1)
    owner = QObject()
    collector = MainThreadCollector(owner)
    died_in: list[str] = []
    Cycle(died_in)
    in_worker(allocate)
    assert died_in == []
    qtbot.waitUntil(lambda: bool(died_in), timeout=10_000)
    assert died_in == [threading.current_thread().name]
    assert collector.parent() is owner


@pytest.mark.usefixtures("left_alone")
def test_old_objects_are_looked_at_now_and_then_but_not_those_of_the_start(qtbot, monkeypatch):
    monkeypatch.setattr(garbage, "INTERVAL_MS", 1)
    monkeypatch.setattr(garbage, "FULL_EVERY", 5)
    owner = QObject()
    died_in: list[str] = []
    of_the_start, spared_until = Cycle(died_in), gc.get_freeze_count()
    MainThreadCollector(owner)
    qtbot.waitUntil(lambda: gc.get_freeze_count() > spared_until, timeout=10_000)
    old = Cycle(died_in)
    gc.collect()  # what survives this is old
    del of_the_start, old
    qtbot.waitUntil(lambda: bool(died_in), timeout=10_000)
    gc.collect()
    assert len(died_in) == 1


@pytest.mark.usefixtures("left_alone")
def test_what_is_spared_is_never_looked_at(qtbot):
    owner = QObject()
    collector = MainThreadCollector(owner)
    died_in: list[str] = []
    spared = Cycle(died_in)
    collector.spare_what_lives()
    del spared
    gc.collect()
    assert died_in == []
    gc.unfreeze()
    gc.collect()
    assert len(died_in) == 1


def test_gaps_are_given_back_between_two_full_collections(qtbot, monkeypatch, collector_state):
    done: list[str] = []
    monkeypatch.setattr(garbage, "INTERVAL_MS", 1)
    monkeypatch.setattr(garbage, "FULL_EVERY", 6)
    monkeypatch.setattr(garbage, "return_gaps", lambda: done.append("gaps"))
    monkeypatch.setattr(garbage.gc, "collect", lambda generation=2: done.append(f"collect {generation}"))
    owner = QObject()
    MainThreadCollector(owner)
    qtbot.waitUntil(lambda: len(done) >= 11, timeout=10_000)
    # The sixth tick spares what has come in since the start, the twelfth looks at everything.
    young = ["collect 1"] * 2
    assert done[:11] == [*young, "gaps", *young, *young, "gaps", *young, "collect 2"]
