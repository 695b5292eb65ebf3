"""Texts of the Qt-free modules: English by themselves, and as the window's translator says."""

from collections.abc import Iterator

import pytest

from gui.core import text
from gui.core.text import DECIMAL_MARK, LANGUAGE, MESSAGES, WORDS, Written, say, say_n, use_translator, word

GERMAN = {
    (MESSAGES, "{camera}: unplugged"): "{camera}: ausgesteckt",
    (MESSAGES, "{n} pictures"): "{m} Bilder",
    (MESSAGES, "{n} rows"): "{n Zeilen",
    (MESSAGES, "{n} files"): "{n:lang} Dateien",
    (MESSAGES, "{n} cores"): "{} Kerne",
    (MESSAGES, "{n} labels"): "{n.name} Namen",
    (WORDS, "camera"): "Kamera",
    (LANGUAGE, DECIMAL_MARK): ",",
}
COUNTED = {
    ("recorded {n} frames in {path}", 1): "{n} Bild in {path} aufgezeichnet",
    ("recorded {n} frames in {path}", 2): "{n} Bilder in {path} aufgezeichnet",
    ("{n} rows", 1): "{n Zeile",
}


@pytest.fixture
def german() -> Iterator[None]:
    use_translator(
        lambda context, english, n: COUNTED.get((english, n)) or GERMAN.get((context, english), english)
    )
    yield
    use_translator(text._english)


def test_without_a_translator_it_is_english():
    assert say("{camera}: unplugged", camera="usb-1") == "usb-1: unplugged"
    assert word("camera") == "camera"


def test_a_translator_is_asked_for_template_and_word(german):
    assert say("{camera}: unplugged", camera="usb-1") == "usb-1: ausgesteckt"
    assert say("{camera}: busy", camera="usb-1") == "usb-1: busy"
    assert word("camera") == "Kamera"


def test_values_are_left_as_they_are(german):
    assert say("{camera}: unplugged", camera="{n} %n") == "{n} %n: ausgesteckt"


@pytest.mark.parametrize("template", ["{n} pictures", "{n} rows", "{n} files", "{n} cores", "{n} labels"])
def test_a_translation_with_other_places_gives_way_to_english(german, template):
    assert say(template, n=3) == template.replace("{n}", "3")


def test_numbers_have_the_decimal_mark_of_the_language(german):
    assert f"{Written(1.25):.2f} ms, {Written(-40.0):g} s" == "1,25 ms, -40 s"
    assert say("no picture for {seconds:.1f} s", seconds=1.2) == "no picture for 1,2 s"
    assert say("{version}, {n} threads", version="1.2", n=2) == "1.2, 2 threads"


def test_english_numbers_have_a_point():
    assert f"{Written(1.25):.2f}" == say("{x:.2f}", x=1.25) == "1.25"


def recorded(n):
    return say_n("recorded {n} frame in {path}", "recorded {n} frames in {path}", n, path="a.l7r")


def test_one_is_not_many():
    assert recorded(0) == "recorded 0 frames in a.l7r"
    assert recorded(1) == "recorded 1 frame in a.l7r"
    assert recorded(2) == "recorded 2 frames in a.l7r"


def test_a_translator_is_asked_for_the_form_of_the_number(german):
    assert recorded(1) == "1 Bild in a.l7r aufgezeichnet"
    assert recorded(2) == "2 Bilder in a.l7r aufgezeichnet"
    assert say_n("{n} core", "{n} jobs", 1) == "1 core"
    assert say_n("{n} row", "{n} rows", 1) == "1 row"
