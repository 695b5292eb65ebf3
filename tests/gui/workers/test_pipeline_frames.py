"""Frames through the pipeline: labels, order, drops, pause, closing."""

import threading

import numpy as np
import pytest

from gui.core.counters import DropReason
from gui.core.state import EngineState, SourceState
from gui.workers.inference import LARGEST_PAINTED_PIXELS, paintable
from tests.gui.fakes import EndlessSource, FakeBackend, FakeSource, picture


def test_a_frame_comes_out_with_its_own_labels(make_stand):
    source = FakeSource()
    stand = make_stand(source)
    stand.pipeline.start("fake")
    stand.wait_ready()
    for grey in (10, 20, 30):
        source.put(picture(grey))
        stand.wait(lambda grey=grey: stand.screen.labels()[-1:] == [f"grey {grey}"])
    shown = stand.screen.painted[-1]
    assert shown.rgb[0, 0].tolist() == [30, 30, 30]
    assert shown.rgb.flags.c_contiguous
    assert shown.times.run_ns == 2_000_000
    assert shown.device_ms == 1.5
    assert stand.pipeline.source_state is SourceState.LIVE
    assert stand.pipeline.engine_run_ns == 3 * 2_000_000
    assert stand.pipeline.drops.inferred == 3


def test_the_picture_is_live_before_the_engine(make_stand):
    backend = FakeBackend()
    ready = threading.Event()
    backend.work = lambda choice, status, cancellation: ready.wait(10)
    source = FakeSource(picture(1), picture(2))
    stand = make_stand(source, backend)
    stand.pipeline.start("fake")
    stand.wait(lambda: bool(stand.screen.painted))
    assert set(stand.screen.labels()) == {""}
    assert stand.pipeline.engine_state is EngineState.LOADING
    ready.set()
    stand.wait_ready()
    source.put(picture(3))
    stand.wait(lambda: stand.screen.labels()[-1] == "grey 3")


def test_under_overload_the_newest_wins_and_every_drop_is_counted(make_stand):
    source = FakeSource()
    stand = make_stand(source)
    stand.pipeline.start("fake")
    stand.wait_ready()
    stand.session.gate.clear()
    source.put(picture(0))
    stand.wait(lambda: stand.session.runs == 1)
    source.put(*(picture(grey) for grey in range(1, 21)))
    stand.wait(lambda: stand.pipeline.drops.captured == 21)
    stand.session.gate.set()
    stand.wait(lambda: stand.screen.labels()[-1:] == ["grey 20"])
    drops = stand.pipeline.drops
    assert drops.count(DropReason.REPLACED_BY_NEWER) == 19
    assert drops.snapshot()["newer frame arrived"] == 19
    assert drops.shown + drops.count(DropReason.NOT_PAINTED) == 2
    assert (drops.captured, drops.in_flight) == (21, 0)


def test_what_is_under_way_when_its_source_is_closed_is_dropped_for_that(make_stand):
    first, second = FakeSource(), FakeSource()
    sources = {"first": first, "second": second}
    stand = make_stand(sources.__getitem__)
    stand.pipeline.start("first")
    stand.wait_ready()
    stand.session.gate.clear()
    first.put(picture(1))
    stand.wait(lambda: stand.session.runs == 1)
    first.put(picture(2))
    stand.wait(lambda: stand.pipeline.drops.captured == 2)
    stand.pipeline.open_source("second")
    stand.session.gate.set()
    stand.wait(lambda: stand.pipeline.drops.in_flight == 0)
    assert stand.pipeline.drops.count(DropReason.SOURCE_CLOSED) == 2
    assert stand.pipeline.drops.snapshot() == {"source was closed": 2}
    assert stand.pipeline.drops.shown == 0


def test_a_stalled_engine_does_not_freeze_the_picture(make_stand):
    stand = make_stand(EndlessSource())
    stand.pipeline.start("fake")
    stand.wait_ready()
    stand.wait(lambda: "grey 0" in stand.screen.labels())
    stand.session.gate.clear()
    stand.wait(lambda: stand.pipeline.engine_state is EngineState.STALLED)
    painted = len(stand.screen.painted)
    stand.wait(lambda: len(stand.screen.painted) > painted + 5)
    assert set(stand.screen.labels()[painted:]) == {""}
    stand.session.gate.set()
    stand.wait(lambda: stand.screen.labels()[-1] == "grey 0")
    stand.wait_ready()


def test_frames_that_the_window_does_not_paint_are_counted(make_stand):
    source = FakeSource()
    stand = make_stand(source)
    stand.screen.paints = False
    stand.pipeline.start("fake")
    for number in range(3):
        source.put(picture())
        stand.wait(lambda number=number: stand.pipeline.drops.captured == number + 1)
        stand.wait(lambda number=number: stand.pipeline.drops.count(DropReason.NOT_PAINTED) == number)


def test_files_are_all_processed_in_order_however_slow_the_engine(make_stand):
    greys = list(range(25))
    source = FakeSource(*(picture(grey) for grey in greys), None, is_live=False)
    stand = make_stand(source)
    stand.pipeline.start("fake")
    stand.wait(lambda: stand.pipeline.drops.inferred == len(greys))
    stand.wait(lambda: stand.pipeline.source_state is SourceState.ENDED)
    labels = [label for label in stand.screen.labels() if label]
    assert labels == [f"grey {grey}" for grey in greys]
    assert stand.pipeline.drops.dropped == 0


def test_a_file_waits_for_the_engine_but_is_seen_at_once(make_stand):
    backend = FakeBackend()
    ready = threading.Event()
    backend.work = lambda choice, status, cancellation: ready.wait(10)
    stand = make_stand(FakeSource(picture(7), picture(8), None, is_live=False), backend)
    stand.pipeline.start("fake")
    stand.wait(lambda: stand.screen.labels() == [""])
    ready.set()
    stand.wait(lambda: stand.screen.labels() == ["", "grey 7", "grey 8"])
    assert (stand.pipeline.drops.captured, stand.pipeline.drops.shown) == (2, 2)


def test_pause_holds_the_picture_and_drains_the_camera(make_stand):
    source = FakeSource(picture(1))
    stand = make_stand(source)
    stand.pipeline.start("fake")
    stand.wait(lambda: len(stand.screen.painted) == 1)
    with stand.qtbot.waitSignal(stand.pipeline.state_changed):
        stand.pipeline.set_paused(True)
    assert stand.pipeline.source_state is SourceState.PAUSED
    source.put(picture(2), picture(3))
    stand.wait(lambda: stand.pipeline.drops.count(DropReason.PAUSED) == 2)
    stand.pipeline.set_paused(False)
    source.put(picture(4))
    stand.wait(lambda: len(stand.screen.painted) == 2)
    assert stand.screen.painted[-1].rgb[0, 0, 0] == 4
    assert stand.pipeline.source_state is SourceState.LIVE


def test_pause_holds_a_generated_source_without_drops(make_stand):
    stand = make_stand(EndlessSource())
    stand.pipeline.start("fake")
    stand.wait(lambda: len(stand.screen.painted) > 2)
    stand.pipeline.set_paused(True)
    stand.wait(lambda: stand.pipeline.drops.in_flight == 0)
    captured = stand.pipeline.drops.captured
    stand.pipeline.set_paused(False)
    stand.wait(lambda: stand.pipeline.drops.captured > captured)
    assert stand.pipeline.drops.count(DropReason.PAUSED) == 0


@pytest.mark.parametrize("is_live", [True, False])
def test_closing_while_busy_joins_every_thread(make_stand, is_live):
    source = FakeSource(*(picture(grey) for grey in range(50)), is_live=is_live)
    stand = make_stand(source)
    stand.pipeline.start("fake")
    stand.wait_ready()
    source.put(picture())  # the first ones may all have passed before the engine was ready
    stand.wait(lambda: stand.pipeline.drops.inferred > 0)
    source.put(*(picture() for _ in range(50)), None)
    stand.pipeline.close()
    assert stand.pipeline.threads() == ()
    assert not [
        thread for thread in threading.enumerate() if thread.name in ("capture", "inference", "compile")
    ]
    assert stand.session.closed
    assert stand.backend.closed
    assert source.closed == source.opened == 1
    stand.pipeline.close()


def test_an_engine_error_shows_the_frame_and_says_so(make_stand):
    source = FakeSource()
    stand = make_stand(source)
    stand.pipeline.start("fake")
    stand.wait_ready()
    stand.session.error = RuntimeError("bus fault")
    source.put(picture(1))
    stand.wait(lambda: stand.screen.labels() == [""])
    assert stand.texts() == ["engine: bus fault"]
    stand.session.error = None
    source.put(picture(9))
    stand.wait(lambda: stand.screen.labels()[-1] == "grey 9")
    assert stand.pipeline.repairs.snapshot() == {}


def test_a_picture_larger_than_any_screen_is_painted_smaller():
    image = np.zeros((6000, 9000, 3), np.uint8)
    rgb = paintable(image)
    assert rgb.shape[0] * rgb.shape[1] <= LARGEST_PAINTED_PIXELS
    assert rgb.shape[1] / rgb.shape[0] == pytest.approx(1.5, rel=1e-3)
    part = paintable(image[:720, :1280])
    assert part.shape == (720, 1280, 3)
    assert part.flags.c_contiguous
