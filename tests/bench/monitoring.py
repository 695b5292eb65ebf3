"""What monitoring costs the live picture: `python -m tests.bench.monitoring [--seconds 8] [--rounds 3]`.

The real window over a synthetic source, with one thing after the other switched on and off in turns: history, the float
comparison, the cloud comparison, recording. Prints, for off and on, run time and frame age (measured), shown frames and the
processor time of the window's process.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import numpy as np

PARTS = ("history", "compare", "cloud", "recording")


class Phases:
    """Collects what was painted under each condition."""

    def __init__(self) -> None:
        self.current: tuple[str, bool] | None = None
        self.run_ms: dict[tuple[str, bool], list[float]] = defaultdict(list)
        self.age_ms: dict[tuple[str, bool], list[float]] = defaultdict(list)
        self.cpu_s: dict[tuple[str, bool], list[float]] = defaultdict(list)

    def on_painted(self, shown, painted_ns: int, _paint_ns: int) -> None:
        if self.current is not None and shown.times is not None:
            self.run_ms[self.current].append(shown.times.run_ns / 1e6)
            self.age_ms[self.current].append((painted_ns - shown.frame.captured_ns) / 1e6)

    def document(self, seconds: float) -> dict[str, dict[str, dict[str, float]]]:
        found: dict[str, dict[str, dict[str, float]]] = {}
        for condition, run_ms in self.run_ms.items():
            part, on = condition
            found.setdefault(part, {})["on" if on else "off"] = {
                "run_p50_ms": float(np.percentile(run_ms, 50)),
                "age_p50_ms": float(np.percentile(self.age_ms[condition], 50)),
                "age_p99_ms": float(np.percentile(self.age_ms[condition], 99)),
                "fps": len(run_ms) / (seconds * len(self.cpu_s[condition])),
                "cpu_share": float(np.mean(self.cpu_s[condition])) / seconds,
            }
        return found


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*", default=PARTS, choices=PARTS)
    options = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measure(options, Path(folder)), indent=1))
    return 0


def measure(options: argparse.Namespace, folder: Path) -> dict:
    from gui.app import WindowOptions, open_window
    from gui.core.state import EngineState

    window = open_window(
        WindowOptions(
            source="synthetic:60", settings=folder / "settings.json", history=folder / "history.sqlite"
        )
    )
    phases = Phases()
    window.pipeline.on_painted(phases.on_painted)

    def go_on(until) -> None:
        while not until():
            window.application.processEvents()
            time.sleep(0.0005)

    go_on(lambda: window.pipeline.engine_state is EngineState.READY)
    switch_history(window.monitor, False, folder)
    for _ in range(options.rounds):
        for part in options.only:
            for on in (False, True):
                SWITCHES[part](window.monitor, on, folder)
                settle_s = time.monotonic() + (3.0 if on and part in ("compare", "cloud") else 0.5)
                go_on(lambda end_s=settle_s: time.monotonic() > end_s)
                phases.current = (part, on)
                cpu_s, end_s = time.process_time(), time.monotonic() + options.seconds
                go_on(lambda end_s=end_s: time.monotonic() > end_s)
                phases.cpu_s[phases.current].append(time.process_time() - cpu_s)
                phases.current = None
            SWITCHES[part](window.monitor, False, folder)
    agreement = window.monitor.comparisons.agreement
    window.main.close()
    found = phases.document(options.seconds)
    found["compared"] = {"frames": agreement.compared, "dropped": agreement.dropped}
    found["messages"] = [message.text for message in window.pipeline.messages()]
    return found


def switch_history(monitor, on: bool, _folder: Path) -> None:
    monitor.set_history(on)


def switch_recording(monitor, on: bool, folder: Path) -> None:
    if on:
        monitor.start_recording(folder / f"{time.monotonic_ns()}.lens7rec")
    else:
        monitor.stop_recording()


SWITCHES = {
    "history": switch_history,
    "compare": lambda monitor, on, _: monitor.set_compare(on),
    "cloud": lambda monitor, on, _: monitor.set_cloud(on),
    "recording": switch_recording,
}

if __name__ == "__main__":
    sys.exit(main())
