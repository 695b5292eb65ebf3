"""The stand of the pipeline's tests, in real time: what a camera stand would see."""

from dataclasses import replace

import pytest

from gui.capture.opencv import prepare_opencv
from gui.workers.capture import CaptureTiming
from tests.gui.workers.conftest import make_stand

__all__ = ["make_stand"]

# As at a stand, but for the demo pictures, which come sooner so that the tests are short.
REAL_TIMING = replace(CaptureTiming(), stand_in_after_s=2.0)


@pytest.fixture(autouse=True, scope="session")
def _quiet_opencv() -> None:
    prepare_opencv()
