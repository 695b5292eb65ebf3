"""The golden self-check beside the window: its verdicts, its crash, and that nothing waits for it."""

import sys

import pytest

from gui.core.self_check import golden_digest, result_of
from gui.core.state import Severity
from gui.workers import self_checker
from gui.workers.self_checker import COMMAND, SelfChecker
from tests.gui.fakes import EndlessSource


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


OK = """print('{"kernels": {"numpy": "ok", "native": "unavailable: no vector units"}, "golden": "ok"}')"""
DIFFERS = """print('{"kernels": {"numpy": "ok", "native": "differs: tensor x"}, "golden": "ok"}')"""
GOLDEN = """print('{"kernels": {"numpy": "ok"}, "golden": "differs: classifier"}')"""
CRASH = "import os, signal; os.kill(os.getpid(), signal.SIGILL)"


@pytest.fixture
def check(make_stand):
    checkers: list[SelfChecker] = []

    def make(command) -> tuple:
        stand = make_stand(EndlessSource())
        checkers.append(SelfChecker(stand.pipeline, command))
        stand.pipeline.start("fake")
        return stand, checkers[-1]

    yield make
    for checker in checkers:
        checker.close()


@pytest.mark.parametrize(
    ("code", "passed", "says"),
    [
        (OK, True, "self-check passed 20"),
        (DIFFERS, False, "native differs: tensor x"),
        (GOLDEN, False, "golden differs: classifier"),
        (CRASH, False, "the self-check crashed on this processor"),
        ("print('nonsense')", False, "the self-check gave no answer"),
        ("pass", False, "the self-check gave no answer"),
    ],
)
def test_the_first_ready_engine_is_checked_and_the_verdict_is_said(check, code, passed, says):
    stand, checker = check(python(code))
    stand.wait(lambda: checker.result is not None)
    assert checker.result.passed is passed
    message = stand.pipeline.messages()[0]
    assert says in message.text
    assert message.severity is (Severity.INFO if passed else Severity.BAD)
    assert not checker.running


def test_a_check_that_cannot_start_is_a_verdict_too(check):
    stand, checker = check(["/no/such/python"])
    stand.wait(lambda: checker.result is not None)
    assert not checker.result.passed


def test_a_check_is_run_once_and_again_on_demand(check):
    stand, checker = check(python(OK))
    stand.wait(lambda: checker.result is not None)
    first = checker.result
    stand.pipeline.state_changed.emit()
    assert not checker.running
    checker.run()
    assert checker.running
    stand.wait(lambda: checker.result is not first)


def test_a_check_that_hangs_is_ended_and_is_a_verdict(check, monkeypatch):
    monkeypatch.setattr(self_checker, "HANGS_AFTER_MS", 200)
    stand, checker = check(python("import time; time.sleep(60)"))
    stand.wait(lambda: checker.result is not None)
    assert not checker.result.passed
    assert "the self-check gave no answer" in stand.texts()[0]
    assert not checker.running


def test_closing_gives_up_a_running_check(check):
    stand, checker = check(python("import time; time.sleep(60)"))
    stand.wait(lambda: checker.running)
    checker.close()
    assert not checker.running
    assert checker.result is None


def test_the_digest_changes_with_any_golden_value():
    assert golden_digest({"a": "1", "b": "2"}) == golden_digest({"b": "2", "a": "1"})
    assert golden_digest({"a": "1", "b": "2"}) != golden_digest({"a": "1", "b": "3"})


@pytest.mark.parametrize("output", [b"[]", b"{}", b'{"kernels": 1, "golden": "ok"}', b"[" * 9999, b"\xff"])
def test_nonsense_is_no_answer(output):
    assert result_of(output, False, "today", "0").problem == "the self-check gave no answer"


def test_the_real_command_passes(check):
    stand, checker = check(COMMAND)
    stand.qtbot.waitUntil(lambda: checker.result is not None, timeout=180_000)
    assert checker.result.passed
    assert dict(checker.result.kernels)["numpy"] == "ok"
