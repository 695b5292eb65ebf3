"""Small parts: rows of a batch, icons, commands, fonts."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase, QFontMetricsF, QKeySequence, QRawFont
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QStyle,
    QStyleOptionComboBox,
    QStyleOptionViewItem,
    QWidget,
)
from pytestqt.qtbot import QtBot

import assets
from gui.core.batch import Batch, BatchItem
from gui.core.state import Choice
from gui.core.theme import DARK, FONT_FAMILY, LIGHT, THEMES, Mark, Palette, TypeSize
from gui.widgets import icons, style
from gui.widgets.actions import COMMANDS, Command, plain_command
from gui.widgets.batch_model import BatchModel
from gui.widgets.drop_zone import DropZone
from gui.widgets.drops import is_model, sort_out
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.picker import Picker
from gui.widgets.side_scroll import SideScroll
from gui.widgets.text_list import TextList
from gui.widgets.wording import drop_hint


def items(count: int) -> tuple[BatchItem, ...]:
    return tuple(BatchItem(Path(f"/pictures/{n}.jpg"), (), f"{n}.jpg: cut short") for n in range(count))


def test_a_growing_batch_keeps_its_rows(qtbot: QtBot) -> None:
    model = BatchModel()
    inserted: list[tuple[int, int]] = []
    model.rowsInserted.connect(lambda _parent, first, last: inserted.append((first, last)))
    model.set_batch(Batch(items(2), 5))
    model.set_batch(Batch(items(5), 5))
    model.set_batch(Batch(items(5), 5))
    assert inserted == [(0, 1), (2, 4)]
    assert model.rowCount() == 5
    assert model.data(model.index(4)) == "■ 4.jpg: cut short"
    assert model.data(model.index(4), Qt.ItemDataRole.ToolTipRole) == "/pictures/4.jpg"
    assert model.data(model.index(9)) is None


def test_a_file_that_failed_is_named_before_the_reason(qtbot: QtBot) -> None:
    model = BatchModel()
    failed = BatchItem(Path("/pictures/4.jpg"), (), "Rechenwerk (englisch): 4.jpg: cut short")
    model.set_batch(Batch((failed,), 1))
    assert model.data(model.index(0)) == "■ 4.jpg  ·  Rechenwerk (englisch): 4.jpg: cut short"


def test_another_batch_starts_over(qtbot: QtBot) -> None:
    model = BatchModel()
    model.set_batch(Batch(items(3), 3))
    other = (BatchItem(Path("/other.jpg"), (), "other.jpg: empty"),)
    with qtbot.waitSignal(model.modelReset):
        model.set_batch(Batch(other, 1))
    assert model.rowCount() == 1
    with qtbot.waitSignal(model.modelReset):
        model.set_batch(None)
    assert model.rowCount() == 0


@pytest.mark.parametrize("palette", THEMES.values(), ids=THEMES)
def test_every_command_has_its_icon(qtbot: QtBot, palette: Palette) -> None:
    for spec in COMMANDS.values():
        if spec.icon:
            assert not icons.icon(spec.icon, palette).isNull()


def test_icons_take_the_colour_of_the_text(qtbot: QtBot) -> None:
    for palette in (DARK, LIGHT):
        image = icons.pixmap("pause", palette.text, 20, 2.0).toImage()
        inks = {
            image.pixelColor(x, y).name().upper()
            for x in range(40)
            for y in range(40)
            if image.pixelColor(x, y).alpha() == 255
        }
        assert inks == {palette.text}


def test_keys_are_not_used_twice(qtbot: QtBot) -> None:
    keys = [QKeySequence(spec.key).toString() for spec in COMMANDS.values()]
    assert "" not in keys
    assert len(set(keys)) == len(keys)


def test_plain_keys_want_no_modifier(qtbot: QtBot) -> None:
    none = Qt.KeyboardModifier.NoModifier
    assert plain_command(Qt.Key.Key_Space, none) is Command.PAUSE
    assert plain_command(Qt.Key.Key_L, none) is Command.LIVE
    assert plain_command(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier) is None
    assert plain_command(Qt.Key.Key_F2, none) is None
    assert plain_command(Qt.Key.Key_Right, Qt.KeyboardModifier.KeypadModifier) is Command.NEXT


def test_models_are_told_from_pictures(tmp_path: Path) -> None:
    artifact = tmp_path / "artifact"
    artifact.mkdir()
    (artifact / "artifact.json").touch()
    dropped = sort_out([tmp_path, tmp_path / "net.onnx", tmp_path / "cat.jpg", artifact])
    assert dropped.models == (tmp_path / "net.onnx", artifact)
    assert dropped.files == (tmp_path, tmp_path / "cat.jpg")
    assert is_model(artifact / "artifact.json")


def test_the_shipped_typeface_is_used_and_figures_are_tabular(qtbot: QtBot) -> None:
    style.install_fonts()
    assert FONT_FAMILY in QFontDatabase.families()
    metrics = QFontMetricsF(style.font(20, tabular=True))
    assert metrics.horizontalAdvance("1111") == metrics.horizontalAdvance("0000")
    plain = QFontMetricsF(style.font(20))
    assert plain.horizontalAdvance("1111") < plain.horizontalAdvance("0000")


@pytest.mark.parametrize("file", sorted(assets.path("fonts").glob("*.ttf")), ids=lambda file: file.stem)
def test_the_typeface_has_every_mark(qapp: QApplication, file: Path) -> None:
    # The file itself is asked: a font of Qt answers with what the machine's other fonts have, too.
    typeface = QRawFont(str(file), 20)
    for mark in Mark:
        assert typeface.supportsCharacter(ord(mark.value)), mark


@pytest.mark.parametrize("palette", THEMES.values(), ids=THEMES)
def test_the_style_sheet_uses_the_palette_alone(palette: Palette) -> None:
    sheet = style.style_sheet(palette)
    used = {
        word.strip(";").upper()
        for word in sheet.split()
        if word.startswith("#") and len(word.strip(";")) == 7
    }
    known = {
        value
        for value in (getattr(palette, name) for name in palette.__slots__)
        if str(value).startswith("#")
    }
    assert used <= known


def test_a_change_of_theme_leaves_no_style_behind(qapp: QApplication, qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)

    def styles() -> int:
        style.apply(qapp, DARK)
        style.apply(qapp, LIGHT)
        widget.style().polish(widget)
        return sum(isinstance(each, QStyle) for each in gc.get_objects())

    before = styles()
    assert [styles() for _ in range(3)] == [before] * 3


def test_a_label_that_does_not_fit_is_elided_and_whole_in_its_tooltip(qtbot: QtBot) -> None:
    label = ElidedLabel()
    qtbot.addWidget(label)
    label.setText("a rather long message that needs a wider window than this one is")
    label.resize(120, 20)
    assert label.minimumSizeHint().width() == 0
    assert label.toolTip().endswith("this one is")
    assert not label.grab().isNull()


def test_a_picker_ends_a_long_choice_in_an_ellipsis_and_tells_it_whole(qtbot: QtBot) -> None:
    picker = Picker("Source", 120, DARK)
    qtbot.addWidget(picker)
    picker.show()
    name = "a folder with a name as long as this"
    picker.set_choices([Choice("folder", name)], "folder")
    option = QStyleOptionComboBox()
    picker.combo.initStyleOption(option)
    assert option.currentText.endswith("…")
    assert picker.combo.currentText() == picker.combo.toolTip() == name
    picker.set_choices([], "", name)
    assert picker.combo.placeholderText().endswith("…")
    assert picker.combo.toolTip() == name


def test_a_side_panel_whose_words_grow_is_not_cut(qtbot: QtBot) -> None:
    window, words = QWidget(), QLabel("short")
    panel = QWidget()
    QHBoxLayout(panel).addWidget(words)
    row = QHBoxLayout(window)
    row.addWidget(SideScroll(panel))
    row.addWidget(QWidget(), 1)
    qtbot.addWidget(window)
    window.show()
    QApplication.processEvents()
    words.setText("as long as in another language")
    qtbot.waitUntil(lambda: words.width() >= words.sizeHint().width())
    assert panel.width() <= panel.parentWidget().width()


def test_the_invitation_to_drop_is_on_two_lines_of_about_one_length(qtbot: QtBot) -> None:
    zone = DropZone(DARK)
    qtbot.addWidget(zone)
    [text] = [label.text() for label in zone.findChildren(QLabel) if label.text()]
    first, second = text.split("\n")
    assert f"{first} {second}" == drop_hint()
    assert abs(len(first) - len(second)) < 10


def test_no_word_of_a_list_of_lines_is_cut(qtbot: QtBot) -> None:
    style.install_fonts()
    text = "23:54:58  no camera found, so these are demo pictures; plug one in and choose it " * 2
    shown = TextList("Events")
    qtbot.addWidget(shown)
    shown.setStyleSheet(style.style_sheet(DARK))
    shown.setFont(style.font(TypeSize.BODY))
    shown.addItems([text] * 4)
    shown.show()
    heights = set()
    for width in range(240, 330, 3):
        shown.resize(width, 160)
        shown.doItemsLayout()
        item = shown.visualItemRect(shown.item(0))
        assert item.width() == shown.viewport().width()
        option = QStyleOptionViewItem()
        shown.itemDelegate().initStyleOption(option, shown.model().index(0, 0))
        option.rect = item
        place = shown.style().subElementRect(QStyle.SubElement.SE_ItemViewItemText, option, shown)
        margin = shown.style().pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin, option, shown) + 1
        room = place.adjusted(margin, 0, -margin, 0)
        needed = shown.fontMetrics().boundingRect(room, int(Qt.TextFlag.TextWordWrap), text).height()
        assert place.height() >= needed, width
        heights.add(item.height())
    assert len(heights) > 1
