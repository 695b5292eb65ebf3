"""The shipped typeface is one family in three weights whose figures all have one width."""

import pytest
from PySide6.QtGui import QFont, QFontDatabase, QFontInfo, QFontMetricsF, QRawFont

import assets

WEIGHTS = {"Regular": QFont.Weight.Normal, "Medium": QFont.Weight.Medium, "SemiBold": QFont.Weight.DemiBold}


@pytest.fixture
def typeface(qapp):
    added = [
        QFontDatabase.addApplicationFont(str(assets.path(f"fonts/Inter-{name}.ttf"))) for name in WEIGHTS
    ]
    yield added
    for identifier in added:
        QFontDatabase.removeApplicationFont(identifier)


def test_qt_reads_every_weight_as_one_family(typeface):
    for identifier in typeface:
        assert "Inter" in QFontDatabase.applicationFontFamilies(identifier)


@pytest.mark.parametrize("weight", WEIGHTS.values())
def test_figures_are_tabular(typeface, weight):
    font = QFont("Inter")
    font.setPixelSize(14)
    font.setWeight(weight)
    font.setFeature(QFont.Tag("tnum"), 1)
    assert QFontInfo(font).family() == "Inter"
    widths_px = [QFontMetricsF(font).horizontalAdvance(figure) for figure in "0123456789"]
    assert max(widths_px) - min(widths_px) < 0.05


@pytest.mark.parametrize("name", WEIGHTS)
def test_letters_of_the_window_are_there(qapp, name):
    file = QRawFont(str(assets.path(f"fonts/Inter-{name}.ttf")), 14)
    missing = [letter for letter in "ÄÖÜßéñАяΩµ·…–—±≤≥×→←●▲■○✓" if not file.supportsCharacter(ord(letter))]
    assert missing == []
