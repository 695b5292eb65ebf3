"""Looks after labels that no installed font can show: boxes are painted for their letters, and somebody must say why."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication, QObject, Slot
from PySide6.QtGui import QFontMetricsF

from gui.core.state import Severity
from gui.core.theme import TypeSize
from gui.widgets.style import font
from gui.workers.pipeline import Pipeline

_EAST_ASIAN = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "IDEOGRAPHIC")
_FONT_EAST_ASIAN, _FONT_PICTURES, _FONT_ELSE = "fonts-noto-cjk", "fonts-noto-color-emoji", "fonts-noto-core"
"""Debian's packages."""


class LabelLetters(QObject):
    """Says it once for each set of labels, in one line: which network, which letters, what to install."""

    def __init__(self, pipeline: Pipeline, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pipeline = pipeline
        self._looked_at: set[int] = set()
        pipeline.state_changed.connect(self._look)
        self._look()

    @Slot()
    def _look(self) -> None:
        artifact = self._pipeline.artifact
        if artifact is None or hash(artifact.labels) in self._looked_at:
            return
        self._looked_at.add(hash(artifact.labels))
        missing = missing_letters(artifact.labels)
        if missing:
            self._tell(artifact.model, artifact.labels, missing)

    def _tell(self, model: str, labels: tuple[str, ...], missing: str) -> None:
        unknown = set(missing)
        boxed = sum(not unknown.isdisjoint(label) for label in labels)
        text = _tr(
            "{model}: {boxed} of {all} labels show boxes, no font has their letters; "
            "install a font such as {package}, start Lens7 again ({letter})"
        ).format(
            model=model,
            boxed=boxed,
            all=len(labels),
            letter=f"U+{ord(missing[0]):04X}, {_script(missing[0])}",
            package=_package(missing[0]),
        )
        self._pipeline.post(Severity.WARNING, text)


def missing_letters(texts: Iterable[str]) -> str:
    """Return the letters that neither the program's font nor one that Qt falls back to can show, in their order."""
    metrics = QFontMetricsF(font(TypeSize.BODY))
    letters = dict.fromkeys(letter for text in texts for letter in text if letter.isprintable())
    return "".join(letter for letter in letters if not metrics.inFontUcs4(ord(letter)))


def _script(letter: str) -> str:
    """Return the first word of a letter's name in Unicode: that of its script."""
    return unicodedata.name(letter, "?").split()[0].partition("-")[0]


def _package(letter: str) -> str:
    if _script(letter) in _EAST_ASIAN:
        return _FONT_EAST_ASIAN
    return _FONT_PICTURES if unicodedata.category(letter) == "So" else _FONT_ELSE


def _tr(text: str) -> str:
    return QCoreApplication.translate("LabelLetters", text)
