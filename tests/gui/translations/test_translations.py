"""Every text of the window has a German translation, with the same places to fill in."""

from __future__ import annotations

import string
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QTranslator
from pytestqt.qtbot import QtBot

from gui.core.settings import Settings
from gui.core.state import SourceState
from gui.translations import FOLDER
from gui.translations.collect import Text, collect
from gui.widgets.language import install_language
from gui.widgets.main_window import MainWindow
from tests.gui.widgets.fake_pipeline import FakePipeline


@pytest.fixture
def german() -> QTranslator:
    translator = QTranslator()
    assert translator.load(str(FOLDER / "lens7_de.qm"))
    return translator


def fields(text: str) -> list[str]:
    return sorted(f"{name}:{form}" for _, name, form, _ in string.Formatter().parse(text) if name is not None)


def test_every_text_is_translated(german: QTranslator) -> None:
    missing = [text for text in sorted(collect()) if not german.translate(text.context, text.source)]
    assert missing == [], (
        "run python -m gui.translations.collect, then translate in gui/translations/lens7_de.ts"
    )


def test_translations_fill_in_the_same(german: QTranslator) -> None:
    differing = {
        text.source: german.translate(text.context, text.source)
        for text in collect()
        if fields(text.source) != fields(german.translate(text.context, text.source))
    }
    assert differing == {}


def test_the_released_file_is_that_of_the_source(german: QTranslator) -> None:
    tree = ElementTree.parse(FOLDER / "lens7_de.ts")
    for context in tree.getroot().iter("context"):
        for message in context.iter("message"):
            source, translation = message.findtext("source") or "", message.find("translation")
            assert translation is not None and translation.get("type") is None
            assert german.translate(context.findtext("name") or "", source) == translation.text


def test_texts_of_calls_and_tables_are_found() -> None:
    found = collect()
    for text in (
        Text("BenchToolbar", "Kernels"),
        Text("Wording", "perhaps"),
        Text("Commands", "Full screen"),
        Text("Words", "queue wait"),
        Text("Words", "Colours of the window."),
    ):
        assert text in found
    assert all(text.context for text in found)


def test_the_window_speaks_german(qtbot: QtBot, tmp_path: Path) -> None:
    application = QCoreApplication.instance()
    assert application is not None
    installed = install_language(application, "de")
    try:
        pipeline = FakePipeline()
        window = MainWindow(pipeline, Settings(tmp_path / "settings.json"), "dark")
        qtbot.addWidget(window)
        pipeline.set_state(SourceState.LOST)
        assert window.bench_face.dock("sources").windowTitle() == "Quellen"
        assert window.bench_face.source.status.word == "verloren"
        assert ("F11", "Vollbild") in window.around.shortcuts.lines
        window.around.stats.refresh()
        assert window.around.stats.texts[3] == "Kein Bild wurde verworfen."
        window.close()
    finally:
        for translator in installed:
            application.removeTranslator(translator)
    assert installed


@pytest.mark.parametrize("language", ["en", "xx"])
def test_english_needs_nothing(language: str) -> None:
    application = QCoreApplication.instance()
    assert application is not None
    assert install_language(application, language) == ()
