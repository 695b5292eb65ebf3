"""Processes that are killed in the middle of their work; each prints a line for every piece of work that is safe."""

from __future__ import annotations

import sys
import time
from itertools import count
from pathlib import Path

FRAMES_PER_BATCH = 30


def compile_again_and_again(folder: Path) -> None:
    """Compile a small network into the same artifact folder for ever, as a cache that is refreshed."""
    import cv2
    import numpy as np
    from onnx import helper

    from engine import CompileOptions, compile_model
    from tests.engine.importers.onnx_models import model, save

    network = save(folder, model([helper.make_node("Relu", ["x"], ["y"])], {"x": (1, 3, 8, 8)}, ["y"]))
    pictures = folder / "pictures"
    pictures.mkdir(exist_ok=True)
    ramp = np.arange(8 * 8 * 3, dtype=np.uint8).reshape(8, 8, 3)
    (pictures / "ramp.png").write_bytes(cv2.imencode(".png", ramp)[1].tobytes())
    print("ready", flush=True)
    for number in count(1):
        compile_model(str(network), folder / "artifact", CompileOptions(calibration=pictures))
        print(number, flush=True)


def write_artifact_again_and_again(folder: Path) -> None:
    """Replace an artifact of a few megabytes for ever: most of the time is spent between its files."""
    from dataclasses import replace

    from engine.program.artifact import write_artifact
    from tests.engine.program.small import small_artifact

    artifact = replace(small_artifact(), report={"filler": "x" * 3_000_000})
    print("ready", flush=True)
    for number in count(1):
        write_artifact(artifact, folder / "artifact")
        print(number, flush=True)


def write_history_for_ever(folder: Path) -> None:
    """Commit thirty frames at a time, in real time order, as fast as the disk goes."""
    from gui.monitor.history_writer import HistoryWriter, Recorder
    from gui.monitor.records import Counts
    from tests.gui.monitor.diary import frame

    writer = HistoryWriter(folder / "history.sqlite", Recorder("0", "victim"), lambda *_: None)
    print("ready", flush=True)
    for number in count(1):
        records = [frame(time.monotonic_ns()) for _ in range(FRAMES_PER_BATCH)]
        writer.write(records, Counts(captured=number * FRAMES_PER_BATCH))
        print(number * FRAMES_PER_BATCH, flush=True)


def record_for_ever(folder: Path) -> None:
    """Commit eight frames at a time into a new recording, as fast as the disk goes."""
    from gui.monitor.recording import SUFFIX, RecordingWriter
    from tests.gui.workers.test_recording_worker import FACTS, taken

    for left in folder.glob(f"killed{SUFFIX}*"):
        left.unlink()
    writer = RecordingWriter(folder / f"killed{SUFFIX}", FACTS)
    print("ready", flush=True)
    for number in count(1):
        writer.write([taken(seq) for seq in range(8 * (number - 1), 8 * number)])
        print(8 * number, flush=True)


VICTIMS = {
    "compile": compile_again_and_again,
    "artifact": write_artifact_again_and_again,
    "history": write_history_for_ever,
    "recording": record_for_ever,
}

if __name__ == "__main__":
    VICTIMS[sys.argv[1]](Path(sys.argv[2]))
