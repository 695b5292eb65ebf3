"""Every text of the window has a German translation, with the same places to fill in."""

from __future__ import annotations

import ast
import re
import string
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

import pytest
from PySide6.QtCore import QCoreApplication, QRect, QTranslator
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from engine.errors import ModelError
from gui.capture import cameras
from gui.capture.image_file import read_picture
from gui.capture.source import UnreadablePictureError
from gui.core.device_figures import DeviceClock
from gui.core.errors import RefusedError, told
from gui.core.settings import Settings
from gui.core.state import Progress, SourceChoice, SourceKind, SourceState
from gui.core.theme import DARK, SHOW_SCALE
from gui.core.what_if import LIMITS, Number, WhatIf
from gui.monitor.alarms import Alarm, Quantity, Rule
from gui.translations import FOLDER
from gui.translations.collect import GUI, Text, collect
from gui.widgets import step_strip, style
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.language import install_language
from gui.widgets.layer_facts import LayerFacts
from gui.widgets.main_window import MainWindow
from gui.widgets.monitor_wording import share_text
from gui.widgets.progress_card import ProgressCard
from gui.widgets.stats_plots import UnitAxis
from gui.widgets.what_if_controls import NumberRow
from gui.widgets.wording import compile_title, modelled_clock
from gui.workers.pipeline import Pipeline
from tests.gui.fakes import FakeBackend
from tests.gui.widgets.compiled import compiled
from tests.gui.widgets.fake_pipeline import FakePipeline


@pytest.fixture
def german() -> QTranslator:
    translator = QTranslator()
    assert translator.load(str(FOLDER / "lens7_de.qm"))
    return translator


@pytest.fixture
def in_german(qtbot: QtBot) -> Iterator[None]:
    """Let the program speak German during a test."""
    application = QCoreApplication.instance()
    assert application is not None
    installed = install_language(application, "de")
    assert installed
    yield
    for translator in installed:
        application.removeTranslator(translator)


def fields(text: str) -> list[str]:
    parts = string.Formatter().parse(text)
    return sorted(f"{name}!{how}:{form}" for _, name, form, how in parts if name is not None)


def forms(german: QTranslator, text: Text) -> list[str]:
    """Return the translations of a text: two where it is one of one and of many."""
    if not text.counts:
        return [german.translate(text.context, text.source)]
    return [german.translate(text.context, text.source, "", n) for n in (1, 2)]


def test_every_text_is_translated(german: QTranslator) -> None:
    missing = [text for text in sorted(collect()) if not all(forms(german, text))]
    assert missing == [], (
        "run python -m gui.translations.collect, then translate in gui/translations/lens7_de.ts"
    )


def test_translations_fill_in_the_same(german: QTranslator) -> None:
    differing = {
        text.source: form
        for text in collect()
        for form in forms(german, text)
        if fields(text.source) != fields(form)
    }
    assert differing == {}


def test_the_released_file_is_that_of_the_source(german: QTranslator) -> None:
    tree = ElementTree.parse(FOLDER / "lens7_de.ts")
    for context in tree.getroot().iter("context"):
        for message in context.iter("message"):
            source, translation = message.findtext("source") or "", message.find("translation")
            assert translation is not None and translation.get("type") is None
            name, written = context.findtext("name") or "", [form.text for form in translation]
            if not written:
                assert german.translate(name, source) == translation.text
            else:
                assert [german.translate(name, source, "", n) for n in (1, 2)] == written


def test_what_is_counted_has_a_form_for_one_and_a_form_for_many(german: QTranslator) -> None:
    counted = [text for text in sorted(collect()) if text.counts]
    assert Text("Messages", "recorded {n} frames in {path}", counts=True) in counted
    assert [text for text in counted if len(forms(german, text)) != 2] == []


def test_texts_of_calls_and_tables_are_found() -> None:
    found = collect()
    for text in (
        Text("BenchToolbar", "Kernels"),
        Text("Wording", "perhaps"),
        Text("Commands", "Full screen"),
        Text("Words", "queue wait"),
        Text("Words", "exhibition Wi-Fi"),
        Text("Words", "Colours of the window."),
        Text("Words", "share of dropped frames"),
        Text("Messages", "{source}: the picture is back"),
    ):
        assert text in found
    assert all(text.context for text in found)


def test_every_template_is_written_out_where_it_is_said() -> None:
    hidden = [
        f"{file.relative_to(GUI)}:{node.lineno}"
        for file in sorted(GUI.rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if _says_in_the_windows_language(node) and not isinstance(node.args[0], ast.Constant)
    ]
    assert hidden == [], "collect.py cannot find these"


def test_every_text_of_a_widget_is_written_out_where_it_is_translated() -> None:
    hidden = [
        f"{file.relative_to(GUI)}:{node.lineno}"
        for file in sorted(GUI.rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", getattr(node.func, "id", "")) in ("tr", "_tr")
        and not isinstance(node.args[0], ast.Constant)
    ]
    assert hidden == [], "collect.py cannot find these"


def test_no_text_says_1_of_many() -> None:
    """What is counted is told by ``say_n``: a number before the plural of a thing has a form for one of them."""
    things = re.compile(
        r"\{[^}]*\} (bytes|channels|columns|cores|frames|lines|records|requests|rows|threads)\b"
    )
    found = [text.source for text in sorted(collect()) if things.search(text.source) and not text.counts]
    assert found == [
        "larger than {most} bytes",
        "synthetic:{rate}: the rate must be between 1 and {most:.0f} frames per second",
    ]


def _says_in_the_windows_language(node: ast.AST) -> TypeGuard[ast.Call]:
    """``say`` with one text and named values; the one of the processes beside the window takes two."""
    if not isinstance(node, ast.Call) or len(node.args) != 1:
        return False
    return getattr(node.func, "attr", getattr(node.func, "id", "")) == "say"


def test_the_window_speaks_german(qtbot: QtBot, tmp_path: Path, in_german: None) -> None:
    pipeline = FakePipeline()
    window = MainWindow(pipeline, Settings(tmp_path / "settings.json"), "dark")
    qtbot.addWidget(window)
    pipeline.set_state(SourceState.LOST)
    assert window.bench_face.dock("sources").windowTitle() == "Quellen"
    assert window.bench_face.source.status.word == "verloren"
    assert ("F11", "Vollbild") in window.around.shortcuts.lines
    assert ("Strg+B", "Stapel") in window.around.shortcuts.lines
    assert ("Leertaste", "Anhalten") in window.around.shortcuts.lines
    window.bench_face.sources.set_choices([SourceChoice("camera:1", "Pult", SourceKind.CAMERA)], "")
    assert window.bench_face.sources.sources.item(0).toolTip() == "Kamera: Pult"
    window.around.stats.refresh()
    assert window.around.stats.texts[3] == "Kein Bild wurde verworfen."
    window.close()


def test_a_message_of_the_pipeline_comes_in_german(
    qtbot: QtBot, tmp_path: Path, in_german: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cameras, "enumerate_cameras", lambda _: [])
    pipeline = Pipeline(FakeBackend())
    window = MainWindow(pipeline, Settings(tmp_path / "settings.json"), "dark")
    qtbot.addWidget(window)
    pipeline.start("")
    strip = window.bench_face.messages
    said = "keine Kamera gefunden, daher sind dies Demobilder; stecken Sie eine ein und wählen Sie diese aus"
    qtbot.waitUntil(lambda: strip.text == said, timeout=10_000)
    qtbot.waitUntil(lambda: "Demobilder" in window.show_face.status.sentence, timeout=10_000)
    window.close()


def test_what_is_prepared_is_told_whole(qtbot: QtBot, in_german: None) -> None:
    card = ProgressCard()
    qtbot.addWidget(card)
    style.install_fonts()
    card.set_progress(Progress("quantizing", 0.5), compile_title("EfficientNet-Lite0", "TDA4VM (J721E)"))
    card.setStyleSheet(style.style_sheet(DARK))
    card.resize(card.sizeHint())
    card.show()
    title = card.findChildren(ElidedLabel)[0]
    assert title.fontMetrics().horizontalAdvance(title.text()) <= title.width()


def test_figures_have_a_decimal_comma(qtbot: QtBot, in_german: None) -> None:
    assert modelled_clock(2.41).sentence == "Jacinto 7 2,4 ms modelliert"
    assert share_text(0.9667) == "96,7 %"
    assert UnitAxis("left", "ms").tickStrings([0.0, 2.5], 1.0, 2.5) == ["0 ms", "2,5 ms"]
    row = NumberRow("DDR", LIMITS[Number.DDR])
    qtbot.addWidget(row)
    row.set_value(17.1)
    assert row.field.text() == "17,1 GB/s"


def test_a_number_is_read_as_it_is_written(qtbot: QtBot, in_german: None) -> None:
    row = NumberRow("DDR", LIMITS[Number.DDR])
    qtbot.addWidget(row)
    with qtbot.waitSignal(row.chosen) as chosen:
        row.field.lineEdit().setText("12,5 GB/s")
        row.field.interpretText()
    assert chosen.args == [12.5]


def test_the_engines_own_words_are_told_from_the_windows(in_german: None) -> None:
    assert told(ModelError("net.onnx: no such file")) == "Rechenwerk (englisch): net.onnx: no such file"
    assert told(RefusedError("net: ist für soc am68a übersetzt")) == "net: ist für soc am68a übersetzt"


def test_a_file_that_is_no_picture_is_told_so_in_the_engines_words(tmp_path: Path, in_german: None) -> None:
    (tmp_path / "notes.jpg").write_text("no picture", encoding="utf-8")
    with pytest.raises(UnreadablePictureError, match=r"^Rechenwerk \(englisch\): notes.jpg: not a picture"):
        read_picture(tmp_path / "notes.jpg")


def test_an_alarm_comes_in_german(in_german: None) -> None:
    alarm = Alarm(Rule(Quantity.AGE, 1000.0), 1500.0, 0)
    assert alarm.text == "Bildalter: 1500 ms, mehr als 1000 ms; prüfen Sie Kamera und Kabel"


def test_the_facts_of_a_layer_come_in_german(qtbot: QtBot, in_german: None) -> None:
    layer = DeviceClock(compiled()).figures(WhatIf.chip("tda4vm")).layers[0]
    facts = LayerFacts()
    qtbot.addWidget(facts)
    facts.show_layer(layer, "")
    captions = [text.split()[0] for text in facts.texts[1:]]
    assert captions == ["Ausgabe", "Zeit", "Auslastung", "Kachel", "DDR", "MSMC"]
    assert " µs modelliert, Grenze: " in facts.texts[2]


def test_the_strip_of_steps_is_painted_in_german(
    qtbot: QtBot, in_german: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted: list[str] = []
    monkeypatch.setattr(step_strip, "_text", lambda painter, x, y, text, look: painted.append(text))
    layer = step_strip.StepsLayer(DARK, SHOW_SCALE)
    layer.set_figures(DeviceClock(compiled()).figures(WhatIf.chip("tda4vm")))
    layer.place(QRect(0, 0, 1366, 768), 1.0)
    image = QImage(layer.rect.size(), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    layer.draw(painter)
    painter.end()
    assert painted[0] == "modelliert" and "Laufzeit" in painted


@pytest.mark.parametrize("language", ["en", "xx"])
def test_english_needs_nothing(language: str) -> None:
    application = QCoreApplication.instance()
    assert application is not None
    assert install_language(application, language) == ()
