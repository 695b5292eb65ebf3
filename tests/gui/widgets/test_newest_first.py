"""Lists of the newest first: what is read stays where it is while others come."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem
from pytestqt.qtbot import QtBot

from gui.core.state import Message, Severity
from gui.core.theme import DARK
from gui.widgets.message_strip import MessageStrip
from gui.widgets.newest_first import renew
from gui.widgets.text_list import TextList


def messages(newest: int) -> list[Message]:
    return [
        Message(Severity.INFO, f"message {n} " + "that goes on " * (n % 7), n) for n in range(newest, -1, -1)
    ]


@pytest.fixture
def known() -> list[Message]:
    return messages(80)


@pytest.fixture
def strip(qtbot: QtBot, known: list[Message]) -> MessageStrip:
    strip = MessageStrip(DARK, ())
    qtbot.addWidget(strip)
    strip.set_messages(known[20:])
    strip.resize(480, 220)
    strip.show()
    qtbot.waitExposed(strip)
    strip.more.setChecked(True)
    return strip


def first_in_view(strip: MessageStrip) -> tuple[str, int]:
    shown = strip.findChild(TextList)
    assert shown is not None
    item = shown.itemAt(QPoint(1, 1))
    assert item is not None
    return item.text(), shown.visualItemRect(item).top()


def scroll(strip: MessageStrip, value: int) -> None:
    shown = strip.findChild(TextList)
    assert shown is not None
    shown.doItemsLayout()
    shown.verticalScrollBar().setValue(value)


@pytest.mark.parametrize("came", [0, 1, 3])
def test_what_is_read_stays_where_it_is(strip: MessageStrip, known: list[Message], came: int) -> None:
    scroll(strip, 333)
    before = first_in_view(strip)
    assert "message 60" not in before[0]
    strip.set_messages(known[20 - came :])
    assert first_in_view(strip) == before
    assert strip.texts[0].startswith(f"○  info:  message {60 + came} ")
    assert len(strip.texts) == 50


def test_at_the_top_the_newest_comes_into_view(strip: MessageStrip, known: list[Message]) -> None:
    strip.set_messages(known[19:])
    text, top = first_in_view(strip)
    assert text.startswith("○  info:  message 61 ")
    assert top == 0


def test_the_chosen_line_stays_the_chosen_one(strip: MessageStrip, known: list[Message]) -> None:
    shown = strip.findChild(TextList)
    assert shown is not None
    shown.setCurrentRow(4)
    chosen = shown.item(4).text()
    strip.set_messages(known[18:])
    assert shown.currentRow() == 6
    assert shown.item(6).text() == chosen and shown.item(6).isSelected()


def test_what_was_read_and_is_gone_leaves_what_is_there(strip: MessageStrip) -> None:
    scroll(strip, 333)
    strip.set_messages(messages(2))
    assert strip.texts == [f"○  info:  {one.text}" for one in messages(2)]


def test_lists_that_have_nothing_in_common_are_replaced(qtbot: QtBot) -> None:
    shown = QListWidget()
    qtbot.addWidget(shown)
    renew(shown, (), ["b", "a"], QListWidgetItem)
    renew(shown, ["b", "a"], ["d", "c"], QListWidgetItem)
    assert [shown.item(row).text() for row in range(shown.count())] == ["d", "c"]
    renew(shown, ["d", "c"], [], QListWidgetItem)
    assert not shown.findItems("", Qt.MatchFlag.MatchContains)
