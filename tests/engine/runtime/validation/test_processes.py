"""Processes that really die: a picture at most is lost, and the line says so."""

import multiprocessing
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest

from engine.errors import KernelError
from engine.runtime.validation.folder import Skipped
from engine.runtime.validation.measure import Outcome, run_here
from engine.runtime.validation.processes import run_processes
from tests.engine.runtime.validation.tiny import FakeOpener, tasks_named


def sorted_results(opener, tasks, workers):
    return sorted(run_processes(opener, tasks, None, workers), key=lambda result: result.file)


def test_every_picture_is_measured_once_whoever_measures(tmp_path):
    tasks = tasks_named(*(f"{i:02}" for i in range(9)))
    here = list(run_here(FakeOpener(tmp_path), tasks, None))
    assert sorted_results(FakeOpener(tmp_path), tasks, 2) == here
    assert len(list(tmp_path.glob("closed.*"))) == 3, "every meter is closed, in each process and here"


def test_a_picture_whose_process_died_is_tried_again(tmp_path):
    results = sorted_results(FakeOpener(tmp_path), tasks_named("a", "dies_once", "z"), 1)
    assert [type(result) for result in results] == [Outcome] * 3


def test_a_picture_that_ends_its_process_twice_is_skipped_with_the_reason(tmp_path):
    results = sorted_results(FakeOpener(tmp_path), tasks_named("a", "dies", "z"), 2)
    assert [type(result) for result in results] == [Outcome, Skipped, Outcome]
    assert "died 2 times (exit status 9)" in results[1].reason


def test_processes_that_die_at_their_start_are_given_up(tmp_path):
    results = sorted_results(FakeOpener(tmp_path, "dies"), tasks_named("a", "b"), 2)
    assert [result.reason for result in results] == [
        "not measured: worker processes end at their start (exit status 7)"
    ] * 2


def test_what_a_process_refuses_is_raised_here(tmp_path):
    with pytest.raises(KernelError, match="cannot run here"):
        sorted_results(FakeOpener(tmp_path, "refuses"), tasks_named("a"), 2)


def test_processes_end_when_nobody_reads_on(tmp_path):
    results = run_processes(FakeOpener(tmp_path), tasks_named(*map(str, range(50))), None, 1)
    next(results)
    assert [child.name for child in multiprocessing.active_children()] == ["lens7-validate"]
    results.close()
    assert multiprocessing.active_children() == []


class InterruptedOpener(FakeOpener):
    """Ctrl+C is pressed while it is on its way to a process."""

    def __getstate__(self):
        signal.raise_signal(signal.SIGINT)
        (self.folder / "sent whole").touch()
        return self.__dict__


def test_an_interrupt_while_a_process_starts_leaves_no_half_of_one(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        list(run_processes(InterruptedOpener(tmp_path), tasks_named("a"), None, 1))
    assert (tmp_path / "sent whole").exists()
    assert multiprocessing.active_children() == []
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_any_thread_may_start_processes(tmp_path):
    with ThreadPoolExecutor() as pool:
        results = pool.submit(sorted_results, FakeOpener(tmp_path), tasks_named("a"), 1).result()
    assert [type(result) for result in results] == [Outcome]
