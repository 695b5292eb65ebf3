"""Video files through FFmpeg, and a stream that nobody serves."""

import gc
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import cv2
import numpy as np
import pytest

from gui.capture.source import UnreadablePictureError
from gui.capture.video import StreamSource, VideoSource
from gui.core.errors import CaptureError
from tests.soak.memory import in_use_bytes

FRAMES = 6


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """Return a film of six frames at 25 per second, each a little lighter."""
    path = tmp_path / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25, (64, 48))
    for index in range(FRAMES):
        writer.write(np.full((48, 64, 3), index * 40, np.uint8))
    writer.release()
    return path


def read_greys(source: VideoSource | StreamSource, count: int) -> list[int]:
    greys = []
    while len(greys) < count and (picture := source.read()) is not None:
        greys.append(round(picture.image.mean() / 40))
    return greys


def test_every_frame_comes_once_in_order_at_the_files_pace(video):
    source = VideoSource(video)
    source.open()
    assert source.period_ns == 40_000_000
    assert read_greys(source, 100) == list(range(FRAMES))
    assert source.info.detail == "64 × 48, 25 fps"
    source.close()


@pytest.mark.skipif(in_use_bytes() is None, reason="the C library does not tell what is in use")
def test_opencv_keeps_nothing_of_threads_that_have_ended():
    def use_threads() -> int:
        for _ in range(200):
            thread = Thread(target=cv2.resize, args=(np.zeros((48, 64, 3), np.uint8), (15, 17)))
            thread.start()
            thread.join()
        gc.collect()
        return in_use_bytes() or 0

    before = use_threads()
    assert use_threads() - before < 200 * 100


def test_a_live_video_begins_again(video):
    source = VideoSource(video, live=True)
    source.open()
    assert source.is_live
    assert read_greys(source, 2 * FRAMES) == [*range(FRAMES), *range(FRAMES)]
    source.close()
    source.open()
    assert read_greys(source, 1) == [0]
    source.close()


def test_frames_use_memory_again_only_once_nobody_holds_them(video):
    source = VideoSource(video, live=True)
    source.open()
    held = [source.read().image for _ in range(FRAMES)]
    assert [round(image.mean() / 40) for image in held] == list(range(FRAMES))
    del held
    addresses = {source.read().image.ctypes.data for _ in range(FRAMES)}
    assert len(addresses) == 1
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


def test_a_film_that_breaks_off_says_so_once(tmp_path):
    path = tmp_path / "film.mp4"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 25, (64, 48))
    noise = np.random.default_rng(0)
    for _ in range(150):
        writer.write(noise.integers(0, 255, (48, 64, 3), np.uint8))
    writer.release()
    whole = VideoSource(path)
    whole.open()
    assert len(read_greys(whole, 1000)) == 150
    whole.close()
    content = bytearray(path.read_bytes())
    third = len(content) // 3
    content[third : 2 * third] = bytes(third)
    path.write_bytes(content)
    source = VideoSource(path)
    source.open()
    with pytest.raises(
        UnreadablePictureError, match=r"^film\.mp4: breaks off after [12] of 6 seconds; it is damaged"
    ):
        read_greys(source, 1000)
    assert source.read() is None
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


class MjpegHandler(BaseHTTPRequestHandler):
    """Sends ``FRAMES`` pictures as motion JPEG, then breaks off."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        for index in range(FRAMES):
            jpeg = cv2.imencode(".jpg", np.full((48, 64, 3), index * 40, np.uint8))[1].tobytes()
            head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
            self.wfile.write(head.encode() + jpeg + b"\r\n")

    def log_message(self, *_):
        pass


@pytest.fixture
def mjpeg_url() -> Iterator[str]:
    """Return the address of an MJPEG camera on this machine."""
    with HTTPServer(("127.0.0.1", 0), MjpegHandler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/camera"
        server.shutdown()
        thread.join(10)


def test_an_mjpeg_stream_is_read_and_its_end_is_noticed_and_it_opens_again(mjpeg_url):
    source = StreamSource(mjpeg_url)
    for _ in range(2):
        source.open()
        assert source.info.detail == "64 × 48"
        assert source.read().image.shape == (48, 64, 3)
        with pytest.raises(CaptureError, match=r"stream 127\.0\.0\.1: broke off"):
            read_greys(source, 100)
        source.close()
