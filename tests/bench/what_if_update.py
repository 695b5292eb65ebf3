"""How long the device panel takes from a moved slider to the changed figures and bars, in the real window.

    python -m tests.bench.what_if_update [--frames 60]

With ``--frames`` pictures are painted beside it, so many a second. Works offscreen.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from gui.app import SWITCH_INTERVAL_S
from gui.core.settings import Settings
from gui.core.what_if import Number, WhatIf
from gui.widgets.main_window import MainWindow
from tests.gui.widgets.compiled import compiled
from tests.gui.widgets.fake_pipeline import FakePipeline, shown

MOVES = 40
GIVE_UP_MS = 10_000


def main() -> int:
    """Print median, 95th percentile and largest time of each slider."""
    parser = argparse.ArgumentParser(prog="what_if_update")
    parser.add_argument("--frames", type=int, default=0, help="pictures per second painted beside it")
    options = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    application = QApplication(["lens7"])
    with tempfile.TemporaryDirectory() as folder:
        pipeline = FakePipeline()
        pipeline.artifact = compiled()
        window = MainWindow(pipeline, Settings(Path(folder) / "settings.json"), "dark")  # type: ignore[arg-type]
        window.set_face("bench")
        window.resize(1920, 1080)
        window.show()
        _Watch(pipeline, window, options.frames).run()
        window.close()
        application.quit()
    return 0


class _Watch:
    def __init__(self, pipeline: FakePipeline, window: MainWindow, frames_per_s: int) -> None:
        self._pipeline = pipeline
        self._panel = window.bench_face.device
        self._model = window._device.model
        self._frames = itertools.cycle([shown(seq=seq) for seq in range(2)])
        self._frame_timer = QTimer()
        self._frame_timer.timeout.connect(lambda: pipeline.put(next(self._frames)))
        if frames_per_s:
            self._frame_timer.start(round(1000 / frames_per_s))

    def run(self) -> None:
        self._wait_for(None)
        for number in Number:
            times_ms = [self._move(number, turn) for turn in range(MOVES)]
            p95_ms = quantiles(times_ms, n=20)[-1]
            print(
                f"{number.value:14} p50 {median(times_ms):5.1f} ms, p95 {p95_ms:5.1f} ms, max {max(times_ms):5.1f} ms"
            )

    def _move(self, number: Number, turn: int) -> float:
        """Move the slider and return after how many milliseconds its answer is painted."""
        slider = self._panel.controls.rows[number].slider
        places = slider.maximum() + 1
        began_s = time.perf_counter()
        slider.setValue((slider.value() + 1 + 3 * turn % (places - 1)) % places)
        self._wait_for(self._panel.controls.what_if)
        self._panel.bars.repaint()
        return 1e3 * (time.perf_counter() - began_s)

    def _wait_for(self, question: WhatIf | None) -> None:
        """Let the window run, as its own event loop does, until the panel has the answer."""
        loop = QEventLoop()

        def check() -> None:
            if self._model.answer is not None and self._model.answer.what_if == question:
                loop.quit()

        self._model.answered.connect(check)  # after the panel's own
        QTimer.singleShot(GIVE_UP_MS, lambda: loop.exit(1))
        assert loop.exec() == 0, "no answer"
        self._model.answered.disconnect(check)


if __name__ == "__main__":
    sys.exit(main())
