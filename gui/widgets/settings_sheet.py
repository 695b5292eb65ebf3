"""All settings from the one table: what each is, its range and default; import, export, profiles of stands, reset."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gui.core.errors import SettingsError
from gui.core.fuzzy import score
from gui.core.profiles import Profiles
from gui.core.settings import TABLE, Setting, Settings, Value
from gui.core.state import Severity
from gui.core.theme import SPACE_PX, Palette
from gui.widgets.file_asking import ask_what_to_open, ask_where_to_save
from gui.widgets.setting_field import SettingField
from gui.widgets.sheet import Sheet, scrolled
from gui.widgets.words import word

_WIDTH_PX, _HEIGHT_PX = 960, 720
_KEPT_BY_WINDOW = ("cameras", "window_geometry", "bench_layout")
_FILES = "JSON (*.json)"


class SettingsSheet(Sheet):
    """``changed`` names a setting that has another value now; ``told`` is for the message strip."""

    changed = Signal(str)
    told = Signal(Severity, str)

    def __init__(self, settings: Settings, palette: Palette, window: QWidget) -> None:
        self.fields: dict[str, SettingField] = {}  # dressed by the constructor below
        super().__init__(_tr("Settings"), palette, window, _WIDTH_PX, _HEIGHT_PX)
        self._settings = settings
        self._profiles = Profiles(settings)
        self._rows: dict[str, QWidget] = {}
        self.search = QLineEdit()
        self.search.setPlaceholderText(_tr("Find a setting"))
        self.search.setAccessibleName(_tr("Find a setting"))
        self.search.textChanged.connect(self._filter)
        self.body.addWidget(self.search)
        self.body.addWidget(scrolled(self._build_table(palette), _tr("Settings")), 1)
        line = QFrame()
        line.setProperty("role", "line")
        line.setFixedHeight(1)
        self.body.addWidget(line)
        self.body.addLayout(self._build_foot())
        settings.on_set(self._show_value)

    def _build_table(self, palette: Palette) -> QWidget:
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, 2 * SPACE_PX, 0)
        layout.setSpacing(2 * SPACE_PX)
        for setting in TABLE:
            if setting.name not in _KEPT_BY_WINDOW:
                self._rows[setting.name] = self._build_row(setting, palette)
                layout.addWidget(self._rows[setting.name])
        self.none = QLabel(_tr("No setting is called that; type fewer letters."))
        self.none.setProperty("role", "secondary")
        self.none.hide()
        layout.addWidget(self.none)
        layout.addStretch(1)
        return content

    def _build_row(self, setting: Setting, palette: Palette) -> QWidget:
        row = QWidget()
        grid = QGridLayout(row)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(3 * SPACE_PX)
        grid.setVerticalSpacing(0)
        name = QLabel(setting.name.replace("_", " "))
        text = QLabel(f"{word(setting.help)}\n{_range(setting)}")
        text.setProperty("role", "caption")
        text.setWordWrap(True)
        field = SettingField(setting, palette)
        field.setToolTip(word(setting.help))
        field.changed.connect(self._change)
        self.fields[setting.name] = field
        grid.addWidget(name, 0, 0)
        grid.addWidget(text, 1, 0)
        grid.addWidget(field, 0, 1, 2, 1, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
        grid.setColumnStretch(0, 1)
        return row

    def _build_foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        foot.setSpacing(SPACE_PX)
        self.profile = QComboBox()
        self.profile.setEditable(True)
        self.profile.setMinimumWidth(160)
        self.profile.setAccessibleName(_tr("Profile of a stand"))
        profile_line = self.profile.lineEdit()
        assert profile_line is not None
        profile_line.setPlaceholderText(_tr("Profile of a stand"))
        foot.addWidget(self.profile, 1)
        self.buttons: dict[str, QPushButton] = {}
        for name, text, use in (
            ("use", _tr("Use"), self.use_profile),
            ("keep", _tr("Keep"), self.keep_profile),
            ("remove", _tr("Remove"), self.remove_profile),
            ("import", _tr("Import…"), self._ask_import),
            ("export", _tr("Export…"), self._ask_export),
            ("reset", _tr("Reset all"), self.reset_all),
        ):
            button = QPushButton(text)
            button.setAccessibleName(text)
            button.clicked.connect(use)
            foot.addWidget(button)
            self.buttons[name] = button
        return foot

    # --- what people do ---

    def enter(self) -> None:
        """Open with the values of now."""
        self.refresh()
        super().enter()

    def take_focus(self) -> None:
        """The search field takes the keys."""
        self.search.setFocus()

    def refresh(self) -> None:
        """Show the values and profiles of now."""
        for name in self.fields:
            self._show_value(name)
        typed = self.profile.currentText()
        self.profile.clear()
        self.profile.addItems(list(self._profiles.names()))
        self.profile.setEditText(typed)

    def _show_value(self, name: str) -> None:
        """Follow a key or another part of the window that sets something while this sheet is open."""
        if name in self.fields:
            self.fields[name].show_value(self._settings.value(name))

    def _filter(self, typed: str) -> None:
        found_any = False
        for setting in TABLE:
            if setting.name in self._rows:
                names = f"{setting.name.replace('_', ' ')} {word(setting.help)}"
                found = typed.lower() in names.lower() or score(typed, setting.name) is not None
                self._rows[setting.name].setVisible(found)
                found_any = found_any or found
        self.none.setVisible(not found_any)

    def _change(self, name: str, value: Value) -> None:
        try:
            self._settings.set(name, value)
        except SettingsError as error:
            self.told.emit(Severity.BAD, str(error))
            self.refresh()
        else:
            self.changed.emit(name)
            self._save()

    def _save(self) -> None:
        self._attempt(self._settings.save, "")

    def _attempt(self, work: Callable[[], None], done: str) -> bool:
        """Do ``work`` and tell how it ended."""
        try:
            work()
        except SettingsError as error:
            self.told.emit(Severity.BAD, str(error))
            return False
        if done:
            self.told.emit(Severity.INFO, done)
        return True

    def _replace(self, work: Callable[[], None], done: str) -> None:
        """Replace all values by ``work`` and let every changed one act."""
        before = {setting.name: self._settings.value(setting.name) for setting in TABLE}
        if self._attempt(work, done):
            for name, value in before.items():
                if self._settings.value(name) != value:
                    self.changed.emit(name)
            self._save()
        self.refresh()

    def _warn(self, text: str) -> None:
        self.told.emit(Severity.WARNING, text)

    def reset_all(self) -> None:
        """Give every setting its default."""
        self._replace(self._settings.reset, _tr("Every setting has its default."))

    def import_from(self, path: Path) -> None:
        """Use the values of a settings file."""
        done = _tr("The settings of {path} are used.").format(path=path)
        self._replace(lambda: self._settings.take_over(path, self._warn), done)

    def export_to(self, path: Path) -> None:
        """Write the values of now to a file."""
        self._attempt(lambda: self._settings.write_to(path), _tr("{path} is written.").format(path=path))

    def _ask_import(self) -> None:
        ask_what_to_open(self.window(), _tr("Import settings"), _FILES, self.import_from)

    def _ask_export(self) -> None:
        ask_where_to_save(self.window(), _tr("Export settings"), "lens7-settings.json", self.export_to)

    def use_profile(self) -> None:
        """Use the profile that is named in the field."""
        name = self.profile.currentText().strip()
        done = _tr("The profile {name} is used.").format(name=name)
        self._replace(lambda: self._profiles.use(name, self._warn), done)

    def keep_profile(self) -> None:
        """Keep the values of now under the name in the field."""
        name = self.profile.currentText().strip()
        self._attempt(lambda: self._profiles.keep(name), _tr("The profile {name} is kept.").format(name=name))
        self.refresh()

    def remove_profile(self) -> None:
        """Remove the profile that is named in the field."""
        name = self.profile.currentText().strip()
        self._attempt(
            lambda: self._profiles.remove(name), _tr("The profile {name} is removed.").format(name=name)
        )
        self.refresh()

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        super().set_theme(palette)
        for field in self.fields.values():
            field.set_theme(palette)


def _range(setting: Setting) -> str:
    """Return type, range and default of a setting in words."""
    default = setting.default
    if isinstance(default, bool):
        return _tr("on or off; default {default}").format(default=_tr("on") if default else _tr("off"))
    if isinstance(default, int):
        low, high = setting.allowed
        return _tr("{low} to {high}; default {default}").format(low=low, high=high, default=default)
    if setting.allowed:
        choices = ", ".join(str(choice) for choice in setting.allowed)
        return _tr("one of {choices}; default {default}").format(choices=choices, default=default)
    return _tr("text; default {default}").format(default=default or _tr("empty"))


def _tr(text: str) -> str:
    return QCoreApplication.translate("SettingsSheet", text)
