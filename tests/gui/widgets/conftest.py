"""A window over a pipeline without threads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from gui.core.settings import Settings
from gui.widgets.main_window import MainWindow
from tests.gui.widgets.fake_pipeline import FakePipeline


@pytest.fixture
def pipeline(qtbot: QtBot) -> FakePipeline:
    return FakePipeline()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    still = Settings(tmp_path / "settings.json")
    still.set("motion", False)
    return still


@pytest.fixture
def window(qtbot: QtBot, pipeline: FakePipeline, settings: Settings) -> Iterator[MainWindow]:
    made = MainWindow(pipeline, settings, "dark")
    made.resize(1280, 720)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    made.close()
