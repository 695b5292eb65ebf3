"""The pictures for README and design are made from the real window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from gui.core.theme import THEMES
from gui.widgets.main_window import Face
from tests.tools import screenshots


# Every state is opened by tests/gui/widgets/test_fit.py; here some of each kind are saved.
@pytest.mark.parametrize("state", ["live", "dropped"])
def test_every_state_is_saved_in_every_face_and_theme(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    monkeypatch.setattr(screenshots, "STATES", {state: screenshots.STATES[state]})
    monkeypatch.setattr(screenshots, "ASKED", {})
    screenshots.save_states(tmp_path, (1280, 720))
    names = {f"{face.value}_{state}_{theme}.png" for face in Face for theme in THEMES}
    assert {path.name for path in tmp_path.iterdir()} == names
    pictures = [QImage(str(tmp_path / name)) for name in sorted(names)]
    assert {(picture.width(), picture.height()) for picture in pictures} == {(1280, 720)}
    assert len({bytes(picture.constBits()) for picture in pictures}) == len(names)


@pytest.mark.parametrize("state", list(screenshots.ASKED)[::8])
def test_what_people_ask_for_is_saved_in_every_theme(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    monkeypatch.setattr(screenshots, "STATES", {})
    monkeypatch.setattr(screenshots, "ASKED", {state: screenshots.ASKED[state]})
    screenshots.save_states(tmp_path, (1280, 720))
    faces, _ = screenshots.ASKED[state]
    names = {f"{face.value}_{state}_{theme}.png" for face in faces for theme in THEMES}
    assert {path.name for path in tmp_path.iterdir()} == names
    pictures = [QImage(str(tmp_path / name)) for name in sorted(names)]
    assert len({bytes(picture.constBits()) for picture in pictures}) == len(names)
