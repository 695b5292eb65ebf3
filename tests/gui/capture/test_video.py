"""Video files through FFmpeg, and a stream that nobody serves."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from gui.capture.opencv import prepare_opencv
from gui.capture.video import StreamSource, VideoSource
from gui.core.errors import CaptureError

FRAMES = 6


@pytest.fixture(autouse=True)
def _quiet():
    prepare_opencv()


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """Return a film of six frames at 25 per second, each a little lighter."""
    path = tmp_path / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25, (64, 48))
    for index in range(FRAMES):
        writer.write(np.full((48, 64, 3), index * 40, np.uint8))
    writer.release()
    return path


def read_greys(source: VideoSource, count: int) -> list[int]:
    greys = []
    while len(greys) < count and (picture := source.read()) is not None:
        greys.append(round(picture.image.mean() / 40))
    return greys


def test_every_frame_comes_once_in_order_at_the_files_pace(video):
    source = VideoSource(video)
    source.open()
    assert source.period_ns == 40_000_000
    assert read_greys(source, 100) == list(range(FRAMES))
    assert source.info.detail == "64x48, 25 fps"
    source.close()


def test_a_live_video_begins_again(video):
    source = VideoSource(video, live=True)
    source.open()
    assert source.is_live
    assert read_greys(source, 2 * FRAMES) == [*range(FRAMES), *range(FRAMES)]
    source.close()
    source.open()
    assert read_greys(source, 1) == [0]
    source.close()


@pytest.mark.parametrize(
    ("content", "says"), [(b"", "empty"), (b"no video " * 50, "neither a picture nor a video")]
)
def test_what_is_no_video_is_one_clear_line(tmp_path, content, says, capfd):
    path = tmp_path / "clip.mp4"
    path.write_bytes(content)
    with pytest.raises(CaptureError, match=rf"clip\.mp4: .*{says}"):
        VideoSource(path).open()
    assert capfd.readouterr().err == ""


def test_a_truncated_video_ends_early_or_is_refused(video):
    video.write_bytes(video.read_bytes()[:2000])
    source = VideoSource(video)
    try:
        source.open()
        assert len(read_greys(source, 100)) < FRAMES
    except CaptureError as error:
        assert str(error).startswith("film.avi: ")
    finally:
        source.close()


def test_a_folder_is_no_video(tmp_path):
    with pytest.raises(CaptureError, match="not a file"):
        VideoSource(tmp_path).open()


def test_a_stream_without_a_server_is_one_line_without_the_password():
    source = StreamSource("rtsp://user:secret@127.0.0.1:9/stream")
    with pytest.raises(CaptureError, match=r"127\.0\.0\.1: no answer") as caught:
        source.open()
    assert "secret" not in str(caught.value)
    assert "secret" not in source.info.title
