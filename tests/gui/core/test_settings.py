"""The table of settings and its file."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.core.errors import SettingsError
from gui.core.settings import TABLE, Settings

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=10,
)


def loaded(path) -> tuple[Settings, list[str]]:
    settings, warnings = Settings(path), []
    settings.load(warnings.append)
    return settings, warnings


@pytest.mark.parametrize("setting", TABLE, ids=lambda setting: setting.name)
def test_every_setting_has_help_and_an_allowed_default(setting):
    assert setting.help.endswith(".")
    assert setting.check(setting.default) == setting.default


def test_values_come_back_and_defaults_are_not_written(tmp_path):
    settings = Settings(tmp_path / "deep" / "settings.json")
    settings.set("theme", "light")
    settings.set("threads", 2)
    settings.set("motion", False)
    settings.set("face", "show")
    settings.save()
    again, warnings = loaded(settings.path)
    assert (again.text("theme"), again.number("threads"), again.flag("motion")) == ("light", 2, False)
    assert warnings == []
    assert set(json.loads(settings.path.read_text())) == {"theme", "threads", "motion"}


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', "\x00", "[" * 100_000], ids=range(6))
def test_a_corrupt_file_is_kept_aside_and_said_so(tmp_path, text):
    path = tmp_path / "settings.json"
    path.write_text(text)
    settings, warnings = loaded(path)
    assert settings.text("theme") == "dark"
    assert len(warnings) == 1
    (aside,) = tmp_path.glob("settings.corrupt-*.json")
    assert aside.name in warnings[0]
    assert aside.read_text() == text


@given(JSON)
def test_any_value_of_the_file_is_taken_or_refused_in_one_line(tmp_path_factory, value):
    path = tmp_path_factory.mktemp("settings") / "settings.json"
    path.write_text(json.dumps({"threads": value, "theme": value, "nonsense": value}))
    settings, warnings = loaded(path)
    assert settings.number("threads") in (1, 2)
    assert settings.text("theme") in ("dark", "light")
    assert any("nonsense" in warning for warning in warnings)
    assert all("\n" not in warning for warning in warnings)


@pytest.mark.parametrize(("name", "value"), [("threads", 3), ("threads", True), ("theme", "pink"), ("x", 1)])
def test_what_is_not_allowed_is_refused(tmp_path, name, value):
    with pytest.raises(SettingsError, match=name):
        Settings(tmp_path / "settings.json").set(name, value)


def test_settings_are_for_their_owner_alone(tmp_path):
    """A stream's address may hold a password."""
    settings = Settings(tmp_path / "settings.json")
    settings.set("source", "rtsp://operator:secret@camera/")
    settings.save()
    assert settings.path.stat().st_mode & 0o777 == 0o600


def test_a_write_that_fails_leaves_nothing_beside(tmp_path, monkeypatch):
    settings = Settings(tmp_path / "settings.json")
    settings.save()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    settings.set("theme", "light")
    with pytest.raises(SettingsError, match="No space left on device; changes are not kept"):
        settings.save()
    assert [path.name for path in tmp_path.iterdir()] == ["settings.json"]


def test_an_unwritable_place_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="not kept"):
        Settings(tmp_path / "file" / "settings.json").save()
