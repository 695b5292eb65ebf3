"""The thread that answers what-if questions: newest wins, refusals are words."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from gui.core.device_figures import DeviceClock, DeviceFigures
from gui.core.what_if import Number, WhatIf
from gui.workers.beside import Beside
from gui.workers.device_model import DeviceModel
from tests.gui.fakes import EndlessSource, FakeBackend, FakeSession
from tests.gui.widgets.compiled import compiled

TDA4VM = WhatIf.chip("tda4vm")


@pytest.fixture
def model(qtbot: QtBot, beside: Beside) -> DeviceModel:
    return DeviceModel(beside.run)


def asked(qtbot: QtBot, model: DeviceModel, artifact, what_if=None):  # type: ignore[no-untyped-def]
    with qtbot.waitSignal(model.answered):
        model.ask(artifact, what_if)
    return model.answer


def test_the_first_answer_is_the_chip_compiled_for(qtbot: QtBot, model: DeviceModel) -> None:
    assert model.answer is None
    answer = asked(qtbot, model, compiled())
    assert answer.compiled is answer.asked
    assert answer.compiled.what_if == TDA4VM
    assert answer.refusal == ""


def test_a_question_is_answered_beside_the_chip_compiled_for(qtbot: QtBot, model: DeviceModel) -> None:
    question = TDA4VM.with_value(Number.CLOCK, 500)
    answer = asked(qtbot, model, compiled(), question)
    assert answer.what_if == answer.asked.what_if == question
    assert answer.compiled.what_if == TDA4VM
    assert answer.asked.device_ms > answer.compiled.device_ms
    same = asked(qtbot, model, compiled(), TDA4VM)
    assert same.what_if == TDA4VM
    assert same.asked is same.compiled is answer.compiled


def test_a_refusal_is_words_and_the_next_question_is_answered(qtbot: QtBot, model: DeviceModel) -> None:
    refused = asked(qtbot, model, compiled(), TDA4VM.with_value(Number.CLOCK, 0))
    assert refused.asked is None
    assert refused.compiled is not None
    assert refused.refusal == "clock of 0 MHz: allowed are 50 to 4000 MHz"
    small = asked(qtbot, model, compiled(), TDA4VM.with_value(Number.L2, 16))
    assert small.asked is None
    assert "L2" in small.refusal
    assert asked(qtbot, model, compiled()).refusal == ""


@pytest.mark.parametrize(
    ("artifact", "told"),
    [
        (compiled(device=False), "no node runs on the device"),
        (replace(compiled(), soc="tda5"), "unknown SoC 'tda5'"),
    ],
)
def test_a_network_that_cannot_be_modelled_says_why(qtbot: QtBot, model: DeviceModel, artifact, told) -> None:  # type: ignore[no-untyped-def]
    answer = asked(qtbot, model, artifact, TDA4VM)
    assert answer.compiled is None
    assert answer.asked is None
    assert told in answer.refusal


class SlowClock:
    """Answers the first question when it is let go; counts what it was asked."""

    def __init__(self) -> None:
        self.real = DeviceClock(compiled())
        self.asked: list[WhatIf] = []
        self.go = threading.Event()

    def figures(self, what_if: WhatIf) -> DeviceFigures:
        self.asked.append(what_if)
        self.go.wait(10)
        return self.real.figures(what_if)


def test_of_many_questions_only_the_newest_is_worked_on(qtbot: QtBot, beside: Beside) -> None:
    clock = SlowClock()
    model = DeviceModel(beside.run, lambda _artifact: clock)
    questions = [TDA4VM.with_value(Number.CLOCK, mhz) for mhz in range(500, 900, 10)]
    model.ask(compiled())
    qtbot.waitUntil(lambda: clock.asked == [TDA4VM])
    for question in questions:
        model.ask(compiled(), question)
    clock.go.set()
    qtbot.waitUntil(lambda: model.answer is not None and model.answer.what_if == questions[-1])
    assert clock.asked == [TDA4VM, questions[-1]]


def test_the_pipeline_tells_which_compiled_network_labels_the_frames(make_stand) -> None:  # type: ignore[no-untyped-def]
    session = FakeSession()
    session.artifact = compiled()
    stand = make_stand(EndlessSource(), FakeBackend(session))
    assert stand.pipeline.artifact is None
    stand.pipeline.start("fake")
    stand.wait_ready()
    assert stand.pipeline.artifact is session.artifact
