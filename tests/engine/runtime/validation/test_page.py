import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from engine.runtime.validation.folder import Classes, Skipped
from engine.runtime.validation.page import page
from engine.runtime.validation.run import ValidateOptions, validate
from tests.engine.runtime.validation.test_report import FOUR, layer, report_of
from tests.engine.runtime.validation.tiny import found_in


@pytest.fixture(scope="module")
def report(tiny, pictures):
    return validate(*tiny, found_in(tiny, pictures), options=ValidateOptions("numpy"))


def parsed(text: str) -> ET.Element:
    """Return the page as a tree: what this project writes closes every element but three."""
    body = text.removeprefix("<!doctype html>\n").replace("<br>", "<br/>")
    for name in ("img", "meta"):
        parts = body.split(f"<{name} ")
        body = parts[0] + "".join(f"<{name} " + part.replace(">", "/>", 1) for part in parts[1:])
    return ET.fromstring(body)


def test_page_is_whole_and_fetches_nothing(report):
    text = page(report)
    root = parsed(text)
    assert not root.findall(".//script")
    assert all(image.get("src", "data:").startswith("data:image/jpeg;base64,") for image in root.iter("img"))
    assert "http:" not in text
    assert "https:" not in text
    assert len(root.findall(".//svg")) >= 5
    assert len(root.findall(".//img")) == len(report.won) + len(report.lost)
    assert "default-src 'none'" in text.replace("&#x27;", "'")


def test_what_a_file_or_label_is_called_stays_text():
    evil = "<script>alert(1)</script>"
    report = report_of(
        *(replace(x, file=f"{evil}{x.file}") for x in FOUR), classes=Classes(8, (evil,) * 8), where=evil, notes=(evil,),
        skipped=(Skipped(evil, evil),), layers=(layer(evil, 0.1),),
    )  # fmt: skip
    root = parsed(page(report))
    assert not root.findall(".//script")
    assert any(evil in (element.text or "") for element in root.iter())


def test_the_two_clocks_keep_their_words(report):
    root = parsed(page(replace(report, artifact=replace(report.artifact, device_ms=2.5))))
    tiles = {
        "".join(tile.itertext()) for tile in root.iter("div") if "tile" in (tile.get("class") or "").split()
    }
    assert any("modelled" in text and "2.50 ms" in text and "measured" not in text for text in tiles)
    assert any("measured" in text and "modelled" not in text for text in tiles)


def test_pages_of_the_empty_and_the_perfect():
    perfect = report_of(FOUR[0])
    text = page(perfect)
    parsed(text)
    assert "no net loss" in text
    assert "Worst classes: none" in text
    assert "Left out" not in text
