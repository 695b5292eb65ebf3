"""Kills a victim with SIGKILL at a random moment, and looks at what it leaves behind."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

from engine.errors import ArtifactError
from engine.program.artifact import read_artifact

START_PATIENCE_S = 120.0


def kill_once(victim: str, folder: Path, after_s: float) -> int:
    """Run ``victim`` in ``folder`` and kill it ``after_s`` seconds after it is ready; return its last safe piece."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.kill.victims", victim, str(folder)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    guard = threading.Timer(START_PATIENCE_S, process.kill)
    guard.start()
    ready = process.stdout.readline()
    guard.cancel()
    time.sleep(after_s)
    early = process.poll()
    process.kill()
    rest, trouble = process.communicate()
    assert ready == "ready\n", trouble
    assert early is None, f"{victim} ended by itself: {trouble}"
    safe = [int(line) for line in rest.split("\n")[:-1] if line.isdigit()]
    return safe[-1] if safe else 0


def check_artifact(folder: Path, safe: int) -> None:
    """Whatever is called an artifact can be loaded; once one was written, there is one or none, never half of one."""
    artifact = folder / "artifact"
    if (artifact / "artifact.json").is_file():
        read_artifact(artifact)
    elif artifact.exists():
        raise ArtifactError(f"{artifact}: half an artifact after {safe} whole ones")


def check_history(folder: Path, safe: int, before: int) -> int:
    """The history opens, and holds every frame that was committed; return how many there are."""
    from gui.monitor.history_reader import HistoryReader, Span

    with HistoryReader(folder / "history.sqlite") as reader:
        kept = int(reader.frames(Span(0, 1 << 60)).date_us.size)
    assert kept >= before + safe, f"{kept} frames are kept of {before + safe} that were committed"
    return kept


def check_recording(folder: Path, safe: int) -> None:
    """The recording opens, and holds every frame that was committed."""
    from gui.monitor.recording import SUFFIX, RecordingReader

    with RecordingReader(folder / f"killed{SUFFIX}") as reader:
        kept = sum(1 for _ in reader.frames())
    assert kept >= safe, f"{kept} frames are kept of {safe} that were recorded"


def kill_many(victim: str, kills: int, seed: int, folder: Path, longest_s: float) -> int:
    """Kill ``victim`` at ``kills`` random moments; return how many pieces of work were safe in all.

    Raises:
        AssertionError, EngineError, GuiError: something was lost, or what is left cannot be opened.
    """
    draw = random.Random(seed)
    safe_in_all, kept = 0, 0
    for _ in range(kills):
        if victim == "history" and kept > 50_000:
            shutil.rmtree(folder)
            kept = 0
        folder.mkdir(exist_ok=True)
        safe = kill_once(victim, folder, draw.uniform(0.0, longest_s))
        safe_in_all += safe
        if victim == "history":
            if (folder / "history.sqlite").exists():
                kept = check_history(folder, safe, kept)
        elif victim == "recording":
            check_recording(folder, safe)
        else:
            check_artifact(folder, safe)
    return safe_in_all
