"""Hard conditions and smoothing: what the engine sees is what is shown, and each frame keeps its own answer."""

import cv2
import numpy as np
import pytest

from gui.core.conditions import NEUTRAL, Conditions
from gui.core.state import SourceState
from gui.workers import inference
from tests.gui.fakes import EndlessSource, FakeBackend, FakeSession, FakeSource, picture

BRIGHTER = Conditions(brightness=20)  # 51 grey levels


@pytest.fixture
def live(make_stand):
    """A stand whose source has given one picture of grey 10."""
    source = FakeSource(picture(10))
    stand = make_stand(source)
    stand.pipeline.start("fake")
    stand.wait_ready()
    stand.wait(lambda: bool(stand.screen.painted))
    return stand, source


def test_the_engine_and_the_window_see_the_picture_under_the_conditions(live):
    stand, source = live
    stand.pipeline.set_conditions(BRIGHTER)
    source.put(picture(10))
    stand.wait(lambda: stand.screen.labels()[-1:] == ["grey 61"])
    shown = stand.screen.painted[-1]
    assert shown.rgb[0, 0].tolist() == [61, 61, 61]
    assert shown.frame.image[0, 0, 0] == 61
    assert shown.conditions == BRIGHTER
    stand.pipeline.set_conditions(NEUTRAL)
    source.put(picture(10))
    stand.wait(lambda: stand.screen.labels()[-1:] == ["grey 10"])
    assert stand.screen.painted[-1].conditions.neutral


def test_neutral_conditions_touch_nothing(live, monkeypatch):
    stand, source = live
    monkeypatch.setattr(inference, "apply", lambda *_: pytest.fail("neutral conditions cost nothing"))
    image = picture(33)
    source.put(image)
    stand.wait(lambda: stand.screen.labels()[-1:] == ["grey 33"])
    assert stand.screen.painted[-1].frame.image is image.image


def test_the_time_of_the_conditions_is_no_time_of_the_engine(live):
    stand, source = live
    stand.pipeline.set_conditions(Conditions(blur=20, noise=30, quality=50))
    source.put(picture(10, (640, 480)))
    stand.wait(lambda: not stand.screen.painted[-1].conditions.neutral)
    times = stand.screen.painted[-1].times
    assert (times.preprocess_ns, times.run_ns, times.postprocess_ns) == (1_000_000, 2_000_000, 500_000)


def test_a_camera_that_is_held_shows_its_picture_under_the_new_conditions(live):
    stand, source = live
    stand.pipeline.set_paused(True)
    stand.pipeline.set_conditions(BRIGHTER)
    source.put(picture(99))  # the present goes on unseen
    stand.wait(lambda: stand.screen.labels()[-1:] == ["grey 61"])
    assert "grey 99" not in stand.screen.labels()


def test_a_dropped_picture_is_looked_at_again_and_counted_once(make_stand, tmp_path):
    path = tmp_path / "dark.png"
    cv2.imwrite(str(path), np.full((30, 40, 3), 10, np.uint8))
    stand = make_stand(EndlessSource())
    stand.pipeline.start("fake")
    stand.wait_ready()
    stand.pipeline.open_files([path])
    stand.wait(lambda: stand.pipeline.source_state is SourceState.ENDED)
    stand.wait(lambda: stand.pipeline.batch is not None and len(stand.pipeline.batch.items) == 1)
    stand.pipeline.set_conditions(BRIGHTER)
    stand.wait(lambda: stand.screen.labels()[-1:] == ["grey 61"])
    assert [item.top[0].name for item in stand.pipeline.batch.items] == ["grey 10"]
    assert stand.pipeline.source_state is SourceState.ENDED


# --- smoothing ---------------------------------------------------------------------------------------------------


def sure_of(index: int) -> np.ndarray:
    logits = np.zeros(1000, np.float32)
    logits[index] = 30.0
    return logits


@pytest.fixture
def smoothed(make_stand):
    session = FakeSession()
    session.logits = sure_of(3)
    source = FakeSource(picture(10))
    stand = make_stand(source, FakeBackend(session))
    stand.pipeline.set_smoothing(True)
    stand.pipeline.start("fake")
    stand.wait_ready()
    stand.wait(lambda: bool(stand.screen.painted))
    source.put(picture(10))
    stand.wait(lambda: stand.screen.painted[-1].smoothed)
    return stand, source


def test_labels_are_smoothed_and_each_frame_keeps_its_own(smoothed):
    stand, source = smoothed
    stand.session.logits = sure_of(8)
    source.put(picture(20))
    stand.wait(lambda: stand.screen.painted[-1].frame.image[0, 0, 0] == 20)
    shown = stand.screen.painted[-1]
    both = {label.index: label.probability for label in shown.top}
    assert shown.smoothed
    assert both[3] > 0.01  # not forgotten yet
    assert both[8] > 0.0
    assert both[3] + both[8] == pytest.approx(1.0, abs=1e-4)
    assert [label.name for label in shown.raw] == ["grey 20", "other"]
    assert shown.answer == shown.raw


def test_smoothing_begins_anew_with_another_source(smoothed):
    stand, _ = smoothed
    stand.session.logits = sure_of(8)
    other = FakeSource(picture(50))
    stand.pipeline._live_sources._by_name = lambda _: stand.note(other)
    stand.pipeline.open_source("other")
    stand.wait(lambda: stand.screen.painted[-1].frame.image[0, 0, 0] == 50)
    first = stand.screen.painted[-1].top[0]
    assert (first.index, first.probability) == (8, pytest.approx(1.0, abs=1e-4))


def test_smoothing_begins_anew_with_another_engine(smoothed):
    stand, source = smoothed
    stand.backend.session = FakeSession("other")
    stand.backend.session.logits = sure_of(8)
    stand.pipeline.engine.set_model("other")
    stand.wait(lambda: stand.pipeline.session_info.model == "other")
    source.put(picture(60))
    stand.wait(lambda: stand.screen.painted[-1].frame.image[0, 0, 0] == 60)
    assert stand.screen.painted[-1].top[0].index == 8


def test_without_smoothing_a_frame_shows_its_own_labels(smoothed):
    stand, source = smoothed
    stand.pipeline.set_smoothing(False)
    source.put(picture(70))
    stand.wait(lambda: stand.screen.labels()[-1:] == ["grey 70"])
    assert not stand.screen.painted[-1].smoothed


def test_files_are_never_smoothed(make_stand):
    source = FakeSource(picture(1), picture(2), None, is_live=False)
    stand = make_stand(source)
    stand.pipeline.set_smoothing(True)
    stand.pipeline.start("fake")
    stand.wait(lambda: stand.pipeline.source_state is SourceState.ENDED)
    stand.wait(lambda: stand.screen.labels()[-1:] == ["grey 2"])
    assert not any(shown.smoothed for shown in stand.screen.painted)
