"""Labels that no installed font can show are told of, once, instead of boxes without a word."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtGui import QFontMetricsF

from gui.core.state import Severity, SourceState
from gui.widgets import label_letters
from gui.widgets.label_letters import missing_letters
from gui.widgets.main_window import MainWindow
from tests.gui.widgets.compiled import compiled
from tests.gui.widgets.fake_pipeline import FakePipeline


class LatinMetrics(QFontMetricsF):
    """Those of a computer that has fonts for European scripts alone."""

    def inFontUcs4(self, letter: int) -> bool:
        return letter < 0x0530


@pytest.fixture
def european(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(label_letters, "QFontMetricsF", LatinMetrics)


def label(pipeline: FakePipeline, *labels: str) -> None:
    pipeline.artifact = replace(compiled(), labels=labels)
    pipeline.set_state(SourceState.LIVE)


def test_letters_of_the_programs_own_font_are_never_missing(window: MainWindow) -> None:
    assert missing_letters(["Kaffeetasse", "čaj", "σκύλος", "собака", "a\tb\n", ""]) == ""


def test_letters_without_a_font_are_found_once_in_their_order(european: None, window: MainWindow) -> None:
    assert missing_letters(["金鱼", "cup 金", "한"]) == "金鱼한"


def test_boxes_are_told_of_once_with_what_to_do(
    european: None, window: MainWindow, pipeline: FakePipeline
) -> None:
    label(pipeline, "金鱼", "coffee mug", "大白鲨")
    label(pipeline, "金鱼", "coffee mug", "大白鲨")
    label(pipeline, "goldfish", "coffee mug", "white shark")
    label(pipeline, "金鱼", "coffee mug", "大白鲨")
    [message] = pipeline.messages()
    assert message.severity is Severity.WARNING
    assert message.text == (
        "mobilenet_v2_1p4: 2 of 3 labels show boxes, no font has their letters; "
        "install a font such as fonts-noto-cjk, start Lens7 again (U+91D1, CJK)"
    )


@pytest.mark.parametrize(
    ("name", "script", "package"),
    [
        ("カップ", "KATAKANA", "fonts-noto-cjk"),
        ("개", "HANGUL", "fonts-noto-cjk"),
        ("แมว", "THAI", "fonts-noto-core"),
        ("\U0001f436", "DOG", "fonts-noto-color-emoji"),
    ],
)
def test_the_font_of_the_script_is_named(
    european: None, window: MainWindow, pipeline: FakePipeline, name: str, script: str, package: str
) -> None:
    label(pipeline, "cup", name)
    [message] = pipeline.messages()
    assert f", {script})" in message.text and f"such as {package}," in message.text
