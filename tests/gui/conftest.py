"""What every test of the window may ask for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gui.capture.opencv import prepare_opencv
from gui.workers.beside import Beside


@pytest.fixture(autouse=True, scope="session")
def _quiet_opencv() -> None:
    """Prepare OpenCV as the window does: FFmpeg asks once how much to say, whichever test comes first."""
    prepare_opencv()


@pytest.fixture
def beside() -> Iterator[Beside]:
    """Start threads as a pipeline does; they are told to end, and joined, after the test."""
    made = Beside()
    yield made
    made.stop()
    for thread in made.threads():
        thread.join(10)
