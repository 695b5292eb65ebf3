"""A real RTSP camera that stops, freezes and comes back: the window says so, shows something, and returns by itself."""

import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gui.capture.spec import source_for
from gui.core.healing import Repair
from gui.core.state import SourceState
from tests.faults.conftest import REAL_TIMING

SERVER = Path(__file__).with_name("rtsp_server.py")
CHECK = (
    "import gi; gi.require_version('Gst', '1.0'); gi.require_version('GstRtspServer', '1.0'); "
    "from gi.repository import GstRtspServer, Gst; Gst.init(None); "
    "assert Gst.ElementFactory.find('rtpjpegpay') and Gst.ElementFactory.find('jpegenc')"
)
FROZEN_LIMIT_S = 2.0
BACK_LIMIT_S = 3.0


def interpreter() -> str | None:
    """Return a Python that has GStreamer's RTSP server, None if this machine has none."""
    for candidate in dict.fromkeys((sys.executable, "/usr/bin/python3", shutil.which("python3"))):
        if candidate and Path(candidate).exists():
            found = subprocess.run([candidate, "-c", CHECK], capture_output=True, check=False, timeout=60)
            if found.returncode == 0:
                return candidate
    return None


class Camera:
    """The server's process on a port of its own."""

    def __init__(self, python: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._python = python
        self.start()

    @property
    def url(self) -> str:
        return f"rtsp://127.0.0.1:{self.port}/camera"

    def start(self) -> None:
        self.process = subprocess.Popen(
            [self._python, str(SERVER), str(self.port)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == b"serving\n"

    def stop(self) -> None:
        self.process.kill()
        self.process.wait(10)
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture
def rtsp():
    python = interpreter()
    if python is None:
        pytest.skip("needs Debian's python3-gi, gir1.2-gst-rtsp-server-1.0, gstreamer1.0-plugins-good")
    camera = Camera(python)
    yield camera
    camera.stop()


def live(stand, source_state=SourceState.LIVE) -> bool:
    return stand.pipeline.source_state is source_state and stand.pipeline.stand_in is None


def test_a_camera_that_is_switched_off_and_on_again(make_stand, rtsp):
    stand = make_stand(source_for, timing=REAL_TIMING)
    stand.pipeline.start(rtsp.url)
    stand.qtbot.waitUntil(lambda: live(stand) and len(stand.screen.painted) > 5, timeout=20_000)
    rtsp.stop()
    gone_s = time.monotonic()
    stand.wait(lambda: stand.pipeline.source_state is not SourceState.LIVE)
    assert time.monotonic() - gone_s < FROZEN_LIMIT_S
    stand.wait(lambda: stand.pipeline.stand_in is not None)
    stand.wait(lambda: stand.screen.labels()[-1:] == ["grey 200"])
    rtsp.start()
    back_s = time.monotonic()
    painted = len(stand.screen.painted)
    stand.wait(lambda: len(stand.screen.painted) > painted)
    assert time.monotonic() - back_s < BACK_LIMIT_S
    stand.qtbot.waitUntil(lambda: live(stand), timeout=20_000)
    assert stand.pipeline.repairs.of(Repair.STAND_IN_SHOWN) == 1


def test_a_camera_that_freezes_and_thaws(make_stand, rtsp):
    stand = make_stand(source_for, timing=REAL_TIMING)
    stand.pipeline.start(rtsp.url)
    stand.qtbot.waitUntil(lambda: live(stand) and len(stand.screen.painted) > 5, timeout=20_000)
    rtsp.process.send_signal(signal.SIGSTOP)
    frozen_s = time.monotonic()
    stand.wait(lambda: stand.pipeline.source_state is not SourceState.LIVE)
    assert time.monotonic() - frozen_s < FROZEN_LIMIT_S
    rtsp.process.send_signal(signal.SIGCONT)
    painted, thawed_s = len(stand.screen.painted), time.monotonic()
    stand.wait(lambda: len(stand.screen.painted) > painted)
    assert time.monotonic() - thawed_s < BACK_LIMIT_S
    stand.qtbot.waitUntil(lambda: live(stand), timeout=20_000)
