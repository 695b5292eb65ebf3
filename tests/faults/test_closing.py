"""The window can be closed in every state, and a second one beside the first does no harm."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from gui.core.errors import CaptureError
from gui.core.settings import Settings
from gui.core.state import EngineState, Progress, SourceState
from gui.widgets.main_window import MainWindow
from gui.workers.pipeline import Pipeline
from tests.gui.fakes import EndlessSource, FakeBackend, FakeSource, end_never, never, picture
from tests.gui.workers.conftest import ENGINE_TIMING, STAND_IN_TIMING, TIMING

ROOT = Path(__file__).resolve().parents[2]


def broken_camera() -> FakeSource:
    source = FakeSource(reconnects=True)
    source.open_error = CaptureError("no camera found")
    return source


def blocked_open() -> FakeSource:
    source = FakeSource(reconnects=True)
    source.open = never
    return source


def camera_that_stays_away() -> FakeSource:
    """A camera whose second opening hangs: trying again would be over too soon to be seen."""
    source = broken_camera()
    openings = iter([source.open])
    source.open = lambda: next(openings, never)()
    return source


def failing_engine() -> FakeBackend:
    backend = FakeBackend()
    backend.session.error = RuntimeError("bus fault")
    return backend


def hanging_engine() -> FakeBackend:
    backend = FakeBackend()
    backend.session.gate.clear()
    return backend


def compiling_engine() -> FakeBackend:
    backend = FakeBackend()

    def work(choice, status, cancellation):
        status.set_engine(EngineState.COMPILING)
        status.set_progress(Progress("quantizing", 0.1))
        stopped = threading.Event()
        cancellation.stop_job_by(stopped.set)
        stopped.wait(20)
        cancellation.check()

    backend.work = work
    return backend


CASES = {
    "starting": (blocked_open, FakeBackend, lambda p: p.source_state is SourceState.STARTING),
    "live": (EndlessSource, FakeBackend, lambda p: p.source_state is SourceState.LIVE),
    "stalled": (
        lambda: FakeSource(picture(), never, reconnects=True), FakeBackend,
        lambda p: p.source_state is SourceState.STALLED,
    ),
    "lost": (broken_camera, FakeBackend, lambda p: p.source_state is SourceState.LOST),
    "retrying": (camera_that_stays_away, FakeBackend, lambda p: p.source_state is SourceState.RETRYING),
    "stand-in": (broken_camera, FakeBackend, lambda p: p.stand_in is not None),
    "failed": (lambda: FakeSource(CaptureError("no")), FakeBackend, lambda p: p.source_state is SourceState.FAILED),
    "ended": (lambda: FakeSource(picture(), None, is_live=False), FakeBackend,
              lambda p: p.source_state is SourceState.ENDED),
    "compiling": (EndlessSource, compiling_engine, lambda p: p.engine_state is EngineState.COMPILING),
    "engine stalled": (EndlessSource, hanging_engine, lambda p: p.engine_state is EngineState.STALLED),
    "engine restarting": (EndlessSource, failing_engine, lambda p: p.engine_state is EngineState.RESTARTING),
    "engine failed": (EndlessSource, failing_engine, lambda p: p.engine_state is EngineState.FAILED),
}  # fmt: skip


@pytest.mark.parametrize("state", CASES)
def test_the_window_closes_in_every_state(qtbot, tmp_path, monkeypatch, state):
    monkeypatch.setattr("gui.workers.pipeline.JOIN_PATIENCE_S", 1.0)
    monkeypatch.setattr("gui.workers.pipeline.WATCH_INTERVAL_MS", 5)
    make_source, make_backend, is_reached = CASES[state]
    source, backend = make_source(), make_backend()
    timing = STAND_IN_TIMING if state == "stand-in" else TIMING
    pipeline = Pipeline(
        backend, make_source=lambda _: source, timing=timing, engine_timing=ENGINE_TIMING,
        make_stand_in=EndlessSource,
    )  # fmt: skip
    window = MainWindow(pipeline, Settings(tmp_path / "settings.json"), "dark")
    qtbot.addWidget(window)
    window.show()
    reached = []
    pipeline.state_changed.connect(lambda: is_reached(pipeline) and reached.append(state))
    pipeline.start("fake")
    qtbot.waitUntil(lambda: bool(reached) or is_reached(pipeline), timeout=10_000)
    end_never() if state == "starting" else None
    window.close()
    backend.session.gate.set()
    end_never()
    source.put(None, None)
    qtbot.waitUntil(lambda: pipeline.threads() == (), timeout=10_000)
    assert pipeline.drops.in_flight == 0
    assert json.loads((tmp_path / "settings.json").read_text())["window_geometry"]


WINDOW = """
import sys
sys.path.insert(0, {root!r})
from gui import app
from tests.gui.fakes import FakeBackend
app.EngineBackend = lambda cache: FakeBackend()
window = app.open_window(app.WindowOptions(source="synthetic:60", soc={soc!r}))
from PySide6.QtCore import QTimer
def leave():
    if window.pipeline.drops.shown <= 3:
        QTimer.singleShot(50, leave)
        return
    window.main.choices.choose("soc", {soc!r})
    print(window.pipeline.drops.shown, window.faults.lines, flush=True)
    window.main.close()
print("open", flush=True)
sys.stdin.readline()
QTimer.singleShot(300, leave)
sys.exit(window.application.exec())
"""


HANGING = """
import sys, time
sys.path.insert(0, {root!r})
from PySide6.QtCore import QTimer
from gui import app
from gui.workers import pipeline
from tests.gui.fakes import FakeBackend
app.EngineBackend = lambda cache: FakeBackend()
pipeline.JOIN_PATIENCE_S = 1.0
window = app.open_window(app.WindowOptions(source="synthetic:60"))
main = window.main
jobs = (main._around._background, main._around._thumbnails._background, main._watching._background,
        main._device.model._background, window.pipeline.candidates._background)
for background in jobs:
    background.run(lambda: print("hangs\\n", end="", flush=True) or time.sleep(600), print)
def leave():
    began_s = time.monotonic()
    main.close()
    print("closed", time.monotonic() - began_s, flush=True)
QTimer.singleShot(300, leave)
sys.exit(window.application.exec())
"""


def test_jobs_beside_the_window_that_hang_keep_neither_it_nor_the_process(tmp_path):
    folders = dict.fromkeys(
        ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"), str(tmp_path)
    )
    ended = subprocess.run(
        [sys.executable, "-c", HANGING.format(root=str(ROOT))],
        capture_output=True, text=True, env=os.environ | folders | {"QT_QPA_PLATFORM": "offscreen"}, timeout=60,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    *hanging, closed = ended.stdout.splitlines()
    assert hanging == ["hangs"] * 5
    assert float(closed.removeprefix("closed ")) < 4.0  # one patience for all, not one for each


def test_two_windows_at_once_keep_the_settings_whole(tmp_path):
    folders = dict.fromkeys(
        ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"), str(tmp_path)
    )
    environment = os.environ | folders | {"QT_QPA_PLATFORM": "offscreen"}
    windows = [
        subprocess.Popen(
            [sys.executable, "-c", WINDOW.format(root=str(ROOT), soc=soc)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
        )
        for soc in ("am68a", "am69a")
    ]  # fmt: skip
    for window in windows:
        assert window.stdout.readline() == "open\n"
    for window in windows:
        window.stdin.write("go\n")
        window.stdin.flush()
    for window in windows:
        output, trouble = window.communicate(timeout=60)
        assert window.returncode == 0, trouble
        shown, _, faults = output.partition(" ")
        assert int(shown) > 3
        assert faults.strip() == "[]"
    kept = json.loads((tmp_path / "lens7" / "settings.json").read_text())
    assert kept["soc"] in ("am68a", "am69a")
    assert not list((tmp_path / "lens7").glob("*.tmp"))
