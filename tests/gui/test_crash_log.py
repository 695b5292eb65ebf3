"""What a crash leaves behind: versions, last events, where the threads were; bounded, and for one user only."""

import faulthandler
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gui import crash_log
from gui.crash_log import CrashLog

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def log(tmp_path, request):
    made = CrashLog(tmp_path / "crashes")
    yield made
    made.end()
    # The log gives the fault trace back to standard error, which pytest holds back: a crash later on would be silent.
    plugin = request.config.pluginmanager.getplugin("faulthandler")
    faulthandler.enable(file=request.config.stash[plugin.fault_handler_stderr_fd_key])


def test_a_clean_end_leaves_nothing(log, tmp_path):
    was_enabled = faulthandler.is_enabled()
    assert log.begin() == ()
    (path,) = (tmp_path / "crashes").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    log.note("info: camera\nis live")
    assert path.read_text().endswith(" s  info: camera is live\n")
    log.end()
    assert list((tmp_path / "crashes").iterdir()) == []
    assert faulthandler.is_enabled() == was_enabled
    log.note("too late")


def test_a_crash_is_found_at_the_next_start(log, tmp_path):
    script = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from pathlib import Path; from gui.crash_log import CrashLog; import faulthandler\n"
        f"log = CrashLog(Path({str(tmp_path / 'crashes')!r})); log.begin(); log.note('before')\n"
        "try: 1 / 0\n"
        "except ZeroDivisionError as error: log.note_exception(error)\n"
        "faulthandler._sigabrt()"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False, timeout=60).returncode
    (crash,) = log.begin()
    text = crash.read_text()
    assert crash.name.startswith("crash-")
    for expected in (
        "Lens7 ",
        "Python 3",
        "before",
        "ZeroDivisionError",
        "Fatal Python error: Aborted",
        "most recent call first",
    ):
        assert expected in text


def test_another_window_that_runs_is_no_crash(log, tmp_path):
    folder = tmp_path / "crashes"
    folder.mkdir()
    (folder / f"running-{os.getppid()}.log").write_text("alive")
    assert log.begin() == ()


def test_a_crash_is_found_though_its_number_belongs_to_another_program_now(log, tmp_path):
    """As after a power cut: what starts by itself gets the same numbers again."""
    folder = tmp_path / "crashes"
    folder.mkdir()
    left = folder / f"running-{os.getppid()}.log"
    left.write_text("before the power cut")
    os.utime(left, (1_000_000_000, 1_000_000_000))
    (crash,) = log.begin()
    assert crash.read_text() == "before the power cut"


@pytest.mark.parametrize("name", ["running-1.log", "running-²³.log", f"running-{10**30}.log", "running-.log"])
def test_a_log_that_another_window_takes_first_or_nobody_understands_leaves_this_one_alone(
    log, tmp_path, name
):
    folder = tmp_path / "crashes"
    folder.mkdir()
    (folder / name).symlink_to("gone")
    log.begin()
    assert (folder / f"running-{os.getpid()}.log").is_file()


def test_only_the_newest_crashes_are_kept(log, tmp_path):
    folder = tmp_path / "crashes"
    folder.mkdir()
    for number in range(30):
        (folder / f"crash-20260101T0000{number:02}-1.log").write_text("old")
    log.begin()
    kept = sorted(path.name for path in folder.glob("crash-*"))
    assert len(kept) == crash_log.KEPT_CRASHES
    assert kept[0].startswith("crash-20260101T000020")


def test_the_log_of_a_long_day_stays_small(log, tmp_path, monkeypatch):
    monkeypatch.setattr(crash_log, "MOST_BYTES", 20_000)
    log.begin()
    for number in range(5_000):
        log.note(f"event {number} " + "x" * 50)
    (path,) = (tmp_path / "crashes").glob("running-*")
    assert path.stat().st_size < 60_000
    text = path.read_text()
    assert "event 4999" in text
    assert text.startswith("Lens7 ")


def test_a_folder_that_cannot_be_written_is_no_failure(tmp_path):
    (tmp_path / "file").write_text("in the way")
    log = CrashLog(tmp_path / "file" / "crashes")
    assert log.begin() == ()
    log.note("nothing happens")
    log.end()
