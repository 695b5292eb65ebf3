"""From text to source; generated and shipped pictures."""

from types import SimpleNamespace

import cv2
import numpy as np
import pytest

import assets
from gui.capture import demo
from gui.capture.camera import CameraSource
from gui.capture.demo import SECONDS_EACH, DemoSource
from gui.capture.images import ImagesSource
from gui.capture.spec import kind_of, source_for, source_for_files
from gui.capture.synthetic import SyntheticSource
from gui.capture.video import StreamSource, VideoSource
from gui.core.errors import CaptureError
from gui.core.state import SourceKind


@pytest.mark.parametrize(
    ("spec", "kind"),
    [
        ("camera", CameraSource),
        ("camera:usb-046d_C920", CameraSource),
        ("synthetic", SyntheticSource),
        ("synthetic:60", SyntheticSource),
        ("demo", DemoSource),
        ("rtsp://camera.local/stream", StreamSource),
        ("http://camera.local:8080/?action=stream", StreamSource),
        ("live:some.mp4", VideoSource),
    ],
)
def test_every_form_of_the_grammar(spec, kind):
    assert type(source_for(spec)) is kind


def test_every_frame_of_a_film_counts_unless_it_is_watched_live(tmp_path):
    film = tmp_path / "film.mp4"
    film.write_bytes(b"not opened yet")
    assert source_for(f"live:{film}").is_live
    assert not source_for(str(film)).is_live


def test_the_spec_of_an_open_source_names_it_again():
    for spec in ("camera", "camera:x", "synthetic:60", "demo", "rtsp://h/s"):
        assert source_for(spec).info.spec == spec


@pytest.mark.parametrize(
    ("spec", "kind"),
    [
        ("camera:x", SourceKind.CAMERA),
        ("https://h/s.jpg", SourceKind.STREAM),
        ("live:a.mp4", SourceKind.VIDEO),
        ("/a/b.MP4", SourceKind.VIDEO),
        ("/a/b.JPG", SourceKind.IMAGES),
        ("/a/folder", SourceKind.IMAGES),
        ("demo", SourceKind.DEMO),
    ],
)
def test_the_picker_knows_what_sort_a_source_is(spec, kind):
    assert kind_of(spec) is kind


def test_files_are_told_apart_by_what_is_inside(tmp_path):
    picture = tmp_path / "picture.mp4"
    picture.write_bytes(cv2.imencode(".png", np.zeros((4, 4, 3), np.uint8))[1].tobytes())
    other = tmp_path / "other.jpg"
    other.write_bytes(b"something else")
    assert type(source_for(str(picture))) is ImagesSource
    assert type(source_for(str(other))) is VideoSource
    assert type(source_for(str(tmp_path))) is ImagesSource
    assert type(source_for_files([picture, other])) is ImagesSource


@pytest.mark.parametrize(
    "spec", ["synthetic:0", "synthetic:1e9", "synthetic:nan", "synthetic:x", "no such file"]
)
def test_nonsense_is_one_clear_line(spec):
    with pytest.raises(CaptureError) as caught:
        source_for(spec)
    assert "\n" not in str(caught.value)


def test_the_synthetic_picture_moves():
    source = SyntheticSource(60.0)
    source.open()
    first, second = source.read().image, source.read().image
    assert first.shape == (720, 1280, 3)
    assert source.period_ns == 16_666_667
    assert (first != second).any()


def test_the_demo_shows_every_shipped_picture():
    source = DemoSource()
    source.open()
    shipped = sorted(path.stem for path in assets.path("demo").iterdir())
    shown = []
    for _ in shipped:
        shown.append(source.read().name)
        source.step(1)
    assert sorted(shown) == shipped
    assert source.read().image.shape == (720, 1280, 3)
    source.step(-1)
    assert source.read().name == shown[-1]


def test_a_step_of_the_demo_goes_on_from_the_picture_that_was_held(monkeypatch: pytest.MonkeyPatch) -> None:
    now_ns = 0
    monkeypatch.setattr(demo, "time", SimpleNamespace(monotonic_ns=lambda: now_ns))
    source = DemoSource()
    source.open()
    names = [source.read().name]
    for offset in (1, 1, -1):
        now_ns += int(2.5 * SECONDS_EACH * 1e9)  # paused
        source.step(offset)
        names.append(source.read().name)
    assert names == ["cat_chelsea", "china_palace", "coffee_cup", "china_palace"]
