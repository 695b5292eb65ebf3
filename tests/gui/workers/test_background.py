"""Jobs beside the window: in order, delivered in the main thread, errors to whom they concern."""

import sys
import threading

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from gui.workers.background import Background
from gui.workers.beside import Beside


@pytest.fixture
def background(qtbot: QtBot, beside: Beside) -> Background:
    return Background("test jobs", beside.run)


def test_results_come_in_order_and_to_the_main_thread(qtbot: QtBot, background: Background) -> None:
    got: list[tuple[int, bool]] = []
    worked: set[str] = set()

    def job(number: int) -> int:
        worked.add(threading.current_thread().name)
        return number

    for number in range(5):
        background.run(
            lambda number=number: job(number),
            lambda result: got.append((result, threading.current_thread() is threading.main_thread())),
        )
    qtbot.waitUntil(lambda: len(got) == 5)
    assert got == [(number, True) for number in range(5)]
    assert worked == {"test jobs"}


def test_a_failure_goes_to_who_asked_for_it(qtbot: QtBot, background: Background) -> None:
    errors: list[Exception] = []
    background.run(lambda: 1 // 0, lambda _: None, errors.append)
    qtbot.waitUntil(lambda: len(errors) == 1)
    assert isinstance(errors[0], ZeroDivisionError)


def test_a_defect_goes_where_uncaught_exceptions_go(
    qtbot: QtBot, background: Background, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[type] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, *_: seen.append(kind))
    done: list[int] = []
    background.run(lambda: 1 // 0, lambda _: None)
    background.run(lambda: 7, done.append)
    qtbot.waitUntil(lambda: done == [7])
    assert seen == [ZeroDivisionError]


def test_nothing_is_done_or_delivered_once_stopped(background: Background, beside: Beside) -> None:
    started, go_on = threading.Event(), threading.Event()

    def job() -> int:
        started.set()
        go_on.wait(10)
        return 1

    got: list[int] = []
    background.run(job, got.append)
    background.run(lambda: got.append(2), got.append)
    assert started.wait(10)
    (thread,) = beside.threads()
    beside.stop()
    go_on.set()
    thread.join(10)
    assert not thread.is_alive()
    background.run(lambda: 3, got.append)
    QCoreApplication.processEvents()
    assert beside.threads() == ()
    assert got == []
