"""Nothing is cut in any state of the window, on the smallest screen, in any language."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QStyleOptionComboBox,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from gui.core.theme import DARK
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.language import install_language
from gui.widgets.main_window import Face, MainWindow
from gui.widgets.status_label import StatusLabel
from tests.tools.screenshots import every_state, open_state

SMALL = (1366, 768)
LANGUAGES = ("en", "de")
ROUNDS = 3
"""Of events: the height that a wrapped text turns out to need reaches the panel that scrolls around it a round later."""
_NAMED_AS_A_WHOLE = (QAbstractSpinBox, QComboBox, QAbstractScrollArea)
STATES = [(name, face, arrange) for name, faces, arrange in every_state() for face in faces]


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest, qtbot: QtBot) -> Iterator[str]:
    application = QApplication.instance()
    assert application is not None
    translators = install_language(application, request.param)
    assert bool(translators) == (request.param != "en")
    yield request.param
    for translator in translators:
        application.removeTranslator(translator)


@pytest.mark.parametrize(
    ("face", "arrange"),
    [pytest.param(face, arrange, id=f"{face.value}-{name}") for name, face, arrange in STATES],
)
def test_every_text_fits(language: str, face: Face, arrange: Callable[..., object]) -> None:
    with open_state(SMALL, DARK.name, face, arrange) as window:
        window.refresh()
        for _ in range(ROUNDS):
            QApplication.processEvents()
        assert list(cut(window)) == []
        assert list(nameless(window)) == []


def cut(window: MainWindow) -> Iterator[str]:
    """Yield every text of ``window`` that is seen and does not fit its place."""
    for widget in window.findChildren(QWidget):
        if not widget.isVisible() or widget.visibleRegion().isEmpty():
            continue
        text = str(widget.property("text") or widget.accessibleName())
        if not has_room(widget):
            hint = widget.sizeHint()
            yield f"{text!r}: {widget.width()} x {widget.height()}, needs {hint.width()} x {hint.height()}"
        elif isinstance(widget, QLabel | QAbstractButton | StatusLabel | QComboBox):
            left = widget.mapTo(window, QPoint()).x()
            if left < 0 or left + widget.width() > window.width():
                yield f"{text!r}: reaches out of the window"


def nameless(window: MainWindow) -> Iterator[str]:
    """Yield every control that Tab reaches and that has no name for those who cannot see it."""
    for widget in window.findChildren(QWidget):
        reached = widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        # Tabs are named by their words, and the inside of a field or a plot by the whole.
        named = isinstance(widget, QTabBar) or isinstance(widget.parent(), _NAMED_AS_A_WHOLE)
        if reached and not (named or widget.accessibleName()):
            yield f"{type(widget).__name__} in {type(widget.parent()).__name__}"


def has_room(widget: QWidget) -> bool:
    """Return whether what ``widget`` says fits into it; what is elided has its text in a tooltip."""
    metrics = QFontMetrics(widget.font())
    if isinstance(widget, ElidedLabel):
        return widget.height() >= metrics.height() - 2
    if isinstance(widget, QLabel):
        if widget.wordWrap():
            return widget.heightForWidth(widget.width()) <= widget.height() + 1
        return widget.sizeHint().width() <= widget.width() + 1
    if isinstance(widget, QComboBox):
        option = QStyleOptionComboBox()
        widget.initStyleOption(option)
        return not option.currentText.endswith("…") or widget.currentText().endswith("…")
    if isinstance(widget, QAbstractSpinBox):
        return metrics.horizontalAdvance(widget.text()) < widget.lineEdit().width()
    if isinstance(widget, QTabBar):
        return widget.sizeHint().width() <= widget.width()  # those that do not fit are scrolled out of sight
    if isinstance(widget, QAbstractButton):
        least = widget.sizeHint().width() if widget.text() and not icon_only(widget) else 0
        return least <= widget.width() + 1
    if isinstance(widget, StatusLabel):
        return widget.sizeHint().width() <= widget.width() and widget.sizeHint().height() <= widget.height()
    return True


def icon_only(button: QAbstractButton) -> bool:
    style = getattr(button, "toolButtonStyle", None)
    return (
        style is not None and style() is Qt.ToolButtonStyle.ToolButtonIconOnly and not button.icon().isNull()
    )
