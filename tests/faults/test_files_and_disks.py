"""Files that end too early, disks without room, clocks that jump."""

import json
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread

import cv2
import numpy as np
import pytest

from gui.capture.spec import source_for
from gui.core.state import SourceState
from gui.monitor.history_reader import HistoryReader, Span
from gui.monitor.history_writer import HistoryWriter, Recorder
from gui.monitor.recording import RecordingReader
from gui.monitor.records import Counts
from gui.workers import recording_worker
from gui.workers.history_worker import HistoryWorker
from gui.workers.recording_worker import RecordingWorker
from tests.gui.fakes import EndlessSource
from tests.gui.monitor.diary import frame
from tests.gui.workers.test_recording_worker import FACTS, taken
from tests.small_disk import fill, small_disk

ROOT = Path(__file__).resolve().parents[2]
FULL_DISK = """
import resource, sys
sys.path.insert(0, {root!r})
{prepare}
resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))  # every file ends here, as on a full disk
{act}
"""


def on_a_full_disk(prepare: str, act: str) -> subprocess.CompletedProcess[str]:
    script = FULL_DISK.format(root=str(ROOT), prepare=prepare, act=act)
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("kept", [0.98, 0.5, 0.05, 0.005])
def test_a_truncated_video_ends_early_or_is_one_line(make_stand, tmp_path, kept):
    path = tmp_path / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 100.0, (64, 48))
    for index in range(30):
        writer.write(np.full((48, 64, 3), index * 8, np.uint8))
    writer.release()
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    stand = make_stand(source_for)
    stand.pipeline.start(str(path))
    stand.wait(lambda: stand.pipeline.source_state in (SourceState.ENDED, SourceState.FAILED))
    if stand.pipeline.source_state is SourceState.FAILED:
        assert stand.texts()[0].startswith("film.avi: ")
    stand.wait(lambda: stand.pipeline.drops.in_flight == 0)


def test_settings_on_a_full_disk_are_one_line_and_the_old_ones_stay(tmp_path):
    path = tmp_path / "settings.json"
    prepare = (
        f"from pathlib import Path; from gui.core.settings import Settings; s = Settings(Path({str(path)!r}))\n"
        "s.set('soc', 'am68a'); s.save(); s.set('window_geometry', 'x' * 5000)"
    )
    ended = on_a_full_disk(prepare, "s.save()")
    assert "SettingsError: settings: " in ended.stderr
    assert "changes are not kept" in ended.stderr
    assert json.loads(path.read_text()) == {"soc": "am68a"}


def test_an_artifact_on_a_full_disk_leaves_nothing_behind(tmp_path):
    prepare = (
        "from pathlib import Path; from engine.program.artifact import write_artifact\n"
        "from tests.engine.program.small import small_artifact; artifact = small_artifact()"
    )
    ended = on_a_full_disk(prepare, f"write_artifact(artifact, Path({str(tmp_path / 'out')!r}))")
    assert "CompileError: cannot write the artifact" in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_history_and_recording_on_a_really_full_disk_lose_nothing_but_what_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(recording_worker, "SPARED_DISK_BYTES", 0)
    told = []

    def tell(_, text):
        told.append(text)

    def wait(until):
        deadline_s = time.monotonic() + 30
        while not until():
            assert time.monotonic() < deadline_s, told
            time.sleep(0.02)

    with small_disk(tmp_path / "disk", "2m") as disk:
        path = disk / "history.sqlite"
        history = HistoryWorker(lambda: HistoryWriter(path, Recorder("0", "test"), tell), Counts, tell)
        thread = Thread(target=history.run)
        thread.start()
        history.add(frame(time.monotonic_ns()))
        wait(lambda: history.written == 1)
        filler = fill(disk)
        for _ in range(3000):
            history.add(frame(time.monotonic_ns()))
        wait(lambda: history.problem)
        with HistoryReader(path) as reader:
            assert reader.frames(Span(0, 1 << 60)).date_us.size == 1
        filler.unlink()
        wait(lambda: not history.problem)
        history.stop()
        thread.join(30)
        with HistoryReader(path) as reader:
            assert reader.frames(Span(0, 1 << 60)).date_us.size == 3001
        assert told == [
            f"history {path}: database or disk is full; the picture goes on, and so does history once it can be written",
            "history is written again",
        ]
        recording = RecordingWorker(disk / "a.lens7rec", FACTS, 1 << 40, tell)
        thread = Thread(target=recording.run)
        thread.start()
        offered = 0
        while recording.status.running:
            recording.offer(taken(offered))
            offered += 1
            time.sleep(0.001)
        thread.join(30)
        status = recording.status
        assert told[-1].endswith(f"database or disk is full; the recording ends with {status.frames} frames")
        with RecordingReader(status.path) as kept:
            assert kept.count() == status.frames > 0
        assert status.frames + status.dropped in (
            offered,
            offered - 1,
        )  # the last one may have come after the end


def test_wall_clock_jumps_do_not_touch_what_is_measured(make_stand, monkeypatch):
    stand = make_stand(EndlessSource())
    stand.pipeline.start("fake")
    stand.wait_ready()
    for jump_s in (-86_400.0, 3.0e9, -1e6):
        monkeypatch.setattr(time, "time", lambda jump_s=jump_s: jump_s)
        monkeypatch.setattr(time, "time_ns", lambda jump_s=jump_s: int(jump_s * 1e9))
        painted = len(stand.screen.painted)
        stand.wait(lambda painted=painted: len(stand.screen.painted) > painted + 5)
        assert stand.pipeline.source_state is SourceState.LIVE
    monkeypatch.undo()
    ages_ms = [(time.monotonic_ns() - shown.frame.captured_ns) / 1e6 for shown in stand.screen.painted]
    assert 0.0 <= min(ages_ms)
    assert max(ages_ms) < 60_000.0


def test_the_live_path_reads_no_wall_clock():
    for pattern in ("gui/capture/*.py", "gui/workers/*.py", "gui/core/*.py"):
        for path in sorted(ROOT.glob(pattern)):
            # A date for people is no clock: ``aside`` names files by it.
            assert path.name == "aside.py" or "time.time" not in path.read_text(), path
