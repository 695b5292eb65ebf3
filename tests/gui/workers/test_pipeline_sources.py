"""Sources that fail, stand still, come back, or are replaced; dropped files."""

import threading
from pathlib import Path

import cv2
import numpy as np
import pytest

from engine import EngineError
from gui.capture import cameras
from gui.capture.source import Picture, UnreadablePictureError
from gui.capture.spec import source_for
from gui.core.counters import DropReason
from gui.core.errors import CaptureError
from gui.core.state import EngineState, SourceChoice, SourceKind, SourceState
from tests.gui.fakes import EndlessSource, FakeBackend, FakeSource, never, picture


def write_grey(path: Path, grey: int) -> Path:
    path.write_bytes(cv2.imencode(".png", np.full((30, 40, 3), grey, np.uint8))[1].tobytes())
    return path


def test_an_unplugged_camera_comes_back_by_itself(make_stand):
    source = FakeSource(picture(1), CaptureError("fake camera: unplugged"), reconnects=True)
    stand = make_stand(source)
    stand.pipeline.start("fake")
    source.open_error = None
    stand.wait(lambda: stand.pipeline.source_state is SourceState.RETRYING)
    source.put(picture(2))
    stand.wait(lambda: stand.pipeline.source_state is SourceState.LIVE)
    stand.wait(lambda: stand.screen.painted[-1].rgb[0, 0, 0] == 2)
    assert stand.texts() == ["fake camera: the picture is back", "fake camera: unplugged; trying again"]
    assert stand.pipeline.retries == 0
    assert source.closed == 1


def test_retries_are_counted_until_the_camera_is_there(make_stand):
    source = FakeSource(reconnects=True)
    source.open_error = CaptureError("no camera found")
    stand = make_stand(source)
    stand.pipeline.start("fake")
    stand.wait(lambda: stand.pipeline.retries >= 3)
    assert stand.pipeline.source_state in (SourceState.LOST, SourceState.RETRYING)
    assert stand.texts() == ["no camera found; trying again"]
    source.open_error = None
    source.put(picture())
    stand.wait(lambda: stand.pipeline.source_state is SourceState.LIVE)
    assert stand.pipeline.retries == 0


def test_a_camera_that_stands_still_is_seen_and_goes_on(make_stand):
    unblock = threading.Event()
    source = FakeSource(picture(1), lambda: unblock.wait(10) and picture(2), reconnects=True)
    stand = make_stand(source)
    stand.pipeline.start("fake")
    stand.wait(lambda: stand.pipeline.source_state is SourceState.STALLED)
    unblock.set()
    stand.wait(lambda: stand.pipeline.source_state is SourceState.LIVE)


def test_a_driver_that_never_answers_is_abandoned(make_stand):
    blocked = FakeSource(picture(1), never, reconnects=True)
    fresh = FakeSource(picture(2), reconnects=True)
    sources = iter([blocked, fresh])
    stand = make_stand(lambda _: next(sources))
    stand.pipeline.start("fake")
    stand.wait(lambda: bool(stand.screen.painted) and stand.screen.painted[-1].rgb[0, 0, 0] == 2)
    assert "fake camera: does not answer; opening it again" in stand.texts()
    blocked.put(picture(99))
    stand.wait(lambda: stand.pipeline.drops.in_flight == 0)


def test_a_blocked_open_is_abandoned_too(make_stand):
    blocked, fresh = FakeSource(reconnects=True), FakeSource(picture(2), reconnects=True)
    blocked.open = never
    sources = iter([blocked, fresh])
    stand = make_stand(lambda _: next(sources))
    stand.pipeline.start("fake")
    stand.wait(lambda: stand.pipeline.source_state is SourceState.LIVE)


def test_garbage_and_torn_frames_are_counted_and_the_camera_goes_on(make_stand):
    garbage = Picture(np.zeros((4, 4), np.uint8), 0)
    source = FakeSource(garbage, UnreadablePictureError("fake camera: torn"), picture(5), reconnects=True)
    stand = make_stand(source)
    stand.pipeline.start("fake")
    stand.wait(lambda: len(stand.screen.painted) == 1)
    assert stand.pipeline.drops.count(DropReason.DECODE_FAILED) == 2
    assert stand.texts()[0] == "fake camera: torn"
    assert "expected an RGB picture" in stand.texts()[1]


def test_a_camera_that_changes_size_goes_on(make_stand):
    source = FakeSource(picture(1, (64, 48)), reconnects=True)
    stand = make_stand(source)
    stand.pipeline.start("fake")
    stand.wait(lambda: len(stand.screen.painted) == 1)
    source.put(picture(2, (32, 24)))
    stand.wait(lambda: len(stand.screen.painted) == 2)
    assert stand.screen.painted[-1].rgb.shape == (24, 32, 3)


def test_a_bug_in_a_source_is_one_line(make_stand):
    stand = make_stand(FakeSource(ZeroDivisionError("oops")))
    stand.pipeline.start("fake")
    stand.wait(lambda: stand.pipeline.source_state is SourceState.FAILED)
    assert stand.texts() == ["source: ZeroDivisionError: oops"]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("clip.mp4", b"", "clip.mp4: the file is empty"),
        ("notes.txt", b"hello", "notes.txt: neither a picture nor a video"),
        ("missing.jpg", None, "no such file or folder"),
    ],
)
def test_a_bad_file_is_one_line_and_the_window_goes_on(make_stand, tmp_path, name, content, says):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    stand = make_stand(source_for)
    stand.pipeline.start(str(path))
    stand.wait(lambda: stand.pipeline.source_state is SourceState.FAILED)
    assert says in stand.texts()[0]
    stand.pipeline.open_files([write_grey(tmp_path / "good.png", 44)])
    stand.wait(lambda: stand.screen.labels()[-1:] == ["grey 44"])


def test_without_a_camera_the_demo_pictures_are_shown_and_it_is_said(make_stand, monkeypatch):
    monkeypatch.setattr(cameras, "enumerate_cameras", lambda _: [])
    stand = make_stand(source_for)
    stand.pipeline.start("")
    stand.wait(lambda: len(stand.screen.painted) > 2)
    assert stand.pipeline.source_info.spec == "demo"
    assert any("no camera found" in text for text in stand.texts())


def raise_engine_error(*_: object) -> None:
    raise EngineError("there is none")


def test_dropped_files_are_a_batch_and_one_call_goes_back_to_live(make_stand, tmp_path):
    stand = make_stand(EndlessSource())
    stand.pipeline.start("fake")
    stand.wait_ready()
    stand.wait(lambda: len(stand.screen.painted) > 1)
    files = [write_grey(tmp_path / f"{grey}.png", grey) for grey in (11, 22, 33)]
    files.insert(1, tmp_path / "broken.png")
    files[1].write_bytes(b"no picture")
    stand.pipeline.open_files(files)
    stand.wait(lambda: stand.pipeline.source_state is SourceState.ENDED)
    stand.wait(lambda: stand.pipeline.batch is not None and len(stand.pipeline.batch.items) == 4)
    items = stand.pipeline.batch.items
    assert [item.path for item in items] == files
    assert [item.top[0].name if item.top else "" for item in items] == ["grey 11", "", "grey 22", "grey 33"]
    assert "not a picture" in items[1].error
    assert stand.pipeline.batch.failed == 1
    stand.wait(lambda: stand.screen.labels()[-1] == "grey 33")

    assert stand.pipeline.is_aside
    stand.pipeline.back_to_live()
    assert not stand.pipeline.is_aside
    stand.wait(lambda: stand.pipeline.source_state is SourceState.LIVE)
    assert stand.pipeline.batch is None
    stand.wait(lambda: stand.screen.labels()[-1] == "grey 0")


def test_files_that_no_engine_labels_are_done_too(make_stand, tmp_path):
    backend = FakeBackend()
    backend.work = raise_engine_error
    stand = make_stand(EndlessSource(), backend)
    stand.pipeline.start("fake")
    stand.wait(lambda: stand.pipeline.engine_state is EngineState.FAILED)
    files = [write_grey(tmp_path / f"{grey}.png", grey) for grey in (11, 22)]
    stand.pipeline.open_files(files)
    stand.wait(lambda: stand.pipeline.source_state is SourceState.ENDED)
    stand.wait(lambda: stand.pipeline.batch is not None and len(stand.pipeline.batch.items) == 2)
    assert [item.path for item in stand.pipeline.batch.items] == files
    assert {item.error for item in stand.pipeline.batch.items} == {"no engine"}


def test_arrow_keys_go_through_a_finished_batch(make_stand, tmp_path):
    stand = make_stand(EndlessSource())
    stand.pipeline.start("fake")
    stand.wait_ready()
    stand.pipeline.open_files([write_grey(tmp_path / f"{grey}.png", grey) for grey in (11, 22, 33)])
    stand.wait(lambda: stand.pipeline.source_state is SourceState.ENDED)
    stand.wait(lambda: stand.screen.labels()[-1:] == ["grey 33"])
    for delta, grey in ((1, 11), (1, 22), (-1, 11), (-1, 33)):
        stand.pipeline.step(delta)
        stand.wait(lambda grey=grey: stand.screen.labels()[-1] == f"grey {grey}")
    assert len(stand.pipeline.batch.items) == 3


def test_a_file_is_shown_by_its_place_though_one_that_cannot_be_read_was_the_last(make_stand, tmp_path):
    stand = make_stand(EndlessSource())
    stand.pipeline.start("fake")
    stand.wait_ready()
    files = [write_grey(tmp_path / f"{grey}.png", grey) for grey in (11, 22, 33)]
    files.append(tmp_path / "broken.png")
    files[3].write_bytes(b"no picture")
    stand.pipeline.open_files(files)
    stand.wait(lambda: stand.pipeline.source_state is SourceState.ENDED)
    for place, grey in ((0, 11), (2, 33), (1, 22)):
        stand.pipeline.show_file(place)
        stand.wait(lambda grey=grey: stand.screen.labels()[-1] == f"grey {grey}")
    stand.pipeline.show_file(2)
    stand.pipeline.show_file(0)  # before the one asked for first is in the view
    stand.wait(lambda: stand.screen.labels()[-1] == "grey 11")


def test_a_step_shows_the_next_demo_picture_even_while_paused(make_stand):
    source = EndlessSource()
    stand = make_stand(source)
    stand.pipeline.start("fake")
    stand.wait(lambda: len(stand.screen.painted) > 1)
    stand.pipeline.set_paused(True)
    stand.wait(lambda: stand.pipeline.drops.in_flight == 0)
    stand.pipeline.step(1)
    stand.wait(lambda: source.steps == [1])


def test_a_replaced_source_leaves_nothing_behind(make_stand):
    first, second = FakeSource(picture(1)), FakeSource(picture(2))
    sources = {"first": first, "second": second}
    stand = make_stand(sources.__getitem__)
    stand.pipeline.start("first")
    stand.wait(lambda: len(stand.screen.painted) == 1)
    stand.pipeline.open_source("second")
    first.put(picture(99))
    stand.wait(lambda: stand.screen.painted[-1].rgb[0, 0, 0] == 2)
    assert first.closed == 1
    assert 99 not in [int(shown.rgb[0, 0, 0]) for shown in stand.screen.painted]


def test_the_source_picker_knows_new_cameras(make_stand, monkeypatch):
    monkeypatch.setattr("gui.workers.offers.FRESH_S", -1.0)
    stand = make_stand(EndlessSource())
    found = (SourceChoice("camera:x", "one camera", SourceKind.CAMERA),)
    monkeypatch.setattr("gui.workers.offers.source_choices", lambda: found)
    with stand.qtbot.waitSignal(stand.pipeline.state_changed):
        stand.pipeline.source_choices()
    assert stand.pipeline.source_choices()[0].title == "one camera"


def test_the_source_picker_offers_the_open_source_too(make_stand, tmp_path):
    path = write_grey(tmp_path / "cup.png", 7)
    stand = make_stand(source_for)
    stand.pipeline.start(str(path))
    stand.wait(lambda: stand.pipeline.source_state is SourceState.ENDED)
    assert stand.pipeline.source_choices()[-1] == SourceChoice(str(path), "cup.png", SourceKind.IMAGES)
