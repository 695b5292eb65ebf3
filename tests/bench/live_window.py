"""The real window with every dock open over 720p60 from a file: `xvfb-run python -m tests.bench.live_window [--seconds 300]`.

One dock after the other is brought to the front. Measured once each has been there and the engine runs. Prints the report of
`lens7 demo` (measured), the memory at the end of each fifth of the run, and the processor time of everything but the
network's own run as a share of one core.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
import psutil
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QDockWidget

import assets
from gui.app import Window, WindowOptions, open_window
from gui.demo import Demo, DemoOptions
from gui.widgets.main_window import Face

FPS, SIZE_WH = 60, (1280, 720)
NEXT_DOCK_EVERY_MS = 5000
SETTLE_S = 3.0


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--kernels", default="native")
    parser.add_argument("--grab", type=Path, help="picture of the window at the end")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        video = make_video(Path(folder) / "moving.mp4")
        report = run(options, f"live:{video}", Path(folder))
    print(json.dumps(report, indent=1))
    return 0


def make_video(path: Path, seconds: int = 20) -> Path:
    """Write a camera's pan over the demo pictures."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), FPS, SIZE_WH)
    pictures = [cv2.imread(str(file)) for file in sorted(assets.path("demo").glob("*.jpg"))]
    width, height = SIZE_WH
    wide = np.hstack([cv2.resize(picture, (width, height)) for picture in pictures])
    for place in np.linspace(0, wide.shape[1] - width, seconds * FPS).astype(int):
        writer.write(np.ascontiguousarray(wide[:, place : place + width]))
    writer.release()
    return path


def run(options: argparse.Namespace, source: str, folder: Path) -> dict[str, object]:
    window = open_window(
        WindowOptions(
            source=source,
            kernels=options.kernels,
            face=Face.BENCH.value,
            settings=folder / "settings.json",
            history=folder / "history.sqlite",
        )
    )
    window.main.resize(1600, 900)
    docks = window.main.findChildren(QDockWidget)
    application = window.application
    for dock in docks:
        dock.show()
        dock.raise_()
        _let_run(window, 0.5)
    while window.pipeline.session_info is None:
        _let_run(window, 0.5)
    _let_run(window, SETTLE_S)
    turns = iter(range(sys.maxsize))
    to_front = QTimer(window.main, interval=NEXT_DOCK_EVERY_MS)
    to_front.timeout.connect(lambda: docks[next(turns) % len(docks)].raise_())
    to_front.start()
    rss_mb: list[float] = []
    sampling = QTimer(window.main, interval=round(options.seconds * 200))
    sampling.timeout.connect(lambda: rss_mb.append(psutil.Process().memory_info().rss / 1e6))
    sampling.start()
    demo = Demo(window, DemoOptions(options.seconds + 0.5, grab=options.grab))
    application.exec()
    report = demo.finish()
    cpu = report["cpu"]
    assert isinstance(cpu, dict)
    others = (cpu["process_s"] - cpu["network_s"]) / cpu["wall_s"]
    return report | {
        "docks": [dock.objectName() for dock in docks],
        "rss_mb_by_fifth": rss_mb,
        "others_share_of_a_core": others,
    }


def _let_run(window: Window, seconds: float) -> None:
    began_s = time.monotonic()
    while time.monotonic() - began_s < seconds:
        window.application.processEvents()
        time.sleep(0.001)


if __name__ == "__main__":
    sys.exit(main())
