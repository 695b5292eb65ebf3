from types import SimpleNamespace

import pytest

from gui.core.explain import Reason, explain


def label(name, probability):
    return SimpleNamespace(name=name, probability=probability)


def test_a_thing_that_is_no_class_is_named_in_the_readers_language():
    german = {"scissors": "Schere", "can opener": "Dosenöffner"}
    text = explain([label("can opener", 0.19)], "scissors", False, word=lambda one: german.get(one, one)).text
    assert text.startswith("Schere: not among its 1000 classes. It names what looks most alike: can opener.")
    right = explain(
        [label("can opener", 0.9)], "can opener", True, word=lambda one: german.get(one, one)
    ).text
    assert right.startswith("Right: can opener")


@pytest.mark.parametrize(
    ("top", "truth", "known", "reason", "says"),
    [
        ([label("cup", 0.9)], "cup", True, Reason.RIGHT, "90 %"),
        ([label("spatula", 0.22)], "scissors", False, Reason.NO_SUCH_CLASS, "not among its 1000 classes"),
        ([label("red wine", 0.8)], "cola", False, Reason.NO_SUCH_CLASS, "none of these"),
        (
            [label("tiger cat", 0.4), label("tabby", 0.3)],
            "tabby",
            True,
            Reason.LOOK_ALIKE,
            "40 % against 30 %",
        ),
        ([label("missile", 0.2), label("crane", 0.1)], "rocket", True, Reason.UNSURE, "does not know"),
        ([label("desk", 0.9), label("mouse", 0.05)], "mouse", True, Reason.WRONG, "number 2"),
        ([label("desk", 0.9)], "mouse", True, Reason.WRONG, "says desk"),
    ],
)
def test_each_reason_is_told_in_its_own_words(top, truth, known, reason, says):
    explanation = explain(top, truth, known)
    assert explanation.reason is reason
    assert says in explanation.text.replace("\u00a0", " ")
