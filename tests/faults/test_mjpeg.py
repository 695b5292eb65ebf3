"""MJPEG over HTTP: a server that breaks off, slows down, or sends broken packets."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import cv2
import numpy as np
import pytest

from gui.capture.spec import source_for
from gui.core.state import SourceState
from tests.faults.conftest import REAL_TIMING


class MjpegServer(ThreadingHTTPServer):
    """Sends grey pictures; ``period_s``, ``broken`` and ``cut`` change what it does while it runs."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.period_s = 0.03
        self.broken = False
        self.cut = False
        self.stopped = Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/camera"


class Handler(BaseHTTPRequestHandler):
    server: MjpegServer

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        jpeg = cv2.imencode(".jpg", np.full((48, 64, 3), 80, np.uint8))[1].tobytes()
        while not self.server.stopped.wait(self.server.period_s) and not self.server.cut:
            data = jpeg[:200] + bytes(len(jpeg) - 200) if self.server.broken else jpeg
            head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
            try:
                self.wfile.write(head.encode() + data + b"\r\n")
            except OSError:
                return

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture
def mjpeg() -> Iterator[MjpegServer]:
    with MjpegServer() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.stopped.set()
        server.shutdown()
        thread.join(10)


@pytest.fixture
def stand(make_stand, mjpeg):
    stand = make_stand(source_for, timing=REAL_TIMING)
    stand.pipeline.start(mjpeg.url)
    stand.wait(lambda: stand.pipeline.source_state is SourceState.LIVE and len(stand.screen.painted) > 3)
    return stand


def test_a_stream_that_breaks_off_is_opened_again(stand, mjpeg):
    mjpeg.cut = True
    stand.wait(lambda: stand.pipeline.source_state in (SourceState.LOST, SourceState.RETRYING))
    mjpeg.cut = False
    back_s, painted = time.monotonic(), len(stand.screen.painted)
    stand.wait(lambda: len(stand.screen.painted) > painted)
    assert time.monotonic() - back_s < 3.0
    stand.wait(lambda: stand.pipeline.source_state is SourceState.LIVE)


def test_one_frame_a_second_is_shown_and_says_when_it_stands_still(stand, mjpeg):
    mjpeg.period_s = 1.1
    painted = len(stand.screen.painted)
    stand.wait(lambda: len(stand.screen.painted) > painted + 2)
    mjpeg.period_s = 0.03
    stand.wait(lambda: len(stand.screen.painted) > painted + 30)
    assert stand.pipeline.source_state is SourceState.LIVE


def test_broken_packets_end_when_they_end(stand, mjpeg):
    mjpeg.broken = True
    painted = len(stand.screen.painted)
    mjpeg.stopped.wait(0.5)
    mjpeg.broken = False
    stand.wait(lambda: len(stand.screen.painted) > painted + 30)
    stand.wait(lambda: stand.pipeline.source_state is SourceState.LIVE)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs the program ffmpeg")
def test_a_camera_served_by_ffmpeg_that_is_killed_and_started_again(make_stand):
    port = free_port()
    command = [
        "ffmpeg", "-v", "quiet", "-re", "-f", "lavfi", "-i", "testsrc=size=160x120:rate=25", "-f", "mpjpeg",
        "-listen", "1", f"http://127.0.0.1:{port}/camera",
    ]  # fmt: skip
    stand = make_stand(source_for, timing=REAL_TIMING)
    for _ in range(2):
        painted = len(stand.screen.painted)
        with subprocess.Popen(command, stdin=subprocess.DEVNULL) as camera:
            if not painted:
                stand.pipeline.start(f"http://127.0.0.1:{port}/camera")
            # The picture is the stream's own: the stand-in is smaller.
            stand.wait(lambda n=painted: any(s.rgb.shape[:2] == (120, 160) for s in stand.screen.painted[n:]))
            camera.kill()
        stand.wait(lambda: stand.pipeline.source_state is not SourceState.LIVE)
