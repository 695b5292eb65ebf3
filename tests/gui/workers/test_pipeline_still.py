"""A shipped picture held before the engine, as a quiz and a tour do it."""

import cv2
import numpy as np
import pytest

from gui.capture.still import StillSource
from gui.core.conditions import Conditions
from gui.core.errors import CaptureError
from gui.core.state import SourceState
from tests.gui.fakes import EndlessSource


@pytest.fixture
def grey(tmp_path):
    path = tmp_path / "giant_panda.png"
    cv2.imwrite(str(path), np.full((30, 40, 3), 60, np.uint8))
    return path


def test_it_comes_again_and_again_under_a_name_that_tells_nothing(make_stand, grey):
    stand = make_stand(EndlessSource(grey=5))
    pipeline = stand.pipeline
    pipeline.start("fake")
    stand.wait_ready()
    pipeline.open_still(grey, "quiz picture 1")
    stand.wait(lambda: stand.screen.labels()[-3:] == ["grey 60"] * 3)
    shown = stand.screen.painted[-1]
    assert (shown.frame.name, shown.frame.path) == ("quiz picture 1", None)
    assert (pipeline.source_info.title, pipeline.source_info.spec) == ("quiz picture 1", "")
    assert pipeline.source_state is SourceState.LIVE
    assert pipeline.batch is None
    pipeline.set_conditions(Conditions(brightness=20))
    stand.wait(lambda: stand.screen.labels()[-1:] == ["grey 111"])
    pipeline.set_conditions(Conditions())
    pipeline.back_to_live()
    stand.wait(lambda: stand.screen.labels()[-1:] == ["grey 5"])


def test_a_picture_that_is_none_is_one_line(tmp_path):
    path = tmp_path / "x.png"
    path.write_bytes(b"no picture")
    with pytest.raises(CaptureError, match=r"x\.png"):
        StillSource(path, "quiz picture 1").open()
