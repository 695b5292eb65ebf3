"""Palette, keys, menu, recipe, settings, checks and About through the real window."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QLineEdit,
    QSpinBox,
    QStyleOptionViewItem,
)
from pytestqt.qtbot import QtBot

from gui.core.about import PACKAGES, shipped_files
from gui.core.settings import TABLE, Settings
from gui.core.theme import DARK, LIGHT, THEMES, Palette
from gui.doctor import Check
from gui.widgets import style
from gui.widgets.actions import COMMANDS, Command, Menu
from gui.widgets.command_palette import Entry
from gui.widgets.main_window import Face, MainWindow
from gui.widgets.picker import Picker
from tests.conftest import REPOSITORY
from tests.gui.widgets.fake_pipeline import FakePipeline


def ctrl(qtbot: QtBot, window: MainWindow, key: Qt.Key) -> None:
    qtbot.keyClick(window.view, key, Qt.KeyboardModifier.ControlModifier)


# --- palette ----------------------------------------------------------------------------------------------------


def test_a_few_letters_find_and_run_a_command(qtbot: QtBot, window: MainWindow) -> None:
    ctrl(qtbot, window, Qt.Key.Key_K)
    palette = window.around.palette
    assert palette.isVisible()
    assert len(palette.texts) > len(COMMANDS)
    qtbot.keyClicks(palette.field, "shbe")
    assert palette.texts[0] == "Show or Bench"
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert not palette.isVisible()
    assert window.face is Face.BENCH


def test_a_long_line_of_the_palette_leaves_room_for_its_key(window: MainWindow) -> None:
    palette = window.around.palette
    palette.also_offer(lambda: (Entry("a source with a very long name " * 5, "source", lambda: None),))
    palette.enter()
    palette.field.setText("very long name")
    QApplication.processEvents()
    option = QStyleOptionViewItem()
    option.rect = palette.list.visualItemRect(palette.list.item(0))
    palette.list.itemDelegate().initStyleOption(option, palette.list.model().index(0, 0))
    assert option.text.endswith("…")
    assert palette.list.horizontalScrollBarPolicy() is Qt.ScrollBarPolicy.ScrollBarAlwaysOff


def test_the_palette_finds_sources_models_and_socs(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline, settings: Settings
) -> None:
    for typed, call in (
        ("demo pic", ("open_source", "demo")),
        ("other.onnx", ("set_model", "/models/other.onnx")),
        ("am68a", ("set_soc", "am68a")),
    ):
        ctrl(qtbot, window, Qt.Key.Key_K)
        qtbot.keyClicks(window.around.palette.field, typed)
        qtbot.keyClick(window.around.palette.field, Qt.Key.Key_Return)
        assert pipeline.calls.made[-1] == call
    assert settings.text("soc") == "am68a"


def test_arrows_move_and_escape_leaves_the_palette(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline
) -> None:
    ctrl(qtbot, window, Qt.Key.Key_K)
    palette = window.around.palette
    qtbot.keyClick(palette.field, Qt.Key.Key_Down)
    assert palette.list.currentRow() == 1
    qtbot.keyClicks(palette.field, "zzzz")
    assert palette.list.item(0).text() == "Nothing is called that; type fewer letters."
    assert palette.texts == []
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert palette.isVisible()
    qtbot.keyClick(palette.field, Qt.Key.Key_Escape)
    assert not palette.isVisible()
    assert pipeline.calls.made == []


def test_only_one_sheet_is_open_and_keys_stay_in_it(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline
) -> None:
    qtbot.keyClick(window.view, Qt.Key.Key_F1)
    assert window.around.shortcuts.isVisible()
    qtbot.keyClick(window.around.shortcuts, Qt.Key.Key_Space)
    assert pipeline.calls.made == []
    window.around.settings.enter()
    assert not window.around.shortcuts.isVisible()
    window.around.settings.close_button.click()
    assert not window.around.settings.isVisible()


def test_sheets_follow_the_windows_size(window: MainWindow) -> None:
    window.around.settings.enter()
    for width, height in ((1366, 768), (800, 600), (1920, 1080)):
        window.resize(width, height)
        assert window.rect().contains(window.around.settings.geometry())


# --- keys and menu ----------------------------------------------------------------------------------------------


def test_every_command_is_in_the_overview_and_in_one_menu(window: MainWindow) -> None:
    lines = window.around.shortcuts.lines
    assert [key for key, _ in lines] == [spec.key for spec in COMMANDS.values()]
    menu = window.bench_face.toolbar.menu.menu()
    menu.aboutToShow.emit()
    texts = [action.text().partition("\t")[0] for group in menu.groups.values() for action in group.actions()]
    assert sorted(texts) == sorted(text for _, text in lines)


def test_entries_of_the_menu_stand_in_line(window: MainWindow) -> None:
    menu = window.bench_face.toolbar.menu.menu()
    menu.aboutToShow.emit()
    entries = [action for group in menu.groups.values() for action in group.actions()]
    assert not any(entry.isIconVisibleInMenu() and not entry.icon().isNull() for entry in entries)


def test_the_menu_runs_plain_commands(window: MainWindow, pipeline: FakePipeline) -> None:
    menu = window.bench_face.toolbar.menu.menu()
    menu.aboutToShow.emit()
    entries = {action.text(): action for action in menu.groups[Menu.PICTURE].actions()}
    entries["Pause\tSpace"].trigger()
    assert pipeline.calls.made == [("set_paused", True)]
    menu.aboutToShow.emit()
    assert "Start\tSpace" in [action.text() for action in menu.groups[Menu.PICTURE].actions()]


def test_no_key_has_two_commands() -> None:
    keys = [spec.key for spec in COMMANDS.values()]
    assert len(keys) == len(set(keys))


def test_the_recipe_is_chosen_in_the_toolbar(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline, settings: Settings
) -> None:
    window.set_face("bench")
    pipeline.state_changed.emit()
    combo = window.bench_face.toolbar.recipe.combo
    assert combo.currentText() == "Lens7"
    combo.setFocus()
    qtbot.keyClicks(combo, "T")
    combo.activated.emit(combo.currentIndex())
    assert ("set_recipe", "ti") in pipeline.calls.made
    assert settings.text("recipe") == "ti"


# --- settings ---------------------------------------------------------------------------------------------------


def test_every_setting_has_a_field_with_its_value(window: MainWindow, settings: Settings) -> None:
    sheet = window.around.settings
    sheet.enter()
    chosen = {one.name for one in TABLE if "as the window saved" not in one.help}
    assert set(sheet.fields) == chosen
    for setting in TABLE:
        if setting.name in sheet.fields:
            assert sheet.fields[setting.name].toolTip() == setting.help


def test_a_change_acts_at_once_and_is_kept(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline, settings: Settings
) -> None:
    sheet = window.around.settings
    sheet.enter()
    theme, soc = sheet.fields["theme"].control, sheet.fields["soc"].control
    frame, minutes = sheet.fields["network_frame"].control, sheet.fields["history_days"].control
    assert isinstance(theme, Picker) and isinstance(soc, Picker)
    assert isinstance(frame, QCheckBox) and isinstance(minutes, QSpinBox)
    theme.combo.activated.emit(theme.combo.findData("light"))
    assert QApplication.palette().window().color().name().upper() == LIGHT.background
    soc.combo.activated.emit(soc.combo.findData("am62a"))
    assert pipeline.calls.made[-1] == ("set_soc", "am62a")
    qtbot.keyClick(frame, Qt.Key.Key_Space)
    minutes.setValue(7)
    stored = json.loads(settings.path.read_text())
    assert (stored["theme"], stored["soc"], stored["network_frame"], stored["history_days"]) == (
        "light",
        "am62a",
        False,
        7,
    )


def test_the_settings_follow_the_keys_while_they_are_open(
    qtbot: QtBot, window: MainWindow, settings: Settings
) -> None:
    sheet = window.around.settings
    sheet.enter()
    theme, face = sheet.fields["theme"].control, sheet.fields["face"].control
    assert isinstance(theme, Picker) and isinstance(face, Picker)
    assert (theme.combo.currentData(), face.combo.currentData()) == ("dark", "show")
    qtbot.keyClick(sheet, Qt.Key.Key_F4)
    qtbot.keyClick(sheet, Qt.Key.Key_F2)
    assert sheet.isVisible()
    assert (theme.combo.currentData(), face.combo.currentData()) == ("light", "bench")
    steps = sheet.fields["device_steps"].control
    assert isinstance(steps, QCheckBox)
    assert steps.isChecked()
    settings.set("device_steps", False)
    assert not steps.isChecked()


@pytest.mark.parametrize(
    ("name", "value", "call"), [("threads", 2, "set_threads"), ("stand_in_s", 25, "set_stand_in_after")]
)
def test_a_number_of_the_pipeline_acts_at_once(
    window: MainWindow, pipeline: FakePipeline, name: str, value: int, call: str
) -> None:
    sheet = window.around.settings
    sheet.enter()
    field = sheet.fields[name].control
    assert isinstance(field, QSpinBox)
    field.setValue(value)
    assert pipeline.calls.made[-1] == (call, value)


def test_settings_are_found_by_name_or_meaning(qtbot: QtBot, window: MainWindow) -> None:
    sheet = window.around.settings
    sheet.enter()
    qtbot.keyClicks(sheet.search, "zzzz")
    assert sheet.none.isVisible()
    sheet.search.clear()
    qtbot.keyClicks(sheet.search, "colours")
    assert not sheet.none.isVisible()
    assert sheet.fields["theme"].isVisible()
    assert not sheet.fields["soc"].isVisible()


def test_profiles_import_export_and_reset(window: MainWindow, settings: Settings, tmp_path: Path) -> None:
    sheet = window.around.settings
    sheet.enter()
    settings.set("theme", "light")
    sheet.profile.setEditText("Hall 4")
    sheet.buttons["keep"].click()
    sheet.export_to(tmp_path / "out.json")
    sheet.buttons["reset"].click()
    assert settings.text("theme") == "dark"
    assert QApplication.palette().window().color().name().upper() == DARK.background
    sheet.import_from(tmp_path / "out.json")
    assert settings.text("theme") == "light"
    sheet.buttons["reset"].click()
    assert sheet.profile.findText("Hall 4") >= 0
    sheet.profile.setEditText("Hall 4")
    sheet.buttons["use"].click()
    assert settings.text("theme") == "light"
    sheet.buttons["remove"].click()
    assert sheet.profile.findText("Hall 4") < 0


@pytest.mark.parametrize("content", ["{", "[]", '"text"'])
def test_a_bad_file_changes_nothing(
    window: MainWindow, pipeline: FakePipeline, settings: Settings, tmp_path: Path, content: str
) -> None:
    settings.set("theme", "light")
    bad = tmp_path / "bad.json"
    bad.write_text(content)
    window.around.settings.import_from(bad)
    assert "nothing is changed" in pipeline.messages()[0].text
    assert settings.text("theme") == "light"
    assert bad.read_text() == content


def test_a_bad_value_or_name_is_said(window: MainWindow, pipeline: FakePipeline, tmp_path: Path) -> None:
    file = tmp_path / "half.json"
    file.write_text('{"theme": "pink", "soc": "am62a"}')
    sheet = window.around.settings
    sheet.import_from(file)
    texts = [message.text for message in pipeline.messages()]
    assert any("'pink'" in text and "default is used" in text for text in texts)
    assert pipeline.calls.made[-1] == ("set_soc", "am62a")
    for name in ("", "../evil", "no/where"):
        sheet.profile.setEditText(name)
        sheet.buttons["keep"].click()
        assert "a name has" in pipeline.messages()[0].text


# --- checks and About -------------------------------------------------------------------------------------------


def test_the_checks_are_run_beside_the_window_and_again(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds: list[int] = []

    def look() -> tuple[Check, ...]:
        rounds.append(len(rounds))
        good = Check("Python", True, "3.11")
        return (good,) if len(rounds) > 1 else (good, Check("cameras", False, "locked", "log in again"))

    monkeypatch.setattr("gui.widgets.around.examine", look)
    qtbot.keyClick(window.view, Qt.Key.Key_F8)
    checks = window.around.checks
    qtbot.waitUntil(lambda: checks.again.isEnabled())
    assert checks.lines == ("Python: 3.11", "cameras: locked log in again")
    assert checks.summary.text() == "Things that need a look: 1."
    qtbot.mouseClick(checks.again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(checks.lines) == 1)
    assert checks.summary.text() == "Everything is there."


def test_about_tells_versions_and_licences(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.keyClick(window.view, Qt.Key.Key_F1, Qt.KeyboardModifier.ShiftModifier)
    about = window.around.about
    qtbot.waitUntil(lambda: about.files.count() == len(shipped_files()), timeout=10_000)
    texts = {about.files.item(row).text() for row in range(about.files.count())}
    assert all(f"{file.path}  ·  {file.author}  ·  {file.licence}" in texts for file in shipped_files())
    shown = about.versions.parentWidget()
    qtbot.waitUntil(lambda: 0 < shown.height() <= about.versions.sizeHint().height())
    about.copy.click()
    assert "PySide6-Essentials 6." in QApplication.clipboard().text()


def test_about_lists_every_required_package() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    names = [line.split(">")[0].split("=")[0].strip() for line in project["dependencies"]]
    assert sorted(names) == sorted(PACKAGES)


def test_commands_of_the_sheets_have_icons() -> None:
    for command in (Command.PALETTE, Command.SETTINGS, Command.SHORTCUTS, Command.CHECKS, Command.ABOUT):
        assert COMMANDS[command].icon


@pytest.mark.parametrize("palette", THEMES.values(), ids=THEMES)
def test_the_words_of_an_empty_field_can_be_read(qtbot: QtBot, palette: Palette) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    style.apply(application, palette)
    editable = QComboBox()
    editable.setEditable(True)
    for field in (QLineEdit(), editable.lineEdit()):
        field.ensurePolished()
        ink = field.palette().color(QPalette.ColorRole.PlaceholderText)
        assert (ink.name().upper(), ink.alpha()) == (palette.secondary, 255)
